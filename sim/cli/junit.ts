/** A sweep as JUnit XML, for CI servers: one test case a scenario, so that names stay the same. */
import type { ScenarioTally, Totals } from "../explore/tally.ts";

/** Control characters that XML 1.0 cannot hold at all are dropped. */
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

const escaped = (text: string): string =>
  text
    .replace(NOT_XML, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#10;");

function testCase(scenario: ScenarioTally): string {
  const name = `name="${escaped(scenario.name)}" classname="millrace"`;
  const [first] = scenario.violations;
  if (first === undefined && scenario.passed > 0) return `    <testcase ${name}/>`;
  if (first === undefined) {
    const why = scenario.seeds === 0 ? "no seed reached it" : "no rule had anything to judge";
    return `    <testcase ${name}><skipped message="${why}"/></testcase>`;
  }
  const message = `${first.rule} ${first.detail}`;
  const replay = (seed: string): string => `npx millrace run ${scenario.name} --seed ${seed}`;
  const lines = scenario.violations.map(({ seed, rule }) => `${rule}: ${replay(seed)}`);
  return [
    `    <testcase ${name}>`,
    `      <failure type="${escaped(first.rule)}" message="${escaped(message)}">${escaped(lines.join("\n"))}</failure>`,
    `      <system-out>${replay(first.seed)}</system-out>`,
    "    </testcase>",
  ].join("\n");
}

export function junitXml(totals: Totals, wallMs: number): string {
  const { scenarios } = totals;
  const failures = scenarios.filter(({ violations }) => violations.length > 0).length;
  const skipped = scenarios.filter(
    ({ passed, violations }) => passed === 0 && violations.length === 0,
  ).length;
  const counts = `tests="${scenarios.length}" failures="${failures}" skipped="${skipped}" errors="0"`;
  const time = `time="${(wallMs / 1_000).toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="millrace" ${counts} ${time}>`,
    `  <testsuite name="sweep" ${counts} ${time}>`,
    ...scenarios.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}
