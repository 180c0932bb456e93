/** What is wrong with windows as a job names them: found when the job is built. */
import { unreachable } from "../../core/assert.ts";
import type { CoGroupSpec, Evictor, Trigger, WindowAssigner, WindowSpec } from "./window-spec.ts";

type Windows<T> = Readonly<{
  assigner: WindowAssigner<T>;
  trigger?: Trigger<T> | undefined;
  allowedLatenessMs: number;
}>;

/** @param where names the operator, for the sentences */
export function checkWindow<K, T, O>(where: string, spec: WindowSpec<K, T, O>): string[] {
  const { evictor } = spec;
  return [
    ...checkWindows(where, spec),
    ...(evictor === undefined ? [] : checkEvictor(`${where}: its evictor`, evictor.keep)),
  ];
}

export const checkCoGroup = <K, L, R, O>(where: string, spec: CoGroupSpec<K, L, R, O>): string[] =>
  checkWindows(where, spec);

function checkWindows<T>(where: string, { assigner, trigger, ...rest }: Windows<T>): string[] {
  return [
    ...checkAssigner(where, assigner),
    ...checkLateness(where, assigner, rest.allowedLatenessMs),
    ...(trigger === undefined ? [] : checkTrigger(`${where}: its trigger`, trigger, assigner)),
  ];
}

const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
const isLength = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function checkAssigner<T>(where: string, assigner: WindowAssigner<T>): string[] {
  switch (assigner.kind) {
    case "tumbling":
      return [
        ...checkSize(where, assigner.sizeMs),
        ...checkOffset(where, assigner.offsetMs, "size", assigner.sizeMs),
      ];
    case "sliding":
      return [
        ...checkSize(where, assigner.sizeMs),
        ...checkSlide(where, assigner.slideMs, assigner.sizeMs),
        ...checkOffset(where, assigner.offsetMs, "slide", assigner.slideMs),
      ];
    case "session": {
      const { gapMs } = assigner;
      if (typeof gapMs === "function" || isPositive(gapMs)) return [];
      return [`${where}: sessions with a gap of ${gapMs} ms; give an integer from 1 up`];
    }
    case "global":
      return [];
    default:
      return unreachable(assigner);
  }
}

const checkSize = (where: string, sizeMs: number): string[] =>
  isPositive(sizeMs) ? [] : [`${where}: windows of ${sizeMs} ms; give an integer from 1 up`];

function checkSlide(where: string, slideMs: number, sizeMs: number): string[] {
  if (!isPositive(slideMs)) {
    return [`${where}: windows that slide by ${slideMs} ms; give an integer from 1 up`];
  }
  if (!isPositive(sizeMs) || slideMs <= sizeMs) return [];
  return [
    `${where}: windows of ${sizeMs} ms that slide by ${slideMs} ms leave gaps, and records in them ` +
      `would be lost; slide by ${sizeMs} ms at most, or filter the records`,
  ];
}

function checkOffset(where: string, offsetMs: number, of: string, stepMs: number): string[] {
  if (Number.isSafeInteger(offsetMs) && (!isPositive(stepMs) || Math.abs(offsetMs) < stepMs)) {
    return [];
  }
  return [
    `${where}: windows offset by ${offsetMs} ms; give an integer nearer to 0 than their ` +
      `${of} of ${stepMs} ms`,
  ];
}

function checkLateness<T>(where: string, assigner: WindowAssigner<T>, latenessMs: number) {
  if (latenessMs === 0) return [];
  if (!isLength(latenessMs) && latenessMs !== Infinity) {
    return [`${where}: an allowed lateness of ${latenessMs} ms; give an integer from 0 up`];
  }
  if (assigner.kind !== "global" && assigner.time === "event") return [];
  const which = assigner.kind === "global" ? "the global window" : "windows of processing time";
  return [
    `${where}: an allowed lateness of ${latenessMs} ms for ${which}, where nothing is late; ` +
      "leave it out, or use windows of event time",
  ];
}

function checkTrigger<T>(
  where: string,
  trigger: Trigger<T>,
  assigner: WindowAssigner<T>,
): string[] {
  switch (trigger.kind) {
    case "event-time":
    case "processing-time":
      return checkEndTrigger(where, trigger.kind, assigner);
    case "count":
      if (isPositive(trigger.count)) return [];
      return [`${where}: fires at every ${trigger.count} records; give an integer from 1 up`];
    case "continuous":
      return checkContinuous(where, trigger, assigner);
    case "delta":
      return [
        ...checkThreshold(where, trigger.threshold),
        ...(assigner.kind === "session" ? [cannotMerge(where, "by delta")] : []),
      ];
    case "purging":
      return checkTrigger(where, trigger.of, assigner);
    case "never":
      return [];
    case "custom":
      return checkCustom(where, trigger, assigner);
    default:
      return unreachable(trigger);
  }
}

function checkEndTrigger<T>(
  where: string,
  kind: "event-time" | "processing-time",
  assigner: WindowAssigner<T>,
): string[] {
  if (assigner.kind === "global") {
    return [
      `${where}: fires at the end of a window ("${kind}"), and the global window has none; ` +
        "fire by count, continuously, or by a trigger of your own",
    ];
  }
  return kind === "event-time" ? checkTime(where, assigner) : [];
}

/** Event time says nothing about windows that the clock opens and closes. */
function checkTime<T>(where: string, assigner: WindowAssigner<T>): string[] {
  if (assigner.kind === "global" || assigner.time === "event") return [];
  return [
    `${where}: fires by event time, and its windows are of processing time; ` +
      "fire by processing time, or use windows of event time",
  ];
}

function checkContinuous<T>(
  where: string,
  { intervalMs, time }: Extract<Trigger<T>, { kind: "continuous" }>,
  assigner: WindowAssigner<T>,
): string[] {
  const problems = time === "event" ? checkTime(where, assigner) : [];
  if (isPositive(intervalMs)) return problems;
  return [...problems, `${where}: fires every ${intervalMs} ms; give an integer from 1 up`];
}

function checkCustom<T>(
  where: string,
  { create }: Extract<Trigger<T>, { kind: "custom" }>,
  assigner: WindowAssigner<T>,
): string[] {
  if (assigner.kind !== "session" || create().onMerge !== undefined) return [];
  return [cannotMerge(where, "by a trigger of your own without onMerge")];
}

const cannotMerge = (where: string, how: string): string =>
  `${where}: fires ${how}, which says nothing of windows that merge, as sessions do; ` +
  "use another trigger, or other windows";

const checkThreshold = (where: string, threshold: number): string[] =>
  Number.isNaN(threshold) ? [`${where}: a threshold of NaN; give a number`] : [];

function checkEvictor<T>(where: string, keep: Evictor<T>["keep"]): string[] {
  switch (keep.kind) {
    case "count":
      if (isPositive(keep.countMax)) return [];
      return [`${where}: keeps the last ${keep.countMax} records; give an integer from 1 up`];
    case "time":
      if (isLength(keep.ageMsMax)) return [];
      return [`${where}: keeps records of the last ${keep.ageMsMax} ms; give an integer from 0 up`];
    case "delta":
      return checkThreshold(where, keep.threshold);
    case "custom":
      return [];
    default:
      return unreachable(keep);
  }
}
