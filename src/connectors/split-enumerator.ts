/**
 * Finds the partitions of one topic, settles where reading begins in each, and gives them to readers.
 *
 * One enumerator for all subtasks of a source, because only one place can say that a partition is
 * nobody's yet: readers that each asked the log by themselves would disagree about a topic that grows.
 *
 *   start --list--> listed --locate what is new--> located --> assign
 *     ^                                                \--again after discoveryMs--/
 *     \--after a restore: with what the checkpoint knew--
 *
 * EN1  Each partition is located once: as configured if the first listing had it, at the earliest record
 *      if it came later (C107). What was located is in the snapshot, so no restore resolves it again.
 * EN2  Each split is given away once, and only to a reader that runs (C105). The snapshot holds those
 *      that were not: all others are in some reader's state (C104).
 * EN3  Whoever gets nothing is told so as well, once the first listing is done: until then a reader
 *      cannot know whether a split of its own is still to come.
 * EN4  "No more" is said to each reader once, with or behind its last split, when there is nothing left
 *      to find or to give (C109).
 *
 * A split goes to the reader of its number modulo parallelism. The snapshot names no readers, so another
 * parallelism needs no repair.
 *
 * Source: FLIP-27; in Flink, KafkaSourceEnumerator. We differ: without discovery the one listing is kept
 * in the checkpoint, and a restore does not look again.
 * Not here: how assignments reach readers (`../runtime/assignment-outbox.ts`), who asks the log
 * (`../runtime/source-coordinator.ts`), bytes (`split-enumerator-state.ts`).
 */
import { assert, unreachable } from "../core/assert.ts";
import type { Step } from "../core/machine.ts";
import type { LogPosition, StartPosition } from "../host/services.ts";
import type { SplitAssignment } from "../operators/operator.ts";
import { retryDelayMs } from "./backoff.ts";

export type EnumeratorConfig = Readonly<{
  parallelism: number;
  start: StartPosition;
  /** From the end of one look for new partitions to the next; 0: only one look. */
  discoveryMs: number;
}>;

/** What a checkpoint keeps. */
export type EnumeratorSnapshot = Readonly<{
  /** The first listing is done: what is found from now on is new. */
  begun: boolean;
  /** No partition will be found any more. */
  exhausted: boolean;
  /** Partitions below this number are located. */
  located: number;
  /** Located and not given away, ascending by partition. */
  unassigned: readonly LogPosition[];
}>;

/** What a reader has been told in this attempt. */
export type ReaderPhase = "absent" | "waiting" | "greeted" | "done";

type Asking = Readonly<
  | { kind: "nothing" }
  | { kind: "list" }
  | { kind: "locate"; partitions: readonly number[]; final: boolean }
>;

export type Enumerator = Readonly<{
  config: EnumeratorConfig;
  snapshot: EnumeratorSnapshot;
  /** By subtask. */
  readers: readonly ReaderPhase[];
  asking: Asking;
  /** Of the present request, those that failed. */
  tries: number;
}>;

export type EnumeratorEvent = Readonly<
  | { kind: "start" }
  | { kind: "listed"; count: number; final: boolean }
  | { kind: "located"; offsets: readonly number[] }
  /** Whether the log had the request is unknown; it changes nothing there. */
  | { kind: "timed-out" }
  | { kind: "due" }
  /** Of a new attempt: it has the state that the checkpoint holds for it. */
  | { kind: "reader-running"; subtask: number }
>;

export type EnumeratorEffect = Readonly<
  /** Answer `listed` or `timed-out`. */
  | { kind: "list" }
  /** Answer `located` or `timed-out`. */
  | { kind: "locate"; partitions: readonly number[]; start: StartPosition }
  /** Answer `due` after that time. */
  | { kind: "wait"; delayMs: number }
  | ({ kind: "assign"; subtask: number } & SplitAssignment)
  | { kind: "ignore"; why: "known-reader" | "not-asked" | "nothing-left" }
>;
type EnumeratorStep = Step<Enumerator, EnumeratorEffect>;

const EARLIEST: StartPosition = { kind: "earliest" };
const NOTHING: Asking = { kind: "nothing" };

export const FRESH_ENUMERATOR: EnumeratorSnapshot = {
  begun: false,
  exhausted: false,
  located: 0,
  unassigned: [],
};

/** @param snapshot of the checkpoint that the attempt comes from; `FRESH_ENUMERATOR` without one */
export const createEnumerator = (
  config: EnumeratorConfig,
  snapshot: EnumeratorSnapshot,
): Enumerator => ({
  config,
  snapshot,
  readers: Array.from({ length: config.parallelism }, () => "absent"),
  asking: NOTHING,
  tries: 0,
});

