/**
 * Tables that sinks write to, by key: what a reader sees of one is the last row of each key.
 *
 * UT1  An epoch enters its table whole, with the note that it did, or not at all.
 * UT2  Of one life of a writer epochs only rise: one that comes again, or late, changes nothing.
 * UT3  A life has a number that no other life of that writer has, ever.
 * UT4  A row with a version never takes the place of one under a higher version.
 *
 * Nothing here ever forgets a life: a part of an old checkpoint may name it as long as there is one.
 * When requests take effect and what their clients hear of it: ../requests.ts.
 */
import { assert, err, latin1Text, NO_EPOCH, ok } from "../../src/index.ts";
import type {
  KeyedRows,
  Result,
  RowVersion,
  TableError,
  UpsertTables,
  WriterLife,
} from "../../src/index.ts";
import type { WorldNote } from "../history.ts";
import { Requests } from "../requests.ts";
import type { Troubles } from "../request-troubles.ts";
import type { ServiceOptions } from "../requests.ts";

export type TableOptions = ServiceOptions &
  Readonly<{
    /** What the tables held at the end of an earlier world; undefined: they are empty. */
    image: TablesImage | undefined;
    /** Tells what rules have to know of them. */
    note: (note: WorldNote) => void;
  }>;

export type TableRow = Readonly<{ bytes: Uint8Array; version: RowVersion }>;
type Life = Readonly<{ table: string; life: WriterLife; epoch: number }>;

type Done<T> = (result: Result<T, TableError>) => void;

/** All that there is, as plain data. */
export type TablesImage = Readonly<{
  tables: ReadonlyMap<string, ReadonlyMap<string, TableRow>>;
  lives: ReadonlyMap<string, Life>;
  begun: ReadonlyMap<string, number>;
}>;

const UNVERSIONED: RowVersion = { attempt: 0, number: 0 };

export class SimulatedTables {
  readonly #options: TableOptions;
  readonly #requests: Requests;
  /** By table, then by the bytes of the key. */
  readonly #tables = new Map<string, Map<string, TableRow>>();
  readonly #lives = new Map<string, Life>();
  /** The number of the newest life, by table and writer. */
  readonly #begun = new Map<string, number>();

  constructor(options: TableOptions) {
    this.#options = options;
    this.#requests = new Requests("tables", options);
    const { image } = options;
    if (image === undefined) return;
    for (const [table, rows] of image.tables) this.#tables.set(table, new Map(rows));
    for (const [name, life] of image.lives) this.#lives.set(name, life);
    for (const [name, number] of image.begun) this.#begun.set(name, number);
  }

  image(): TablesImage {
    const tables = new Map([...this.#tables].map(([table, rows]) => [table, new Map(rows)]));
    return { tables, lives: new Map(this.#lives), begun: new Map(this.#begun) };
  }

  /** The tables as one process sees them; the same client serves all its incarnations. */
  client(process: number): UpsertTables {
    const timeout: TableError = { kind: "timeout" };
    const unavailable: TableError = { kind: "unavailable" };
    const common = { process, timeout, unavailable, lasts: true };
    const look = <T>(effect: () => Result<T, TableError>, done: Done<T>): void =>
      this.#requests.issue({ process, effect, timeout, done });
    const issue = <T>(effect: () => Result<T, TableError>, done: Done<T>): void =>
      this.#requests.issue({ ...common, effect, done });
    return {
      beginLife: (table, writer, done) => issue(() => this.#begin(table, writer), done),
      readEpoch: (table, life, done) => look(() => ok(this.#heldBy(table, life)), done),
      putEpoch: (table, life, epoch, rows, done) => {
        const copy = copyOf(rows);
        const effect = () => this.#putEpoch(table, life, epoch, copy);
        this.#requests.issue({ ...common, effect, done, commits: true });
      },
      put: (table, version, rows, done) => {
        const copy = copyOf(rows);
        issue(() => this.#put(table, version, copy), done);
      },
    };
  }

  /** What a reader sees, in order of keys. */
  rows(table: string): readonly TableRow[] {
    const rows = [...(this.#tables.get(table) ?? [])];
    return rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);
  }

  setTimeouts(perMille: number): void {
    this.#requests.setTimeouts(perMille);
  }

  setTroubles(troubles: Partial<Troubles>): void {
    this.#requests.setTroubles(troubles);
  }

  /** A fault window: they can be read, and every request that writes is told that it cannot be done. */
  setReadOnly(readOnly: boolean): void {
    this.#requests.setUnavailable(readOnly);
  }

  quiet(): void {
    this.#requests.quiet();
  }

  #begin(table: string, writer: string): Result<number, TableError> {
    const name = JSON.stringify([table, writer]);
    const number = (this.#begun.get(name) ?? 0) + 1;
    this.#begun.set(name, number);
    return ok(number);
  }

  #heldBy(table: string, life: WriterLife): number {
    return this.#lives.get(lifeText(table, life))?.epoch ?? NO_EPOCH;
  }

  #putEpoch(
    table: string,
    life: WriterLife,
    epoch: number,
    rows: KeyedRows,
  ): Result<undefined, TableError> {
    const begun = this.#begun.get(JSON.stringify([table, life.writer])) ?? 0;
    if (life.life < 1 || life.life > begun) {
      return err({ kind: "refused", why: `${life.writer} has no life ${life.life}` });
    }
    if (epoch <= this.#heldBy(table, life)) return ok(undefined); // UT2
    this.#lives.set(lifeText(table, life), { table, life, epoch });
    this.#enter(table, UNVERSIONED, rows);
    this.#options.note({ kind: "table-epoch", table, ...life, epoch, rows: rows.rows.ends.length });
    return ok(undefined);
  }

  #put(table: string, version: RowVersion, rows: KeyedRows): Result<undefined, TableError> {
    this.#enter(table, version, rows);
    return ok(undefined);
  }

  #enter(table: string, version: RowVersion, { keys, rows }: KeyedRows): void {
    assert(
      keys.ends.length === rows.ends.length,
      () => `UT1 ${keys.ends.length} keys for ${rows.ends.length} rows of ${table}`,
    );
    let held = this.#tables.get(table);
    if (held === undefined) this.#tables.set(table, (held = new Map()));
    for (const [i, end] of rows.ends.entries()) {
      const key = latin1Text(keys.bytes, keys.ends[i - 1] ?? 0, keys.ends[i]!);
      const before = held.get(key);
      if (before !== undefined && isNewer(before.version, version)) continue; // UT4
      held.set(key, { bytes: rows.bytes.slice(rows.ends[i - 1] ?? 0, end), version });
    }
  }
}

const isNewer = (one: RowVersion, other: RowVersion): boolean =>
  one.attempt > other.attempt || (one.attempt === other.attempt && one.number > other.number);

const lifeText = (table: string, { writer, life }: WriterLife): string =>
  JSON.stringify([table, writer, life]);

const copyOf = ({ keys, rows }: KeyedRows): KeyedRows => ({
  keys: { bytes: keys.bytes.slice(), ends: keys.ends.slice() },
  rows: { bytes: rows.bytes.slice(), ends: rows.ends.slice() },
});
