/** What the job managers of a run are called: "jm", and those that stand by "jm-1", "jm-2", ... */
import type { RunOptions } from "./plan.ts";

export const jobManagerNames = ({ jobManagers = 1 }: Pick<RunOptions, "jobManagers">): string[] =>
  Array.from({ length: jobManagers }, (_, index) => (index === 0 ? "jm" : `jm-${index}`));

export const isJobManager = (process: string): boolean => /^jm(-|$)/.test(process);
