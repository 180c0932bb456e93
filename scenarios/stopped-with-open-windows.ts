/** A job is stopped while its windows are open, and resumed. */
import { sensorOf, slidingAverages as slidingAveragesJob } from "./jobs/sliding-averages.ts";
import { scenario } from "./scenario.ts";
import { slidingAverages } from "./sliding-averages.ts";

export const stoppedWithOpenWindows = scenario({
  name: "stopped-with-open-windows",
  why: `To stop is not to end: no final watermark closes the windows that are open then. They are in the
    savepoint as they were, and the job that is resumed from it fills and closes them.`,
  job: slidingAveragesJob(),
  input: slidingAverages.input,
  actions: [
    { when: { atMs: 3_500 }, kind: "stop", drain: false, form: "canonical", resumeAfterMs: 400 },
    { when: { atMs: 7_500 }, kind: "stop", drain: false, form: "native", resumeAfterMs: 400 },
  ],
  swarm: { faultsMax: 3 },
  rowKey: sensorOf,
});
