/**
 * Which faults and actions a story may contain. A fault that no run could carry out, or that would
 * outlive the quiet point, makes every verdict about progress worthless; so it is refused when it is
 * written. The same goes for what the owner of the job asks of it: progress is owed of a job that is
 * left alone.
 *
 * Faults and actions at a note are checked for all but their time, which only a run can tell: the simulator
 * heals them at the quiet point.
 */
import type { LogicalGraph } from "../src/index.ts";
import { isJobManager, jobManagerNames } from "../sim/job-managers.ts";
import { NOTE_KINDS } from "../sim/note-kinds.ts";
import { NOTING, type Moment } from "../sim/moment.ts";
import type { Fault } from "../sim/plan.ts";
import type { Action, Scenario } from "../sim/scenario.ts";

/** What is wrong with the story's own faults, each with what to write instead. */
export function faultMistakes(story: Scenario): string[] {
  return story.faults.flatMap((fault, i) =>
    [
      ...processMistakes(fault, story),
      ...serviceMistakes(fault, story),
      ...numberMistakes(fault),
      ...("step" in fault.when ? [] : momentMistakes(fault.when)),
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
  const jobManagers = jobManagerNames(story.options);
  const mistakes: string[] = [];
  for (const process of processesOf(fault)) {
    if (process === NOTING) {
      if (!("note" in fault.when)) {
        mistakes.push("strikes whoever notes, but at a time; name the process, or a note");
      }
      continue;
    }
    const index = /^tm-(0|[1-9]\d*)$/.exec(process)?.[1];
    const isThere =
      index === undefined
        ? jobManagers.includes(process)
        : Number(index) < (taskManagers ?? Infinity);
    if (!isThere) {
      const last = taskManagers === undefined ? "tm-1, ..." : `tm-${taskManagers - 1}`;
      mistakes.push(
        `names "${process}", and no such process exists; there are ${jobManagers.join(", ")}, ` +
          `tm-0 to ${last}`,
      );
    }
  }
  if (fault.kind === "expire-session") mistakes.push(...sessionMistakes(fault.process, story));
  if (fault.kind === "lose-disk" && isJobManager(fault.process)) {
    mistakes.push(`strikes ${fault.process}, which keeps nothing on its disk; name a task manager`);
  }
  if ("from" in fault && fault.from === fault.to) {
    mistakes.push(`is a link from "${fault.from}" to itself; name two processes`);
  }
  return mistakes;
}

function sessionMistakes(process: string, { options }: Scenario): string[] {
  if (process !== NOTING && !isJobManager(process)) {
    return [`strikes ${process}, and only job managers have sessions; name one of those`];
  }
  if ((options.jobManagers ?? 1) > 1) return [];
  return ["strikes a job manager that has no rival, and no session; set `options.jobManagers`"];
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
  else expect("nth", fault.when.nth, 1);
  if ("afterMs" in fault.when) expect("afterMs", fault.when.afterMs, 0);
  return mistakes;
}

/** What is wrong with what the owner asks of the job, each with what to write instead. */
export function actionMistakes(story: Scenario): string[] {
  return (story.actions ?? []).flatMap((action, i) =>
    [
      ...momentMistakes(action.when),
      ...actionTimeMistakes(action, story.quietAfterMs),
      ...(action.kind === "rescale" ? rescaleMistakes(action.parallelism, story.job) : []),
      ...(action.kind === "stop" && action.drain && action.resumeAfterMs !== undefined
        ? ["drains the job, whose sources have ended for good then, and resumes it; do one of both"]
        : []),
      ...(followsEnd(story.actions ?? [], i)
        ? ["follows a stop that nobody resumes from; give that one `resumeAfterMs`"]
        : []),
    ].map((mistake) => `action ${i + 1} (${action.kind}) ${mistake}`),
  );
}

const followsEnd = (actions: readonly Action[], index: number): boolean =>
  actions
    .slice(0, index)
    .some((action) => action.kind === "stop" && action.resumeAfterMs === undefined);

function actionTimeMistakes(action: Action, quietAfterMs: number): string[] {
  const { when } = action;
  const restMs = action.kind === "stop" ? (action.resumeAfterMs ?? 0) : 0;
  const mistakes: string[] = [];
  const times = "atMs" in when ? { atMs: when.atMs } : { afterMs: when.afterMs };
  for (const [name, value] of Object.entries({ ...times, resumeAfterMs: restMs })) {
    if (Number.isInteger(value) && value >= 0) continue;
    mistakes.push(`has \`${name}\` ${value}; it has to be a whole number, 0 or more`);
  }
  if ("nth" in when && !(Number.isInteger(when.nth) && when.nth >= 1)) {
    mistakes.push(`has \`nth\` ${when.nth}; it has to be a whole number, 1 or more`);
  }
  const overMs = "atMs" in when ? when.atMs + restMs : restMs;
  if (overMs >= quietAfterMs) {
    mistakes.push(
      `lasts until ${overMs} ms at least, and from ${quietAfterMs} ms on the job is owed to be left ` +
        "alone; ask for it earlier, or raise `quietAfterMs`",
    );
  }
  return mistakes;
}

function rescaleMistakes(
  parallelism: Readonly<Record<string, number>>,
  { nodes }: LogicalGraph,
): string[] {
  const mistakes: string[] = [];
  const wanted = Object.entries(parallelism);
  if (wanted.length === 0) mistakes.push("names no operator; name one by its uid");
  for (const [uid, count] of wanted) {
    const node = nodes.find((other) => other.uid === uid);
    if (node === undefined) {
      const known = nodes.map((other) => other.uid).join(", ");
      mistakes.push(`names the operator "${uid}", which the job does not have; it has ${known}`);
    } else if (!(Number.isInteger(count) && count >= 1 && count <= node.maxParallelism)) {
      mistakes.push(
        `gives "${uid}" the parallelism ${count}; it has to be a whole number from 1 to ` +
          `${node.maxParallelism}, its max parallelism`,
      );
    }
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
