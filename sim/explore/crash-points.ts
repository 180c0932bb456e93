/**
 * Every place of a run where a process may die, each as a plan of its own.
 *
 * A run without faults is played once, and every step noted that a process takes: what it says and
 * hears, what it makes durable, what it asks of the systems outside, and when that takes effect. Then it
 * dies right before that step, or right after, in a run that is the same up to there.
 *
 *   point   one crash at a step of the run without faults
 *   pair    that, and a second one at a step of the recovery from the first
 *
 * CP1  A point strikes: the run up to it is the run in which its step was seen.
 * CP2  Where something on the disk is not durable, there is a point for each end of what is legal (all
 *      of it is there, none is), and one for what is drawn in between.
 * CP3  Equal arguments give equal points, and a sample of them is drawn from the seed.
 *
 * A crash "before" is left out where the process took another step in the same event right before: it
 * would be the crash "after" that one.
 */
import { assert, type Random } from "../../src/index.ts";
import type { Unsynced } from "../faults/process/process-fault.ts";
import type { StepMoment } from "../moment.ts";
import type { Fault, Plan } from "../plan.ts";
import { OWNER } from "../processes.ts";
import type { RunSteps } from "../run.ts";
import type { TakenStep } from "../steps.ts";

export type CrashFault = Extract<Fault, { kind: "crash" }>;

/** Somebody has to notice, and to wait for it; longer would only be quieter. */
const RESTART_AFTER_MS = 300;
/** For as long as one who dies at the very end, and a second time then, may take to be back. */
const SPARE_MS = 20_000;
const DURABLE: readonly (Unsynced | undefined)[] = [undefined];
const NOT_DURABLE: readonly Unsynced[] = ["kept", "lost", "drawn"];

/** Behind everything that happens in the run, so that whatever breaks may take its time to heal. */
export const enumerablePlan = (calm: Plan, endUs: number): Plan => ({
  ...calm,
  quietAfterMs: Math.max(calm.quietAfterMs, Math.ceil(endUs / 1_000) + SPARE_MS),
});

/** The owner of the job is no process of the engine, and does not die. */
export function pointsOf(steps: readonly TakenStep[]): readonly CrashFault[] {
  const lastEvents = new Map<string, number>();
  return steps.flatMap((taken) => {
    const { process, side, event } = taken;
    const follows = lastEvents.get(process) === event;
    lastEvents.set(process, event);
    if (process === OWNER || (side === "before" && follows)) return [];
    return crashesAt(taken);
  });
}

/** CP2. */
export const crashesAt = (taken: TakenStep): readonly CrashFault[] =>
  (taken.dirty ? NOT_DURABLE : DURABLE).map((unsynced) => crashAt(momentOf(taken), unsynced));

/** Where a second crash strikes while the job recovers from the first. */
export const secondPointsOf = (first: CrashFault, run: RunSteps): readonly CrashFault[] =>
  pointsOf(recoveryFrom(first, run));

/**
 * The steps of the recovery from a crash: until a checkpoint completes again.
 *
 * @param run the one in which only that one dies
 */
export function recoveryFrom(first: CrashFault, run: RunSteps): readonly TakenStep[] {
  const { when } = first;
  assert("step" in when, () => "a point is a crash at a step");
  const at = run.steps.findIndex((taken) => isAt(taken, when));
  assert(at >= 0, () => `CP1 nobody took ${when.step} #${when.nth} of ${when.process}`);
  const { event, atUs } = run.steps[at]!;
  const recoveredUs = recoveryEndUs(run, atUs);
  const later = run.steps.slice(at + 1).filter((taken) => taken.atUs <= recoveredUs);
  return later.filter((taken) => taken.event > event);
}

const crashAt = (when: StepMoment, unsynced: Unsynced | undefined): CrashFault => ({
  kind: "crash",
  process: when.process,
  when,
  restartAfterMs: RESTART_AFTER_MS,
  ...(unsynced === undefined ? {} : { unsynced }),
});

const momentOf = ({ step, process, peer, nth, side }: TakenStep): StepMoment => ({
  ...{ step, process, nth, side },
  ...(peer === undefined ? {} : { peer }),
});

const isAt = (taken: TakenStep, when: StepMoment): boolean =>
  taken.step === when.step &&
  taken.process === when.process &&
  taken.peer === when.peer &&
  taken.nth === when.nth &&
  taken.side === when.side;

/** When a checkpoint completes for the first time after everything runs again; or the job is over. */
function recoveryEndUs({ notes, endUs }: RunSteps, crashUs: number): number {
  let runs = false;
  for (const { kind, atUs } of notes) {
    if (atUs <= crashUs) continue;
    if (kind === "job-running") runs = true;
    if (runs && kind === "checkpoint-completed") return atUs;
  }
  return endUs;
}

/** CP3. In their order; all of them if there are no more. */
export function sampleOf<T>(items: readonly T[], count: number, random: Random): readonly T[] {
  if (items.length <= count) return items;
  const indices = items.map((_, index) => index);
  const chosen = [...drawnOf(indices, count, random)];
  return chosen.sort((a, b) => a - b).map((index) => items[index]!);
}

/** CP3. In the order in which they were drawn; all of them if there are no more. */
export function drawnOf<T>(items: readonly T[], count: number, random: Random): readonly T[] {
  const left = [...items];
  const drawn: T[] = [];
  for (let i = 0; i < Math.min(count, items.length); i++) {
    const at = random.integer(i, left.length - 1);
    [left[i], left[at]] = [left[at]!, left[i]!];
    drawn.push(left[i]!);
  }
  return drawn;
}
