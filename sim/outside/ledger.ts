/**
 * The transactional ledger that sinks write to: what a reader sees of it is a job's output.
 *
 *   open --preCommit--> pre-committed --commit--> committed
 *     |--abort, fence--> aborted <--abort, fence--|
 *     \----time-out----> expired <----time-out----/
 *
 * TL1  Readers see the rows of committed transactions only: in order of commit, then of writing.
 * TL2  A batch that comes again is applied once; one that would leave a hole is refused.
 * TL3  An attempt that is fenced off may commit what is pre-committed, and nothing else.
 * TL4  What is committed, aborted or expired stays so; what is pre-committed ends by request or by its age.
 * TL5  The crash of a writer changes nothing: its transactions wait for the fence of its successor.
 *
 * TL6  A commit that a fault refuses is refused, whether it was carried out or not; no other request is.
 *
 * Everything that is not drawn above is an error with the state in it. When requests take effect and what
 * their clients hear of it: ../requests.ts.
 */
import { assert, ByteWriter, err, ok, present, transactionText } from "../../src/index.ts";
import type {
  LedgerDone,
  LedgerError,
  Result,
  RowBatch,
  TransactionalLedger,
  TransactionId,
  TransactionPosition,
} from "../../src/index.ts";
import type { HandlerId } from "../kernel/scheduler.ts";
import { Requests } from "../requests.ts";
import type { Troubles } from "../request-troubles.ts";
import {
  append,
  copyOf,
  isLive,
  type Transaction,
  type TransactionState,
} from "./ledger-transaction.ts";
import type { ServiceOptions } from "../requests.ts";

export type LedgerOptions = ServiceOptions &
  Readonly<{
    /** What is there from the start. */
    image?: LedgerImage;
    /**
     * A transaction that is neither committed nor aborted so long after its first row expires, be it
     * pre-committed or not; absent: it never does.
     */
    transactionTimeoutMs?: number;
    onCommitted: (transaction: string, checkpointId: number, rows: number) => void;
    onAborted: (transaction: string) => void;
    /** A fence that took effect. */
    onFenced: (producer: string, attempt: number) => void;
    /** An attempt that is fenced off has asked for what only a newer one may. */
    onRefused: (producer: string, attempt: number) => void;
  }>;

/** A row as a reader gets it. */
export type LedgerRow = Readonly<{ bytes: Uint8Array; transaction: string; checkpointId: number }>;

export type TransactionView = Readonly<{
  id: TransactionId;
  text: string;
  state: TransactionState;
  rows: number;
}>;

/** All that a ledger holds at one moment; what happens to the ledger later does not show in it. */
export type LedgerImage = Readonly<{
  transactions: ReadonlyMap<string, Transaction>;
  /** In order of commit. */
  committed: readonly string[];
  fences: ReadonlyMap<string, number>;
}>;

type Outcome = Result<undefined, LedgerError>;
const DONE: Outcome = ok(undefined);
const UNAVAILABLE: LedgerError = { kind: "unavailable" };
const NO_REFUSALS = { count: 0, committed: false };

