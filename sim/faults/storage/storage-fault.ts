/** Faults of what keeps bytes: disks in use, and the object store. */
import type { FaultTarget, Moment } from "../../moment.ts";

/** What a file of a disk in use becomes: one with another bit in it, or one that cannot be read. */
export type Rot = "changed" | "unreadable";

export type StorageFault = Readonly<
  /** Requests time out; half of them took effect. */
  | { kind: "store-timeouts"; when: Moment; forMs: number; perMille: number }
  | { kind: "store-unavailable"; when: Moment; forMs: number }
  /** More than so many requests a second are refused. */
  | { kind: "store-throttles"; when: Moment; forMs: number; perSecond: number }
  | { kind: "store-narrow"; when: Moment; forMs: number; bytesPerSecond: number }
  /** Lists that may be late are, by `lateMs` at most. */
  | { kind: "store-lists-late"; when: Moment; forMs: number; lateMs: number }
  /** The next syncs of files fail, and what they were to make durable never is. */
  | { kind: "fail-sync"; process: FaultTarget; when: Moment; count: number }
  /** So many files of a disk, as far as there are any. */
  | { kind: "rot-disk"; process: FaultTarget; when: Moment; count: number; into: Rot }
  /** The next writes land in other files. */
  | { kind: "misdirect-writes"; process: FaultTarget; when: Moment; count: number }
  /** Reads of a part of a file bring less of it. */
  | { kind: "short-reads"; process: FaultTarget; when: Moment; forMs: number; perMille: number }
  | { kind: "fill-disk"; process: FaultTarget; when: Moment; forMs: number }
  /** This share of the accesses takes `accessMs` longer. */
  | {
      kind: "slow-disk";
      process: FaultTarget;
      when: Moment;
      forMs: number;
      perMille: number;
      accessMs: number;
    }
>;
