/**
 * What all logged tables of an operator share: the key in hand, the log, and whether it is kept at all.
 *
 * Not here: the tables (logged-value.ts, logged-list.ts, logged-map.ts).
 */
import { ByteWriter } from "../../core/bytes.ts";
import type { KeyGroup } from "../../core/ids.ts";
import { createKeyCodec, type KeyCodec } from "../../types/keys.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type { StateHeader } from "../key-group-format.ts";
import type { KeyedStateBackend } from "../state-backend.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Place } from "./segment-format.ts";

/** A table whose changes are logged. */
export interface LoggedTable {
  /** Logs what may have changed since without a word: entries that were handed out, or have run out. */
  flush(): void;
  /** The log is not trusted to hold what it said last: what was handed out is logged again. */
  distrust(): void;
  /** What was handed out so far is in a snapshot, or nobody's business. */
  forget(): void;
}

export class LogScope<K> {
  readonly keyType: TypeSerializer<K>;
  readonly codec: KeyCodec<K>;
  readonly inner: KeyedStateBackend<K>;
  /** Changes go there; while there is none, nobody will ask for them. */
  log: ChangeLog | undefined;
  key: K | undefined;
  keyGroup = 0 as KeyGroup;
  /** How many times the key has changed; 0 before the first. */
  epoch = 0;
  /** A place for one payload, and for one map key: good until the next change. */
  readonly payload = new ByteWriter(256);
  readonly mapKey = new ByteWriter();
  readonly #keyBytes = new ByteWriter();
  #keyBytesEpoch = -1;
  #place: { header: StateHeader; keyGroup: KeyGroup; key: ByteWriter } | undefined;

  readonly #onSegmentClosed: () => void;

  constructor(
    keyType: TypeSerializer<K>,
    inner: KeyedStateBackend<K>,
    onSegmentClosed: () => void,
  ) {
    this.#onSegmentClosed = onSegmentClosed;
    this.keyType = keyType;
    this.codec = createKeyCodec(keyType);
    this.inner = inner;
  }

  enter(key: K, keyGroup: KeyGroup): void {
    this.inner.setCurrentKey(key, keyGroup);
    this.key = key;
    this.keyGroup = keyGroup;
    this.epoch++;
  }

  /** Does something under a key of its own, and goes back to that in hand. */
  under(key: K, keyGroup: KeyGroup, body: () => void): void {
    const [before, groupBefore, none] = [this.key, this.keyGroup, this.epoch === 0];
    this.enter(key, keyGroup);
    body();
    if (!none) this.enter(before as K, groupBefore);
  }

  identity(): string | number {
    return this.codec.identity(this.key as K);
  }

  /** The key in hand holds what stands in `payload`. */
  logPut(header: StateHeader): void {
    this.log?.writer.put(this.#placeOf(header), this.payload);
    this.#appended();
  }

  logDelete(header: StateHeader): void {
    this.log?.writer.delete(this.#placeOf(header));
    this.#appended();
  }

  /** It holds the elements in `payload` as well. */
  logAppend(header: StateHeader): void {
    this.log?.writer.append(this.#placeOf(header), this.payload);
    this.#appended();
  }

  /** Its map holds, under `mapKey`, what stands in `payload`. */
  logPutPair(header: StateHeader): void {
    this.log?.writer.putPair(this.#placeOf(header), this.mapKey, this.payload);
    this.#appended();
  }

  logRemovePair(header: StateHeader): void {
    this.log?.writer.removePair(this.#placeOf(header), this.mapKey);
    this.#appended();
  }

  #appended(): void {
    if (this.log?.appended() === true) this.#onSegmentClosed();
  }

  #placeOf(header: StateHeader): Place {
    const key = this.#keyBytes;
    if (this.#keyBytesEpoch !== this.epoch) {
      key.reset();
      this.keyType.write(this.key as K, key);
      this.#keyBytesEpoch = this.epoch;
    }
    this.#place ??= { header, keyGroup: this.keyGroup, key };
    this.#place.header = header;
    this.#place.keyGroup = this.keyGroup;
    return this.#place;
  }
}
