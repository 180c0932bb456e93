/**
 * Plays the seeds of a sweep, and collects what comes of them: figures, the first failure of each kind,
 * capsules.
 */
import { brokenRule } from "../explore/run-seed.ts";
import type { SeedResult } from "../explore/run-seed.ts";
import { guidedSweep } from "../explore/guided-sweep.ts";
import type { SeedAnswer, SeedRunner } from "../explore/runner.ts";
import { sliceOf } from "../explore/seeds.ts";
import { chunkSizeFor, sweep } from "../explore/sweep.ts";
import type { SweepEnd } from "../explore/sweep.ts";
import { Tally } from "../explore/tally.ts";
import type { Mark } from "../mark.ts";
import type { Versions } from "./build.ts";
import { buildOf } from "./build.ts";
import { ToolError } from "./exit.ts";
import type { Io } from "./io.ts";
import { corpusFor } from "./guided-corpus.ts";
import { leaveCapsule } from "./judge.ts";
import { createProgress } from "./progress.ts";
import type { Found } from "./scenarios.ts";
import type { Death } from "./sweep-report.ts";
import { tasksOf } from "./sweep-plans.ts";
import type { Wanted } from "./sweep-wanted.ts";

export type Failure = Readonly<{
  found: Found;
  result: SeedResult;
  capsule: string;
  /** Its plan is not that of its seed, so only the capsule replays it. */
  changed: boolean;
}>;

/** What a sweep collects as the answers come in. */
export type Collected = {
  readonly tally: Tally;
  /** The first failing seed of each scenario and rule. */
  readonly failures: Failure[];
  readonly diverged: Failure[];
  readonly deaths: Death[];
  end: SweepEnd;
};

/** @param suffix what makes a capsule unique whose plan is not that of its seed; else empty */
function collectResult(
  io: Io,
  into: Collected,
  found: Found,
  result: SeedResult,
  build: () => Versions,
  suffix: string,
): void {
  const broken = brokenRule(result);
  const capsule = broken === undefined ? "" : leaveCapsule(io, found, result, build(), suffix);
  into.tally.add(result, capsule);
  const failure = { found, result, capsule, changed: suffix !== "" };
  if (!result.deterministic) into.diverged.push(failure);
  if (broken === undefined) return;
  const known = into.failures.some(
    (other) => other.found === found && brokenRule(other.result)?.id === broken.id,
  );
  if (!known) into.failures.push(failure);
}

/** Each mark once, in the order in which stories name them. */
function marksOf(scenarios: readonly Found[]): readonly Mark[] {
  const marks = new Map<string, Mark>();
  for (const { scenario } of scenarios) {
    for (const mark of scenario.marks ?? []) marks.set(mark.id, mark);
  }
  return [...marks.values()];
}

export async function playSeeds(
  io: Io,
  scenarios: readonly Found[],
  wanted: Wanted,
  runner: SeedRunner,
): Promise<Collected> {
  const { from, to } = sliceOf(wanted.count, wanted.shard);
  const names = scenarios.map(({ scenario }) => scenario.name);
  const collected: Collected = {
    tally: new Tally(names, marksOf(scenarios)),
    failures: [],
    diverged: [],
    deaths: [],
    end: "done",
  };
  let versions: Versions | undefined;
  const build = (): Versions => (versions ??= buildOf(io.root));
  const progress = createProgress(io);
  const startedMs = io.nowMs();
  const elapsedMs = (): number => io.nowMs() - startedMs;
  const freshAt = await tasksOf(io, scenarios, wanted);
  const source = wanted.guided ? "guided" : wanted.plans;
  const request = {
    taskAt: freshAt,
    from,
    to,
    chunkSize: () => chunkSizeFor(collected.tally.seeds, elapsedMs(), wanted.workers),
    isTimeUp: () => wanted.limitMs !== undefined && elapsedMs() >= wanted.limitMs,
    isEnough: () => wanted.bail > 0 && collected.tally.violated >= wanted.bail,
    interrupted: io.interrupted,
  };
  const receive = (answer: SeedAnswer): void => {
    const found = scenarios[answer.task.scenario];
    if (found === undefined) throw new ToolError(`no scenario ${answer.task.scenario}`);
    if (answer.kind === "ran") {
      const { plan, index } = answer.task;
      const suffix = plan === undefined ? "" : `-${source}-${index + 1}`;
      collectResult(io, collected, found, answer.result, build, suffix);
    } else {
      const { name } = found.scenario;
      const { seed } = answer.task;
      collected.deaths.push({ name, argument: found.argument, seed, why: answer.why });
    }
    progress.update({
      done: collected.tally.seeds + collected.deaths.length,
      total: wanted.counted ? to - from : undefined,
      violations: collected.tally.violated,
      elapsedMs: elapsedMs(),
      limitMs: wanted.limitMs,
    });
  };
  collected.end = wanted.guided
    ? await guidedSweep(request, runner, receive, await corpusFor(io, scenarios, wanted, freshAt))
    : await sweep(request, runner, receive);
  progress.end();
  return collected;
}
