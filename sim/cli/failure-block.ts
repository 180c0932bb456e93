/**
 * What a red run prints: the rule, where it broke, what was found, what had been done to the world, and
 * as its last line what to paste to see it again.
 */
import { grouped } from "../grouped.ts";
import { LEAK, NO_DIGEST, SELF } from "../explore/run-seed.ts";
import type { RuleResult, SeedResult } from "../explore/run-seed.ts";
import type { Colors } from "./colors.ts";

export type Replay = Readonly<{
  /** What to type behind `npx millrace`. */
  command: string;
  /** Path of the capsule, as shown. */
  capsule: string | undefined;
  shrunkFrom?: Readonly<{ faults: number; records: number }> | undefined;
}>;

const TITLE_WIDTH = 60;
const STORY_MAX = 6;
const DETAIL_LINES_MAX = 12;

function storyText(story: readonly string[], shrunkFrom: Replay["shrunkFrom"]): string {
  const shown = story.slice(0, STORY_MAX);
  const hidden = story.length - shown.length;
  if (hidden > 0) shown.push(`and ${hidden} more faults`);
  const shrunk = shrunkFrom === undefined ? "" : ` (shrunk from ${shrunkFrom.faults} faults)`;
  return `${shown.length === 0 ? "no fault struck" : shown.join("; ")}${shrunk}`;
}

function whereText(result: SeedResult): string {
  const run = `${result.scenario}, seed ${result.seed}`;
  if (result.digest === NO_DIGEST) return `${run}, before the run could end`;
  const { simulatedMs, events } = result.stats;
  return `${run}, ${result.outcome} at ${grouped(simulatedMs)} ms, step ${grouped(events)}`;
}

/** A detail of many lines keeps its indentation, and its first lines. */
function detailText(detail: string): string {
  const lines = detail.split("\n");
  const shown = lines.slice(0, DETAIL_LINES_MAX);
  if (lines.length > shown.length) shown.push(`... ${lines.length - shown.length} more lines`);
  return shown.join("\n          ");
}

export function failureBlock(
  result: SeedResult,
  broken: RuleResult,
  replay: Replay,
  colors: Colors,
): string {
  const title = `${broken.id} ${broken.rule}`;
  const isOurs = broken.id === SELF.id || broken.id === LEAK.id;
  const reference = isOurs ? "" : `properties/README.md#${broken.id}`;
  const others = result.rules.filter((rule) => rule.verdict === "violated" && rule !== broken);
  const line = (label: string, text: string): string => `  ${colors.dim(label.padEnd(7))} ${text}`;
  return `${[
    `${colors.red("VIOLATED")}  ${title.padEnd(TITLE_WIDTH)}  ${colors.dim(reference)}`.trimEnd(),
    line("where", whereText(result)),
    line("found", detailText(broken.detail)),
    ...others.map((rule) => line("also", `${rule.id} ${detailText(rule.detail)}`)),
    line("story", storyText(result.story, replay.shrunkFrom)),
    ...(replay.capsule === undefined ? [] : [line("capsule", replay.capsule)]),
    line("replay", `npx millrace ${replay.command}`),
  ].join("\n")}\n`;
}
