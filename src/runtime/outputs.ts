/**
 * The end of a chain: sends each record to the channels that the exchanges of its edges choose.
 *
 * A record is serialized once, however many channels it goes to. Watermarks, statuses and control
 * events go to every channel. Which subtask a key belongs to is read from a table made once (C54, C55).
 *
 * Records are never refused: an operator may emit many for one input. The subtask asks `available`
 * between inputs, so a congested output is overdrawn by what one input gives, at most.
 */
import { unreachable } from "../core/assert.ts";
import type { ControlEvent } from "../core/element.ts";
import { asKeyGroup } from "../core/ids.ts";
import type { Exchange } from "../graph/logical-graph.ts";
import type { Output } from "../operators/operator.ts";
import { keyGroupOf, subtaskOf } from "../state/key-groups.ts";
import { createKeyCodec } from "../types/keys.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { OutputChannel } from "./output-channel.ts";
import { type OutputChannelEvents } from "./output-channel.ts";
import { ElementWriter, encodeEvent } from "./wire.ts";

/** Picks one channel per record, or -1 for all of them. */
type Partitioner = (value: unknown) => number;

const ALL_CHANNELS = -1;
/** Channels that count as congested once all are closed: more than there are. */
const CLOSED = 1 << 30;

export type EdgeOutput = Readonly<{ channels: readonly OutputChannel[]; partition: Partitioner }>;

/**
 * @param firstChannel   where rebalance begins: its own index, so that subtasks do not march in step
 * @param maxParallelism of the receiving vertex
 */
export function createPartitioner(
  exchange: Exchange,
  channelCount: number,
  maxParallelism: number,
  firstChannel: number,
): Partitioner {
  switch (exchange.kind) {
    case "forward":
      return () => 0;
    case "broadcast":
      return () => ALL_CHANNELS;
    case "rebalance": {
      let next = firstChannel % channelCount;
      return () => {
        const channel = next;
        next = channel + 1 === channelCount ? 0 : channel + 1;
        return channel;
      };
    }
    case "hash": {
      const { key } = exchange;
      const codec = createKeyCodec(exchange.keyType);
      const owner = new Int32Array(maxParallelism);
      for (let group = 0; group < maxParallelism; group++) {
        owner[group] = subtaskOf(asKeyGroup(group), channelCount, maxParallelism);
      }
      return (value) => owner[keyGroupOf(codec.hash(key(value)), maxParallelism)]!;
    }
    default:
      return unreachable(exchange);
  }
}

export class Outputs implements Output<unknown> {
  readonly #edges: readonly EdgeOutput[];
  readonly #channels: readonly OutputChannel[];
  readonly #type: TypeSerializer<unknown>;
  readonly #writer = new ElementWriter();
  /** Output channels whose backlog is too long, counted as they tell. */
  #congested = 0;

  constructor(
    type: TypeSerializer<unknown>,
    events: Pick<OutputChannelEvents, "onBroken" | "onRelieved">,
    createEdges: (channelEvents: OutputChannelEvents) => readonly EdgeOutput[],
  ) {
    this.#type = type;
    this.#edges = createEdges({
      onBroken: events.onBroken,
      onCongested: () => {
        this.#congested++;
      },
      onRelieved: () => {
        this.#congested--;
        events.onRelieved();
      },
    });
    this.#channels = this.#edges.flatMap((edge) => edge.channels);
  }

  get channels(): readonly OutputChannel[] {
    return this.#channels;
  }

  /** False while some channel has more finished buffers than credit lets go. */
  get available(): boolean {
    return this.#congested === 0;
  }

  emit(value: unknown, timestampMs: number): void {
    const edges = this.#edges;
    if (edges.length === 0) return;
    this.#writer.record(value, timestampMs, this.#type);
    const { bytes, length } = this.#writer.scratch;
    for (let i = 0; i < edges.length; i++) {
      const { channels, partition } = edges[i]!;
      const chosen = partition(value);
      if (chosen === ALL_CHANNELS) this.#appendToAll(channels);
      else channels[chosen]!.append(bytes, length);
    }
  }

  emitWatermark(watermarkMs: number): void {
    this.#writer.watermark(watermarkMs);
    this.#appendToAll(this.#channels);
  }

  emitStatus(idle: boolean): void {
    this.#writer.status(idle);
    this.#appendToAll(this.#channels);
  }

  broadcastEvent(event: ControlEvent): void {
    const bytes = encodeEvent(event);
    for (const channel of this.#channels) channel.appendEvent(bytes);
  }

  flush(): void {
    const channels = this.#channels;
    for (let i = 0; i < channels.length; i++) channels[i]!.flush();
  }

  /** From now on there is no room: whoever is in the middle of a step goes no further. */
  close(): void {
    this.#congested = CLOSED;
    for (const channel of this.#channels) channel.close();
  }

  #appendToAll(channels: readonly OutputChannel[]): void {
    const { bytes, length } = this.#writer.scratch;
    for (let i = 0; i < channels.length; i++) channels[i]!.append(bytes, length);
  }
}
