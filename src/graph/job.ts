/**
 * A job, its settings, and where its streams begin.
 *
 *   job("word-count", (env) => {
 *     env.enableCheckpointing({ intervalMs: 1_000 });
 *     const lines = logSource({ topic: "lines", type: types.string });
 *     env.fromSource(lines, WatermarkStrategy.none(), "lines").sinkTo(ledger("copies"));
 *   });
 *
 * Not here: what can be done with a stream (`stream.ts`).
 */
import type { StateBackend } from "../state/state-backend.ts";
import type { WatermarkSpec } from "../time/watermark-strategy.ts";
import type { LogSourceSpec } from "./endpoints.ts";
import { erased, JobBuilder } from "./job-builder.ts";
import type { LogicalGraph, SourceLogic } from "./logical-graph.ts";
import { checkOptions, type ChoiceOption, type NumberOption } from "./options.ts";
import { checkRestartOptions, restartConfig, type RestartOptions } from "./restart-options.ts";
import { OperatorStream } from "./stream.ts";

export type CheckpointOptions = Readonly<{
  /** From one trigger to the next: 1 or more. */
  intervalMs: number;
  /**
   * "coordinated" by default: barriers. "uncoordinated": each subtask by itself, with a log of what it
   * sends; then neither `mode`, `unaligned`, `minPauseMs`, `maxConcurrent` nor `localRecovery` apply.
   */
  protocol?: "coordinated" | "uncoordinated";
  /** What is not complete by then is given up; 60_000 by default. */
  timeoutMs?: number;
  /** From the end of a completed checkpoint to the next trigger; 0 by default. */
  minPauseMs?: number;
  /** Completed checkpoints kept: 1 by default. */
  retained?: number;
  /** "exactly-once" by default; "at-least-once" never holds a channel back (C10). */
  mode?: "exactly-once" | "at-least-once";
  /** Barriers overtake records; false by default. Exactly once only. */
  unaligned?: boolean;
  /** With `unaligned`: begin aligned, and overtake from this age on; 0, at once, by default. */
  alignedTimeoutMs?: number;
  /** Under way at a time: 1 by default, and always 1 with `unaligned` or a `minPauseMs`. */
  maxConcurrent?: number;
  /** That may fail in a row before the job starts over: 0 by default. */
  tolerableFailures?: number;
  /** Whether the last checkpoint is deleted when the job is cancelled; so by default. */
  retention?: "delete-on-cancellation" | "retain-on-cancellation";
  /** Refer to files of earlier checkpoints, where the backend has such; true by default. */
  incremental?: boolean;
  /** Keep copies on the disks of task managers, and start again from those; false by default. */
  localRecovery?: boolean;
}>;

const CHECKPOINT_OPTIONS: readonly (NumberOption | ChoiceOption)[] = [
  { name: "intervalMs", min: 1, required: true },
  { name: "protocol", choices: ["coordinated", "uncoordinated"] },
  { name: "timeoutMs", min: 1, required: false },
  { name: "minPauseMs", min: 0, required: false },
  { name: "retained", min: 1, required: false },
  { name: "mode", choices: ["exactly-once", "at-least-once"] },
  { name: "unaligned", choices: [true, false] },
  { name: "alignedTimeoutMs", min: 0, required: false },
  { name: "maxConcurrent", min: 1, required: false },
  { name: "tolerableFailures", min: 0, required: false },
  { name: "retention", choices: ["delete-on-cancellation", "retain-on-cancellation"] },
  { name: "incremental", choices: [true, false] },
  { name: "localRecovery", choices: [true, false] },
];
/**
 * Builds a job; pure but for what `write` does.
 *
 * @param name letters, digits, ".", "_" and "-": it becomes part of paths
 * @throws JobError listing everything that is wrong with the job
 */
export function job(name: string, write: (env: StreamEnvironment) => void): LogicalGraph {
  const builder = new JobBuilder();
  write(new StreamEnvironment(builder));
  return builder.build(name);
}

/** The settings of a job, and where its streams begin. */
export class StreamEnvironment {
  readonly #job: JobBuilder;

  constructor(builder: JobBuilder) {
    this.#job = builder;
  }

  /** Without this call the job takes no checkpoints, and starts from the beginning after a failure. */
  enableCheckpointing(options: CheckpointOptions): void {
    this.#job.problems.push(...checkOptions("enableCheckpointing", options, CHECKPOINT_OPTIONS));
    this.#job.checkpoints = { ...this.#job.checkpoints, ...options };
  }

  /** The memory backend by default. */
  setStateBackend(backend: StateBackend): void {
    this.#job.backend = backend;
  }

  /** Of operators that say nothing else; 1 by default. */
  setParallelism(parallelism: number): void {
    this.#job.parallelism = parallelism;
  }

  /** Key groups of operators that say nothing else; by default derived from their parallelism. */
  setMaxParallelism(maxParallelism: number): void {
    this.#job.maxParallelism = maxParallelism;
  }

  /** One second and no end of restarts by default, but for failures of user code that repeat. */
  setRestartStrategy(options: RestartOptions): void {
    this.#job.problems.push(...checkRestartOptions(options));
    this.#job.restart = restartConfig(options);
  }

  /**
   * Hands records from function to function within a chain as they are, without a copy. Functions
   * must then neither change what they get nor keep or change what they gave.
   */
  enableObjectReuse(): void {
    this.#job.objectReuse = true;
  }

  fromSource<T>(
    source: LogSourceSpec<T>,
    watermarks: WatermarkSpec<NoInfer<T>>,
    name: string,
  ): OperatorStream<T> {
    const { topic, type, start = { kind: "earliest" }, discoveryMs = 0 } = source;
    const { recordsPerSecondMax } = source;
    const logic: SourceLogic = {
      ...{ kind: "source", topic, start, discoveryMs, recordsPerSecondMax },
      watermarks: erased(watermarks),
    };
    const draft = this.#job.add(logic, [], erased(type), name);
    return new OperatorStream(this.#job, draft);
  }
}
