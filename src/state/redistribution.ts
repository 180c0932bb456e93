/**
 * Which elements of an operator state go to whom after a restore.
 *
 *   split      dealt out: every element at exactly one subtask, counts as even as can be (C59)
 *   union      everyone sees all (C60), and keeps a share of its own to write back (C62)
 *   broadcast  one full copy each; two copies are never put together (C61)
 *
 * With unchanged parallelism a subtask keeps what it wrote itself, and needs the files of others for
 * union state alone.
 *
 * RD1  The shares of a union, taken over all subtasks, are the elements that were stored: however often
 *      a job is restored, they do not multiply (C62).
 *
 * Source: Flink's RoundRobinOperatorStateRepartitioner. We differ: elements are dealt out in stretches,
 * so that neighbours stay together, and a union has shares. A subtask whose input has ended goes on
 * storing its state, so a union is whole all the same, and no checkpoint has to fail for it (C115).
 * Not here: which files a subtask reads (`checkpoint/restorer.ts`), keyed state (`key-groups.ts`).
 */
import { assertWithin, unreachable } from "../core/assert.ts";
import type { OperatorUid } from "../core/ids.ts";
import { compareText } from "../core/ordered.ts";
import type {
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
  const all = stored.flat();
  const startOf = (index: number): number => Math.floor((index * all.length) / parallelism);
  return all.slice(startOf(subtask), startOf(subtask + 1));
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

/** A snapshot, and the subtask whose it was. */
export type WrittenSnapshot = Readonly<{ subtask: number; snapshot: SubtaskSnapshot }>;

/**
 * What `subtask` opens with: its own snapshots, their operator state redistributed. Keyed state stays
 * where it is.
 *
 * @param written     its own snapshots, and those of others that hold what it needs
 * @param parallelism that of today and of the snapshots
 */
export function restoredSnapshots(
  written: readonly WrittenSnapshot[],
  subtask: number,
  parallelism: number,
): readonly SubtaskSnapshot[] {
  const storedOf = (uid: OperatorUid): Stored<OperatorStateSnapshot> =>
    Array.from({ length: parallelism }, (_, index) =>
      written
        .filter((one) => one.subtask === index)
        .flatMap(({ snapshot }) => snapshot.operators)
        .filter((operator) => operator.uid === uid)
        .flatMap(({ operatorState }) => operatorState),
    );
  return written
    .filter((one) => one.subtask === subtask)
    .map(({ snapshot: { ended, operators } }) => ({
      ended,
      operators: operators.map((operator) => ({
        ...operator,
        operatorState: redistribute(storedOf(operator.uid), subtask, parallelism),
      })),
    }));
}
