/** A job without an end: it runs until somebody cancels it. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import {
  ELEMENTS_TOPIC,
  seedProgram as seedProgramJob,
  keyOf,
  type Element,
} from "./jobs/seed-program.ts";
import { ANY_SETTINGS, scenario } from "./scenario.ts";

const CANCEL_AT_MS = 25_000;
/** The topic goes on for longer than anybody waits. */
const ELEMENTS = 120;
const KEYS = ["ada", "grace", "edsger"];

/** One element a second, in one partition: the other source subtask has nothing to read, ever. */
function drawElements(random: Random): Input {
  const partition = Array.from({ length: ELEMENTS }, (_, i): InputRecord => {
    const key = random.pick(KEYS);
    const kind = random.chance(250) ? random.pick(["add", "scale"] as const) : "value";
    const value: Element = { key, kind, operand: random.integer(-9, 99) };
    return { value, timestampMs: i * 1_000, availableAtMs: i * 1_000 };
  });
  return new Map([[ELEMENTS_TOPIC, [partition]]]);
}

export const seedProgram = scenario({
  name: "seed-program",
  why: `A source that emits one element a second until it is cancelled, with a checkpoint every
    second: between two elements there may be a checkpoint, a crash, or both. The function a key had
    before the crash must be the one it has after, and a cancelled job must stop without losing what
    its last complete checkpoint promised.`,
  job: seedProgramJob(),
  input: drawElements,
  cancelAtMs: CANCEL_AT_MS,
  swarm: { free: ANY_SETTINGS },
  rowKey: keyOf,
});
