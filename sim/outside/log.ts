/**
 * The partitioned, replayable log that jobs read: the input of a run, shown record by record.
 *
 * PL1  Offset n of a partition is the same record in every read, or the same few that share it.
 * PL2  A record is seen from `availableAtMs` on, and never before an earlier one of its partition.
 * PL3  `endOfPartition` comes with or behind the last record, never ahead of it.
 * PL4  A growing topic has those partitions of which the first record is there, or that of a later one;
 *      its number of partitions never falls, and is called final when it is.
 *
 * PL5  What was trimmed is never given out again, and all behind it is kept, at its offset.
 *
 * Values are encoded once, into one array a partition; batches are views of it, so a reader
 * must not write into them. A read where nothing is there yet waits, `POLL_MS_MAX` at most.
 * What faults do to it besides: log-troubles.ts.
 */
import { ByteWriter, assert, err, ok } from "../../src/index.ts";
import type {
  LogBatch,
  LogError,
  PartitionedLog,
  Result,
  StartPosition,
  TopicPartitions,
  TypeSerializer,
} from "../../src/index.ts";
import type { Input, InputRecord } from "../history.ts";
import { Requests } from "../requests.ts";
import type { ServiceOptions } from "../requests.ts";
import type { Troubles } from "../request-troubles.ts";
import { LogTroubles } from "./log-troubles.ts";

/** How long a read waits for the first record. */
export const POLL_MS_MAX = 500;

export type LogOptions = ServiceOptions &
  Readonly<{
    input: Input;
    /** How the values of a topic become bytes. */
    serializerOf: (topic: string) => TypeSerializer<unknown>;
    /** Topics whose partitions never end: a reader waits for more behind the last record. */
    endless: ReadonlySet<string>;
    /** Topics whose partitions appear with their first record; all others are there from the start. */
    growing?: ReadonlySet<string>;
    /** Who reads each topic, by the names under which they tell their positions. */
    readers?: ReadonlyMap<string, readonly string[]>;
    /** No batch is longer, whatever the reader asks for. */
    readRecordsMax: number;
  }>;

type Topic = Readonly<{
  partitions: readonly Partition[];
  /** When each partition is first seen; never falling. */
  createdAtUs: readonly number[];
  endless: boolean;
  /** Of each partition, the index of the first record that is still there. */
  kept: number[];
}>;

type Partition = Readonly<{
  bytes: Uint8Array;
  ends: readonly number[];
  timestampsMs: readonly number[];
  /** Of each record; undefined where each has its own. */
  offsets: readonly number[] | undefined;
  /** Never falling: a record waits for those before it. */
  availableAtUs: Float64Array;
  endless: boolean;
}>;

export class SimulatedLog {
  /** Records given out, repeated reads included. */
  recordsRead = 0;
  /** "job/lines topic/0" to the offset that this reader last told. */
  readonly acknowledged = new Map<string, number>();
  readonly #options: LogOptions;
  readonly #topics = new Map<string, Topic>();
  readonly #requests: Requests;
  readonly #troubles: LogTroubles;

  constructor(options: LogOptions) {
    assert(options.readRecordsMax > 0, () => `a log that reads ${options.readRecordsMax} records`);
    this.#options = options;
    this.#requests = new Requests("log", options);
    this.#troubles = new LogTroubles(options.random.fork("troubles"));
    const writer = new ByteWriter(4_096);
    for (const [topic, partitions] of options.input) {
      const serializer = options.serializerOf(topic);
      const endless = options.endless.has(topic);
      const encoded = partitions.map((records) => encode(records, serializer, endless, writer));
      const createdAtUs =
        options.growing?.has(topic) === true ? creations(encoded) : encoded.map(() => 0);
      const kept = encoded.map(() => 0);
      this.#topics.set(topic, { partitions: encoded, createdAtUs, endless, kept });
    }
  }

  /** The log as one process sees it; the same client serves all its incarnations. */
  client(process: number): PartitionedLog {
    const timeout: LogError = { kind: "timeout" };
    return {
      partitions: (topic, done) => {
        this.#requests.issue({ process, effect: () => this.#partitions(topic), timeout, done });
      },
      offsets: (topic, partitions, start, done) => {
        const effect = () => this.#offsets(topic, partitions, start);
        this.#requests.issue({ process, effect, timeout, done });
      },
      read: (topic, partition, offset, recordsMax, done) => {
        const effect = () => this.#read(topic, partition, offset, recordsMax);
        const holdUntilUs = (arrivalUs: number) => this.#hold(topic, partition, offset, arrivalUs);
        this.#requests.issue({ process, effect, timeout, holdUntilUs, done });
      },
      acknowledge: (topic, reader, positions) => {
        for (const { partition, offset } of positions) {
          this.acknowledged.set(`${reader} ${topic}/${partition}`, offset);
        }
      },
    };
  }

  setTimeouts(perMille: number): void {
    this.#requests.setTimeouts(perMille);
  }

