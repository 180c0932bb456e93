/**
 * The keys of one state that may have changed without a word since the last snapshot.
 *
 * A value that can be changed in place is handed out as it is, and nobody tells when it is changed. So what
 * was handed out, or stored while somebody may still hold it, is written once more at the next snapshot and
 * compared with what the log said last. After the snapshot it counts as given back: who wants to change it
 * asks for it again, as with every backend (SB1).
 */
import type { ByteWriter } from "../../core/bytes.ts";
import type { KeyGroup } from "../../core/ids.ts";
import type { LogScope } from "./log-scope.ts";

/** A key, and what a table has to know of it. */
type TouchedKey<K, T> = Readonly<{ key: K; keyGroup: KeyGroup; what: T }>;

export class Touched<K, T> {
  readonly #scope: LogScope<K>;
  readonly #fresh: () => T;
  readonly #keys = new Map<string | number, TouchedKey<K, T>>();
  #last: T | undefined;
  #lastEpoch = -1;

  constructor(scope: LogScope<K>, fresh: () => T) {
    this.#scope = scope;
    this.#fresh = fresh;
  }

  /** Of the key in hand: what there is, or a new one. */
  current(): T {
    const scope = this.#scope;
    if (this.#lastEpoch === scope.epoch && this.#last !== undefined) return this.#last;
    this.#last = this.of(scope.key as K, scope.keyGroup);
    this.#lastEpoch = scope.epoch;
    return this.#last;
  }

  of(key: K, keyGroup: KeyGroup): T {
    const { codec, keyType } = this.#scope;
    const identity = codec.identity(key);
    const before = this.#keys.get(identity);
    if (before !== undefined) return before.what;
    const what = this.#fresh();
    this.#keys.set(identity, { key: keyType.copy(key), keyGroup, what });
    return what;
  }

  /** The key in hand has nothing any more that could change. */
  drop(): void {
    this.#keys.delete(this.#scope.identity());
    this.#last = undefined;
  }

  /** Calls back with each of them as the key in hand. */
  forEach(visit: (what: T) => void): void {
    for (const { key, keyGroup, what } of this.#keys.values()) {
      this.#scope.under(key, keyGroup, () => visit(what));
    }
  }

  all(): T[] {
    return [...this.#keys.values()].map(({ what }) => what);
  }

  clear(): void {
    this.#keys.clear();
    this.#last = undefined;
  }
}

/** What the log said last of one entry; undefined: it has said nothing, or nothing that counts. */
export type Logged = { bytes: Uint8Array | undefined };

/** Whether the log has these bytes already. */
export const isLogged = ({ bytes }: Logged, now: ByteWriter): boolean =>
  bytes !== undefined && sameBytes({ bytes, length: bytes.length }, now);

export const sameBytes = (
  a: Pick<ByteWriter, "bytes" | "length">,
  b: Pick<ByteWriter, "bytes" | "length">,
): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a.bytes[i] !== b.bytes[i]) return false;
  return true;
};
