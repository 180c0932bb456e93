/** Data connections are gone though the link is whole, and one end may not know for a while. */
import { grouped } from "../../grouped.ts";
import { drawLink, NOTHING_LOST, type FaultHandler } from "../fault.ts";

const LATE_MS_MAX = 5_000;

export const resetConnectionFault: FaultHandler<"reset-connection"> = {
  kind: "reset-connection",
  does: "data connections break, one end hears of it at once and the other later; messages get through",
  models:
    "a firewall or a load balancer that drops what it knows of a connection, as those of clouds do with idle " +
    "ones: half-open connections (RFC 9293, section 3.5.1)",
  survives: "both processes, every message, and all new connections; of old ones a prefix",
  legality: {
    strikes: "link",
    lastsMs: { field: "forMs", min: 1 },
    survivors: NOTHING_LOST,
  },
  describe: ({ from, to, forMs }) =>
    `reset connections of ${from} and ${to}, ${from} hears of it ${grouped(forMs)} ms later`,
  draw: (context) => {
    const { random } = context;
    const forMs = random.chance(300) ? 1 : random.integer(1, LATE_MS_MAX);
    return { kind: "reset-connection", ...drawLink(context), when: context.moment(forMs), forMs };
  },
  inject: (fault, world, resolve) => {
    const [from, to] = [resolve(fault.from), resolve(fault.to)];
    if (from === to) return undefined;
    const untilUs = Math.min(world.nowUs() + fault.forMs * 1_000, world.quietUs);
    world.links.reset(from, to, untilUs);
    return { afterMs: fault.forMs, heal: () => undefined };
  },
};
