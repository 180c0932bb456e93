/**
 * Draws who stands by, and in which order a run takes what is due. Most seeds have one job manager and take
 * what is due by time, so that what they find is found without rivals and without waiting.
 */
import type { Random } from "../../src/index.ts";
import { isJobManager } from "../job-managers.ts";
import type { Plan, RunOptions } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { drawSchedule } from "../schedule.ts";
import { namesIn } from "./legality.ts";

const STANDBY_PER_MILLE = 200;
const JOB_MANAGERS_MAX = 3;
const SCHEDULE_PER_MILLE = 100;

/** None where the story's own faults mean a job manager: that it is the only one is part of them. */
export function drawJobManagers(
  { faults }: Scenario,
  random: Random,
): Pick<RunOptions, "jobManagers"> {
  const isDrawn = random.chance(STANDBY_PER_MILLE);
  const jobManagers = random.integer(2, JOB_MANAGERS_MAX);
  const isMeant = faults.some((fault) => namesIn(fault).some(isJobManager));
  return isDrawn && !isMeant ? { jobManagers } : {};
}

/** None where the story wants what is due at once to come in its order. */
export function drawOrder({ options }: Scenario, random: Random): Pick<Plan, "schedule"> {
  const isDrawn = random.chance(SCHEDULE_PER_MILLE);
  if (!isDrawn || options.permuteTies === false) return {};
  return { schedule: drawSchedule(random.fork("schedule")) };
}
