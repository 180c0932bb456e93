/**
 * Faults of disks in use and of the object store, as a story writes them.
 *
 * Not here: what a fault does to the world (`sim/`), what is legal (`scenario.ts` refuses the rest).
 */
import type { Rot } from "../sim/faults/storage/storage-fault.ts";
import { NOTING, type FaultTarget } from "../sim/moment.ts";
import type { Fault } from "../sim/plan.ts";
import { momentOf, type Strike } from "./faults.ts";

type OnDisk<More = unknown> = Strike & Readonly<{ process?: FaultTarget }> & Readonly<More>;

/** The next syncs fail, and what they were to make durable never is. */
export function failSync(fault: OnDisk<{ count?: number }>): Fault {
  const { process = NOTING, count = 1 } = fault;
  return { kind: "fail-sync", process, when: momentOf(fault), count };
}

/** Files on the disk change a bit, or cannot be read any more. */
export function rotDisk(fault: OnDisk<{ count?: number; into?: Rot }>): Fault {
  const { process = NOTING, count = 1, into = "changed" } = fault;
  return { kind: "rot-disk", process, when: momentOf(fault), count, into };
}

/** The next writes land in other files. */
export function misdirectWrites(fault: OnDisk<{ count?: number }>): Fault {
  const { process = NOTING, count = 1 } = fault;
  return { kind: "misdirect-writes", process, when: momentOf(fault), count };
}

/** This many reads of a thousand bring less than was asked for. */
export function shortReads(fault: OnDisk<{ forMs: number; perMille?: number }>): Fault {
  const { process = NOTING, forMs, perMille = 500 } = fault;
  return { kind: "short-reads", process, when: momentOf(fault), forMs, perMille };
}

/** The disk has no room for a byte more. */
export function fillDisk(fault: OnDisk<{ forMs: number }>): Fault {
  const { process = NOTING, forMs } = fault;
  return { kind: "fill-disk", process, when: momentOf(fault), forMs };
}

/** This many accesses of a thousand take `accessMs` longer. */
export function slowDisk(
  fault: OnDisk<{ forMs: number; accessMs: number; perMille?: number }>,
): Fault {
  const { process = NOTING, forMs, accessMs, perMille = 1_000 } = fault;
  return { kind: "slow-disk", process, when: momentOf(fault), forMs, perMille, accessMs };
}

/** The object store lets so many requests through in a second, and refuses the others. */
export function storeThrottles(
  fault: Strike & Readonly<{ forMs: number; perSecond?: number }>,
): Fault {
  const { forMs, perSecond = 10 } = fault;
  return { kind: "store-throttles", when: momentOf(fault), forMs, perSecond };
}

/** What is put into the object store goes up at so many bytes a second. */
export function storeNarrow(
  fault: Strike & Readonly<{ forMs: number; bytesPerSecond: number }>,
): Fault {
  const { forMs, bytesPerSecond } = fault;
  return { kind: "store-narrow", when: momentOf(fault), forMs, bytesPerSecond };
}

/** Lists that may be late are, by `lateMs` at most. */
export function storeListsLate(fault: Strike & Readonly<{ forMs: number; lateMs: number }>): Fault {
  const { forMs, lateMs } = fault;
  return { kind: "store-lists-late", when: momentOf(fault), forMs, lateMs };
}

/** Requests to the object store time out, this many in a thousand; half of those took effect. */
export function storeTimeouts(
  fault: Strike & Readonly<{ forMs: number; perMille?: number }>,
): Fault {
  const { forMs, perMille = 500 } = fault;
  return { kind: "store-timeouts", when: momentOf(fault), forMs, perMille };
}

/** The object store answers nobody. */
export function storeUnavailable(fault: Strike & Readonly<{ forMs: number }>): Fault {
  return { kind: "store-unavailable", when: momentOf(fault), forMs: fault.forMs };
}
