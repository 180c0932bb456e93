/**
 * One subtask by itself, for its tests: fake operators that write down what they are asked, an input
 * that the test fills by hand, and an output that is read back as text.
 *
 *   "b:count = 5" what an operator did, "> word" "> ~5" "> <barrier 1>" what left, "+ running" states
 */
import {
  PLAIN_BARRIER,
  TAG_RECORD,
  TAG_WATERMARK,
  type BarrierOptions,
  type ControlEvent,
} from "../core/element.ts";
import {
  asAttemptId,
  asCheckpointId,
  asOperatorUid,
  asProcessId,
  type CheckpointId,
} from "../core/ids.ts";
import { ok, type Result } from "../core/result.ts";
import type { WireBuffer } from "../host/channels.ts";
import type {
  Operator,
  Output,
  PendingOperatorSnapshot,
  SourceOperator,
  SplitAssignment,
} from "../operators/operator.ts";
import type { SubtaskSnapshot } from "../state/operator-snapshot.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import { barrierHandlerOf } from "./barrier-handlers.ts";
import { ChannelLog } from "./channel-log.ts";
import { CHECKPOINT_DEFAULTS, type CheckpointConfig } from "../graph/logical-graph.ts";
import { BufferPool } from "./buffer-pool.ts";
import { originOf } from "./in-flight.fixture.ts";
import { InputGate } from "./input-gate.ts";
import { OutputChannel } from "./output-channel.ts";
import { Outputs } from "./outputs.ts";
import { SubtaskChain } from "./subtask-chain.ts";
import { Subtask } from "./subtask.ts";
import { RuntimeHost } from "./testing.ts";
import { decodeEvent, ElementReader, ElementWriter, encodeEvent } from "./wire.ts";

const TEXT = types.string as TypeSerializer<unknown>;
const EMPTY: PendingOperatorSnapshot = { keyed: undefined, timers: [], operatorState: [] };

/** Passes everything on; `dueMs` is its only timer, and `onElement` what a test wants to happen. */
export class FakeOperator implements Operator<unknown> {
  dueMs: number | undefined;
  onElement: (value: unknown) => void = () => undefined;
  onTimer: () => void = () => undefined;
  /** False: a snapshot waits until the test calls what stands in `confirmations`. */
  confirms = true;
  /** False: the same with completed checkpoints and `completions`. */
  completes = true;
  available = true;
  /** False: asked for the rest at the end, it has none to give yet. */
  finishes = true;
  readonly confirmations: ((result: Result<undefined, string>) => void)[] = [];
  readonly completions: (() => void)[] = [];
  readonly #name: string;
  readonly #told: string[];
  readonly #next: Output<unknown>;

  constructor(name: string, told: string[], next: Output<unknown>) {
    this.#name = name;
    this.#told = told;
    this.#next = next;
  }

  open(...[, state]: Parameters<Operator<unknown>["open"]>): void {
    this.#tell(`open with ${state.length}`);
  }

  processElement(value: unknown, timestampMs: number): void {
    this.#tell(`${String(value)}@${timestampMs}`);
    this.onElement(value);
    this.#next.emit(value, timestampMs);
  }

  processWatermark(watermarkMs: number): void {
    this.#next.emitWatermark(watermarkMs);
  }

  processStatus(idle: boolean): void {
    this.#next.emitStatus(idle);
  }

  advanceProcessingTime(nowMs: number): number | undefined {
    if (this.dueMs !== undefined && this.dueMs <= nowMs) {
      this.#tell(`timer ${this.dueMs}`);
      this.onTimer();
      this.dueMs = undefined;
    }
    return this.dueMs;
  }

  prepareBarrier(checkpointId: CheckpointId): void {
    this.#tell(`prepare ${checkpointId}`);
  }

  snapshot(
    checkpointId: CheckpointId,
    done: (result: Result<undefined, string>) => void,
  ): PendingOperatorSnapshot {
    this.#tell(`snapshot ${checkpointId}`);
    if (this.confirms) done(ok(undefined));
    else this.confirmations.push(done);
    return EMPTY;
  }

  checkpointCompleted(checkpointId: CheckpointId, done: () => void): void {
    this.#tell(`completed ${checkpointId}`);
    if (this.completes) done();
    else this.completions.push(done);
  }

  checkpointAborted(checkpointId: CheckpointId): void {
    this.#tell(`aborted ${checkpointId}`);
  }

  finish(): boolean {
    if (!this.finishes) return false;
    this.#tell("finish");
    this.#next.emit(`last of ${this.#name}`, 0);
    return true;
  }

  close(): void {
    this.#tell("close");
  }

  #tell(what: string): void {
    this.#told.push(`${this.#name} ${what}`);
  }
}

