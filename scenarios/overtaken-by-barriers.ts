/** Barriers that do not wait: what they overtake is part of the checkpoint, and comes back with it. */
import { drawLines } from "./data/lines.ts";
import { CROWDED_WIRES, crowdedWords, nameOf } from "./jobs/crowded-words.ts";
import { crash, scenario } from "./scenario.ts";

export const overtakenByBarriers = scenario({
  name: "overtaken-by-barriers",
  why: `Channels take one small buffer at a time over a slow network, so words queue at every sender,
    and barriers overtake them. Each word is then in one place of the checkpoint: read, waiting at
    the receiver, or waiting at the sender. One that is in none is lost with the next failure, one
    that is in two counts twice, and one that comes back behind a watermark is late.`,
  job: crowdedWords("overtaken-by-barriers", { intervalMs: 400, unaligned: true }),
  input: (random) => drawLines(random, { linesMin: 40, linesMax: 70, overMs: 6_000 }),
  options: { taskManagers: 3, slotsPerTaskManager: 3, ...CROWDED_WIRES },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 500 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 6, restartAfterMs: 500 }),
    crash({ when: "in-flight-restored", nth: 4, restartAfterMs: 500 }),
  ],
  swarm: { faultsMax: 3 },
  rowKey: nameOf,
});
