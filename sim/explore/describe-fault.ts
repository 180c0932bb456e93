/** Faults and moments in words, for failure blocks and plans on a terminal. */
import type { FaultHandler } from "../faults/fault.ts";
import { faultHandlers } from "../faults/registry.ts";
import type { History } from "../history.ts";
import type { Fault } from "../plan.ts";
import { NOTING } from "../moment.ts";
import { grouped } from "../grouped.ts";

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

/** What strikes, without when. */
export function describeStrike(fault: Fault): string {
  const handler = faultHandlers[fault.kind] as FaultHandler<typeof fault.kind>;
  return handler.describe(fault as never);
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
