/**
 * Makes several records of one key into one before they travel, so that a skewed stream costs less.
 *
 *   a1 b1 a2 | barrier      becomes      a(1+2) b(1) | barrier
 *
 * A bundle ends when it is full, and before whatever may not overtake its records. So between
 * elements that cut the stream nothing is held, and a snapshot has nothing to keep.
 *
 * BN1  What came before a barrier leaves before it (C3): no snapshot holds a bundle.
 * BN2  What came before a watermark, an idle status or the end leaves before it: nothing gets late here.
 * BN3  Keys leave in the order in which they first came.
 *
 * What leaves has the latest timestamp of its records, so it is late only if all of them were.
 *
 * Source: in Flink SQL, MapBundleOperator. We differ: it bundles by count or watermark, never across a
 * status.
 */
import type { CheckpointId } from "../../core/ids.ts";
import { createKeyCodec, type KeyCodec } from "../../types/keys.ts";
import type { Output } from "../operator.ts";
import { StatelessOperator } from "../stateless-operator.ts";
import { rethrow } from "../user-function-error.ts";
import type { BundleSpec } from "./bundle-spec.ts";

/** The records of one key so far. */
type Share<K, A> = { readonly key: K; accumulator: A; timestampMs: number };

export class BundleOperator<K, I, A, O> extends StatelessOperator<I, O> {
  readonly #spec: BundleSpec<K, I, A, O>;
  readonly #codec: KeyCodec<K>;
  readonly #shares = new Map<string | number, Share<K, A>>();
  #records = 0;

  constructor(spec: BundleSpec<K, I, A, O>, output: Output<O>) {
    super(output);
    this.#spec = spec;
    this.#codec = createKeyCodec(spec.keyType);
  }

  override processElement(value: I, timestampMs: number): void {
    const { aggregate, recordsMax } = this.#spec;
    try {
      const share = this.#shareOf(value, timestampMs);
      share.accumulator = aggregate.add(value, share.accumulator);
      if (timestampMs > share.timestampMs) share.timestampMs = timestampMs;
    } catch (error) {
      rethrow(error, this.uid, "on record", value);
    }
    if (++this.#records >= recordsMax) this.#flush();
  }

  override processWatermark(watermarkMs: number): void {
    this.#flush();
    this.output.emitWatermark(watermarkMs);
  }

  override processStatus(idle: boolean): void {
    this.#flush();
    this.output.emitStatus(idle);
  }

  override prepareBarrier(_checkpointId: CheckpointId): void {
    this.#flush();
  }

  override finish(): boolean {
    this.#flush();
    return true;
  }

  override close(): void {
    this.#shares.clear();
    this.#records = 0;
  }

  #shareOf(value: I, timestampMs: number): Share<K, A> {
    const { key: keyOf, aggregate } = this.#spec;
    const key = keyOf(value);
    const identity = this.#codec.identity(key);
    const known = this.#shares.get(identity);
    if (known !== undefined) return known;
    const share = { key, accumulator: aggregate.createAccumulator(), timestampMs };
    this.#shares.set(identity, share);
    return share;
  }

  #flush(): void {
    if (this.#records === 0) return;
    const { emit } = this.#spec;
    this.#records = 0;
    const shares = [...this.#shares.values()];
    this.#shares.clear();
    for (const { key, accumulator, timestampMs } of shares) {
      let made: O;
      try {
        made = emit(key, accumulator);
      } catch (error) {
        rethrow(error, this.uid, "on the bundle of key", key);
      }
      this.output.emit(made, timestampMs);
    }
  }
}
