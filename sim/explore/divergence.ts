/**
 * Where two runs of one seed part: the first event that differs, what both had done until then, and what
 * each does next. Events that agree to the end may still have written different rows.
 *
 * DG1  What is named is the first difference: all before it is the same in both, line by line.
 *
 * Not here: whether two runs differ at all (their digests say), and printing it (`../cli/judge.ts`).
 */
import type { CommittedRow } from "../history.ts";
import type { RunOutcome, RunRequest } from "../run.ts";
import type { Simulator } from "./simulator.ts";

/** The last things that a process noted before the runs parted. */
export type Past = Readonly<{ process: string; notes: readonly string[] }>;

export type Divergence = Readonly<
  | { kind: "none" }
  /** A run ended with an error; empty for one that did not. */
  | { kind: "threw"; first: string; second: string }
  | { kind: "row"; sink: string; row: number; first: string; second: string }
  | {
      kind: "event";
      /** From 0. */
      event: number;
      /** From the one that differs on. */
      first: readonly string[];
      second: readonly string[];
      /** The same in both, the last of them last. */
      before: readonly string[];
      /** Of the processes that are heard of next. */
      pasts: readonly Past[];
    }
>;

const BEFORE_MAX = 4;
const AFTER_MAX = 3;
const NOTES_MAX = 3;
/** How far to look for a note that says which process it is about. */
const AHEAD_MAX = 400;
const NO_EVENT = "(no such event)";

/** Plays a seed twice more, recorded, and compares. */
export function findDivergence(simulator: Simulator, request: RunRequest): Divergence {
  const play = (): RunOutcome | Error => {
    try {
      return simulator.runScenario({ ...request, record: true });
    } catch (thrown) {
      return thrown instanceof Error ? thrown : new Error(String(thrown));
    }
  };
  const [first, second] = [play(), play()];
  if (first instanceof Error || second instanceof Error) {
    const [a, b] = [whyOf(first), whyOf(second)];
    return a === b ? { kind: "none" } : { kind: "threw", first: a, second: b };
  }
  return (
    firstEvent(first.trace ?? [], second.trace ?? []) ??
    firstRow(first.history.committed, second.history.committed) ?? { kind: "none" }
  );
}

const whyOf = (end: RunOutcome | Error): string => (end instanceof Error ? end.message : "");

/** Two traces of what should have been the same run: where they part. */
export function firstEvent(
  first: readonly string[],
  second: readonly string[],
): Extract<Divergence, { kind: "event" }> | undefined {
  const length = Math.max(first.length, second.length);
  let event = 0;
  while (event < length && first[event] === second[event]) event++;
  if (event === length) return undefined;
  const from = (trace: readonly string[]): readonly string[] =>
    event < trace.length ? trace.slice(event, event + AFTER_MAX) : [NO_EVENT];
  const next = [first, second].map((trace) => nextProcess(trace, event));
  const processes = [...new Set(next)].filter((process) => process !== undefined);
  return {
    kind: "event",
    event,
    first: from(first),
    second: from(second),
    before: first.slice(Math.max(0, event - BEFORE_MAX), event),
    pasts: processes.map((process) => ({ process, notes: notesOf(first, event, process) })),
  };
}

/** The process of a note: "1200 tm-1 snapshot-taken id=1". An event is two numbers and who handles it. */
const processIn = (line: string): string | undefined =>
  /^\d+ \S+ -?\d+ -?\d+$/.test(line) ? undefined : /^\d+ (\S+) \S/.exec(line)?.[1];

function nextProcess(trace: readonly string[], event: number): string | undefined {
  const ahead = trace.slice(event, event + AHEAD_MAX);
  return ahead.map(processIn).find((process) => process !== undefined);
}

function notesOf(trace: readonly string[], event: number, process: string): readonly string[] {
  const notes: string[] = [];
  for (let at = event - 1; at >= 0 && notes.length < NOTES_MAX; at--) {
    const line = trace[at] ?? "";
    if (processIn(line) === process) notes.unshift(line);
  }
  return notes;
}

type Committed = ReadonlyMap<string, readonly CommittedRow[]>;

function firstRow(first: Committed, second: Committed): Divergence | undefined {
  for (const [sink, rows] of first) {
    const others = second.get(sink) ?? [];
    const length = Math.max(rows.length, others.length);
    for (let row = 0; row < length; row++) {
      const [a, b] = [rows[row], others[row]].map((found) =>
        found === undefined ? "(no such row)" : JSON.stringify(found.value),
      );
      if (a !== b) return { kind: "row", sink, row, first: a ?? "", second: b ?? "" };
    }
  }
  return undefined;
}
