/**
 * What is wrong with the faults of a plan. Each kind says as data what it may be (`Legality`); this is all
 * that holds plans to it, whoever wrote them: a story, the swarm, a capsule, a person.
 *
 * A fault that no run could carry out, or that would outlive the quiet point, makes every verdict about
 * progress worthless; and one that takes away what the engine was promised makes every violation open to
 * argument. So a plan is refused before it is played, with what to write instead.
 *
 * Faults at a note are held to all but their time, which only a run can tell: the simulator heals them at
 * the quiet point.
 *
 * LG1  Of each group of `REFUGES` something survives all faults of a plan together.
 * LG2  Whatever is drawn is legal, and lasts long enough for somebody to notice.
 */
import type { LogicalGraph } from "../../src/index.ts";
import { isJobManager, jobManagerNames } from "../job-managers.ts";
import { NOTING, type Moment } from "../moment.ts";
import { NOTE_KINDS } from "../note-kinds.ts";
import type { Fault, FaultKind, RunOptions } from "../plan.ts";
import { lastsAgainMs, type Again } from "./again.ts";
import {
  SURVIVORS,
  type Bounds,
  type Legality,
  type Need,
  type Struck,
  type Survivor,
} from "./fault.ts";
import { faultHandlers } from "./registry.ts";

/** What faults are held against. Options that a story leaves open are not held against it. */
type Setting = Readonly<{
  options: Partial<RunOptions>;
  job: LogicalGraph;
  quietAfterMs: number;
}>;

/** From which the engine has its state back, and its output: some of each group has to be left. */
const REFUGES: readonly (readonly Survivor[])[] = [
  ["files", "object store"],
  ["ledger", "committed rows"],
];
/** What survives along with something else. */
const IMPLIED: Readonly<Partial<Record<Survivor, readonly Survivor[]>>> = {
  files: ["synced files"],
  ledger: ["committed rows"],
};

const legalityOf = (kind: FaultKind): Legality<Fault> =>
  faultHandlers[kind].legality as Legality<Fault>;

/** True when a fault of services has something to strike. */
export const asksServices = (job: LogicalGraph): boolean =>
  job.nodes.some(({ logic }) => logic.kind === "async");

/** What is wrong with faults that somebody wrote, each mistake with what to write instead. */
export function faultMistakes(faults: readonly Fault[], setting: Setting): string[] {
  return [
    ...faults.flatMap((fault, i) => mistakesOf(fault, setting).map(named(fault, i))),
    ...sharedMistakes(faults),
  ];
}

/** The same of faults that were drawn: those have to be noticed as well. */
export function drawnMistakes(faults: readonly Fault[], setting: Setting): string[] {
  return [
    ...faultMistakes(faults, setting),
    ...faults.flatMap((fault, i) => dwellMistakes(fault).map(named(fault, i))),
  ];
}

const named =
  ({ kind }: Fault, index: number) =>
  (mistake: string): string =>
    `fault ${index + 1} (${kind}) ${mistake}`;

/** False: this fault takes away what the others leave, and has to be left out. */
export const goesWith = (others: readonly Fault[], fault: Fault): boolean =>
  sharedMistakes([...others, fault]).length === 0;

const mistakesOf = (fault: Fault, setting: Setting): string[] => [
  ...targetMistakes(fault, setting),
  ...needMistakes(fault, setting),
  ...numberMistakes(fault),
  ...("step" in fault.when ? [] : momentMistakes(fault.when)),
  ...timeMistakes(fault, setting.quietAfterMs),
];

const CLASSES: Readonly<
  Partial<Record<Struck, Readonly<{ is(name: string): boolean; a: string }>>>
> = {
  "task-manager": { is: (name) => !isJobManager(name), a: "a task manager" },
  "job-manager": { is: isJobManager, a: "a job manager" },
};

function targetMistakes(fault: Fault, { options }: Setting): string[] {
  const mistakes = namesIn(fault).flatMap((name) => nameMistakes(name, fault, options));
  const { strikes } = legalityOf(fault.kind);
  const wanted = CLASSES[strikes];
  if (wanted !== undefined && "process" in fault && fault.process !== NOTING) {
    if (!wanted.is(fault.process)) {
      mistakes.push(`strikes "${fault.process}", and has to strike ${wanted.a}; name one`);
    }
  }
  if ("from" in fault && fault.from === fault.to) {
    mistakes.push(`is a link from "${fault.from}" to itself; name two processes`);
  }
  mistakes.push(...groupMistakes(fault));
  return mistakes;
}

