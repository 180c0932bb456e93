/** Faults of machines and of the network that strike several, or that last, as a story writes them. */
import { NOTING, type FaultTarget } from "../sim/moment.ts";
import type { Fault } from "../sim/plan.ts";
import { againOf, momentOf, type Repeated, type Strike } from "./faults.ts";

/** All machines of the rack are gone at once, and are back at once; racks are an option of the cluster. */
export function crashRack(
  fault: Strike & Readonly<{ process?: FaultTarget; restartAfterMs?: number }>,
): Fault {
  const { process = NOTING, restartAfterMs = 1_000 } = fault;
  return { kind: "crash-rack", process, when: momentOf(fault), restartAfterMs };
}

/** The process is not there before so long after all others. */
export function joinLate({ process, forMs }: Readonly<{ process: string; forMs: number }>): Fault {
  return { kind: "join-late", process, when: { atMs: 0 }, forMs };
}

/** All that the process does takes so many times as long. */
export function slowCpu(
  fault: Strike & Readonly<{ process?: FaultTarget; forMs: number; times: number }>,
): Fault {
  const { process = NOTING, forMs, times } = fault;
  return { kind: "slow-cpu", process, when: momentOf(fault), forMs, times };
}

/** The wall clock of the process runs fast, or slow where `ppm` is negative, and is set right afterwards. */
export function driftClock(
  fault: Strike & Readonly<{ process?: FaultTarget; ppm: number; forMs: number }>,
): Fault {
  const { process = NOTING, ppm, forMs } = fault;
  return { kind: "drift-clock", process, when: momentOf(fault), ppm, forMs };
}

/** Whoever is on one side is cut from all on the others; one way: later sides do not hear earlier ones. */
export function partition(
  fault: Strike &
    Readonly<{ sides: readonly (readonly FaultTarget[])[]; forMs: number; oneWay?: true }> &
    Repeated,
): Fault {
  const { sides, forMs, oneWay } = fault;
  const how = oneWay === undefined ? {} : { oneWay };
  return { kind: "partition", sides, when: momentOf(fault), forMs, ...how, ...againOf(fault) };
}

/** Data connections between two are gone; `to` hears of it at once, `from` only `forMs` later. */
export function resetConnection(
  fault: Strike & Readonly<{ from?: FaultTarget; to: string; forMs?: number }>,
): Fault {
  const { from = NOTING, to, forMs = 1 } = fault;
  return { kind: "reset-connection", from, to, when: momentOf(fault), forMs };
}

/** What one sends to the other queues for a link of so many bytes a millisecond. */
export function narrowLink(
  fault: Strike & Readonly<{ from?: FaultTarget; to: string; forMs: number; bytesPerMs: number }>,
): Fault {
  const { from = NOTING, to, forMs, bytesPerMs } = fault;
  return { kind: "narrow-link", from, to, when: momentOf(fault), forMs, bytesPerMs };
}

/** Nothing gets to or from these, which stop and go on one by one, within `forMs`; nothing is lost. */
export function swizzleClog(
  fault: Strike &
    Readonly<{ processes: readonly string[]; restored: readonly string[]; forMs: number }>,
): Fault {
  const { processes, restored, forMs } = fault;
  return { kind: "swizzle-clog", processes, restored, when: momentOf(fault), forMs };
}