/** Gives what the test has put into `records`, and ends when told to. */
export class FakeSource implements SourceOperator<unknown> {
  readonly records: string[] = [];
  ended = false;
  endsWhenEmpty = false;
  levelMs: number | undefined;
  readonly #told: string[];
  #output: Output<unknown> | undefined;

  constructor(told: string[]) {
    this.#told = told;
  }

  open(...[, , output]: Parameters<SourceOperator<unknown>["open"]>): void {
    this.#output = output;
    this.#told.push("source open");
  }

  poll(recordsMax: number): number {
    const records = this.records.splice(0, recordsMax);
    for (const record of records) this.#output?.emit(record, 0);
    if (this.endsWhenEmpty && this.records.length === 0) this.ended = true;
    return records.length;
  }

  assign({ splits, noMore }: SplitAssignment): void {
    const partitions = splits.map(({ partition }) => partition).join();
    this.#told.push(`source splits [${partitions}]${noMore ? ", no more" : ""}`);
  }

  align(limitMs: number): void {
    this.#told.push(`source up to ${limitMs}`);
  }

  blocked(): void {
    this.#told.push("source blocked");
  }

  prepareBarrier(checkpointId: CheckpointId): void {
    this.#told.push(`source prepare ${checkpointId}`);
  }

  snapshot(): PendingOperatorSnapshot {
    this.#told.push(`source snapshot before ${this.records.join(" ")}`);
    return EMPTY;
  }

  checkpointCompleted(checkpointId: CheckpointId): void {
    this.#told.push(`source completed ${checkpointId}`);
  }

  close(): void {
    this.#told.push("source close");
  }
}

export type StageOptions = Readonly<{
  /** Input channels; 0 makes it a source. */
  inputs?: number;
  /** Of these, the last ones are channels of the second input. */
  secondInputs?: number;
  /** Data buffers that the receiver takes at first. */
  credit?: number;
  /** Of the output's buffers: 16 or more; a record of two letters has 16. */
  bufferBytes?: number;
  stepElementsMax?: number;
  mode?: "exactly-once" | "at-least-once";
  /** Barriers may overtake, on all channels but `alwaysAligned` of the first inputs. */
  unaligned?: boolean;
  protocol?: CheckpointConfig["protocol"];
  alwaysAligned?: number;
  /** Stands in for operator "a". */
  head?: (output: Output<unknown>) => Operator<unknown>;
}>;

export function subtaskStage(options: StageOptions = {}) {
  const { inputs = 1, secondInputs = 0, credit = 1_000, stepElementsMax = 8 } = options;
  const { mode = "exactly-once", unaligned = false, alwaysAligned = 0 } = options;
  const { protocol = "coordinated" } = options;
  const logged = protocol === "uncoordinated";
  const named = unaligned || logged;
  const host = new RuntimeHost();
  const told: string[] = [];
  const late: { subtask?: Subtask } = {};
  const wakeUp = (): void => late.subtask?.wakeUp();
  const onBroken = (channel: string, reason: string): void =>
    late.subtask?.onChannelBroken(channel, reason);
  const pool = new BufferPool(options.bufferBytes ?? 32);
  const outputs = new Outputs(TEXT, { onRelieved: wakeUp, onBroken }, (events) => [
    {
      channels: [
        new OutputChannel(
          ...(["out", pool, events, named ? originOf("b", 0) : undefined] as const),
          logged ? new ChannelLog() : undefined,
        ),
      ],
      partition: () => 0,
      tag: undefined,
    },
  ]);
  const second = new FakeOperator("b", told, outputs);
  const head: Output<unknown> = outputTo(second);
  const first = new FakeOperator("a", told, head);
  const headOperator = options.head?.(head) ?? first;
  const source = inputs === 0 ? new FakeSource(told) : undefined;
  const chain = new SubtaskChain({
    name: "a -> b",
    source: source === undefined ? undefined : { uid: asOperatorUid("source"), operator: source },
    operators: [
      { uid: asOperatorUid("a"), operator: headOperator },
      { uid: asOperatorUid("b"), operator: second },
    ],
    heads: [outputTo(headOperator), outputTo(headOperator)],
    contextOf: (uid) => ({ uid, host, wakeUp }) as never,
  });
  const gate = new InputGate(
    Array.from({ length: inputs }, (_, subtask) => ({
      name: `in-${subtask}`,
      from: { vertex: 0, subtask },
      type: TEXT,
      input: subtask < inputs - secondInputs ? 0 : 1,
      origin: named && subtask >= alwaysAligned ? originOf("a", subtask) : undefined,
    })),
    2,
    {
      onAvailable: wakeUp,
      onBroken,
      onControl: (channel, buffer) => late.subtask?.onControl(channel, buffer),
    },
  );
  const acknowledged: boolean[] = [];
  const subtask = new Subtask(
    {
      host,
      vertex: 1,
      subtask: 0,
      attempt: asAttemptId(65_537),
      stepElementsMax,
      bufferTimeoutUs: 5_000,
      snapshotPath: (checkpointId) => `chk/${checkpointId}`,
      recoverInFlight: (files) =>
        files.flatMap(({ channels }) =>
          channels.map(({ origin, bytes }) => ({ channel: origin.sender, bytes, records: 1 })),
        ),
      createBarrierHandler: barrierHandlerOf(
        { ...CHECKPOINT_DEFAULTS, protocol, mode, unaligned },
        () => host.random,
      ),
    },
    { chain, gate, outputs },
    {
      onStateChanged: () => void told.push(`+ ${subtask.state}`),
      onAcknowledge: (checkpointId, { handle }, ended) => {
        acknowledged.push(ended);
        told.push(`acknowledge ${checkpointId} at ${handle.path}`);
      },
      onDecline: (checkpointId, why, overtaken) =>
        void told.push(`decline ${checkpointId}${overtaken ? " as overtaken" : ""}: ${why}`),
    },
  );
  late.subtask = subtask;
  const receiver = receiverOf(outputs.channels[0]!, told);
  receiver.channel.onCredit(credit);
  const feed = feedOf(gate);
  const take = (): string[] => told.splice(0);
  const run = (snapshots: readonly SubtaskSnapshot[] = []): void => {
    subtask.open(snapshots, snapshots.length > 0);
    subtask.run();
    host.advanceMs(1);
    take();
  };
  const step = (ms = 1): string[] => {
    host.advanceMs(ms);
    return take();
  };
  return {
    host,
    subtask,
    first,
    second,
    source: source!,
    gate,
    outputs,
    acknowledged,
    receiver,
    ...feed,
    take,
    run,
    step,
  };
}

