/** Two processes cannot reach each other: messages are lost both ways, connections break. */
import { grouped } from "../../grouped.ts";
import { describeAgain, drawAgain, lastsAgainMs } from "../again.ts";
import { drawLink, type FaultHandler } from "../fault.ts";

const CUT_MS_MIN = 50;
const CUT_MS_MAX = 4_000;

export const cutLinkFault: FaultHandler<"cut-link"> = {
  kind: "cut-link",
  does: "two processes cannot reach each other; data connections between them break",
  models:
    "a network partition between two machines; a switch that reboots; again and again: a flapping link",
  survives: "both processes, and every link to others",
  legality: {
    strikes: "link",
    lastsMs: { field: "forMs", min: 1, dwellMs: CUT_MS_MIN },
    survivors: ["processes", "files", "object store", "ledger"],
  },
  describe: ({ from, to, forMs, again }) =>
    `cut ${from} from ${to} for ${grouped(forMs)} ms${describeAgain(again)}`,
  draw: (context) => {
    const { random, lastsMsMax } = context;
    const forMs = random.integer(CUT_MS_MIN, CUT_MS_MAX);
    const again = drawAgain(random.fork("again"), forMs, lastsMsMax);
    const when = context.moment(lastsAgainMs(forMs, again.again));
    return { kind: "cut-link", ...drawLink(context), when, forMs, ...again };
  },
  inject: (fault, world, resolve) => {
    const [from, to] = [resolve(fault.from), resolve(fault.to)];
    if (from === to) return undefined;
    world.links.cut(from, to);
    return { afterMs: fault.forMs, heal: () => world.links.heal(from, to) };
  },
};
