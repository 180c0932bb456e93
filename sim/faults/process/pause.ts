/** A process stands still and then goes on as if nothing had been: others may have given it up. */
import type { Random } from "../../../src/index.ts";
import { grouped } from "../../grouped.ts";
import { describeAgain, drawAgain, lastsAgainMs } from "../again.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";

const PAUSE_MS_MIN = 20;
const PAUSE_MS_MAX = 5_000;
/** A second or two of standing still, and for a few longer than anybody waits. */
const LONG_PER_MILLE = 80;
const LONG_MS_MAX = 300_000;

function drawPauseMs(random: Random, lastsMsMax: number): number {
  const usualMs = random.integer(PAUSE_MS_MIN, PAUSE_MS_MAX);
  const longMs = random.integer(PAUSE_MS_MAX, LONG_MS_MAX);
  const forMs = random.chance(LONG_PER_MILLE) ? longMs : usualMs;
  return Math.max(PAUSE_MS_MIN, Math.min(forMs, lastsMsMax - 1));
}

export const pauseFault: FaultHandler<"pause"> = {
  kind: "pause",
  does: "a process stands still, as in a long garbage collection, and goes on",
  models:
    "a long garbage collection, a frozen virtual machine, SIGSTOP: milliseconds to minutes, once or again and " +
    "again. HBase lost data to region servers that paused, were given up, and went on (HBASE-2312)",
  survives: "everything: its own view of the world is merely late",
  legality: {
    strikes: "process",
    lastsMs: { field: "forMs", min: 1, dwellMs: PAUSE_MS_MIN },
    survivors: NOTHING_LOST,
  },
  describe: ({ process, forMs, again }) =>
    `pause ${process} for ${grouped(forMs)} ms${describeAgain(again)}`,
  draw: (context) => {
    const { random, processes, lastsMsMax } = context;
    const forMs = drawPauseMs(random.fork("for"), lastsMsMax);
    const again = drawAgain(random.fork("again"), forMs, lastsMsMax);
    const when = context.moment(lastsAgainMs(forMs, again.again));
    return { kind: "pause", process: random.pick(processes), when, forMs, ...again };
  },
  inject: (fault, world, resolve) => {
    const process = resolve(fault.process);
    world.pause(process, world.nowUs() + fault.forMs * 1_000);
    return { afterMs: fault.forMs, heal: () => world.resume(process) };
  },
};
