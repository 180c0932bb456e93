/** Task managers die that run tasks of one pipeline of the job, and none of the other. */
import { restartsAlone, standardProperties } from "../properties/index.ts";
import { drawLines } from "./data/lines.ts";
import { LETTERS_TOPIC, twoPipelines as job } from "./jobs/two-pipelines.ts";
import { LINES_TOPIC, wordOf } from "./jobs/word-count.ts";
import { crash, cutLink, scenario } from "./scenario.ts";

export const twoPipelines = scenario({
  name: "two-pipelines",
  why: `Half of the job fails. It has to go back to the latest checkpoint, state and position in its
    input, while the other half goes on as if nothing had happened; and the next checkpoint needs
    both of them.`,
  job: job(),
  input: (random) => {
    const lines = drawLines(random.fork("lines"));
    const letters = drawLines(random.fork("letters"), { linesMin: 20, linesMax: 60 });
    return new Map([...lines, [LETTERS_TOPIC, letters.get(LINES_TOPIC)!]]);
  },
  // The pipeline on one subtask has it at the first of three task managers.
  options: { taskManagers: 3, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-2", when: "checkpoint-completed", nth: 3, restartAfterMs: 300 }),
    crash({ process: "tm-1", when: "alignment-started", nth: 25, restartAfterMs: 600 }),
    cutLink({ from: "tm-1", to: "tm-2", when: "checkpoint-completed", nth: 6, forMs: 1_500 }),
  ],
  swarm: { faultsMax: 3 },
  properties: [...standardProperties({ rowKey: wordOf }), restartsAlone],
});
