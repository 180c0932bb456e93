/**
 * Fault plans for fast-check: any few legal faults, shrinking to fewer ones and simpler moments.
 *
 * Faults of services are left out: most jobs ask none.
 *
 * The simulator draws its plans from seeds; these are for property tests, which want shrinking by
 * structure. A note as a moment comes before a time: it stays meaningful when timings change.
 */
import fc from "fast-check";
import type { EngineNoteKind } from "../../src/index.ts";
import { NOTING, type Moment } from "../../sim/moment.ts";
import type { Fault, Plan, RunOptions } from "../../sim/plan.ts";

export type PlanBase = Readonly<{
  options: RunOptions;
  quietAfterMs: number;
  /** 5 unless given. */
  faultsMax?: number;
}>;

/** Steps of the protocols at which a fault has something to break; simplest first. */
const NOTES = [
  "checkpoint-triggered",
  "job-running",
  "barrier-injected",
  "alignment-started",
  "snapshot-taken",
  "snapshot-stored",
  "checkpoint-acknowledged",
  "checkpoint-completing",
  "checkpoint-completed",
  "transaction-pre-committed",
  "transaction-committed",
  "job-deploying",
  "job-restored",
  "task-restored",
  "job-failing",
  "job-restarting",
  "leader-elected",
  "task-ended",
] as const satisfies readonly EngineNoteKind[];

const NTH_MAX = 10;
const AFTER_MS_MAX = 500;
const EXTRA_MS_MAX = 2_000;
const LOST_MAX = 5;

const at = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** Plans over these options. Every fault strikes and heals before the quiet point, or waits for a note. */
export function planArbitrary(base: PlanBase): fc.Arbitrary<Plan> {
  const { options, quietAfterMs, faultsMax = 5 } = base;
  const faults = fc.array(faultArbitrary(options.taskManagers, quietAfterMs), {
    maxLength: faultsMax,
  });
  return faults.map((drawn) => ({ options, faults: drawn, quietAfterMs }));
}

function faultArbitrary(taskManagers: number, quietAfterMs: number): fc.Arbitrary<Fault> {
  // Whatever lasts takes up to half of the time, and strikes in the first half.
  const halfMs = Math.floor(quietAfterMs / 2) - 1;
  const lasting = { when: momentArbitrary(halfMs), forMs: at(1, halfMs) };
  const perMille = fc.constantFrom(1_000, 500, 100);
  const fault = <K extends Fault["kind"]>(kind: K) => ({ kind: fc.constant(kind) });
  const process = processArbitrary(taskManagers);
  const link = linkArbitrary(taskManagers);
  const oneOf = fc.oneof(
    { withCrossShrink: true },
    fc.record({ ...fault("crash"), process, when: lasting.when, restartAfterMs: at(0, halfMs) }),
    fc.record({ ...fault("pause"), process, ...lasting }),
    fc
      .record({ ...fault("lose-control"), link, when: lasting.when, count: at(1, LOST_MAX) })
      .map(({ link: ends, ...rest }) => ({ ...rest, ...ends })),
    fc
      .record({ ...fault("cut-link"), link, ...lasting })
      .map(({ link: ends, ...rest }) => ({ ...rest, ...ends })),
    fc
      .record({ ...fault("slow-link"), link, ...lasting, extraMs: at(1, EXTRA_MS_MAX) })
      .map(({ link: ends, ...rest }) => ({ ...rest, ...ends })),
    fc.record({ ...fault("store-unavailable"), ...lasting }),
    fc.record({ ...fault("store-timeouts"), ...lasting, perMille }),
    fc.record({ ...fault("ledger-timeouts"), ...lasting, perMille }),
  );
  return oneOf.map(namedWhereNobodyNotes);
}

function momentArbitrary(atMsMax: number): fc.Arbitrary<Moment> {
  return fc.oneof(
    { withCrossShrink: true },
    fc.record({
      note: fc.constantFrom(...NOTES),
      nth: at(1, NTH_MAX),
      afterMs: at(0, AFTER_MS_MAX),
    }),
    fc.record({ atMs: at(0, atMsMax) }),
  );
}

const namesOf = (taskManagers: number): readonly string[] =>
  Array.from({ length: taskManagers }, (_, index) => `tm-${index}`);

const processArbitrary = (taskManagers: number): fc.Arbitrary<string> =>
  fc.constantFrom(NOTING, ...namesOf(taskManagers), "jm");

/** Two processes that differ, the job manager among them in half of the draws. */
function linkArbitrary(taskManagers: number): fc.Arbitrary<Readonly<{ from: string; to: string }>> {
  const names = namesOf(taskManagers);
  const withJobManager = fc
    .tuple(fc.constantFrom(...names), fc.boolean())
    .map(([name, outward]) => (outward ? { from: "jm", to: name } : { from: name, to: "jm" }));
  if (taskManagers < 2) return withJobManager;
  const between = fc
    .tuple(at(0, taskManagers - 1), at(1, taskManagers - 1))
    .map(([from, step]) => ({ from: `tm-${from}`, to: `tm-${(from + step) % taskManagers}` }));
  return fc.oneof({ withCrossShrink: true }, withJobManager, between);
}

/** At a time nobody notes, so the fault has to say whom it strikes. */
function namedWhereNobodyNotes(fault: Fault): Fault {
  const nameless = "process" in fault && fault.process === NOTING && "atMs" in fault.when;
  return nameless ? { ...fault, process: "tm-0" } : fault;
}
