/**
 * Which part of the stored state goes to whom after a restore, whatever the parallelism was and is.
 *
 *   keyed      by key group: state and timers that fall into the subtask's range, and no others (C58)
 *   split      dealt out in turn: every element at one subtask, counts as even as can be (C59)
 *   union      everyone sees all (C60), and keeps a share of its own to write back (C62)
 *   broadcast  one full copy each; two copies are never put together (C61)
 *
 * With unchanged parallelism a subtask keeps what it wrote itself, and needs the files of others for
 * union state alone. With another one, the element at position k of all goes to subtask k modulo the new
 * parallelism. So where each subtask stores one element, as sinks do, that of subtask k can be nowhere
 * else than at k itself, as long as there is a k (C100).
 *
 * RD1  The shares of a union, taken over all subtasks, are the elements that were stored: however often
 *      a job is restored, they do not multiply (C62).
 * RD2  No key group outside the range of a subtask is handed to it (C58).
 * RD3  Operator state of an operator is handed over once, however many files held some of it.
 *
 * Source: Flink's RoundRobinOperatorStateRepartitioner. We differ: a union has shares. A subtask whose
 * input has ended goes on
 * storing its state, so a union is whole all the same, and no checkpoint has to fail for it (C115).
 * Not here: which files a subtask reads (`checkpoint/restore-needs.ts`); native snapshots, which their
 * backend cuts to the range itself.
 */
import type { KeyGroupRange, KeyGroupSnapshot } from "./keyed-snapshot.ts";
import { assert, assertWithin, present, unreachable } from "../core/assert.ts";
import { asSubtaskIndex, type OperatorUid } from "../core/ids.ts";
import { compareText } from "../core/ordered.ts";
import { rangeHolds, rangeOf } from "./key-groups.ts";
import type {
  OperatorSnapshot,
  OperatorStateSnapshot,
  RedistributionMode,
  SubtaskSnapshot,
} from "./operator-snapshot.ts";

/** What each subtask stored, in order of subtask. */
export type Stored<E> = readonly (readonly E[])[];

/**
 * What `subtask` of `parallelism` gets of a list that is dealt out.
 *
 * @param stored one list for each subtask that there was: 1 or more
 */
export function splitShare<E>(
  stored: Stored<E>,
  subtask: number,
  parallelism: number,
): readonly E[] {
  assertWithin("subtask", subtask, 0, parallelism - 1);
  if (stored.length === parallelism) return stored[subtask] ?? [];
  return stored.flat().filter((_, position) => position % parallelism === subtask);
}

/** What every subtask sees of a union list, in order of those who stored it. */
export const unionOf = <E>(stored: Stored<E>): readonly E[] => stored.flat();

/** The copy that `subtask` takes over: its own, or that of an old subtask where it is new. */
export const broadcastCopy = <E>(stored: Stored<E>, subtask: number): readonly E[] =>
  stored[subtask % stored.length] ?? [];

/**
 * The operator states of one operator as `subtask` of `parallelism` finds them, in order of name.
 *
 * @param stored one list of states for each subtask that there was; empty where its file was not
 *               needed
 */
export function redistribute(
  stored: Stored<OperatorStateSnapshot>,
  subtask: number,
  parallelism: number,
): readonly OperatorStateSnapshot[] {
  const found = new Map<string, Pick<OperatorStateSnapshot, "name" | "mode">>();
  for (const { name, mode } of stored.flat()) found.set(`${name} ${mode}`, { name, mode });
  return [...found.values()]
    .sort((a, b) => compareText(a.name, b.name) || compareText(a.mode, b.mode))
    .map(({ name, mode }) => {
      const lists = stored.map((states) => elementsIn(states, name, mode));
      return { name, mode, ...shareOf(mode, lists, subtask, parallelism) };
    });
}

function elementsIn(
  states: readonly OperatorStateSnapshot[],
  name: string,
  mode: RedistributionMode,
): readonly Uint8Array[] {
  return states.find((state) => state.name === name && state.mode === mode)?.elements ?? [];
}