/** Of kinds that strike several processes: each is named once, and nobody is cut from himself. */
function groupMistakes(fault: Fault): string[] {
  if ("sides" in fault) {
    const names = fault.sides.flat();
    if (fault.sides.length > 1 && fault.sides.every((side) => side.length > 0)) {
      return twice(names).map((name) => `names "${name}" on two sides; put it on one, or on none`);
    }
    return ["has to have two sides or more, each with somebody on it"];
  }
  if (!("processes" in fault)) return [];
  const { processes, restored } = fault;
  const same = [...processes].sort().join() === [...restored].sort().join();
  return [
    ...twice(processes).map((name) => `stops "${name}" twice; name it once`),
    ...(same ? [] : ["lets others go on than it stops; `restored` has to name the same ones"]),
  ];
}

const twice = (names: readonly string[]): string[] =>
  names.filter((name, index) => names.indexOf(name) !== index);

/** Everything that a fault names as a process, and its moment. */
export function namesIn(fault: Fault): readonly string[] {
  const counted = "process" in fault.when ? fault.when.process : undefined;
  return [
    ...("process" in fault ? [fault.process] : []),
    ...("from" in fault ? [fault.from, fault.to] : []),
    ...severalIn(fault),
    ...(counted === undefined ? [] : [counted]),
  ];
}

/** True of a fault that would be none, or strike nobody, if there were one job manager. */
export const meansStandby = (fault: Fault): boolean =>
  (legalityOf(fault.kind).needs ?? []).includes("standby") ||
  namesIn(fault).some((name) => isJobManager(name) && !jobManagerNames({}).includes(name));

function severalIn(fault: Fault): readonly string[] {
  if ("sides" in fault) return fault.sides.flat();
  return "processes" in fault ? fault.processes : [];
}

function nameMistakes(name: string, { when }: Fault, options: Partial<RunOptions>): string[] {
  if (name === NOTING) {
    if ("note" in when) return [];
    return ["strikes whoever notes, but at a time; name the process, or a note"];
  }
  const { taskManagers } = options;
  const jobManagers = jobManagerNames(options);
  const index = /^tm-(0|[1-9]\d*)$/.exec(name)?.[1];
  const isThere =
    index === undefined ? jobManagers.includes(name) : Number(index) < (taskManagers ?? Infinity);
  if (isThere) return [];
  const last = taskManagers === undefined ? "tm-1, ..." : `tm-${taskManagers - 1}`;
  return [
    `names "${name}", and no such process exists; there are ${jobManagers.join(", ")}, ` +
      `tm-0 to ${last}`,
  ];
}

type Needed = Readonly<{
  /** For people. */
  where: string;
  isMet(setting: Setting): boolean;
  otherwise: string;
}>;
const NEEDS: Readonly<Record<Need, Needed>> = {
  standby: {
    where: "where job managers stand by",
    isMet: ({ options }) => (options.jobManagers ?? 1) > 1,
    otherwise: "strikes a job manager that has no rival, and no session; set `options.jobManagers`",
  },
};

function needMistakes({ kind }: Fault, setting: Setting): string[] {
  const { strikes, needs = [] } = legalityOf(kind);
  const mistakes = needs.filter((need) => !NEEDS[need].isMet(setting));
  return [
    ...mistakes.map((need) => NEEDS[need].otherwise),
    ...(strikes === "services" && !asksServices(setting.job)
      ? ["strikes services, and the job asks none; leave it out, or add an operator that does"]
      : []),
  ];
}

function numberMistakes(fault: Fault): string[] {
  const fields: Readonly<Record<string, unknown>> = fault;
  const { when } = fault;
  const { times, afterMs } = againIn(fault) ?? {};
  return [
    ...boundsOf(fault.kind).flatMap(([name, bounds]) => outOf(bounds, name, fields[name])),
    ...("atMs" in when ? outOf({ min: 0 }, "atMs", when.atMs) : outOf({ min: 1 }, "nth", when.nth)),
    ...("afterMs" in when ? outOf({ min: 0 }, "afterMs", when.afterMs) : []),
    ...outOf({ min: 1 }, "again.times", times),
    ...outOf({ min: 0 }, "again.afterMs", afterMs),
  ];
}

const againIn = (fault: Fault): Again | undefined => ("again" in fault ? fault.again : undefined);