export function stepEnumerator(state: Enumerator, event: EnumeratorEvent): EnumeratorStep {
  const { asking, snapshot } = state;
  switch (event.kind) {
    case "start":
      return snapshot.exhausted ? ignore(state, "nothing-left") : list(state);
    case "listed":
      if (asking.kind !== "list") return ignore(state, "not-asked");
      return onListed(state, event.count, event.final);
    case "located":
      if (asking.kind !== "locate") return ignore(state, "not-asked");
      return onLocated(state, asking.partitions, event.offsets, asking.final);
    case "timed-out": {
      if (asking.kind === "nothing") return ignore(state, "not-asked");
      const tries = state.tries + 1;
      return {
        state: { ...state, tries },
        effects: [{ kind: "wait", delayMs: retryDelayMs(tries) }],
      };
    }
    case "due":
      return asking.kind === "locate" ? locate(state, asking) : list(state);
    case "reader-running": {
      const phase = state.readers[event.subtask];
      assert(phase !== undefined, () => `EN2 reader ${event.subtask} of ${state.readers.length}`);
      if (phase !== "absent") return ignore(state, "known-reader");
      return assignAll(withReader(state, event.subtask, "waiting"), []);
    }
    default:
      return unreachable(event);
  }
}

function list(state: Enumerator): EnumeratorStep {
  return { state: { ...state, asking: { kind: "list" } }, effects: [{ kind: "list" }] };
}

function locate(state: Enumerator, asking: Extract<Asking, { kind: "locate" }>): EnumeratorStep {
  const { partitions } = asking;
  const start = state.snapshot.begun ? EARLIEST : state.config.start;
  return { state: { ...state, asking }, effects: [{ kind: "locate", partitions, start }] };
}

function onListed(state: Enumerator, count: number, final: boolean): EnumeratorStep {
  const { located } = state.snapshot;
  const heard = { ...state, tries: 0 };
  const partitions = Array.from({ length: Math.max(0, count - located) }, (_, i) => located + i);
  if (partitions.length === 0) return onLocated(heard, [], [], final);
  return locate(heard, { kind: "locate", partitions, final });
}

function onLocated(
  state: Enumerator,
  partitions: readonly number[],
  offsets: readonly number[],
  final: boolean,
): EnumeratorStep {
  const { config, snapshot } = state;
  assert(
    offsets.length === partitions.length,
    () => `EN1 asked for ${partitions.length} offsets, got ${offsets.length}`,
  );
  const found = partitions.map((partition, i) => ({ partition, offset: offsets[i]! }));
  const exhausted = final || config.discoveryMs === 0;
  const next: Enumerator = {
    ...state,
    asking: NOTHING,
    tries: 0,
    snapshot: {
      begun: true,
      exhausted,
      located: snapshot.located + found.length,
      unassigned: [...snapshot.unassigned, ...found],
    },
  };
  const again: EnumeratorEffect[] = exhausted
    ? []
    : [{ kind: "wait", delayMs: config.discoveryMs }];
  return assignAll(next, again);
}

/** Tells every reader that runs what it can be told now. */
function assignAll(state: Enumerator, effects: EnumeratorEffect[]): EnumeratorStep {
  let next = state;
  for (let subtask = 0; subtask < state.readers.length; subtask++) {
    next = assign(next, subtask, effects);
  }
  if (effects.length === 0) effects.push({ kind: "ignore", why: "nothing-left" });
  return { state: next, effects };
}

function assign(state: Enumerator, subtask: number, effects: EnumeratorEffect[]): Enumerator {
  const { config, snapshot, readers } = state;
  const phase = readers[subtask]!;
  const isOwn = ({ partition }: LogPosition): boolean => partition % config.parallelism === subtask;
  const splits = snapshot.unassigned.filter(isOwn);
  assert(
    phase !== "done" || splits.length === 0,
    () => `EN4 reader ${subtask} was told "no more", yet there are ${splits.length} splits for it`,
  );
  if (!snapshot.begun || phase === "absent" || phase === "done") return state;
  const noMore = snapshot.exhausted;
  if (phase === "greeted" && splits.length === 0 && !noMore) return state;
  effects.push({ kind: "assign", subtask, splits, noMore });
  const unassigned = snapshot.unassigned.filter((split) => !isOwn(split));
  const told = withReader(state, subtask, noMore ? "done" : "greeted");
  return { ...told, snapshot: { ...snapshot, unassigned } };
}

function withReader(state: Enumerator, subtask: number, phase: ReaderPhase): Enumerator {
  return { ...state, readers: state.readers.map((old, i) => (i === subtask ? phase : old)) };
}

function ignore(
  state: Enumerator,
  why: Extract<EnumeratorEffect, { kind: "ignore" }>["why"],
): EnumeratorStep {
  return { state, effects: [{ kind: "ignore", why }] };
}
