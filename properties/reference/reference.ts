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
import type { LogicalGraph, LogicalNode } from "../../src/index.ts";
import type { Input } from "../../sim/history.ts";
import { mergedInput, type SourceSpec } from "./merged-input.ts";
import type { Emit, Twin } from "./twin.ts";
import { createTwin } from "./twins.ts";

/** A job that re-arms a processing-time timer for ever has no output to compare with. */
const FINAL_TIMERS_MAX = 1_000_000;

type Target = Readonly<{
  stage: Stage;
  input: 0 | 1;
  /** Index of the edge among those of the receiver. */
  edge: number;
  copies: number;
  /** The side output that is read; undefined: the main one. */
  tag: string | undefined;
}>;

/** One node at work. */
type Stage = {
  readonly node: LogicalNode;
  readonly targets: Target[];
  /** Undefined for a source. */
  readonly twin: Twin | undefined;
  readonly refused: Refused;
  /** Latest watermark per edge. */
  readonly edgeWatermarks: number[];
  watermarkMs: number;
  /** What it last passed on. */
  outputWatermarkMs: number;
};

type Run = {
  readonly stages: readonly Stage[];
  readonly rows: Map<string, unknown[]>;
  readonly clock: { processingTimeMs: number };
  readonly refused: Refused;
};

/** What becomes of a record that a user's function throws on: the engine's job would fail. */
type Refused = "throw" | "skip";

/**
 * Rows per sink, in the order in which that one execution writes them.
 *
 * @param refused "skip": what a function throws on goes no further, as if it had been filtered out; all
 *   that a job can have committed that failed on such a record is then in the output
 */
export function referenceOutput(
  job: LogicalGraph,
  input: Input,
  refused: Refused = "throw",
): ReadonlyMap<string, readonly unknown[]> {
  const run = build(job, refused);
  for (const { node, record, timestampMs, watermarkMs } of mergedInput(sourcesOf(job), input)) {
    fireProcessingTime(run, record.availableAtMs);
    const source = stageOf(run, node);
    emit(source, undefined, record.value, timestampMs);
    advance(source, 0, watermarkMs);
  }
  fireProcessingTime(run, Number.POSITIVE_INFINITY);
  for (const stage of run.stages) {
    if (stage.node.logic.kind === "source") advance(stage, 0, Number.POSITIVE_INFINITY);
  }
  // In order of creation, so that what one still gives reaches the next before that one's own end.
  for (const stage of run.stages) stage.twin?.finish?.();
  for (const stage of run.stages) stage.twin?.close?.();
  return run.rows;
}

function sourcesOf(job: LogicalGraph): readonly SourceSpec[] {
  const sources: SourceSpec[] = [];
  for (const { id, logic } of job.nodes) {
    if (logic.kind !== "source") continue;
    sources.push({
      node: id,
      topic: logic.topic,
      watermarks: logic.watermarks,
      start: logic.start,
    });
  }
  return sources.sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.node - b.node));
}

function build(job: LogicalGraph, refused: Refused): Run {
  const stages: Stage[] = [];
  const rows = new Map<string, unknown[]>();
  const run: Run = { stages, rows, clock: { processingTimeMs: 0 }, refused };
  for (const node of job.nodes) {
    const stage = createStage(node, run);
    stages.push(stage);
    node.inputs.forEach(({ node: from, exchange, input, tag }, edge) => {
      const copies = exchange.kind === "broadcast" ? copiesFor(node, input) : 1;
      stageOf(run, from).targets.push({ stage, input, edge, copies, tag: tag?.id });
    });
  }
  return run;
}

/** Broadcast state is one and the same everywhere, so one copy does for all subtasks. */
const copiesFor = ({ logic, parallelism }: LogicalNode, input: 0 | 1): number =>
  input === 1 && (logic.kind === "broadcast-process" || logic.kind === "keyed-broadcast-process")
    ? 1
    : parallelism;

