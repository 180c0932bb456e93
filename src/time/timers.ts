/**
 * The timers of one keyed operator in one subtask: set, deleted, due, and part of every snapshot.
 *
 * Timers are keyed state: they move with their key group when a job is rescaled, and a timer that
 * is lost is a window that never closes. Firing is a loop of the operator over `pop...Due`, so that
 * what a callback registers at or below the watermark is found by the same loop:
 *
 *   while ((timer = timers.popEventTimeDue(watermark)) !== undefined) callback(timer)
 *
 * TM1  A timer is gone before its callback runs, and fires at most once (C70, C72).
 * TM2  Timers fire by timestamp, ties by key, whatever the order of registration (C71).
 * TM3  Registering a timer never fires it, however overdue (C73).
 * TM4  Equal sets of timers give equal bytes; the bytes are a copy (C63, C74).
 * TM5  No timer lies outside the key groups of the subtask, when set and when read back (C58).
 *
 * Bytes of a key group: version, key type, then the event-time and the processing-time timers, each
 * as a count and (timestamp, key) by timestamp, then by the bytes of the key.
 *
 * Not here: timer-service.ts (what a function sees), timer-queue.ts (the set and its order).
 */
import { assert } from "../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import type { KeyGroup } from "../core/ids.ts";
import { compareBytes } from "../core/ordered.ts";
import { createKeyCodec } from "../types/keys.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import type { TypeSerializer } from "../types/type.ts";
import { TimerQueue } from "./timer-queue.ts";
import type { FiredTimer } from "./timer-service.ts";

const FORMAT_VERSION = 1;
/** The bounds of a zigzag varint: 52 bits and a sign. */
const TIMESTAMP_MS_MAX = 2 ** 52 - 1;

export type KeyedTimersConfig<K> = Readonly<{
  keyType: TypeSerializer<K>;
  /** Key groups of this subtask, both ends included. */
  range: Readonly<{ first: number; last: number }>;
}>;

/** The timers of one key group, as canonical bytes. */
export type TimerGroupSnapshot = Readonly<{ keyGroup: KeyGroup; bytes: Uint8Array }>;

export class KeyedTimers<K> {
  readonly #config: KeyedTimersConfig<K>;
  readonly #eventTime: TimerQueue<K>;
  readonly #processingTime: TimerQueue<K>;

  constructor(config: KeyedTimersConfig<K>) {
    const codec = createKeyCodec(config.keyType);
    this.#config = config;
    this.#eventTime = new TimerQueue(codec);
    this.#processingTime = new TimerQueue(codec);
  }

  /** @throws RangeError when the time is not an integer of milliseconds within 52 bits */
  registerEventTime(key: K, keyGroup: KeyGroup, timestampMs: number): void {
    this.#check(keyGroup, timestampMs);
    this.#eventTime.add(key, keyGroup, timestampMs);
  }

  deleteEventTime(key: K, timestampMs: number): void {
    this.#eventTime.remove(key, timestampMs);
  }

  /** The first timer at or below the watermark, which is removed; undefined when none is left. */
  popEventTimeDue(watermarkMs: number): FiredTimer<K> | undefined {
    return this.#eventTime.popDue(watermarkMs);
  }

  /** The timer that `popEventTimeDue` would give; it stays. */
  peekEventTimeDue(watermarkMs: number): FiredTimer<K> | undefined {
    return this.#eventTime.peekDue(watermarkMs);
  }

  /** @throws RangeError when the time is not an integer of milliseconds within 52 bits */
  registerProcessingTime(key: K, keyGroup: KeyGroup, timestampMs: number): void {
    this.#check(keyGroup, timestampMs);
    this.#processingTime.add(key, keyGroup, timestampMs);
  }

  deleteProcessingTime(key: K, timestampMs: number): void {
    this.#processingTime.remove(key, timestampMs);
  }

  /** When the next processing-time timer is due; after a restore that may lie in the past (C74). */
  nextProcessingTime(): number | undefined {
    return this.#processingTime.nextMs;
  }

  popProcessingTimeDue(nowMs: number): FiredTimer<K> | undefined {
    return this.#processingTime.popDue(nowMs);
  }

  peekProcessingTimeDue(nowMs: number): FiredTimer<K> | undefined {
    return this.#processingTime.peekDue(nowMs);
  }

  get eventTimeCount(): number {
    return this.#eventTime.size;
  }

