/** Faults of the systems outside: logs, ledgers, tables, services, the coordination service. */
import type { FaultTarget, Moment } from "../../moment.ts";

export type OutsideFault = Readonly<
  | { kind: "log-timeouts"; when: Moment; forMs: number; perMille: number }
  /** Each answer comes later by a time of its own, `extraMs` at most. */
  | { kind: "log-slow"; when: Moment; forMs: number; extraMs: number }
  /** One partition of every topic has no leader: this number, modulo how many there are. */
  | { kind: "log-unavailable"; when: Moment; forMs: number; partition: number }
  /** Batches begin before the position that was asked for, `count` records at most. */
  | { kind: "log-repeats"; when: Moment; forMs: number; count: number }
  /** What all readers have told to be behind them is deleted. */
  | { kind: "log-trims"; when: Moment }
  /** What has been there to read is deleted, read or not. */
  | { kind: "log-loses"; when: Moment }
  | { kind: "ledger-timeouts"; when: Moment; forMs: number; perMille: number }
  /** Every transaction that is not committed expires, as if all had been away for too long. */
  | { kind: "ledger-expires"; when: Moment }
  /** The next commits are refused, though the transactions are fine; `committed`: and carried out. */
  | { kind: "ledger-refuses-commits"; when: Moment; count: number; committed: boolean }
  /** Answers to commits come later, by `extraMs` at most; nothing else does. */
  | { kind: "ledger-slow-commits"; when: Moment; forMs: number; extraMs: number }
  | { kind: "ledger-read-only"; when: Moment; forMs: number }
  /** Requests travel twice, and take effect twice. */
  | { kind: "ledger-doubles"; when: Moment; forMs: number; perMille: number }
  | { kind: "service-timeouts"; when: Moment; forMs: number; perMille: number }
  | { kind: "service-unavailable"; when: Moment; forMs: number }
  /** Calls that nobody answers, ever. */
  | { kind: "service-hangs"; when: Moment; forMs: number; perMille: number }
  /** Answers come later, each by a time of its own: behind one another's, and behind that of a retry. */
  | { kind: "service-slow"; when: Moment; forMs: number; extraMs: number }
  | { kind: "service-doubles"; when: Moment; forMs: number; perMille: number }
  /** The coordination service hears nobody, and goes on counting leases. */
  | { kind: "coordination-unavailable"; when: Moment; forMs: number }
  | { kind: "coordination-slow"; when: Moment; forMs: number; extraMs: number }
  /** Who is elected, and who watches, hears of it later, by `extraMs` at most. */
  | { kind: "delay-watches"; when: Moment; forMs: number; extraMs: number }
  /** The coordination service gives up the sessions of a process, which hears of it later. */
  | { kind: "expire-session"; process: FaultTarget; when: Moment }
>;