function stageOf(run: Run, node: number): Stage {
  const stage = run.stages[node];
  if (stage?.node.id === node) return stage;
  throw new Error(`node ${node} is not at its index; inputs of a node come before it`);
}

function createStage(node: LogicalNode, run: Run): Stage {
  // A stage is complete before anything reaches it, so its parts may refer to it.
  const self = (): Stage => stageOf(run, node.id);
  const forward: Emit = (value, timestampMs) => emit(self(), undefined, value, timestampMs);
  return {
    node,
    targets: [],
    twin: twinOf(node, run, forward, self),
    refused: run.refused,
    edgeWatermarks: Array.from({ length: Math.max(1, node.inputs.length) }, () => -Infinity),
    watermarkMs: Number.NEGATIVE_INFINITY,
    outputWatermarkMs: Number.NEGATIVE_INFINITY,
  };
}

function twinOf(node: LogicalNode, run: Run, forward: Emit, self: () => Stage): Twin | undefined {
  const { logic } = node;
  if (logic.kind === "source") return undefined;
  // What is to be committed are rows that have been counted already.
  if (logic.kind === "committer") return { receive: () => undefined };
  if (logic.kind === "sink" || logic.kind === "writer" || logic.kind === "table") {
    const name = logic.kind === "table" ? logic.table : logic.sink;
    const ofSink = run.rows.get(name) ?? [];
    run.rows.set(name, ofSink);
    return { receive: (_input, value) => void ofSink.push(value) };
  }
  return createTwin({
    node,
    clocks: {
      processingTimeMs: () => run.clock.processingTimeMs,
      watermarkMs: () => self().watermarkMs,
    },
    emit: forward,
    emitSide: (tag, value, timestampMs) => emit(self(), tag, value, timestampMs),
  });
}

/** Every receiver gets a copy of its own: what one changes in place, no other sees. */
function emit(from: Stage, tag: string | undefined, value: unknown, timestampMs: number): void {
  for (const target of from.targets) {
    if (target.tag !== tag) continue;
    const { stage, input, edge, copies } = target;
    const type = stage.node.inputs[edge]?.tag?.type ?? from.node.outputType;
    for (let copy = 0; copy < copies; copy++) {
      hand(stage, input, type.copy(value), timestampMs);
    }
  }
}

function hand({ twin, refused }: Stage, input: 0 | 1, value: unknown, timestampMs: number): void {
  try {
    twin?.receive(input, value, timestampMs);
  } catch (error) {
    if (refused === "throw") throw error;
  }
}

/** The stage's watermark is the minimum over its edges; timers fire before it is passed on (C71). */
function advance(stage: Stage, edge: number, watermarkMs: number): void {
  stage.edgeWatermarks[edge] = Math.max(stage.edgeWatermarks[edge] ?? -Infinity, watermarkMs);
  const lowestMs = Math.min(...stage.edgeWatermarks);
  if (lowestMs <= stage.watermarkMs) return;
  stage.watermarkMs = lowestMs;
  stage.twin?.advance?.(lowestMs);
  passOn(stage, stage.twin?.outputWatermarkMs?.() ?? lowestMs);
}

function passOn(stage: Stage, watermarkMs: number): void {
  if (watermarkMs <= stage.outputWatermarkMs) return;
  stage.outputWatermarkMs = watermarkMs;
  for (const target of stage.targets) advance(target.stage, target.edge, watermarkMs);
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
    due.stage.twin?.fireProcessingTime?.(due.timeMs);
  }
  if (untilMs < Number.POSITIVE_INFINITY) {
    run.clock.processingTimeMs = Math.max(run.clock.processingTimeMs, untilMs);
  }
}

function nextDue(stages: readonly Stage[]): { stage: Stage; timeMs: number } | undefined {
  let first: { stage: Stage; timeMs: number } | undefined;
  for (const stage of stages) {
    const timeMs = stage.twin?.nextProcessingMs?.();
    if (timeMs === undefined || (first !== undefined && timeMs >= first.timeMs)) continue;
    first = { stage, timeMs };
  }
  return first;
}
