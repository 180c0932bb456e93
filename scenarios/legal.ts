/**
 * Which faults a story may contain. A fault that no run could carry out, or that would outlive the
 * quiet point, makes every verdict about progress worthless; so it is refused when it is written.
 *
 * Faults at a note are checked for all but their time, which only a run can tell: the simulator
 * heals them at the quiet point.
 */
import type { LogicalGraph } from "../src/index.ts";
import { NOTE_KINDS } from "../sim/note-kinds.ts";
import { NOTING, type Fault, type Moment } from "../sim/plan.ts";
import type { Scenario } from "../sim/scenario.ts";

/** What is wrong with the story's own faults, each with what to write instead. */
export function faultMistakes(story: Scenario): string[] {
  return story.faults.flatMap((fault, i) =>
    [
      ...processMistakes(fault, story),
      ...serviceMistakes(fault, story),
      ...numberMistakes(fault),
      ...momentMistakes(fault.when),
      ...quietMistakes(fault, story.quietAfterMs),
    ].map((mistake) => `fault ${i + 1} (${fault.kind}) ${mistake}`),
  );
}

function processesOf(fault: Fault): readonly string[] {
  const counted = "note" in fault.when ? fault.when.process : undefined;
  const named = counted === undefined ? [] : [counted];
  if ("process" in fault) return [fault.process, ...named];
  if ("from" in fault) return [fault.from, fault.to, ...named];
  return named;
}

function processMistakes(fault: Fault, story: Scenario): string[] {
  const { taskManagers } = story.options;
  const mistakes: string[] = [];
  for (const process of processesOf(fault)) {
    if (process === NOTING) {
      if (!("note" in fault.when)) {
        mistakes.push("strikes whoever notes, but at a time; name the process, or a note");
      }
      continue;
    }
    const index = /^tm-(0|[1-9]\d*)$/.exec(process)?.[1];
    if (index === undefined ? process !== "jm" : Number(index) >= (taskManagers ?? Infinity)) {
      const last = taskManagers === undefined ? "tm-1, ..." : `tm-${taskManagers - 1}`;
      mistakes.push(
        `names "${process}", and no such process exists; there are jm, tm-0 to ${last}`,
      );
    }
  }
  if ("from" in fault && fault.from === fault.to) {
    mistakes.push(`is a link from "${fault.from}" to itself; name two processes`);
  }
  return mistakes;
}

function serviceMistakes({ kind }: Fault, { job }: Scenario): string[] {
  if (kind !== "service-timeouts" && kind !== "service-unavailable") return [];
  if (asksServices(job)) return [];
  return ["strikes services, and the job asks none; leave it out, or add an operator that does"];
}

/** True when a fault of services has something to strike. */
export const asksServices = (job: LogicalGraph): boolean =>
  job.nodes.some(({ logic }) => logic.kind === "async");

function numberMistakes(fault: Fault): string[] {
  const mistakes: string[] = [];
  const expect = (name: string, value: number, min: number, max = Infinity): void => {
    if (Number.isInteger(value) && value >= min && value <= max) return;
    const bounds = max === Infinity ? `${min} or more` : `from ${min} to ${max}`;
    mistakes.push(`has \`${name}\` ${value}; it has to be a whole number, ${bounds}`);
  };
  if ("forMs" in fault) expect("forMs", fault.forMs, 1);
  if ("restartAfterMs" in fault) expect("restartAfterMs", fault.restartAfterMs, 0);
  if ("byMs" in fault && (!Number.isInteger(fault.byMs) || fault.byMs === 0)) {
    mistakes.push(`has \`byMs\` ${fault.byMs}; it has to be a whole number other than 0`);
  }
  if ("extraMs" in fault) expect("extraMs", fault.extraMs, 1);
  if ("perMille" in fault) expect("perMille", fault.perMille, 1, 1_000);
  if ("count" in fault) expect("count", fault.count, 1);
  if ("atMs" in fault.when) expect("atMs", fault.when.atMs, 0);
  else {
    expect("nth", fault.when.nth, 1);
    expect("afterMs", fault.when.afterMs, 0);
  }
  return mistakes;
}

function momentMistakes(when: Moment): string[] {
  if (!("note" in when) || NOTE_KINDS.includes(when.note)) return [];
  const known = NOTE_KINDS.join(", ");
  return [`waits for the note "${String(when.note)}", which nobody makes; the notes are ${known}`];
}

function quietMistakes(fault: Fault, quietAfterMs: number): string[] {
  if (!("atMs" in fault.when)) return [];
  const { atMs } = fault.when;
  const lastsMs = "forMs" in fault ? fault.forMs : 0;
  const restartMs = "restartAfterMs" in fault ? fault.restartAfterMs : 0;
  const overMs = atMs + lastsMs + restartMs;
  if (overMs < quietAfterMs) return [];
  return [
    `lasts until ${overMs} ms, and everything is quiet from ${quietAfterMs} ms on; ` +
      "let it strike earlier, or raise `quietAfterMs`",
  ];
}
