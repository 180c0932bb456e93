/** Everything takes longer one way between two processes; credits and barriers are held up too. */
import { grouped } from "../../grouped.ts";
import { drawLink, NOTHING_LOST, type FaultHandler } from "../fault.ts";

const SLOW_MS_MIN = 200;
const SLOW_MS_MAX = 4_000;
const EXTRA_MS_MAX = 400;

export const slowLinkFault: FaultHandler<"slow-link"> = {
  kind: "slow-link",
  does: "what one process sends to another takes longer",
  models: "a congested or failing network path",
  survives: "every message and every byte, in the order of its connection",
  legality: {
    strikes: "link",
    lastsMs: { field: "forMs", min: 1, dwellMs: SLOW_MS_MIN },
    bounds: { extraMs: { min: 1 } },
    survivors: NOTHING_LOST,
  },
  describe: ({ from, to, extraMs, forMs }) =>
    `slow ${from} to ${to} by ${grouped(extraMs)} ms for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(SLOW_MS_MIN, SLOW_MS_MAX);
    const extraMs = context.random.integer(1, EXTRA_MS_MAX);
    return { kind: "slow-link", ...drawLink(context), when: context.moment(forMs), forMs, extraMs };
  },
  inject: (fault, world, resolve) => {
    const [from, to] = [resolve(fault.from), resolve(fault.to)];
    if (from === to) return undefined;
    const extraUs = fault.extraMs * 1_000;
    world.links.slow(from, to, extraUs);
    return { afterMs: fault.forMs, heal: () => world.links.unslow(from, to, extraUs) };
  },
};
