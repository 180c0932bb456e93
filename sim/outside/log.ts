/**
 * The partitioned, replayable log that jobs read: the input of a run, shown record by record.
 *
 * PL1  Offset n of a partition is the same record in every read.
 * PL2  A record is seen from `availableAtMs` on, and never before an earlier one of its partition.
 * PL3  `endOfPartition` comes with or behind the last record, never ahead of it.
 *
 * Values are encoded once, into one array a partition; batches are views of it, so a reader
 * must not write into them. A read where nothing is there yet waits, `POLL_MS_MAX` at most.
 */
import { ByteWriter, assert, err, ok } from "../../src/index.ts";
import type {
  LogBatch,
  LogError,
  PartitionedLog,
  Result,
  TypeSerializer,
} from "../../src/index.ts";
import type { Input, InputRecord } from "../history.ts";
import { Requests } from "../requests.ts";
import type { ServiceOptions } from "../requests.ts";

/** How long a read waits for the first record. */
export const POLL_MS_MAX = 500;

export type LogOptions = ServiceOptions &
  Readonly<{
    input: Input;
    /** How the values of a topic become bytes. */
    serializerOf: (topic: string) => TypeSerializer<unknown>;
    /** Topics whose partitions never end: a reader waits for more behind the last record. */
    endless: ReadonlySet<string>;
    /** No batch is longer, whatever the reader asks for. */
    readRecordsMax: number;
  }>;

type Partition = Readonly<{
  bytes: Uint8Array;
  ends: readonly number[];
  timestampsMs: readonly number[];
  /** Never falling: a record waits for those before it. */
  availableAtUs: Float64Array;
  endless: boolean;
}>;

export class SimulatedLog {
  /** Records given out, repeated reads included. */
  recordsRead = 0;
  readonly #options: LogOptions;
  readonly #topics = new Map<string, readonly Partition[]>();
  readonly #requests: Requests;

  constructor(options: LogOptions) {
    assert(options.readRecordsMax > 0, () => `a log that reads ${options.readRecordsMax} records`);
    this.#options = options;
    this.#requests = new Requests("log", options);
    const writer = new ByteWriter(4_096);
    for (const [topic, partitions] of options.input) {
      const serializer = options.serializerOf(topic);
      const endless = options.endless.has(topic);
      this.#topics.set(
        topic,
        partitions.map((records) => encode(records, serializer, endless, writer)),
      );
    }
  }

  /** The log as one process sees it; the same client serves all its incarnations. */
  client(process: number): PartitionedLog {
    const timeout: LogError = { kind: "timeout" };
    return {
      partitions: (topic, done) => {
        const count = this.#topics.get(topic)?.length;
        const effect = (): Result<number, LogError> =>
          count === undefined ? err({ kind: "unknown-topic", topic }) : ok(count);
        this.#requests.issue({ process, effect, timeout, done });
      },
      read: (topic, partition, offset, recordsMax, done) => {
        const effect = () => this.#read(topic, partition, offset, recordsMax);
        const holdUntilUs = (arrivalUs: number) =>
          holdUntil(this.#topics.get(topic)?.[partition], offset, arrivalUs);
        this.#requests.issue({ process, effect, timeout, holdUntilUs, done });
      },
    };
  }

  quiet(): void {
    this.#requests.quiet();
  }

  #read(
    topic: string,
    index: number,
    offset: number,
    recordsMax: number,
  ): Result<LogBatch, LogError> {
    const partition = this.#topics.get(topic)?.[index];
    if (partition === undefined) return err({ kind: "unknown-topic", topic });
    const { bytes, ends, timestampsMs } = partition;
    const visible = visibleAt(partition, this.#options.scheduler.nowUs);
    if (!Number.isInteger(offset) || offset < 0 || offset > visible) {
      return err({ kind: "out-of-range", topic, partition: index, offset, available: visible });
    }
    const count = Math.min(recordsMax, this.#options.readRecordsMax, visible - offset);
    const end = offset + count;
    this.recordsRead += count;
    return ok({
      firstOffset: offset,
      bytes,
      start: offset === 0 ? 0 : ends[offset - 1]!,
      ends: ends.slice(offset, end),
      timestampsMs: timestampsMs.slice(offset, end),
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
  return { bytes: writer.toBytes(), ends, timestampsMs, availableAtUs, endless };
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
function holdUntil(partition: Partition | undefined, offset: number, arrivalUs: number): number {
  if (partition === undefined || offset !== visibleAt(partition, arrivalUs)) return arrivalUs;
  const ended = offset === partition.ends.length;
  if (ended && !partition.endless) return arrivalUs;
  const nextUs = partition.availableAtUs[offset] ?? Number.POSITIVE_INFINITY;
  return Math.min(nextUs, arrivalUs + POLL_MS_MAX * 1_000);
}