const outputTo = (operator: Operator<unknown>): Output<unknown> => ({
  emit: (value, timestampMs) => operator.processElement(value, timestampMs),
  emitSide: () => undefined,
  emitWatermark: (watermarkMs) => operator.processWatermark(watermarkMs),
  emitStatus: (idle) => operator.processStatus(idle),
});

/** Writes down what arrives as text. */
function receiverOf(channel: OutputChannel, told: string[]) {
  const reader = new ElementReader();
  const read = (buffer: WireBuffer): void => {
    if (buffer.event) {
      const event = decodeEvent(buffer);
      const id = "checkpointId" in event ? ` ${event.checkpointId}` : "";
      told.push(`> <${event.kind}${id}>`);
      return;
    }
    reader.feed(buffer);
    for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
      if (tag === TAG_RECORD) told.push(`> ${types.string.read(reader.payload)}`);
      else if (tag === TAG_WATERMARK) told.push(`> ~${reader.timeMs}`);
      else told.push(`> tag ${tag}`);
    }
  };
  channel.onConnected({ send: read, close: () => void told.push("> closed") });
  return { channel };
}

/** What senders would put on the input channels. */
function feedOf(gate: InputGate) {
  const writer = new ElementWriter();
  const send = (channel: number, bytes: Uint8Array, event: boolean): void =>
    gate.channels[channel]!.onBuffer({ bytes, start: 0, end: bytes.length, event });
  const sendScratch = (channel: number): void => send(channel, writer.scratch.toBytes(), false);
  const event = (channel: number, body: ControlEvent): void =>
    send(channel, encodeEvent(body), true);
  return {
    send,
    records: (channel: number, ...values: readonly string[]): void => {
      for (const value of values) {
        writer.record(value, 1, types.string);
        sendScratch(channel);
      }
    },
    watermark: (channel: number, watermarkMs: number): void => {
      writer.watermark(watermarkMs);
      sendScratch(channel);
    },
    idle: (channel: number, isIdle: boolean): void => {
      writer.status(isIdle);
      sendScratch(channel);
    },
    barrier: (channel: number, id: number, options: Partial<BarrierOptions> = {}): void =>
      event(channel, { ...barrierEvent(id), options: { ...PLAIN_BARRIER, ...options } }),
    cancelBarrier: (channel: number, id: number): void =>
      event(channel, { kind: "cancel-barrier", checkpointId: asCheckpointId(id) }),
    endOfInput: (channel: number): void => event(channel, { kind: "end-of-input" }),
  };
}

const barrierEvent = (id: number): Extract<ControlEvent, { kind: "barrier" }> => ({
  kind: "barrier",
  checkpointId: asCheckpointId(id),
  options: PLAIN_BARRIER,
  ageMs: 0,
});

/** Where the tests' one sender runs. */
export const senderAt = asProcessId("tm-1");
