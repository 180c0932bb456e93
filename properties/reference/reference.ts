/**
 * The oracle: what the job puts out when it is run once, alone, on one thread, and nothing fails.
 *
 * It exists so that "right" has a meaning which the engine cannot influence. It shares types with
 * `src/` and nothing else: the job's functions and serializers come inside the graph; state, timers,
 * watermarks and the bytes of keys are its own. It does no more than walk the graph, record by
 * record, in one order that is legal:
 *
 *   records       each partition in its order; across partitions the lowest event time first
 *   watermarks    per source the minimum over its unfinished partitions; plus infinity at the end
 *   processing    the time at which the log first showed the record in hand, never going back;
 *   time          timers still pending at the end fire in order, before the final watermark
 *   broadcast     one copy per subtask of the receiver
 *
 * So it is the one right answer only for jobs whose output does not depend on which legal order was
 * taken: those with input in time, and no processing time in their rows.
 *
 * Not here: how outputs are compared (rows.ts) and what follows from it (exactly-once.ts).
 */
import type { LogicalGraph, LogicalNode, WatermarkSpec } from "../../src/index.ts";
import type { Input } from "../../sim/history.ts";
import { createKeyedOperator, type Emit, type KeyedOperator } from "./keyed-process.ts";
import { mergedInput, type SourceSpec } from "./merged-input.ts";

/** A job that re-arms a processing-time timer for ever has no output to compare with. */
const FINAL_TIMERS_MAX = 1_000_000;

type Target = Readonly<{ stage: Stage; input: number; copies: number }>;

/** One node at work. */
type Stage = {
  readonly node: LogicalNode;
  readonly targets: Target[];
  readonly receive: Emit;
  readonly keyed: KeyedOperator | undefined;
  /** Latest watermark per input. */
  readonly inputWatermarks: number[];
  watermarkMs: number;
};

type Run = {
  readonly stages: readonly Stage[];
  readonly rows: Map<string, unknown[]>;
  readonly clock: { processingTimeMs: number };
};

/** Rows per sink, in the order in which that one execution writes them. */
export function referenceOutput(
  job: LogicalGraph,
  input: Input,
): ReadonlyMap<string, readonly unknown[]> {
  const run = build(job);
  for (const { node, record, watermarkMs } of mergedInput(sourcesOf(job), input)) {
    fireProcessingTime(run, record.availableAtMs);
    const source = stageOf(run, node);
    emit(source, record.value, record.timestampMs);
    advance(source, 0, watermarkMs);
  }
  fireProcessingTime(run, Number.POSITIVE_INFINITY);
  for (const stage of run.stages) {
    if (stage.node.logic.kind === "source") advance(stage, 0, Number.POSITIVE_INFINITY);
  }
  for (const stage of run.stages) stage.keyed?.close();
  return run.rows;
}

function sourcesOf(job: LogicalGraph): readonly SourceSpec[] {
  const sources: SourceSpec[] = [];
  for (const { id, logic } of job.nodes) {
    if (logic.kind !== "source") continue;
    sources.push({ node: id, topic: logic.topic, outOfOrderMsMax: lagOf(logic.watermarks) });
  }
  return sources.sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.node - b.node));
}

/** Without watermarks a source lags behind for ever, and only its end is seen. */
const lagOf = (spec: WatermarkSpec): number =>
  spec.kind === "none" ? Number.POSITIVE_INFINITY : spec.outOfOrderMsMax;

function build(job: LogicalGraph): Run {
  const stages: Stage[] = [];
  const rows = new Map<string, unknown[]>();
  const run: Run = { stages, rows, clock: { processingTimeMs: 0 } };
  for (const node of job.nodes) {
    const stage = createStage(node, run);
    stages.push(stage);
    node.inputs.forEach(({ node: from, exchange }, input) => {
      const copies = exchange.kind === "broadcast" ? node.parallelism : 1;
      stageOf(run, from).targets.push({ stage, input, copies });
    });
  }
  return run;
}

function stageOf(run: Run, node: number): Stage {
  const stage = run.stages[node];
  if (stage?.node.id === node) return stage;
  throw new Error(`node ${node} is not at its index; inputs of a node come before it`);
}