function boundsOf(kind: FaultKind): readonly (readonly [name: string, bounds: Bounds])[] {
  const { lastsMs, bounds = {} } = legalityOf(kind);
  const others = Object.entries(bounds as Readonly<Record<string, Bounds>>);
  return lastsMs === undefined ? others : [[lastsMs.field, lastsMs], ...others];
}

/** What is wrong with a number; one that may be left out, and is, is not wrong. */
function outOf(bounds: Bounds, name: string, value: unknown): string[] {
  const { min = -Infinity, max = Infinity, not } = bounds;
  const isWhole = typeof value === "number" && Number.isInteger(value);
  if (value === undefined || (isWhole && value !== not && value >= min && value <= max)) return [];
  return [`has \`${name}\` ${String(value)}; it has to be a whole number${inWords(bounds)}`];
}

function inWords({ min, max, not }: Bounds): string {
  if (min !== undefined && max !== undefined) return `, from ${min} to ${max}`;
  if (min !== undefined) return `, ${min} or more`;
  if (max !== undefined) return `, ${max} or less`;
  return not === undefined ? "" : ` other than ${not}`;
}

/** What is wrong with a moment that is no step. */
export function momentMistakes(when: Moment): string[] {
  if (!("note" in when) || NOTE_KINDS.includes(when.note)) return [];
  const known = NOTE_KINDS.join(", ");
  return [`waits for the note "${String(when.note)}", which nobody makes; the notes are ${known}`];
}

/** How long it lasts once, ms. */
function onceMs(fault: Fault): number {
  const field = legalityOf(fault.kind).lastsMs?.field;
  return field === undefined ? 0 : (fault as unknown as Record<typeof field, number>)[field];
}

function timeMistakes(fault: Fault, quietAfterMs: number): string[] {
  const { when } = fault;
  const mistakes: string[] = [];
  if (legalityOf(fault.kind).moment === "the start" && !("atMs" in when && when.atMs === 0)) {
    mistakes.push("can only be there from the start; let it strike at 0 ms");
  }
  if (!("atMs" in when)) return mistakes;
  const overMs = when.atMs + lastsAgainMs(onceMs(fault), againIn(fault));
  if (overMs < quietAfterMs) return mistakes;
  return [
    ...mistakes,
    `lasts until ${overMs} ms, and everything is quiet from ${quietAfterMs} ms on; ` +
      "let it strike earlier, or raise `quietAfterMs`",
  ];
}

function dwellMistakes(fault: Fault): string[] {
  const { lastsMs } = legalityOf(fault.kind);
  const leastMs = lastsMs?.dwellMs ?? 0;
  const forMs = onceMs(fault);
  return forMs < leastMs ? [`lasts ${forMs} ms, which nobody notices; ${leastMs} at least`] : [];
}

/** [LG1] What no fault takes away by itself can be gone by all of them together. */
function sharedMistakes(faults: readonly Fault[]): string[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))];
  const left = (survivor: Survivor): boolean => kinds.every((kind) => leaves(kind, survivor));
  return REFUGES.filter((refuge) => !refuge.some(left)).map((refuge) => {
    const takers = kinds.filter((kind) => !refuge.every((survivor) => leaves(kind, survivor)));
    return (
      `the faults together (${takers.join(", ")}) leave neither ${refuge.join(" nor ")}, from ` +
      "which all is had back; leave one of them out"
    );
  });
}

const leaves = (kind: FaultKind, survivor: Survivor): boolean => {
  const { survivors } = legalityOf(kind);
  return survivors.some((left) => left === survivor || IMPLIED[left]?.includes(survivor) === true);
};

/** Of a kind, for people: what it strikes, for how long, within which bounds, and what it leaves. */
export function describeLegality(kind: FaultKind): string {
  const { strikes, needs = [], lastsMs, survivors } = legalityOf(kind);
  const numbers = boundsOf(kind).map(([name, bounds]) => `${name}${inWords(bounds)}`);
  const dwell = lastsMs?.dwellMs === undefined ? [] : [`drawn for ${lastsMs.dwellMs} ms or more`];
  const where = needs.map((need) => NEEDS[need].where);
  const left = SURVIVORS.filter((survivor) => survivors.includes(survivor));
  return [`strikes: ${strikes}`, ...where, ...numbers, ...dwell, `leaves: ${left.join(", ")}`].join(
    "; ",
  );
}