function shareOf(
  mode: RedistributionMode,
  stored: Stored<Uint8Array>,
  subtask: number,
  parallelism: number,
): Pick<OperatorStateSnapshot, "elements" | "everyone"> {
  switch (mode) {
    case "split":
      return { elements: splitShare(stored, subtask, parallelism) };
    case "union":
      return { elements: splitShare(stored, subtask, parallelism), everyone: unionOf(stored) };
    case "broadcast":
      return { elements: broadcastCopy(stored, subtask) };
    default:
      return unreachable(mode);
  }
}

/** A snapshot, and whose it was: that subtask of so many, of a vertex of the checkpoint. */
export type WrittenSnapshot = Readonly<{
  vertex: number;
  subtask: number;
  parallelism: number;
  snapshot: SubtaskSnapshot;
}>;

/** Who is restored. */
export type RestoredTask = Readonly<{
  subtask: number;
  parallelism: number;
  maxParallelism: number;
  ended: boolean;
}>;

/**
 * What a subtask opens with: one snapshot, with as many parts of an operator as there were files with
 * some of it, or none where there were no files. Of these parts only the first holds operator state.
 *
 * @param written all files that hold something for it
 */
export function restoredSnapshots(
  written: readonly WrittenSnapshot[],
  task: RestoredTask,
): readonly SubtaskSnapshot[] {
  if (written.length === 0) return [];
  const range = rangeOf(asSubtaskIndex(task.subtask), task.parallelism, task.maxParallelism);
  const uids = new Set(written.flatMap(({ snapshot }) => snapshot.operators.map(({ uid }) => uid)));
  const operators = [...uids].flatMap((uid) => restoredOperator(written, uid, task, range));
  return [{ ended: task.ended, operators }];
}

type Part = Readonly<{ from: WrittenSnapshot; operator: OperatorSnapshot }>;

function restoredOperator(
  written: readonly WrittenSnapshot[],
  uid: OperatorUid,
  { subtask, parallelism, maxParallelism }: RestoredTask,
  range: KeyGroupRange,
): readonly OperatorSnapshot[] {
  const parts: Part[] = written.flatMap((from) =>
    from.snapshot.operators.flatMap((operator) =>
      operator.uid === uid ? [{ from, operator }] : [],
    ),
  );
  const before = present(parts[0], () => `nobody wrote "${uid}"`).from.parallelism;
  const stored = Array.from({ length: before }, (_, index) =>
    parts
      .filter(({ from }) => from.subtask === index)
      .flatMap(({ operator }) => operator.operatorState),
  );
  const operatorState = redistribute(stored, subtask, parallelism);
  // With unchanged parallelism a file of another was read for its unions alone.
  const own = parts.filter(({ from }) => before !== parallelism || from.subtask === subtask);
  for (const part of own) assertWithinWriters(part, maxParallelism);
  const cut = own.map(({ operator }) => cutTo(operator, range));
  const [first, ...others] = cut.length > 0 ? cut : [{ uid, keyed: [], timers: [] }];
  return [
    { ...first!, operatorState },
    ...others.filter(holdsKeyed).map((part) => ({ ...part, operatorState: [] })),
  ];
}

/** RD2, on the other side: nobody wrote what was not its own. */
function assertWithinWriters({ from, operator }: Part, maxParallelism: number): void {
  const range = rangeOf(asSubtaskIndex(from.subtask), from.parallelism, maxParallelism);
  for (const { keyGroup } of [...operator.keyed, ...operator.timers]) {
    assert(
      rangeHolds(range, keyGroup),
      () =>
        `RD2 "${operator.uid}", subtask ${from.subtask} of ${from.parallelism}: it stored key group ` +
        `${keyGroup}, though ${range.first} to ${range.last} were its own`,
    );
  }
}

type KeyedPart = Omit<OperatorSnapshot, "operatorState">;

/** RD2: a native snapshot stays whole, unless nothing of it can be in the range. */
function cutTo({ uid, keyed, timers, native }: OperatorSnapshot, range: KeyGroupRange): KeyedPart {
  const inRange = ({ keyGroup }: KeyGroupSnapshot): boolean => rangeHolds(range, keyGroup);
  const part = { uid, keyed: keyed.filter(inRange), timers: timers.filter(inRange) };
  if (native === undefined) return part;
  const touches = native.range.first <= range.last && range.first <= native.range.last;
  return touches ? { ...part, native } : part;
}

const holdsKeyed = ({ keyed, timers, native }: KeyedPart): boolean =>
  keyed.length + timers.length > 0 || native !== undefined;
