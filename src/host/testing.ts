/**
 * A host cranked by hand, for unit tests: time moves when told to, and every request to the log and
 * the ledger waits, as a line of text, until the test answers it.
 *
 * Not here: the simulated world. What a unit test has no use for (channels, stores, disk) throws.
 */
import { assert } from "../core/assert.ts";
import { ByteWriter } from "../core/bytes.ts";
import { asProcessId } from "../core/ids.ts";
import { ok, type Result } from "../core/result.ts";
import type { CostProfile, Host, TimerHandle } from "./host.ts";
import type { EngineNote } from "./note.ts";
import type { Random } from "./random.ts";
import {
  transactionText,
  type LogBatch,
  type PartitionedLog,
  type RequestServices,
  type RowBatch,
  type ServiceDone,
  type TransactionalLedger,
  type TransactionId,
} from "./services.ts";
import type { UpsertTables, WriterLife } from "./tables.ts";

type Request = Readonly<{ text: string; done: (result: Result<unknown, unknown>) => void }>;
/** One call of a service; it may be answered whenever, as often as one likes. */
export type ServiceCall = Readonly<{ service: string; request: Uint8Array; done: ServiceDone }>;
type Timer = Readonly<{ handle: number; atUs: number; callback: () => void }>;

/** Always the lowest draw: a test that needs another one says so itself. */
const LOWEST: Random = {
  fork: () => LOWEST,
  integer: (min) => min,
  chance: () => false,
  pick: (items) => items[0]!,
  bits: () => 0,
};

export class TestHost implements Host {
  readonly processId = asProcessId("tm-0");
  readonly random = LOWEST;
  readonly cost: CostProfile = { stepUs: 0, recordUs: 0, snapshotUsPerKilobyte: 0 };
  readonly notes: EngineNote[] = [];
  /** Positions that readers told the log, as text. */
  readonly acknowledged: string[] = [];
  readonly log: PartitionedLog;
  readonly ledger: TransactionalLedger;
  readonly tables: UpsertTables;
  /** All calls of services that there have been. */
  readonly calls: ServiceCall[] = [];
  readonly services: RequestServices = {
    call: (service, request, done) =>
      void this.calls.push({ service, request: request.slice(), done }),
  };
  /** The rows of each write, in order of the requests. */
  readonly writtenRows: (readonly Uint8Array[])[] = [];
  #nowUs = 0;
  #lastHandle = 0;
  #timers: Timer[] = [];
  readonly #requests: Request[] = [];
  #told = 0;

  constructor() {
    this.log = this.#createLog();
    this.ledger = this.#createLedger();
    this.tables = this.#createTables();
  }

  nowUs(): number {
    return this.#nowUs;
  }

  buggify(): boolean {
    return false;
  }

  wallMs(): number {
    return Math.floor(this.#nowUs / 1_000);
  }

  setTimer(delayUs: number, callback: () => void): TimerHandle {
    assert(Number.isInteger(delayUs) && delayUs >= 0, () => `a timer after ${delayUs} us`);
    const handle = ++this.#lastHandle;
    this.#timers.push({ handle, atUs: this.#nowUs + delayUs, callback });
    return handle as TimerHandle;
  }

  cancelTimer(handle: TimerHandle): void {
    this.#timers = this.#timers.filter((timer) => timer.handle !== handle);
  }

  get timerCount(): number {
    return this.#timers.length;
  }

  /** Runs every timer that comes due, those that these set included. */
  advanceMs(ms: number): void {
    const untilUs = this.#nowUs + ms * 1_000;
    for (;;) {
      const due = this.#timers.filter(({ atUs }) => atUs <= untilUs);
      const [next] = due.sort((a, b) => a.atUs - b.atUs || a.handle - b.handle);
      if (next === undefined) break;
      this.cancelTimer(next.handle as TimerHandle);
      this.#nowUs = next.atUs;
      next.callback();
    }
    this.#nowUs = untilUs;
  }

  /** What was asked since the last call, as text. */
  asked(): string[] {
    const texts = this.#asked.slice(this.#told);
    this.#told = this.#asked.length;
    return texts;
  }

  /** Answers the oldest open request; success without a value by default. */
  answer(result: Result<unknown, unknown> = ok(undefined)): void {
    const request = this.#requests.shift();
    assert(request !== undefined, () => "nothing was asked, yet there is an answer");
    request.done(result);
  }

  get openRequests(): readonly string[] {
    return this.#requests.map(({ text }) => text);
  }

  readonly #asked: string[] = [];

  #ask(text: string, done: (result: Result<never, never>) => void): void {
    this.#asked.push(text);
    this.#requests.push({ text, done: done as Request["done"] });
  }

