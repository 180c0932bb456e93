/**
 * The end of a chain: sends each record to the channels that the exchanges of its edges choose.
 *
 * A record is serialized once, however many channels it goes to. Watermarks, statuses and control
 * events go to every channel. How one is chosen stands in `partitioner.ts`.
 *
 * Records are never refused: an operator may emit many for one input. The subtask asks `available`
 * between inputs, so a congested output is overdrawn by what one input gives, at most.
 */
import type { BarrierOptions, ControlEvent } from "../core/element.ts";
import type { Output } from "../operators/operator.ts";
import type { OutputTag } from "../operators/output-tag.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { BarrierCut } from "./barrier-handler.ts";
import type { OutputChannel } from "./output-channel.ts";
import { type OutputChannelEvents } from "./output-channel.ts";
import { ALL_CHANNELS, type Partitioner } from "./partitioner.ts";
import { ElementWriter, encodeEvent } from "./wire.ts";

/** Channels that count as congested once all are closed: more than there are. */
const CLOSED = 1 << 30;

export type BarrierEvent = Extract<ControlEvent, { kind: "barrier" }>;

/** The same barrier, once it overtakes. */
export function unaligned(barrier: BarrierEvent): BarrierEvent {
  const options: BarrierOptions = { ...barrier.options, mode: "unaligned" };
  return { ...barrier, options };
}

export type EdgeOutput = Readonly<{
  channels: readonly OutputChannel[];
  partition: Partitioner;
  /** The side output it carries; undefined: the main output. */
  tag: OutputTag<unknown> | undefined;
}>;

export class Outputs implements Output<unknown> {
  readonly #edges: readonly EdgeOutput[];
  /** By the id of the side output. */
  readonly #sides = new Map<string, EdgeOutput[]>();
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
    const edges = createEdges({
      onBroken: events.onBroken,
      onCongested: () => {
        this.#congested++;
      },
      onRelieved: () => {
        this.#congested--;
        events.onRelieved();
      },
    });
    this.#channels = edges.flatMap((edge) => edge.channels);
    this.#edges = edges.filter(({ tag }) => tag === undefined);
    for (const edge of edges) {
      if (edge.tag === undefined) continue;
      const side = this.#sides.get(edge.tag.id);
      if (side === undefined) this.#sides.set(edge.tag.id, [edge]);
      else side.push(edge);
    }
  }

  get channels(): readonly OutputChannel[] {
    return this.#channels;
  }

  /** False while some channel has more finished buffers than credit lets go. */
  get available(): boolean {
    return this.#congested === 0;
  }

  emit(value: unknown, timestampMs: number): void {
    this.#send(this.#edges, this.#type, value, timestampMs);
  }

  /** In the type that its readers declare. */
  emitSide<S>({ id }: OutputTag<S>, value: S, timestampMs: number): void {
    const edges = this.#sides.get(id);
    if (edges === undefined) return;
    for (const edge of edges) {
      if (edge.tag !== undefined) this.#send([edge], edge.tag.type, value, timestampMs);
    }
  }

  #send(
    edges: readonly EdgeOutput[],
    type: TypeSerializer<unknown>,
    value: unknown,
    timestampMs: number,
  ): void {
    if (edges.length === 0) return;
    this.#writer.record(value, timestampMs, type);
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

  /**
   * The barrier of a checkpoint that holds what is in flight. Urgent, it overtakes what waits here; else
   * it may later, and `inFlight` waits for it. Where barriers always align it keeps its place (C19).
   */
  sendBarrier(barrier: BarrierEvent, { urgent, inFlight }: BarrierCut): void {
    const bytes = encodeEvent(urgent ? unaligned(barrier) : barrier);
    const limited = Number.isFinite(barrier.options.alignedTimeoutMs);
    for (const channel of this.#channels) {
      const { origin } = channel;
      if (origin === undefined || !(urgent || limited)) {
        channel.appendEvent(bytes);
      } else if (urgent) {
        inFlight.fromOutput(origin, channel.overtake(bytes));
      } else if (channel.appendBarrier(bytes, () => inFlight.outputLeft(channel))) {
        inFlight.outputWaits(channel);
      }
    }
  }

  /** By channel, how much has been received and will never be asked for again; its end included. */
  trimLogs(received: readonly number[]): void {
    this.#channels.forEach(({ log }, i) => {
      if (log !== undefined) log.trim(Math.min(log.end, received[i] ?? 0));
    });
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