export class SimulatedLedger {
  readonly #options: LedgerOptions;
  readonly #requests: Requests;
  readonly #expiry: HandlerId;
  /** In order of opening. */
  readonly #transactions = new Map<string, Transaction>();
  readonly #committed: Transaction[] = [];
  /** The lowest attempt of each producer that may still write. */
  readonly #fences = new Map<string, number>();
  /** How many of the next commits are refused, and whether they are carried out all the same. */
  #refusals: Readonly<{ count: number; committed: boolean }> = NO_REFUSALS;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#requests = new Requests("ledger", options);
    this.#expiry = options.scheduler.register("ledger-expiry", (_number, _attempt, transaction) =>
      this.#expire(transaction as Transaction),
    );
    if (options.image !== undefined) this.#restore(options.image);
  }

  /** The ledger as one process sees it; the same client serves all its incarnations. */
  client(process: number): TransactionalLedger {
    const timeout: LedgerError = { kind: "timeout" };
    const common = { process, timeout, unavailable: UNAVAILABLE, lasts: true };
    const issue = (effect: () => Outcome, done: LedgerDone): void =>
      this.#requests.issue({ ...common, effect, done });
    return {
      fence: (producer, attempt, keep, done) => {
        const kept = new Set(keep.map(transactionText));
        issue(() => this.#fence(producer, attempt, ({ text }) => kept.has(text)), done);
      },
      fenceBehind: (producer, attempt, last, done) =>
        issue(() => this.#fence(producer, attempt, ({ id }) => !isBehind(id, last)), done),
      write: (id, sink, firstRow, { bytes, ends }, done) => {
        const copy = { bytes: bytes.slice(), ends: ends.slice() };
        issue(() => this.#write(id, sink, firstRow, copy), done);
      },
      preCommit: (id, rows, done) => issue(() => this.#preCommit(id, rows), done),
      commit: (id, checkpointId, done) => {
        const effect = (): Outcome => this.#refusing(() => this.#commit(id, checkpointId));
        this.#requests.issue({ ...common, effect, done, commits: true });
      },
      abort: (id, done) => issue(() => this.#abort(id), done),
    };
  }

  /** What a reader of the sink sees: rows of committed transactions, in order of commit. */
  readCommitted(sink: string): readonly LedgerRow[] {
    const seen: LedgerRow[] = [];
    this.visitCommitted(sink, (bytes, start, end, { text, checkpointId }) => {
      seen.push({ bytes: bytes.slice(start, end), transaction: text, checkpointId });
    });
    return seen;
  }

  /** The same rows without copies: `bytes[start, end)` is one row, and must be left as it is. */
  visitCommitted(
    sink: string,
    visit: (
      bytes: Uint8Array,
      start: number,
      end: number,
      of: Readonly<{ text: string; checkpointId: number }>,
    ) => void,
  ): void {
    for (const transaction of this.#committed) {
      if (transaction.sink !== sink) continue;
      const { bytes, ends } = transaction;
      let start = 0;
      for (const end of ends) {
        visit(bytes.bytes, start, end, transaction);
        start = end;
      }
    }
  }

  /** How many rows of each transaction a reader of the sink sees. */
  readableRows(sink: string): ReadonlyMap<string, number> {
    const rows = new Map<string, number>();
    for (const { sink: of, text, ends } of this.#committed) {
      if (of === sink) rows.set(text, ends.length);
    }
    return rows;
  }

  /** Every transaction there ever was, in order of opening. */
  transactions(): readonly TransactionView[] {
    return [...this.#transactions.values()].map(({ id, text, state, ends }) => {
      return { id, text, state, rows: ends.length };
    });
  }

  image(): LedgerImage {
    return {
      transactions: new Map([...this.#transactions].map(([text, one]) => [text, copyOf(one)])),
      committed: this.#committed.map(({ text }) => text),
      fences: new Map(this.#fences),
    };
  }

  #restore({ transactions, committed, fences }: LedgerImage): void {
    for (const [text, transaction] of transactions) {
      const own = copyOf(transaction);
      this.#transactions.set(text, own);
      if (isLive(own)) this.#expireLater(own);
    }
    for (const text of committed) {
      this.#committed.push(present(this.#transactions.get(text), () => `no transaction ${text}`));
    }
    for (const [producer, attempt] of fences) this.#fences.set(producer, attempt);
  }

  /** As if everybody had been away for too long: whatever could expire does so now. */
  expireAll(): void {
    for (const transaction of this.#transactions.values()) this.#expire(transaction);
  }

  setTimeouts(perMille: number): void {
    this.#requests.setTimeouts(perMille);
  }

  setTroubles(troubles: Partial<Troubles>): void {
    this.#requests.setTroubles(troubles);
  }

  /** A fault window: nothing is written, nothing committed, and every request is told so. */
  setReadOnly(readOnly: boolean): void {
    this.#requests.setUnavailable(readOnly);
  }

  /** A fault: the next `count` commits are refused, carried out or not. */
  refuseCommits(count: number, committed: boolean): void {
    this.#refusals = { count, committed };
  }

  quiet(): void {
    this.#requests.quiet();
    this.#refusals = NO_REFUSALS;
  }

  /** TL6. */
  #refusing(commit: () => Outcome): Outcome {
    const { count, committed } = this.#refusals;
    if (count === 0) return commit();
    this.#refusals = { count: count - 1, committed };
    if (committed) commit();
    return err(UNAVAILABLE);
  }

  #fence(producer: string, attempt: number, keeps: (of: Transaction) => boolean): Outcome {
    const fenced = this.#fenced({ producer, attempt });
    if (fenced !== undefined) return fenced;
    this.#fences.set(producer, attempt);
    for (const transaction of this.#transactions.values()) {
      const { id } = transaction;
      const older = id.producer === producer && id.attempt < attempt && !keeps(transaction);
      if (older && isLive(transaction)) this.#end(transaction);
    }
    this.#options.onFenced(producer, attempt);
    return DONE;
  }

  #write(id: TransactionId, sink: string, firstRow: number, batch: RowBatch): Outcome {
    const fenced = this.#fenced(id);
    if (fenced !== undefined) return fenced;
    const text = transactionText(id);
    const known = this.#transactions.get(text);
    const count = known?.ends.length ?? 0;
    if (known !== undefined && known.state !== "open") return wrongState(known, "open");
    if (firstRow > count) {
      return err({ kind: "incomplete", id: text, rows: count, expected: firstRow });
    }
    const transaction = known ?? this.#open(id, text, sink);
    assert(
      transaction.sink === sink,
      () => `TL2 ${text} writes to ${transaction.sink}, not ${sink}`,
    );
    append(transaction, firstRow, batch);
    return DONE;
  }

  #preCommit(id: TransactionId, rows: number): Outcome {
    const fenced = this.#fenced(id);
    if (fenced !== undefined) return fenced;
    const found = this.#find(id);
    if (!found.ok) return found;
    const transaction = found.value;
    const { state, text } = transaction;
    if (state !== "open" && state !== "pre-committed") return wrongState(transaction, "open");
    const have = transaction.ends.length;
    if (have !== rows) {
      return err({ kind: "incomplete", id: text, rows: have, expected: rows });
    }
    transaction.state = "pre-committed";
    return DONE;
  }

  /** Fenced attempts may: whoever pre-committed has decided already. */
  #commit(id: TransactionId, checkpointId: number): Outcome {
    const found = this.#find(id);
    if (!found.ok) return found;
    const transaction = found.value;
    if (transaction.state === "committed") return DONE;
    if (transaction.state !== "pre-committed") return wrongState(transaction, "pre-committed");
    transaction.state = "committed";
    transaction.checkpointId = checkpointId;
    this.#committed.push(transaction);
    this.#options.onCommitted(transaction.text, checkpointId, transaction.ends.length);
    return DONE;
  }

  #abort(id: TransactionId): Outcome {
    const fenced = this.#fenced(id);
    if (fenced !== undefined) return fenced;
    const found = this.#find(id);
    if (!found.ok) return found;
    const transaction = found.value;
    if (transaction.state === "committed") return wrongState(transaction, "open or pre-committed");
    if (isLive(transaction)) this.#end(transaction);
    return DONE;
  }

  #open(id: TransactionId, text: string, sink: string): Transaction {
    const transaction: Transaction = {
      id,
      text,
      sink,
      bytes: new ByteWriter(1_024),
      ends: [],
      state: "open",
      checkpointId: 0,
    };
    this.#transactions.set(text, transaction);
    this.#expireLater(transaction);
    return transaction;
  }

  #expireLater(transaction: Transaction): void {
    const { transactionTimeoutMs, scheduler } = this.#options;
    if (transactionTimeoutMs === undefined) return;
    const { number, attempt } = transaction.id;
    const atUs = scheduler.nowUs + transactionTimeoutMs * 1_000;
    scheduler.at(atUs, this.#expiry, number | 0, attempt | 0, transaction);
  }

  #expire(transaction: Transaction): void {
    if (isLive(transaction)) this.#end(transaction, "expired");
  }

  #end(transaction: Transaction, state: "aborted" | "expired" = "aborted"): void {
    transaction.state = state;
    this.#options.onAborted(transaction.text);
  }

  #fenced({ producer, attempt }: Omit<TransactionId, "number">): Outcome | undefined {
    const by = this.#fences.get(producer) ?? attempt;
    if (attempt >= by) return undefined;
    this.#options.onRefused(producer, attempt);
    return err({ kind: "fenced", producer, attempt, by });
  }

  #find(id: TransactionId): Result<Transaction, LedgerError> {
    const text = transactionText(id);
    const transaction = this.#transactions.get(text);
    return transaction === undefined
      ? err({ kind: "unknown-transaction", id: text })
      : ok(transaction);
  }
}

const isBehind = (id: TransactionId, last: TransactionPosition): boolean =>
  id.attempt > last.attempt || (id.attempt === last.attempt && id.number > last.number);

function wrongState({ text, state }: Transaction, expected: string): Outcome {
  if (state === "expired") return err({ kind: "expired", id: text });
  return err({ kind: "wrong-state", id: text, state, expected });
}
