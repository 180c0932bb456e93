/**
 * Stands between two operators of a chain that share their records, and sees whether one of them
 * changes what it must not.
 *
 *   giver --emit--> [changed since?] --> taker runs --> [changed meanwhile?]
 *
 * Under object reuse a function must neither change what it gets nor what it gave. One that does works
 * alone, and breaks what its neighbours keep; results then depend on which operators are fused. The
 * guard writes each record down before it hands it on, and compares afterwards. It takes time and
 * changes nothing else, so a run is the same with and without it.
 *
 * GO1  A record that changes while the taker has control is the taker's fault.
 * GO2  A record that changes while somebody else has control is the giver's fault; only the last
 *      `REMEMBERED_MAX` are looked at.
 *
 * Not here: who is guarded (`chain.ts`); the copies that are made without object reuse.
 */
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { compareBytes } from "../core/ordered.ts";
import type { Output } from "../operators/operator.ts";
import type { OutputTag } from "../operators/output-tag.ts";
import { abbreviate, UserFunctionError } from "../operators/user-function-error.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { LogicalNode } from "./logical-graph.ts";

const REMEMBERED_MAX = 4;

type Remembered = Readonly<{ value: unknown; bytes: Uint8Array }>;

export class GuardedOutput implements Output<unknown> {
  readonly #next: Output<unknown>;
  readonly #giver: LogicalNode;
  readonly #taker: LogicalNode;
  readonly #writer = new ByteWriter();
  /** The latest last. */
  readonly #remembered: Remembered[] = [];

  /** @param next leads to the taker */
  constructor(next: Output<unknown>, giver: LogicalNode, taker: LogicalNode) {
    this.#next = next;
    this.#giver = giver;
    this.#taker = taker;
  }

  emit(value: unknown, timestampMs: number): void {
    this.#checkGiver();
    this.#remember(value);
    this.#next.emit(value, timestampMs);
    this.#checkTaker();
  }

  emitSide<S>(tag: OutputTag<S>, value: S, timestampMs: number): void {
    this.#next.emitSide(tag, value, timestampMs);
  }

  emitWatermark(watermarkMs: number): void {
    this.#checkGiver();
    this.#next.emitWatermark(watermarkMs);
    this.#checkTaker();
  }

  emitStatus(idle: boolean): void {
    this.#checkGiver();
    this.#next.emitStatus(idle);
    this.#checkTaker();
  }

  #remember(value: unknown): void {
    if (this.#remembered.length === REMEMBERED_MAX) this.#remembered.shift();
    this.#writer.reset();
    this.#type.write(value, this.#writer);
    this.#remembered.push({ value, bytes: this.#writer.toBytes() });
  }

  #checkGiver(): void {
    const found = this.#changed();
    if (found === undefined) return;
    const { uid } = this.#giver;
    throw new UserFunctionError(
      uid,
      `operator "${uid}" emitted a record that was changed afterwards: ${found}; under object ` +
        `reuse emit a new object each time, and let "${this.#taker.uid}" copy what it keeps`,
      undefined,
    );
  }

  #checkTaker(): void {
    const found = this.#changed();
    if (found === undefined) return;
    const { uid } = this.#taker;
    throw new UserFunctionError(
      uid,
      `operator "${uid}" changed a record that "${this.#giver.uid}" gave it: ${found}; under object ` +
        "reuse copy a record before changing it, or leave enableObjectReuse() out",
      undefined,
    );
  }

  /** Of the remembered records the first that is not as it was: both ways, in words. */
  #changed(): string | undefined {
    for (const { value, bytes } of this.#remembered) {
      this.#writer.reset();
      this.#type.write(value, this.#writer);
      const now = this.#writer.bytes.subarray(0, this.#writer.length);
      if (compareBytes(now, bytes) === 0) continue;
      const before = this.#type.read(new ByteReader(bytes));
      return `it was ${abbreviate(before)}, and is ${abbreviate(value)}`;
    }
    return undefined;
  }

  get #type(): TypeSerializer<unknown> {
    return this.#giver.outputType;
  }
}
