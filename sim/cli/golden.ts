/**
 * Compares the digests of a fixed list of seeds with those of `scenarios/golden.json`, or writes them.
 *
 * A digest covers every event of a run. So one that differs says that behaviour has changed, or that a
 * run depends on the machine it is made on; whoever changes behaviour on purpose writes the list anew,
 * and the difference stands in the commit.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seedText } from "../explore/seeds.ts";
import { EXIT } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import type { Io } from "./io.ts";
import { allScenarios } from "./scenarios.ts";

/** Scenario to seed to digest. */
export type GoldenDigests = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Small ones, and one of more than 32 bits. */
export const GOLDEN_SEEDS: readonly string[] = [0x7n, 0xbeefn, 0x5f3a_91c2_0d4e_77b1n].map(
  seedText,
);

const goldenPath = (io: Io): string => join(io.root, "scenarios", "golden.json");

export const readGolden = (io: Io): GoldenDigests =>
  JSON.parse(readFileSync(goldenPath(io), "utf8")) as GoldenDigests;

/** What this build makes of the list, on this version of Node. */
export async function playGolden(io: Io): Promise<GoldenDigests> {
  const { runScenario } = await io.loadSimulator();
  const digests: Record<string, Record<string, string>> = {};
  for (const { scenario } of await allScenarios(io)) {
    digests[scenario.name] = Object.fromEntries(
      GOLDEN_SEEDS.map((seed) => [seed, runScenario({ scenario, seed }).history.digest]),
    );
  }
  return digests;
}

/** One line for each digest that is not as expected, either way. */
export function goldenDifferences(expected: GoldenDigests, actual: GoldenDigests): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return names.flatMap((name) => {
    const [wanted, found] = [expected[name] ?? {}, actual[name] ?? {}];
    const seeds = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
    return seeds
      .filter((seed) => wanted[seed] !== found[seed])
      .map((seed) => {
        const [was, is] = [wanted[seed] ?? "no digest", found[seed] ?? "no digest"];
        return `${name}, seed ${seed}: expected ${was}, found ${is}`;
      });
  });
}

/** @param words what stands behind the script on the command line */
export async function golden(io: Io, words: readonly string[]): Promise<ExitStatus> {
  const [word, ...more] = words;
  if (more.length > 0 || (word !== undefined && word !== "--write")) {
    io.err(`golden: unknown argument "${words.join(" ")}"; there is only --write\n`);
    return EXIT.usage;
  }
  const actual = await playGolden(io);
  const count = Object.values(actual).reduce((sum, seeds) => sum + Object.keys(seeds).length, 0);
  if (word === "--write") {
    writeFileSync(goldenPath(io), `${JSON.stringify(actual, null, 2)}\n`);
    io.out(`${count} digests written to scenarios/golden.json\n`);
    return EXIT.held;
  }
  const differences = goldenDifferences(readGolden(io), actual);
  for (const difference of differences) io.out(`${difference}\n`);
  if (differences.length > 0) {
    io.out(
      "The engine or the simulator behaves differently. If that was meant: node sim/cli/golden.mjs --write\n",
    );
    return EXIT.violated;
  }
  io.out(`${count} digests as expected, Node ${process.versions.node}\n`);
  return EXIT.held;
}