function createStage(node: LogicalNode, run: Run): Stage {
  // A stage is complete before anything reaches it, so its parts may refer to it.
  const self = (): Stage => stageOf(run, node.id);
  const forward: Emit = (value, timestampMs) => emit(self(), value, timestampMs);
  const { logic } = node;
  let keyed: KeyedOperator | undefined;
  if (logic.kind === "keyed-process") {
    const clocks = {
      processingTimeMs: () => run.clock.processingTimeMs,
      watermarkMs: () => self().watermarkMs,
    };
    keyed = createKeyedOperator(logic, clocks, forward);
  }
  return {
    node,
    targets: [],
    receive: keyed?.process ?? receiverOf(node, run.rows, forward),
    keyed,
    inputWatermarks: Array.from({ length: Math.max(1, node.inputs.length) }, () => -Infinity),
    watermarkMs: Number.NEGATIVE_INFINITY,
  };
}

function receiverOf(node: LogicalNode, rows: Map<string, unknown[]>, forward: Emit): Emit {
  const { logic } = node;
  switch (logic.kind) {
    case "map": {
      const map = logic.create();
      return (value, timestampMs) => forward(map(value), timestampMs);
    }
    case "filter": {
      const keep = logic.create();
      return (value, timestampMs) => {
        if (keep(value)) forward(value, timestampMs);
      };
    }
    case "flat-map": {
      const flatMap = logic.create();
      return (value, timestampMs) =>
        flatMap(value, { collect: (item) => forward(item, timestampMs) });
    }
    case "sink": {
      const ofSink = rows.get(logic.sink) ?? [];
      rows.set(logic.sink, ofSink);
      return (value) => void ofSink.push(value);
    }
    case "source":
    case "keyed-process":
      return () => {
        throw new Error(`a ${logic.kind} does not receive records here`);
      };
  }
}

/** Every receiver gets a copy of its own: what one changes in place, no other sees. */
function emit(from: Stage, value: unknown, timestampMs: number): void {
  for (const { stage, copies } of from.targets) {
    for (let copy = 0; copy < copies; copy++) {
      stage.receive(from.node.outputType.copy(value), timestampMs);
    }
  }
}

/** The stage's watermark is the minimum over its inputs; timers fire before it is passed on (C71). */
function advance(stage: Stage, input: number, watermarkMs: number): void {
  stage.inputWatermarks[input] = Math.max(stage.inputWatermarks[input] ?? -Infinity, watermarkMs);
  const lowestMs = Math.min(...stage.inputWatermarks);
  if (lowestMs <= stage.watermarkMs) return;
  stage.watermarkMs = lowestMs;
  stage.keyed?.fireEventTime(lowestMs);
  for (const target of stage.targets) advance(target.stage, target.input, lowestMs);
}

/** Lets processing time come to `untilMs`, timer by timer; to infinity means: to the last timer. */
function fireProcessingTime(run: Run, untilMs: number): void {
  for (let fired = 0; ; fired++) {
    const due = nextDue(run.stages);
    if (due === undefined || due.timeMs > untilMs) break;
    if (fired === FINAL_TIMERS_MAX) {
      throw new Error(
        `operator "${due.stage.node.uid}" fired ${fired} processing-time timers without a record ` +
          "in between; the reference ends only for jobs whose timers do",
      );
    }
    run.clock.processingTimeMs = Math.max(run.clock.processingTimeMs, due.timeMs);
    due.stage.keyed?.fireProcessingTime(due.timeMs);
  }
  if (untilMs < Number.POSITIVE_INFINITY) {
    run.clock.processingTimeMs = Math.max(run.clock.processingTimeMs, untilMs);
  }
}

function nextDue(stages: readonly Stage[]): { stage: Stage; timeMs: number } | undefined {
  let first: { stage: Stage; timeMs: number } | undefined;
  for (const stage of stages) {
    const timeMs = stage.keyed?.nextProcessingMs();
    if (timeMs === undefined || (first !== undefined && timeMs >= first.timeMs)) continue;
    first = { stage, timeMs };
  }
  return first;
}