  #createLog(): PartitionedLog {
    return {
      partitions: (topic, done) => this.#ask(`partitions ${topic}`, done),
      offsets: (topic, partitions, start, done) => {
        const from = start.kind === "timestamp" ? `${start.timestampMs} ms` : start.kind;
        this.#ask(`offsets ${topic}/${partitions.join()} at ${from}`, done);
      },
      read: (topic, partition, offset, _recordsMax, done) =>
        this.#ask(`read ${topic}/${partition} from ${offset}`, done),
      acknowledge: (topic, reader, positions) => {
        const text = positions.map(({ partition, offset }) => `${partition}:${offset}`).join(" ");
        this.acknowledged.push(`${topic} by ${reader} to ${text}`);
      },
    };
  }

  #createLedger(): TransactionalLedger {
    const text = (ids: readonly TransactionId[]): string => ids.map(transactionText).join(" ");
    return {
      fence: (producer, attempt, keep, done) =>
        this.#ask(`fence ${producer} below ${attempt} keep [${text(keep)}]`, done),
      fenceBehind: (producer, attempt, last, done) =>
        this.#ask(`fence ${producer} below ${attempt} behind ${last.attempt}:${last.number}`, done),
      write: (id, sink, firstRow, { bytes, ends }, done) => {
        this.writtenRows.push(rowsOf({ bytes, ends }));
        this.#ask(
          `write ${transactionText(id)} to ${sink}, ${ends.length} rows from ${firstRow}`,
          done,
        );
      },
      preCommit: (id, rows, done) =>
        this.#ask(`pre-commit ${transactionText(id)}, ${rows} rows`, done),
      commit: (id, checkpointId, done) =>
        this.#ask(`commit ${transactionText(id)} for ${checkpointId}`, done),
      abort: (id, done) => this.#ask(`abort ${transactionText(id)}`, done),
    };
  }

  #createTables(): UpsertTables {
    const name = ({ writer, life }: WriterLife): string => `${writer}@${life}`;
    return {
      beginLife: (table, writer, done) => this.#ask(`begin ${writer} in ${table}`, done),
      readEpoch: (table, life, done) => this.#ask(`read ${name(life)} in ${table}`, done),
      putEpoch: (table, life, epoch, { rows }, done) => {
        this.writtenRows.push(rowsOf(rows));
        this.#ask(`put ${epoch} of ${name(life)} in ${table}, ${rows.ends.length} rows`, done);
      },
      put: (table, { attempt, number }, { rows }, done) => {
        this.writtenRows.push(rowsOf(rows));
        this.#ask(`put ${attempt}:${number} in ${table}, ${rows.ends.length} rows`, done);
      },
    };
  }

  note(note: EngineNote): void {
    this.notes.push(note);
  }

  send(): void {
    throw new Error("this test host sends no messages");
  }

  get coordination(): never {
    throw new Error("this test host has no coordination service");
  }

  get channels(): never {
    throw new Error("this test host has no channels");
  }

  get objectStore(): never {
    throw new Error("this test host has no object store");
  }

  get disk(): never {
    throw new Error("this test host has no disk");
  }
}

const rowsOf = ({ bytes, ends }: RowBatch): readonly Uint8Array[] =>
  ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));

/**
 * What a log answers to a read: `records` of `[value, timestampMs]`, as `type` writes them; `offsets`
 * where some share theirs.
 */
export function logBatch<T>(
  type: Readonly<{ write(value: T, out: ByteWriter): void }>,
  firstOffset: number,
  records: readonly (readonly [value: T, timestampMs: number])[],
  endOfPartition = false,
  offsets?: readonly number[],
): LogBatch {
  const out = new ByteWriter();
  const ends = records.map(([value]) => {
    type.write(value, out);
    return out.length;
  });
  const timestampsMs = records.map(([, timestampMs]) => timestampMs);
  return {
    ...{ firstOffset, bytes: out.toBytes(), start: 0, ends, timestampsMs, endOfPartition },
    ...(offsets === undefined ? {} : { offsets }),
  };
}
