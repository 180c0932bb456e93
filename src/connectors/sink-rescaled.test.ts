/** A sink of many subtasks over many attempts, each with a parallelism of its own. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { transactionText, type TransactionId } from "../host/services.ts";
import { splitShare } from "../state/redistribution.ts";
import {
  filedTransactions,
  onSinkEvent,
  startSink,
  type FiledTransactions,
  type LedgerRequest,
  type SinkState,
} from "./sink-transactions.ts";

type State = "open" | "pre-committed" | "committed" | "aborted";

/** Strict: what it refuses is an error of the test. */
class SmallLedger {
  readonly transactions = new Map<string, { id: TransactionId; state: State }>();
  /** Of the last complete checkpoint: to abort one of these is to lose it. */
  precious = new Set<string>();
  readonly #fences = new Map<string, number>();

  carryOut(request: LedgerRequest): void {
    switch (request.kind) {
      case "fence":
        this.#fence(request.producer, request.attempt, new Set(request.keep.map(transactionText)));
        return;
      case "write":
        expect(this.#fences.get(request.id.producer)).toBe(request.id.attempt);
        this.#become(request.id, "open", ["open"]);
        return;
      case "pre-commit":
        this.#become(request.id, "pre-committed", ["open"]);
        return;
      case "commit":
        this.#become(request.id, "committed", ["pre-committed", "committed"]);
    }
  }

  #fence(producer: string, attempt: number, keep: ReadonlySet<string>): void {
    this.#fences.set(producer, attempt);
    for (const [text, transaction] of this.transactions) {
      const { id, state } = transaction;
      if (id.producer !== producer || id.attempt >= attempt || keep.has(text)) continue;
      if (state === "committed") continue;
      expect(this.precious.has(text), `${text} is lost`).toBe(false);
      transaction.state = "aborted";
    }
  }

  #become(id: TransactionId, state: State, from: readonly State[]): void {
    const text = transactionText(id);
    const before = this.transactions.get(text)?.state ?? "open";
    expect(from, `${text} is ${before}`).toContain(before);
    this.transactions.set(text, { id, state });
  }
}

type Attempt = Readonly<{
  parallelism: number;
  /** By subtask: whether it has rows. */
  rows: readonly boolean[];
  end: "before-the-checkpoint" | "after-the-checkpoint" | "after-the-commits";
  /** Whose request comes next. */
  picks: readonly number[];
}>;

const attempts = fc.array(
  fc.record({
    parallelism: fc.integer({ min: 1, max: 5 }),
    rows: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    end: fc.constantFrom(
      "before-the-checkpoint" as const,
      "after-the-checkpoint" as const,
      "after-the-commits" as const,
    ),
    picks: fc.array(fc.nat(4), { maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 8 },
);

const MANY: Attempt = {
  ...{ parallelism: 5, rows: Array<boolean>(5).fill(true), picks: [] },
  end: "after-the-commits",
};

class Job {
  readonly ledger = new SmallLedger();
  stored: readonly FiledTransactions[] | undefined;
  /** Written for a checkpoint that completed. */
  readonly owed = new Set<string>();

  play(number: number, { parallelism, rows, end, picks }: Attempt): void {
    const checkpointId = asCheckpointId(number);
    const sinks: SinkState[] = Array.from({ length: parallelism }, (_, subtask) => {
      const elements = this.stored?.map((one) => [one]);
      const given = elements && splitShare(elements, subtask, parallelism);
      return startSink(`job/sink/${subtask}`, number, given).state;
    });
    const tell = (subtask: number, event: Parameters<typeof onSinkEvent>[1]): void => {
      sinks[subtask] = onSinkEvent(sinks[subtask]!, event).state;
    };
    const request = (subtask: number): boolean => {
      const wanted = sinks[subtask]?.request;
      if (wanted === undefined) return false;
      this.ledger.carryOut(wanted);
      tell(subtask, { kind: "confirmed" });
      return true;
    };
    const settle = (): void =>
      sinks.forEach((_, subtask) => void whileTrue(() => request(subtask)));

    for (const pick of picks) request(pick);
    sinks.forEach((_, subtask) => {
      if (rows[subtask] === true) tell(subtask, { kind: "rows", count: 1 });
    });
    for (const pick of picks) request(pick);
    if (end === "before-the-checkpoint") return;
    const cut = sinks.map((_, subtask) => {
      tell(subtask, { kind: "barrier", checkpointId });
      return filedTransactions(sinks[subtask]!, checkpointId);
    });
    settle();
    this.stored = cut;
    for (const part of cut) {
      const own = part.filed.filter(({ id }) => id.attempt === number);
      for (const { id } of own) this.owed.add(transactionText(id));
    }
    const filed = cut.flatMap((part) => part.filed.map(({ id }) => transactionText(id)));
    this.ledger.precious = new Set(filed);
    if (end === "after-the-checkpoint") return;
    sinks.forEach((_, subtask) => tell(subtask, { kind: "completed", checkpointId }));
    settle();
  }
}

function whileTrue(step: () => boolean): void {
  let left = 1_000;
  while (step()) expect(left--).toBeGreaterThan(0);
}

test("[TX1] [TX6] [C97] [C98] [C100] [A33] nothing that a checkpoint holds is lost, nothing else is committed", () => {
  const property = fc.property(attempts, (drawn) => {
    const job = new Job();
    [...drawn, MANY].forEach((attempt, i) => job.play(i + 1, attempt));
    for (const [text, { state }] of job.ledger.transactions) {
      // With as many subtasks as there ever were, nothing stays open either (C98).
      expect([text, state]).toEqual([text, job.owed.has(text) ? "committed" : "aborted"]);
    }
  });
  fc.assert(property, { seed: 33, numRuns: 250 });
});
