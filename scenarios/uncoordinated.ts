/** No barriers: each subtask takes checkpoints when it likes, and a line is found among them. */
import { drawLines } from "./data/lines.ts";
import { CROWDED_WIRES, crowdedWords, nameOf } from "./jobs/crowded-words.ts";
import { crash, scenario } from "./scenario.ts";

export const uncoordinated = scenario({
  name: "uncoordinated",
  why: `Every subtask takes its checkpoints in its own time, so no two of them stand at the same
    place of the stream, and small buffers on a slow network keep many words between them. A line
    with an orphan counts a word twice; one whose log is replayed from the wrong place loses or
    doubles some; what is committed before its line is durable is committed again by whoever
    goes back.`,
  job: crowdedWords("uncoordinated", { intervalMs: 400, protocol: "uncoordinated" }),
  input: (random) => drawLines(random, { linesMin: 40, linesMax: 70, overMs: 6_000 }),
  options: { taskManagers: 3, slotsPerTaskManager: 3, ...CROWDED_WIRES },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 500 }),
    crash({ process: "tm-1", when: "checkpoint-acknowledged", nth: 60, restartAfterMs: 500 }),
    crash({ when: "in-flight-restored", nth: 4, restartAfterMs: 500 }),
    crash({ process: "jm", when: "checkpoint-completing", nth: 6, restartAfterMs: 500 }),
  ],
  swarm: { faultsMax: 3 },
  rowKey: nameOf,
});
