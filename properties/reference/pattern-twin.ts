/**
 * Patterns of the reference: every way to take records of a key, tried against the definition of a
 * match, one record by one.
 *
 * Nothing is carried from one record to the next but where a match may begin. For each record all
 * sequences that end with it are put together anew from the whole history of its key, so this is for
 * small inputs: some dozen records a key, or patterns with a bound in time.
 */
import type { PatternStage, SkipStrategy } from "../../src/index.ts";
import { collectorAt } from "./collector.ts";
import { keyText } from "./key-text.ts";
import { createTimers } from "./timers.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

type Spec = LogicOf<"pattern">["spec"];
type Entry = Readonly<{ value: unknown; timeMs: number; text: string }>;
/** Record `at` of a history, taken for stage number `stage`. */
type Step = Readonly<{ at: number; stage: number }>;
type Sequence = readonly Step[];

/** What is known of one key: its records in order, and the first that a match may begin with. */
type History = { entries: Entry[]; searchFrom: number };

export function createPatternTwin(logic: LogicOf<"pattern">, context: TwinContext): Twin {
  const { spec } = logic;
  const histories = new Map<string, History>();
  const moments = createTimers<undefined>();
  let currentMs = 0;
  const out = collectorAt(context, () => currentMs);
  const lastsMs = spec.withinMs ?? Number.POSITIVE_INFINITY;

  const giveUp = (history: History, nowMs: number): void => {
    const { timedOut } = spec;
    if (timedOut === undefined) return;
    const past = sliceOf(history, ({ timeMs }) => timeMs < nowMs);
    const over = sequences(spec, past, (first) => first.timeMs + lastsMs === nowMs).filter(
      (sequence) => !isComplete(spec, sequence) && mayGoOn(spec, past, sequence),
    );
    for (const sequence of over.sort(compare)) {
      context.emitSide(timedOut.id, sequence.map(valueIn(past)), nowMs);
    }
  };
  const match = (history: History, at: number): void => {
    const past = { ...history, entries: history.entries.slice(0, at + 1) };
    const found = sequences(spec, past, () => true).filter(
      (sequence) => sequence[sequence.length - 1]?.at === at && isComplete(spec, sequence),
    );
    for (const sequence of found.sort(compare)) {
      if (sequence[0]!.at < history.searchFrom) continue;
      history.searchFrom = Math.max(history.searchFrom, searchFrom(spec, sequence));
      spec.select(byStage(spec, past, sequence), out);
    }
  };

  return {
    receive(_input, value, timestampMs) {
      if (timestampMs <= context.clocks.watermarkMs()) return;
      const key = keyText(logic.keyType, logic.key(value));
      const history = histories.get(key) ?? { entries: [], searchFrom: 0 };
      histories.set(key, history);
      history.entries.push({ value, timeMs: timestampMs, text: keyText(spec.type, value) });
      history.entries.sort((a, b) => a.timeMs - b.timeMs || compareTexts(a.text, b.text));
      moments.register(timestampMs, key, undefined);
      if (lastsMs < Number.POSITIVE_INFINITY) {
        moments.register(timestampMs + lastsMs, key, undefined);
      }
    },
    advance(watermarkMs) {
      for (;;) {
        const due = moments.take(watermarkMs);
        const history = due && histories.get(due.keyText);
        if (due === undefined || history === undefined) return;
        currentMs = due.timeMs;
        giveUp(history, due.timeMs);
        history.entries.forEach(({ timeMs }, at) => {
          if (timeMs === due.timeMs) match(history, at);
        });
      }
    },
  };
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sliceOf = (history: History, keeps: (entry: Entry) => boolean): History => ({
  ...history,
  entries: history.entries.filter(keeps),
});

const valueIn =
  ({ entries }: History) =>
  ({ at }: Step): unknown =>
    entries[at]?.value;

/** All sequences, complete or not, whose first record `begins` accepts. */
function sequences(spec: Spec, history: History, begins: (first: Entry) => boolean): Sequence[] {
  const all: Sequence[] = [];
  const extend = (sequence: Sequence): void => {
    const last = sequence[sequence.length - 1];
    if (last !== undefined) all.push(sequence);
    for (let at = last === undefined ? history.searchFrom : last.at + 1; ; at++) {
      const entry = history.entries[at];
      if (entry === undefined) return;
      if (last === undefined && !begins(entry)) continue;
      spec.stages.forEach((_, stage) => {
        const step = { at, stage };
        if (isStep(spec, history, sequence, step)) extend([...sequence, step]);
      });
    }
  };
  extend([]);
  return all;
}

/** The definition: may `step` come next behind `sequence`? */
function isStep(spec: Spec, history: History, sequence: Sequence, step: Step): boolean {
  const { at, stage } = step;
  const first = history.entries[sequence[0]?.at ?? at]!;
  if (history.entries[at]!.timeMs - first.timeMs >= (spec.withinMs ?? Infinity)) return false;
  if (!mayFollow(spec, sequence, stage)) return false;
  if (!allowsBetween(spec, history, sequence, stage, at)) return false;
  return accepts(spec, history, sequence, stage, at);
}

function accepts(
  spec: Spec,
  history: History,
  sequence: Sequence,
  stage: number,
  at: number,
): boolean {
  const { where } = spec.stages[stage]!;
  return where(history.entries[at]!.value, byStage(spec, history, sequence));
}

/** By the counts alone. */
function mayFollow({ stages }: Spec, sequence: Sequence, stage: number): boolean {
  const last = sequence[sequence.length - 1];
  const count = (of: number): number => sequence.filter((step) => step.stage === of).length;
  if (last !== undefined && stage < last.stage) return false;
  if (count(stage) >= stages[stage]!.times.max) return false;
  return stages.every(({ times }, before) => before >= stage || count(before) >= times.min);
}

/** Do the records between the last one taken and `at` leave room for `stage` at `at`? */
function allowsBetween(
  spec: Spec,
  history: History,
  sequence: Sequence,
  stage: number,
  at: number,
): boolean {
  const last = sequence[sequence.length - 1];
  if (last === undefined) return true;
  const { contiguity } = spec.stages[stage] as PatternStage;
  const between: number[] = [];
  for (let skipped = last.at + 1; skipped < at; skipped++) between.push(skipped);
  if (stage !== last.stage && contiguity === "next") return between.length === 0;
  if (stage !== last.stage && contiguity === "followed-by-any") return true;
  return !between.some((skipped) => accepts(spec, history, sequence, stage, skipped));
}

const isComplete = ({ stages }: Spec, sequence: Sequence): boolean =>
  stages.every(
    ({ times }, stage) => sequence.filter((step) => step.stage === stage).length >= times.min,
  );

/** Could a record behind the whole history still lengthen it? */
const mayGoOn = (spec: Spec, history: History, sequence: Sequence): boolean =>
  spec.stages.some(
    (_, stage) =>
      mayFollow(spec, sequence, stage) &&
      allowsBetween(spec, history, sequence, stage, history.entries.length),
  );

function searchFrom({ skip, stages }: Spec, sequence: Sequence): number {
  const places = sequence.map(({ at }) => at);
  const of = (strategy: Extract<SkipStrategy, { stage: string }>): number[] =>
    sequence.filter(({ stage }) => stages[stage]!.name === strategy.stage).map(({ at }) => at);
  switch (skip.kind) {
    case "no-skip":
      return 0;
    case "to-next":
      return Math.min(...places) + 1;
    case "past-last":
      return Math.max(...places) + 1;
    case "to-first":
      return Math.min(...of(skip), Infinity) === Infinity ? 0 : Math.min(...of(skip));
    case "to-last":
      return Math.max(0, ...of(skip));
  }
}

function byStage(
  { stages }: Spec,
  history: History,
  sequence: Sequence,
): ReadonlyMap<string, readonly unknown[]> {
  const taken = new Map<string, unknown[]>();
  stages.forEach(({ name }, stage) => {
    const values = sequence.filter((step) => step.stage === stage).map(valueIn(history));
    if (values.length > 0) taken.set(name, values);
  });
  return taken;
}

/** By the first record that differs, then by its stage, then the shorter first. */
function compare(a: Sequence, b: Sequence): number {
  for (const [i, step] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (step.at !== other.at) return step.at - other.at;
    if (step.stage !== other.stage) return step.stage - other.stage;
  }
  return a.length - b.length;
}
