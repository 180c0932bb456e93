/**
 * Which channel of an edge a record takes. Which subtask a key belongs to is read from a table made once
 * (C54, C55).
 *
 * Not here: which channels an edge has (`build-plan.ts`): a rescaled one leads to a share of the
 * receivers only.
 */
import { unreachable } from "../core/assert.ts";
import { asKeyGroup } from "../core/ids.ts";
import type { Exchange } from "../graph/logical-graph.ts";
import type { Random } from "../host/random.ts";
import { keyGroupOf, subtaskOf } from "../state/key-groups.ts";
import { createKeyCodec } from "../types/keys.ts";

/** Picks one channel per record, or -1 for all of them. */
export type Partitioner = (value: unknown) => number;

export const ALL_CHANNELS = -1;

export type PartitionerConfig = Readonly<{
  channelCount: number;
  /** Of the receiving vertex. */
  maxParallelism: number;
  /** Where turns begin: the sender's own index, so that subtasks do not march in step. */
  firstChannel: number;
  /** For `shuffle`. */
  random: Random;
}>;

/** @throws RangeError from the partitioner of a custom exchange that answers with no such subtask */
export function createPartitioner(exchange: Exchange, config: PartitionerConfig): Partitioner {
  const { channelCount, maxParallelism, firstChannel, random } = config;
  switch (exchange.kind) {
    case "forward":
    case "global":
      return () => 0;
    case "broadcast":
      return () => ALL_CHANNELS;
    case "rebalance":
    case "rescale":
      return inTurn(channelCount, firstChannel % channelCount);
    case "shuffle":
      return () => random.integer(0, channelCount - 1);
    case "custom":
    case "hash":
      return createOwner(exchange, channelCount, maxParallelism);
    default:
      return unreachable(exchange);
  }
}

/** Of the exchanges where the record alone decides: to which of so many subtasks it belongs. */
export function createOwner(
  exchange: Extract<Exchange, { kind: "hash" | "custom" }>,
  subtasks: number,
  maxParallelism: number,
): Partitioner {
  if (exchange.kind === "custom") return chosenBy(exchange.partition, subtasks);
  const { key } = exchange;
  const codec = createKeyCodec(exchange.keyType);
  const owner = new Int32Array(maxParallelism);
  for (let group = 0; group < maxParallelism; group++) {
    owner[group] = subtaskOf(asKeyGroup(group), subtasks, maxParallelism);
  }
  return (value) => owner[keyGroupOf(codec.hash(key(value)), maxParallelism)]!;
}

function inTurn(channelCount: number, firstChannel: number): Partitioner {
  let next = firstChannel;
  return () => {
    const channel = next;
    next = channel + 1 === channelCount ? 0 : channel + 1;
    return channel;
  };
}

function chosenBy(
  partition: (value: unknown, subtasks: number) => number,
  channelCount: number,
): Partitioner {
  return (value) => {
    const chosen = partition(value, channelCount);
    if (Number.isInteger(chosen) && chosen >= 0 && chosen < channelCount) return chosen;
    throw new RangeError(
      `a custom partitioner chose subtask ${chosen} of ${channelCount}; ` +
        `answer with an integer from 0 to ${channelCount - 1}`,
    );
  };
}
