/** Faults of the systems outside: logs, ledgers, tables, services, the coordination service. */
import type { FaultTarget, Moment } from "../../moment.ts";

export type OutsideFault = Readonly<
  | { kind: "ledger-timeouts"; when: Moment; forMs: number; perMille: number }
  /** Every transaction that is not committed expires, as if all had been away for too long. */
  | { kind: "ledger-expires"; when: Moment }
  | { kind: "service-timeouts"; when: Moment; forMs: number; perMille: number }
  | { kind: "service-unavailable"; when: Moment; forMs: number }
  /** The coordination service gives up the sessions of a process, which hears of it later. */
  | { kind: "expire-session"; process: FaultTarget; when: Moment }
>;
