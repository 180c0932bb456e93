/** One way between two processes carries only so much: what is large holds up all that is behind it. */
import { grouped } from "../../grouped.ts";
import { drawLink, NOTHING_LOST, type FaultHandler } from "../fault.ts";

const NARROW_MS_MIN = 300;
const NARROW_MS_MAX = 5_000;
const BYTES_PER_MS: readonly number[] = [1, 2, 5, 10, 50];

export const narrowLinkFault: FaultHandler<"narrow-link"> = {
  kind: "narrow-link",
  does: "what one process sends to another queues for a link of so many bytes a millisecond",
  models:
    "a saturated or failing link: one 1 Gb/s card that sent at 1 kb/s slowed down a cluster of 100 machines " +
    "(Do et al., SoCC 2013); bytes wait for bytes, heartbeats for reports",
  survives: "every message and every byte, in the order of its connection",
  legality: {
    strikes: "link",
    lastsMs: { field: "forMs", min: 1, dwellMs: NARROW_MS_MIN },
    bounds: { bytesPerMs: { min: 1 } },
    survivors: NOTHING_LOST,
  },
  describe: ({ from, to, bytesPerMs, forMs }) =>
    `narrow ${from} to ${to} to ${grouped(bytesPerMs)} bytes/ms for ${grouped(forMs)} ms`,
  draw: (context) => {
    const { random } = context;
    const forMs = random.integer(NARROW_MS_MIN, NARROW_MS_MAX);
    const bytesPerMs = random.pick(BYTES_PER_MS);
    const when = context.moment(forMs);
    return { kind: "narrow-link", ...drawLink(context), when, forMs, bytesPerMs };
  },
  inject: (fault, world, resolve) => {
    const [from, to] = [resolve(fault.from), resolve(fault.to)];
    if (from === to) return undefined;
    const untilUs = Math.min(world.nowUs() + fault.forMs * 1_000, world.quietUs);
    world.links.narrow(from, to, fault.bytesPerMs, world.nowUs(), untilUs);
    return { afterMs: fault.forMs, heal: () => undefined };
  },
};
