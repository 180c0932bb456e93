/**
 * What is in flight at one subtask for one checkpoint: gathered from its input channels and its outputs
 * until the last barrier has come in and has gone out, and then part of the snapshot (C13).
 *
 * ID1  It ends once: complete, or failed. Only what is complete is ever encoded.
 * ID2  Buffers are kept, not copied: from `send` on nobody touches their bytes.
 *
 * Not here: which channels, and when (`checkpoint/unaligned.ts`).
 */
import { assert } from "../core/assert.ts";
import { ByteWriter } from "../core/bytes.ts";
import { err, ok, type Result } from "../core/result.ts";
import {
  encodeInFlightFile,
  type ChannelOrigin,
  type InFlightChannel,
} from "../checkpoint/in-flight-file.ts";
import type { WireBuffer } from "../host/channels.ts";
import type { OutputChannel } from "./output-channel.ts";

type Part = Readonly<{
  origin: ChannelOrigin;
  end: InFlightChannel["end"];
  at: number;
  /** Of an input channel whose barrier is to come: it grows. */
  buffers: readonly WireBuffer[];
}>;

export class InFlightData {
  readonly #parts: Part[] = [];
  /** Inputs whose barrier has not come. */
  #openInputs = 0;
  /** Outputs in which the barrier waits behind data, and may overtake it yet. */
  readonly #waiting: OutputChannel[] = [];
  #over = false;
  /** Why it was given up. It may be before the snapshot is taken that waits for it. */
  #failure: string | undefined;
  #tell: ((result: Result<undefined, string>) => void) | undefined;

  get complete(): boolean {
    return this.#openInputs === 0 && this.#waiting.length === 0;
  }

  /** Whether some barrier has not left, and would when hurried. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** @param open more will come, until `inputClosed` */
  fromInput(origin: ChannelOrigin, buffers: readonly WireBuffer[], open: boolean): void {
    this.#parts.push({ origin, end: "receiver", at: 0, buffers });
    if (open) this.#openInputs++;
  }

  inputClosed(): void {
    assert(this.#openInputs > 0, () => "more inputs were closed than open");
    this.#openInputs--;
    this.#tellWhenComplete();
  }

  fromOutput(origin: ChannelOrigin, buffers: readonly WireBuffer[]): void {
    this.#parts.push({ origin, end: "sender", at: 0, buffers });
  }

  /** Of a channel whose sender keeps a log; `at` is where in its stream that end stands. */
  fromLogged(
    origin: ChannelOrigin,
    end: InFlightChannel["end"],
    at: number,
    buffers: readonly WireBuffer[],
  ): void {
    this.#parts.push({ origin, end, at, buffers });
  }

  outputWaits(channel: OutputChannel): void {
    this.#waiting.push(channel);
  }

  outputLeft(channel: OutputChannel): void {
    const at = this.#waiting.indexOf(channel);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#tellWhenComplete();
  }

  /** Barriers that wait in outputs overtake what is in front of them (C20). */
  hurry(barrier: Uint8Array): void {
    if (this.#over) return;
    for (const channel of this.#waiting.splice(0)) {
      if (channel.origin !== undefined) this.fromOutput(channel.origin, channel.hurry(barrier));
    }
    this.#tellWhenComplete();
  }

  /** Nobody will store it: what is still to come is let go (C22). */
  fail(why: string): void {
    this.#waiting.length = 0;
    this.#failure ??= why;
    this.#end(err(why));
  }

  /** Calls back once; from inside the call when it is complete or was given up by now. */
  whenOver(tell: (result: Result<undefined, string>) => void): void {
    this.#tell = tell;
    if (this.#failure !== undefined) this.#end(err(this.#failure));
    this.#tellWhenComplete();
  }

  /** Undefined when nothing was in flight. */
  encode(): Uint8Array | undefined {
    assert(this.complete, () => `ID1 ${this.#openInputs} inputs are open`);
    const channels = this.#parts.flatMap(({ origin, end, at, buffers }): InFlightChannel[] => {
      const bytes = joined(buffers);
      return bytes.length === 0 && at === 0 ? [] : [{ origin, end, at, bytes }];
    });
    return channels.length === 0 ? undefined : encodeInFlightFile({ channels });
  }

  #tellWhenComplete(): void {
    if (this.complete) this.#end(ok(undefined));
  }

  #end(result: Result<undefined, string>): void {
    if (this.#over || this.#tell === undefined) return;
    this.#over = true;
    this.#tell(result);
  }
}

function joined(buffers: readonly WireBuffer[]): Uint8Array {
  const out = new ByteWriter(256);
  for (const { bytes, start, end } of buffers) out.raw(bytes, start, end);
  return out.toBytes();
}
