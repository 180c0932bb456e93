/**
 * A job is drained: stopped as if its input ended where it has come to.
 *
 * DR1  What a drained job has committed is what it would have if its input ended there: windows that
 *      are open fire by the final watermark, and every sink commits all there is (C44).
 */
import {
  exactlyOnceOutput,
  standardProperties,
  vacuous,
  type Property,
} from "../properties/index.ts";
import type { Random } from "../src/index.ts";
import type { Input } from "../sim/history.ts";
import {
  READINGS_TOPIC,
  sensorOf,
  slidingAverages as slidingAveragesJob,
} from "./jobs/sliding-averages.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";
import { slidingAverages } from "./sliding-averages.ts";

/** What the log had by then has been read, however much was to be caught up with. */
const DRAINED_AT_MS = 30_000;
/** Without it the input would end by itself; it is read only if the drain was refused. */
const NEVER_READ_AT_MS = 60_000;

function draw(random: Random): Input {
  const partitions = slidingAverages.input(random).get(READINGS_TOPIC) ?? [];
  const last = Math.max(...partitions.flat().map(({ timestampMs }) => timestampMs));
  const value = { sensor: "never read", timestampMs: last, value: 1 };
  const neverRead = { value, timestampMs: last, availableAtMs: NEVER_READ_AT_MS };
  return new Map([[READINGS_TOPIC, partitions.map((records) => [...records, neverRead])]]);
}

/** What was read, as if that were all. */
export const readUntilDrained = (input: Input): Input =>
  new Map(
    [...input].map(([topic, partitions]) => [
      topic,
      partitions.map((records) =>
        records.filter(({ availableAtMs }) => availableAtMs < DRAINED_AT_MS),
      ),
    ]),
  );

const asIfEnded = exactlyOnceOutput();

export const drainedIsEnded: Property = {
  id: "DR1",
  rule: "A drained job has committed what it would have if its input had ended there.",
  check(history) {
    if (history.outcome !== "stopped") return vacuous("the drain was refused: EO1 judges the rest");
    const input = readUntilDrained(history.input);
    return asIfEnded.check({
      ...history,
      input,
      outcome: "finished",
      remember: (_, make) => make(),
    });
  },
};

export const drained = scenario({
  name: "drained",
  why: `To drain a job is to end it where it has come to: all windows that are open fire, before
    the savepoint, and what they put out is committed with it. The barrier follows the final
    watermark and the end of input through every subtask, each of which waits for its own end
    before its snapshot.`,
  job: slidingAveragesJob(),
  input: draw,
  actions: [{ when: { atMs: DRAINED_AT_MS }, kind: "stop", drain: true, form: "canonical" }],
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, afterMs: 30 }),
    crash({ process: "tm-1", when: "savepoint-completed", afterMs: 2 }),
  ],
  options: { taskManagers: 2 },
  quietAfterMs: DRAINED_AT_MS + 1_000,
  // Nobody is away for so long that there is something left to read by then.
  swarm: { free: ANY_SETTINGS, faultsMax: 3, lastsMsMax: 5_000 },
  properties: [drainedIsEnded, ...standardProperties({ rowKey: sensorOf })],
});
