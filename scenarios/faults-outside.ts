/**
 * Faults of the systems outside, as a story writes them.
 *
 * Not here: what a fault does to the world (`sim/`), what is legal (`scenario.ts` refuses the rest).
 */
import { NOTING, type FaultTarget } from "../sim/moment.ts";
import type { Fault } from "../sim/plan.ts";
import { momentOf, type Strike } from "./faults.ts";

/** Reads of the log time out, this many in a thousand. */
export function logTimeouts(fault: Strike & Readonly<{ forMs: number; perMille?: number }>): Fault {
  const { forMs, perMille = 500 } = fault;
  return { kind: "log-timeouts", when: momentOf(fault), forMs, perMille };
}

/** Each answer of the log comes later, by `extraMs` at most. */
export function logSlow(fault: Strike & Readonly<{ forMs: number; extraMs: number }>): Fault {
  const { forMs, extraMs } = fault;
  return { kind: "log-slow", when: momentOf(fault), forMs, extraMs };
}

/** Partition `partition` of every topic, modulo how many there are, has no leader. */
export function logUnavailable(
  fault: Strike & Readonly<{ forMs: number; partition: number }>,
): Fault {
  const { forMs, partition } = fault;
  return { kind: "log-unavailable", when: momentOf(fault), forMs, partition };
}

/** Batches begin before the position that was asked for, `count` records at most. */
export function logRepeats(fault: Strike & Readonly<{ forMs: number; count?: number }>): Fault {
  const { forMs, count = 10 } = fault;
  return { kind: "log-repeats", when: momentOf(fault), forMs, count };
}

/** What all readers have told the log to be behind them is deleted. */
export function logTrims(fault: Strike): Fault {
  return { kind: "log-trims", when: momentOf(fault) };
}

/** All that the log has shown is deleted: what was not read before the last checkpoint is lost for good. */
export function logLoses(fault: Strike): Fault {
  return { kind: "log-loses", when: momentOf(fault) };
}

/** Requests to the ledger time out, this many in a thousand; half of those took effect. */
export function ledgerTimeouts(
  fault: Strike & Readonly<{ forMs: number; perMille?: number }>,
): Fault {
  const { forMs, perMille = 500 } = fault;
  return { kind: "ledger-timeouts", when: momentOf(fault), forMs, perMille };
}

/** Every transaction that is not committed expires. What a checkpoint holds of them is lost for good. */
export function ledgerExpires(fault: Strike): Fault {
  return { kind: "ledger-expires", when: momentOf(fault) };
}

/** The next commits are refused, though the transactions are fine; `committed`: and yet carried out. */
export function ledgerRefusesCommits(
  fault: Strike & Readonly<{ count?: number; committed?: boolean }>,
): Fault {
  const { count = 1, committed = false } = fault;
  return { kind: "ledger-refuses-commits", when: momentOf(fault), count, committed };
}

/** Answers to commits come later, by `extraMs` at most; nothing else does. */
export function ledgerSlowCommits(
  fault: Strike & Readonly<{ forMs: number; extraMs: number }>,
): Fault {
  const { forMs, extraMs } = fault;
  return { kind: "ledger-slow-commits", when: momentOf(fault), forMs, extraMs };
}

/** Ledger and tables refuse whatever would change them. */
export function ledgerReadOnly(fault: Strike & Readonly<{ forMs: number }>): Fault {
  return { kind: "ledger-read-only", when: momentOf(fault), forMs: fault.forMs };
}

/** Requests to the ledger and to tables take effect twice, this many in a thousand. */
export function ledgerDoubles(
  fault: Strike & Readonly<{ forMs: number; perMille?: number }>,
): Fault {
  const { forMs, perMille = 500 } = fault;
  return { kind: "ledger-doubles", when: momentOf(fault), forMs, perMille };
}

/** Calls of the services that the job asks time out, this many in a thousand. */
export function serviceTimeouts(
  fault: Strike & Readonly<{ forMs: number; perMille?: number }>,
): Fault {
  const { forMs, perMille = 500 } = fault;
  return { kind: "service-timeouts", when: momentOf(fault), forMs, perMille };
}

/** The services that the job asks refuse every call. */
export function serviceUnavailable(fault: Strike & Readonly<{ forMs: number }>): Fault {
  return { kind: "service-unavailable", when: momentOf(fault), forMs: fault.forMs };
}

/** Calls of the services that the job asks are never answered, this many in a thousand. */
export function serviceHangs(
  fault: Strike & Readonly<{ forMs: number; perMille?: number }>,
): Fault {
  const { forMs, perMille = 500 } = fault;
  return { kind: "service-hangs", when: momentOf(fault), forMs, perMille };
}

/** Each answer of a service comes later, by `extraMs` at most. */
export function serviceSlow(fault: Strike & Readonly<{ forMs: number; extraMs: number }>): Fault {
  const { forMs, extraMs } = fault;
  return { kind: "service-slow", when: momentOf(fault), forMs, extraMs };
}

/** Calls of services are answered twice, this many in a thousand. */
export function serviceDoubles(
  fault: Strike & Readonly<{ forMs: number; perMille?: number }>,
): Fault {
  const { forMs, perMille = 500 } = fault;
  return { kind: "service-doubles", when: momentOf(fault), forMs, perMille };
}

/** The coordination service hears nobody, and goes on counting leases. */
export function coordinationUnavailable(fault: Strike & Readonly<{ forMs: number }>): Fault {
  return { kind: "coordination-unavailable", when: momentOf(fault), forMs: fault.forMs };
}

/** Each answer of the coordination service comes later, by `extraMs` at most. */
export function coordinationSlow(
  fault: Strike & Readonly<{ forMs: number; extraMs: number }>,
): Fault {
  const { forMs, extraMs } = fault;
  return { kind: "coordination-slow", when: momentOf(fault), forMs, extraMs };
}

/** Who is elected, and who watches, hears of it later, by `extraMs` at most. */
export function delayWatches(fault: Strike & Readonly<{ forMs: number; extraMs: number }>): Fault {
  const { forMs, extraMs } = fault;
  return { kind: "delay-watches", when: momentOf(fault), forMs, extraMs };
}

/** The coordination service gives up a job manager, which lives on and hears of it later. */
export function expireSession(fault: Strike & Readonly<{ process?: FaultTarget }>): Fault {
  const { process = NOTING } = fault;
  return { kind: "expire-session", process, when: momentOf(fault) };
}
