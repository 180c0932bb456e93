/** Another parallelism, while half of the words are on their way. */
import { drawLines } from "./data/lines.ts";
import { CROWDED_WIRES, crowdedWords, nameOf } from "./jobs/crowded-words.ts";
import { crash, scenario } from "./scenario.ts";

export const rescaledUnderPressure = scenario({
  name: "rescaled-under-pressure",
  why: `The checkpoint that a rescaled job goes back to has records in flight, cut for subtasks that are
    no more. Each has to find the one new subtask that owns it, those before an operator without any
    state as well, and in the order they were in.`,
  job: crowdedWords("rescaled-under-pressure", { intervalMs: 400, unaligned: true }),
  input: (random) => drawLines(random, { linesMin: 40, linesMax: 70, overMs: 8_000 }),
  options: { taskManagers: 4, slotsPerTaskManager: 4, ...CROWDED_WIRES },
  actions: [
    {
      kind: "rescale",
      when: { note: "checkpoint-completed", nth: 4, afterMs: 0 },
      parallelism: { words: 2, count: 3, counts: 3, sum: 1, sums: 1 },
    },
    {
      kind: "rescale",
      when: { note: "checkpoint-completed", nth: 9, afterMs: 0 },
      parallelism: { words: 4, count: 1, counts: 1, sum: 3, sums: 3 },
    },
  ],
  faults: [crash({ process: "tm-1", when: "in-flight-restored", nth: 6, restartAfterMs: 500 })],
  swarm: { faultsMax: 2 },
  rowKey: nameOf,
});
