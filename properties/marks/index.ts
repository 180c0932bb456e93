/** Everything that a sweep over all stories has to reach. Each story is asked for all of it. */
import type { Mark } from "../../sim/mark.ts";
import { checkpointMarks } from "./checkpoint-marks.ts";
import { leaderMarks } from "./leader-marks.ts";
import { outsideMarks } from "./outside-marks.ts";
import { recoveryMarks } from "./recovery-marks.ts";

export const standardMarks: readonly Mark[] = [
  ...checkpointMarks,
  ...recoveryMarks,
  ...leaderMarks,
  ...outsideMarks,
];