  get processingTimeCount(): number {
    return this.#processingTime.size;
  }

  /** A copy in bytes, in order of key group, groups without a timer left out. */
  snapshot(): readonly TimerGroupSnapshot[] {
    const event = this.#rows(this.#eventTime);
    const processing = this.#rows(this.#processingTime);
    const groups = [...new Set([...event.keys(), ...processing.keys()])].sort((a, b) => a - b);
    const out = new ByteWriter(1_024);
    return groups.map((keyGroup) => {
      out.reset();
      out.u8(FORMAT_VERSION);
      out.string(this.#config.keyType.id);
      writeRows(event.get(keyGroup), out);
      writeRows(processing.get(keyGroup), out);
      return { keyGroup, bytes: out.toBytes() };
    });
  }

  /**
   * Takes in one key group of a snapshot; groups of several snapshots may follow one another.
   * @throws DecodeError when the bytes are no such snapshot
   * @throws StateIncompatibleError when the timers were written under another key type
   */
  restore(group: TimerGroupSnapshot): void {
    this.#assertOwned(group.keyGroup);
    const input = new ByteReader(group.bytes);
    const version = input.u8();
    if (version !== FORMAT_VERSION) {
      throw new DecodeError(`timers in format ${version}, ${FORMAT_VERSION} expected`, 0);
    }
    const stored = input.string();
    const declared = this.#config.keyType.id;
    if (stored !== declared) {
      throw new StateIncompatibleError(
        `timers of key group ${group.keyGroup} were stored under keys of type ${stored}, but the ` +
          `operator is keyed by ${declared}; key by ${stored} again, or start without this state`,
      );
    }
    this.#readRows(input, group.keyGroup, this.#eventTime);
    this.#readRows(input, group.keyGroup, this.#processingTime);
    if (input.remaining > 0) {
      throw new DecodeError(`${input.remaining} bytes behind the timers`, input.position);
    }
  }

  #readRows(input: ByteReader, keyGroup: KeyGroup, queue: TimerQueue<K>): void {
    const count = input.varint();
    for (let i = 0; i < count; i++) {
      const timestampMs = input.zigzag();
      const at = input.position;
      const added = queue.add(this.#config.keyType.read(input), keyGroup, timestampMs);
      if (!added) throw new DecodeError(`a second timer of one key at ${timestampMs}`, at);
    }
  }

  #check(keyGroup: KeyGroup, timestampMs: number): void {
    if (
      !Number.isInteger(timestampMs) ||
      timestampMs > TIMESTAMP_MS_MAX ||
      timestampMs < -TIMESTAMP_MS_MAX - 1
    ) {
      throw new RangeError(
        `a timer at ${timestampMs} ms; expected an integer of milliseconds from ` +
          `${-TIMESTAMP_MS_MAX - 1} to ${TIMESTAMP_MS_MAX}: register none for "never"`,
      );
    }
    this.#assertOwned(keyGroup);
  }

  #assertOwned(keyGroup: KeyGroup): void {
    const { first, last } = this.#config.range;
    assert(
      keyGroup >= first && keyGroup <= last,
      () => `TM5 a timer of key group ${keyGroup} in a subtask that owns ${first} to ${last}`,
    );
  }

  #rows(queue: TimerQueue<K>): Map<KeyGroup, TimerRow[]> {
    const { keyType } = this.#config;
    const groups = new Map<KeyGroup, TimerRow[]>();
    const out = new ByteWriter();
    for (const { key, keyGroup, timestampMs } of queue.all()) {
      this.#assertOwned(keyGroup);
      out.reset();
      keyType.write(key, out);
      const row = { timestampMs, key: out.toBytes() };
      const rows = groups.get(keyGroup);
      if (rows === undefined) groups.set(keyGroup, [row]);
      else rows.push(row);
    }
    for (const rows of groups.values()) rows.sort(compareRows);
    return groups;
  }
}

type TimerRow = Readonly<{ timestampMs: number; key: Uint8Array }>;

const compareRows = (a: TimerRow, b: TimerRow): number =>
  a.timestampMs - b.timestampMs || compareBytes(a.key, b.key);

function writeRows(rows: readonly TimerRow[] = [], out: ByteWriter): void {
  out.varint(rows.length);
  for (const { timestampMs, key } of rows) {
    out.zigzag(timestampMs);
    out.raw(key);
  }
}