  setTroubles(troubles: Partial<Troubles>): void {
    this.#requests.setTroubles(troubles);
  }

  /** A fault window: this partition of every topic, modulo how many it has, is nobody's to serve. */
  loseLeader(partition: number): void {
    this.#troubles.loseLeader(partition);
  }

  regainLeader(partition: number): void {
    this.#troubles.regainLeader(partition);
  }

  /** A fault window: batches begin so many records before the one that was asked for; 0 ends it. */
  setRepeats(count: number): void {
    this.#troubles.setRepeats(count);
  }

  /** PT3. Deletes what all readers have behind them; false when there is nothing. */
  trimAcknowledged(): boolean {
    const { readers } = this.#options;
    return this.#trim((topic, partition, index) => {
      const told = (readers?.get(topic) ?? []).map((reader) =>
        this.acknowledged.get(`${reader} ${topic}/${index}`),
      );
      if (told.length === 0) return 0;
      return indexOf(partition, Math.min(...told.map((offset) => offset ?? 0)));
    });
  }

  /** Deletes whatever has been there to read, read or not; false when there is nothing. */
  trimAll(): boolean {
    const { nowUs } = this.#options.scheduler;
    return this.#trim((_topic, partition) => visibleAt(partition, nowUs));
  }

  #trim(firstOf: (topic: string, partition: Partition, index: number) => number): boolean {
    let trimmed = false;
    for (const [name, topic] of this.#topics) {
      for (const [index, partition] of topic.partitions.entries()) {
        const first = firstOf(name, partition, index);
        if (first <= topic.kept[index]!) continue;
        topic.kept[index] = first;
        trimmed = true;
      }
    }
    return trimmed;
  }

  quiet(): void {
    this.#requests.quiet();
    this.#troubles.quiet();
  }

  #hold(topic: string, index: number, offset: number, arrivalUs: number): number {
    const found = this.#topics.get(topic);
    const partition = partitionOf(found, index, arrivalUs);
    if (partition === undefined || this.#isLeaderless(found!, index)) return arrivalUs;
    return holdUntil(partition, offset, arrivalUs);
  }

  #isLeaderless({ partitions }: Topic, index: number): boolean {
    return this.#troubles.isLeaderless(index, partitions.length);
  }

  #partitions(topic: string): Result<TopicPartitions, LogError> {
    const found = this.#topics.get(topic);
    if (found === undefined) return err({ kind: "unknown-topic", topic });
    const count = createdBy(found, this.#options.scheduler.nowUs);
    return ok({ count, final: !found.endless && count === found.partitions.length });
  }

  #offsets(
    topic: string,
    partitions: readonly number[],
    start: StartPosition,
  ): Result<readonly number[], LogError> {
    const { nowUs } = this.#options.scheduler;
    const found = this.#topics.get(topic);
    const offsets: number[] = [];
    for (const index of partitions) {
      const partition = partitionOf(found, index, nowUs);
      if (found === undefined || partition === undefined) {
        return err({ kind: "unknown-topic", topic });
      }
      if (this.#isLeaderless(found, index)) {
        return err({ kind: "unavailable", topic, partition: index });
      }
      const first = Math.max(startOf(partition, start, nowUs), found.kept[index]!);
      offsets.push(offsetOf(partition, first));
    }
    return ok(offsets);
  }

  #read(
    topic: string,
    index: number,
    offset: number,
    recordsMax: number,
  ): Result<LogBatch, LogError> {
    const { nowUs } = this.#options.scheduler;
    const found = this.#topics.get(topic);
    const partition = partitionOf(found, index, nowUs);
    if (found === undefined || partition === undefined)
      return err({ kind: "unknown-topic", topic });
    if (this.#isLeaderless(found, index)) {
      return err({ kind: "unavailable", topic, partition: index });
    }
    const { bytes, ends, timestampsMs, offsets } = partition;
    const visible = visibleAt(partition, nowUs);
    const available = offsetOf(partition, visible);
    if (!Number.isInteger(offset) || offset < 0 || offset > available) {
      return err({ kind: "out-of-range", topic, partition: index, offset, available });
    }
    const asked = indexOf(partition, offset);
    const kept = found.kept[index]!;
    if (asked < kept) {
      const first = offsetOf(partition, kept);
      return err({ kind: "trimmed", topic, partition: index, offset, first });
    }
    const most = Math.min(recordsMax, this.#options.readRecordsMax);
    const end = endOfRun(partition, asked, most, visible);
    const first = beginOfRun(partition, asked, this.#troubles.drawRepeats(), kept);
    this.recordsRead += end - first;
    return ok({
      firstOffset: first === asked ? offset : offsetOf(partition, first),
      ...(offsets === undefined ? {} : { offsets: offsets.slice(first, end) }),
      bytes,
      start: first === 0 ? 0 : ends[first - 1]!,
      ends: ends.slice(first, end),
      timestampsMs: timestampsMs.slice(first, end),
      endOfPartition: !partition.endless && end === ends.length,
    });
  }
}

function encode(
  records: readonly InputRecord[],
  serializer: TypeSerializer<unknown>,
  endless: boolean,
  writer: ByteWriter,
): Partition {
  const ends = new Array<number>(records.length);
  const timestampsMs = new Array<number>(records.length);
  const availableAtUs = new Float64Array(records.length);
  let shownUs = 0;
  writer.reset();
  for (let i = 0; i < records.length; i++) {
    const { value, timestampMs, availableAtMs } = records[i]!;
    serializer.write(value, writer);
    ends[i] = writer.length;
    timestampsMs[i] = timestampMs;
    const atUs = Math.ceil(availableAtMs * 1_000);
    if (atUs > shownUs) shownUs = atUs;
    availableAtUs[i] = shownUs;
  }
  const offsets = sharedOffsets(records);
  for (let i = records.length - 1; i > 0; i--) {
    if (records[i]!.sharesPosition === true) availableAtUs[i - 1] = availableAtUs[i]!;
  }
  return { bytes: writer.toBytes(), ends, timestampsMs, offsets, availableAtUs, endless };
}

function sharedOffsets(records: readonly InputRecord[]): readonly number[] | undefined {
  if (!records.some(({ sharesPosition }, i) => i > 0 && sharesPosition === true)) return undefined;
  let offset = -1;
  return records.map(({ sharesPosition }, i) =>
    i > 0 && sharesPosition === true ? offset : ++offset,
  );
}

/** PL4: an empty partition is there as soon as the one before it. */
function creations(partitions: readonly Partition[]): readonly number[] {
  const firsts = partitions.map(({ availableAtUs }) => availableAtUs[0] ?? Infinity);
  let next = Infinity;
  const created = firsts.map(() => 0);
  for (let i = firsts.length - 1; i >= 0; i--) {
    next = Math.min(next, firsts[i]!);
    created[i] = next;
  }
  let before = 0;
  return created.map((atUs) => (before = atUs === Infinity ? before : Math.max(before, atUs)));
}

function createdBy({ createdAtUs }: Topic, nowUs: number): number {
  let count = 0;
  while (count < createdAtUs.length && createdAtUs[count]! <= nowUs) count++;
  return count;
}

/** Undefined where it is not there, or not yet. */
const partitionOf = (topic: Topic | undefined, index: number, nowUs: number) =>
  topic !== undefined && index < createdBy(topic, nowUs) ? topic.partitions[index] : undefined;

/** The offset of the record with this index; behind the last one, the next offset. */
function offsetOf({ offsets, ends }: Partition, index: number): number {
  if (offsets === undefined) return index;
  return index < ends.length ? offsets[index]! : (offsets.at(-1) ?? -1) + 1;
}

/** The first record that is at this offset or behind it. */
function indexOf({ offsets }: Partition, offset: number): number {
  if (offsets === undefined) return offset;
  const index = offsets.findIndex((own) => own >= offset);
  return index < 0 ? offsets.length : index;
}

/** Where a batch ends that begins at `first`: records that share an offset are never parted. */
function endOfRun(
  { offsets }: Partition,
  first: number,
  recordsMax: number,
  visible: number,
): number {
  let end = Math.min(first + recordsMax, visible);
  if (offsets === undefined || end === first) return end;
  while (end < visible && offsets[end] === offsets[end - 1]) end++;
  return end;
}

/** So many records earlier, but not into the middle of some that share an offset (PT2). */
function beginOfRun({ offsets }: Partition, asked: number, earlier: number, kept: number): number {
  let first = Math.max(asked - earlier, kept);
  if (offsets === undefined || first === asked) return first;
  while (first > kept && offsets[first] === offsets[first - 1]) first--;
  return first;
}

/** The index of the first record that `start` means. */
function startOf(partition: Partition, start: StartPosition, nowUs: number): number {
  const visible = visibleAt(partition, nowUs);
  if (start.kind === "timestamp") {
    const at = partition.timestampsMs.findIndex((ms) => ms >= start.timestampMs);
    return at < 0 ? visible : Math.min(at, visible);
  }
  return start.kind === "earliest" ? 0 : visible;
}

/** Records that can be seen: a binary search for the first that cannot. */
function visibleAt({ availableAtUs }: Partition, nowUs: number): number {
  let low = 0;
  let high = availableAtUs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (availableAtUs[middle]! <= nowUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** When to answer a read: at once if there is something to say, else when there is, or in vain. */
function holdUntil(partition: Partition, offset: number, arrivalUs: number): number {
  const visible = visibleAt(partition, arrivalUs);
  if (offset !== offsetOf(partition, visible)) return arrivalUs;
  const ended = visible === partition.ends.length;
  if (ended && !partition.endless) return arrivalUs;
  const nextUs = partition.availableAtUs[visible] ?? Number.POSITIVE_INFINITY;
  return Math.min(nextUs, arrivalUs + POLL_MS_MAX * 1_000);
}
