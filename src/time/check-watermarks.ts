/** What is wrong with a watermark strategy, found when the job is built. */
import type { WatermarkSpec } from "./watermark-strategy.ts";

/** @param where names the operator, for the sentences */
export function checkWatermarks(where: string, spec: WatermarkSpec): string[] {
  const { generation, timestampOf, idleAfterMs, alignment } = spec;
  const problems: string[] = [];
  const unless = (sound: boolean, what: string): void => {
    if (!sound) problems.push(`${where}: ${what}`);
  };
  if (generation.kind === "bounded-out-of-orderness") {
    const { outOfOrderMsMax: ms } = generation;
    unless(isMs(ms, 0), `watermarks tolerate ${given(ms)} ms; give an integer from 0 up`);
  }
  if (generation.kind === "custom") {
    const { create } = generation;
    const what = `${given(create)} makes its watermark generators; give a function`;
    unless(typeof create === "function", what);
  }
  unless(
    timestampOf === undefined || typeof timestampOf === "function",
    `timestampOf is ${given(timestampOf)}; give a function from a record to its milliseconds`,
  );
  unless(
    idleAfterMs === undefined || isMs(idleAfterMs, 1),
    `splits are idle after ${given(idleAfterMs)} ms; give an integer from 1 up, or leave it out`,
  );
  if (alignment === undefined) return problems;
  const { group, driftMsMax } = alignment;
  const named = typeof group === "string" && group !== "";
  unless(named, `the name of its watermark alignment group is ${given(group)}; give it a name`);
  unless(
    isMs(driftMsMax, 0),
    `its watermarks may drift by ${given(driftMsMax)} ms; give an integer from 0 up`,
  );
  unless(
    generation.kind !== "none",
    "watermarks are aligned, yet it makes none; give it a strategy that does, or no alignment",
  );
  return problems;
}

/** Of a strategy in the middle of a job, where nothing can be made to wait. */
export function checkAssignedWatermarks(where: string, spec: WatermarkSpec): string[] {
  const problems = checkWatermarks(where, spec);
  if (spec.alignment === undefined) return problems;
  const group = given(spec.alignment.group);
  return [
    ...problems,
    `${where}: alignment group "${group}" is for sources, which can wait; give it to the source`,
  ];
}

const isMs = (value: number, min: number): boolean => Number.isSafeInteger(value) && value >= min;

/** Jobs come from JavaScript, too, so the type of what was given is as unsure as its value. */
const given = (value: unknown): string => (value === "" ? "empty" : String(value));
