/** Some processes lose touch with all others one by one, and are back one by one, in another order. */
import type { Random } from "../../../src/index.ts";
import { grouped } from "../../grouped.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";

const CLOG_MS_MIN = 300;
const CLOG_MS_MAX = 6_000;

/** Some of them, in an order of their own. */
function drawSome(random: Random, items: readonly string[], count: number): string[] {
  const left = [...items];
  return Array.from({ length: count }, () => {
    return left.splice(random.integer(0, left.length - 1), 1)[0]!;
  });
}

export const swizzleClogFault: FaultHandler<"swizzle-clog"> = {
  kind: "swizzle-clog",
  does: "nothing gets to or from some processes, which stop and go on in different orders; nothing is lost",
  models:
    "switches that stall and come back one by one: swizzle-clogging, which FoundationDB's testers found good " +
    "at what else only years of production show",
  survives: "every message and every byte, in the order of its connection",
  legality: {
    strikes: "cluster",
    lastsMs: { field: "forMs", min: 1, dwellMs: CLOG_MS_MIN },
    survivors: NOTHING_LOST,
  },
  describe: ({ processes, restored, forMs }) =>
    `clog ${processes.join(", ")}, go on ${restored.join(", ")}, within ${grouped(forMs)} ms`,
  draw: (context) => {
    const { random, processes } = context;
    const forMs = random.integer(CLOG_MS_MIN, CLOG_MS_MAX);
    const count = random.integer(Math.min(2, processes.length), processes.length);
    const stopped = drawSome(random.fork("stopped"), processes, count);
    const restored = drawSome(random.fork("restored"), stopped, count);
    const when = context.moment(forMs);
    return { kind: "swizzle-clog", processes: stopped, restored, when, forMs };
  },
  simpler: (fault) =>
    fault.processes.length < 2
      ? []
      : fault.processes.map((process) => ({
          ...fault,
          processes: fault.processes.filter((other) => other !== process),
          restored: fault.restored.filter((other) => other !== process),
        })),
  inject: ({ processes, restored, forMs }, world, resolve) => {
    // A third of the time to stop, a third all of them, a third to go on.
    const stepUs = Math.floor((forMs * 1_000) / (3 * processes.length));
    const endUs = world.nowUs() + forMs * 1_000;
    for (const [i, process] of processes.entries()) {
      const back = restored.length - restored.indexOf(process);
      const untilUs = Math.min(endUs - (back - 1) * stepUs, world.quietUs);
      world.links.clog(resolve(process), world.nowUs() + i * stepUs, untilUs);
    }
    return { afterMs: forMs, heal: () => undefined };
  },
};
