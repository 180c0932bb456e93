/** Faults and moments in words, for failure blocks and plans on a terminal. */
import { unreachable } from "../../src/index.ts";
import type { History } from "../history.ts";
import type { Fault, FaultKind, Unsynced } from "../plan.ts";
import { NOTING } from "../plan.ts";
import { counted, grouped } from "./grouped.ts";

/** Every kind of fault, with what it does; `list` prints it. */
export const FAULT_KINDS: Readonly<Record<FaultKind, string>> = {
  crash: "a process dies, losing what its disk had not made durable, and is started again",
  "lose-disk": "a task manager dies, and its disk is empty or damaged when it is started again",
  pause: "a process stands still, as in a long garbage collection, and goes on",
  "step-clock": "the wall clock of a process jumps, and is set right later",
  "cut-link": "two processes cannot reach each other; data connections between them break",
  "slow-link": "what one process sends to another takes longer",
  "lose-control": "the next control messages from one process to another are lost",
  "store-timeouts": "requests to the object store time out; half of them took effect",
  "store-unavailable": "the object store refuses every request",
  "ledger-timeouts": "requests to the ledger time out; half of them took effect",
  "ledger-expires": "every transaction that is not committed expires",
  "service-timeouts": "calls of the services that the job asks time out",
  "service-unavailable": "the services that the job asks refuse every call",
  "expire-session": "the coordination service gives up the session of a job manager that lives",
};

export function describeMoment(when: Fault["when"]): string {
  if ("step" in when) {
    const peer =
      when.peer === undefined
        ? ""
        : ` ${when.step.startsWith("send") ? "to" : "from"} ${when.peer}`;
    return `right ${when.side} ${when.step} #${when.nth}${peer} of ${when.process}`;
  }
  if ("atMs" in when) return `at ${grouped(when.atMs)} ms`;
  const whose = when.process === undefined ? "" : ` of ${when.process}`;
  const later = when.afterMs === 0 ? "right after" : `${grouped(when.afterMs)} ms after`;
  return `${later} ${when.note} #${when.nth}${whose}`;
}

const lostWith = (unsynced: Unsynced = "drawn"): string =>
  unsynced === "drawn" ? "" : `, what was not synced ${unsynced}`;

/** What strikes, without when. */
export function describeStrike(fault: Fault): string {
  switch (fault.kind) {
    case "crash":
      return `crash ${fault.process}${lostWith(fault.unsynced)}, restart ${grouped(fault.restartAfterMs)} ms later`;
    case "lose-disk":
      return `crash ${fault.process}, ${fault.left} left on its disk, restart ${grouped(fault.restartAfterMs)} ms later`;
    case "pause":
      return `pause ${fault.process} for ${grouped(fault.forMs)} ms`;
    case "step-clock": {
      const [how, ms] = fault.byMs < 0 ? ["back", -fault.byMs] : ["forward", fault.byMs];
      return `clock of ${fault.process} ${how} ${grouped(ms)} ms for ${grouped(fault.forMs)} ms`;
    }
    case "cut-link":
      return `cut ${fault.from} from ${fault.to} for ${grouped(fault.forMs)} ms`;
    case "slow-link":
      return `slow ${fault.from} to ${fault.to} by ${grouped(fault.extraMs)} ms for ${grouped(fault.forMs)} ms`;
    case "lose-control":
      return `lose ${counted(fault.count, "control message")} from ${fault.from} to ${fault.to}`;
    case "store-timeouts":
      return `object store times out ${fault.perMille} per mille for ${grouped(fault.forMs)} ms`;
    case "store-unavailable":
      return `object store unavailable for ${grouped(fault.forMs)} ms`;
    case "ledger-timeouts":
      return `ledger times out ${fault.perMille} per mille for ${grouped(fault.forMs)} ms`;
    case "ledger-expires":
      return "all open and pre-committed transactions of the ledger expire";
    case "service-timeouts":
      return `services time out ${fault.perMille} per mille for ${grouped(fault.forMs)} ms`;
    case "service-unavailable":
      return `services unavailable for ${grouped(fault.forMs)} ms`;
    case "expire-session":
      return `coordination service gives up ${fault.process}`;
    default:
      return unreachable(fault);
  }
}

export const describeFault = (fault: Fault): string =>
  `${describeStrike(fault)}, ${describeMoment(fault.when)}`;

/** "Noting" is whoever wrote the note; once the fault has struck, that is a process. */
function struck(fault: Fault, noting: string): Fault {
  if ("process" in fault && fault.process === NOTING) return { ...fault, process: noting };
  return "from" in fault && fault.from === NOTING ? { ...fault, from: noting } : fault;
}

/** The faults that struck, in order, each with its time. */
export function storyOf(history: History): string[] {
  const story: string[] = [];
  for (const note of history.notes) {
    if (note.kind !== "fault-injected") continue;
    const atMs = Math.floor(note.atUs / 1_000);
    story.push(`${describeStrike(struck(note.fault, note.process))}, at ${grouped(atMs)} ms`);
  }
  return story;
}
