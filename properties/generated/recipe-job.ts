/** From a recipe to the job that it describes. */
import {
  diskBackend,
  job,
  ledger,
  logSource,
  memoryBackend,
  WatermarkStrategy,
  type DataStream,
  type LogicalGraph,
  type OperatorStream,
  type StateBackend,
  type StreamEnvironment,
} from "../../src/index.ts";
import { itemType, type Item } from "./item.ts";
import {
  openStreams,
  type ExchangeName,
  type Recipe,
  type SourceRecipe,
  type StepRecipe,
} from "./recipe.ts";
import { stepKind } from "./steps/index.ts";

const RESTART_DELAY_MS = 100;
const RESTARTS_MAX = 10_000;

/** In time: as much as there is. Else: half of it, so that what is most out of order comes late. */
const toleratedMs = ({ mode }: Recipe, { disorderMs }: SourceRecipe): number =>
  mode === "in-time" ? disorderMs : Math.floor(disorderMs / 2);

/** How long a source without records waits before it stops holding others back; only where late is fine. */
const IDLE_AFTER_MS = 400;

export const topicOf = ({ number }: SourceRecipe): string => `topic-${number}`;

/** @throws Error naming the step that no job can be made of */
export function jobOf(recipe: Recipe): LogicalGraph {
  return job("generated", (env) => {
    env.enableCheckpointing({ intervalMs: recipe.intervalMs });
    env.setRestartStrategy({ delayMs: RESTART_DELAY_MS, restartsMax: RESTARTS_MAX });
    if (recipe.objectReuse) env.enableObjectReuse();
    env.setStateBackend(backendOf(recipe));
    const streams: (DataStream<Item> | undefined)[] = recipe.sources.map((source) =>
      sourceOf(env, recipe, source),
    );
    recipe.steps.forEach((step, i) => streams.push(streamOf(recipe, step, i, streams)));
    for (const open of openStreams(recipe)) {
      streams[open]?.sinkTo(ledger(`out-${open}`)).uid(`sink-${open}`);
    }
  });
}

/** On the disk so little fits into memory, a file or a block that all of it is merged again and again. */
const backendOf = ({ backend }: Recipe): StateBackend =>
  backend === "disk"
    ? diskBackend({
        ...{ memtableBytes: 1_500, cacheBytes: 1_000, blockBytes: 100 },
        ...{ runBytes: 1_000, levelBytes: 2_000 },
      })
    : memoryBackend();

function sourceOf(
  env: StreamEnvironment,
  recipe: Recipe,
  source: SourceRecipe,
): OperatorStream<Item> {
  const idle = recipe.mode === "timing" ? { idleAfterMs: IDLE_AFTER_MS } : {};
  return env
    .fromSource(
      logSource({ topic: topicOf(source), type: itemType }),
      WatermarkStrategy.forBoundedOutOfOrderness(toleratedMs(recipe, source), idle),
      topicOf(source),
    )
    .uid(`source-${source.number}`)
    .setParallelism(source.parallelism);
}

/** Undefined for a step that ends in a sink of its own. */
function streamOf(
  { mode, sources }: Recipe,
  step: StepRecipe,
  index: number,
  streams: readonly (DataStream<Item> | undefined)[],
): DataStream<Item> | undefined {
  const at = (stream: number): DataStream<Item> => {
    const found = streams[stream];
    if (found !== undefined) return found;
    throw new Error(
      `step ${index} (${step.kind}) reads stream ${stream}, which is none; ` +
        `streams are numbered from 0: ${sources.length} sources, then what each step puts out`,
    );
  };
  const id = `step-${index}`;
  const stream = through(at(step.from), step.exchange);
  const built = stepKind(step.kind).build({ stream, other: at(step.other), step, mode, id });
  if (built !== undefined && "uid" in built) {
    const operator = built as OperatorStream<Item>;
    operator.setParallelism(step.kind === "window-all" ? 1 : step.parallelism);
  }
  return built;
}

function through(stream: DataStream<Item>, exchange: ExchangeName): DataStream<Item> {
  switch (exchange) {
    case "auto":
      return stream;
    case "rebalance":
      return stream.rebalance();
    case "rescale":
      return stream.rescale();
    case "shuffle":
      return stream.shuffle();
    case "global":
      return stream.global();
    case "custom":
      return stream.partitionCustom(({ ids }, subtasks) => (ids[0] ?? 0) % subtasks);
  }
}
