/** The job managers of a failing plan: one, where none of its faults means those that stand by. */
import { meansStandby } from "../faults/legality.ts";
import type { Plan } from "../plan.ts";

/** @param attempt true when the run still fails with that plan */
export function calmCluster(plan: Plan, attempt: (plan: Plan) => boolean): void {
  const { jobManagers, ...options } = plan.options;
  if (jobManagers === undefined || plan.faults.some(meansStandby)) return;
  attempt({ ...plan, options });
}
