/** Two processes cannot reach each other: messages are lost both ways, connections break. */
import { grouped } from "../../grouped.ts";
import { drawLink, type FaultHandler } from "../fault.ts";

const CUT_MS_MIN = 50;
const CUT_MS_MAX = 4_000;

export const cutLinkFault: FaultHandler<"cut-link"> = {
  kind: "cut-link",
  does: "two processes cannot reach each other; data connections between them break",
  models: "a network partition between two machines; a switch that reboots",
  survives: "both processes, and every link to others",
  legality: {
    strikes: "link",
    lastsMs: { field: "forMs", min: 1 },
    survivors: ["processes", "files", "object store", "ledger"],
  },
  describe: ({ from, to, forMs }) => `cut ${from} from ${to} for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(CUT_MS_MIN, CUT_MS_MAX);
    return { kind: "cut-link", ...drawLink(context), when: context.moment(forMs), forMs };
  },
  inject: (fault, world, resolve) => {
    const [from, to] = [resolve(fault.from), resolve(fault.to)];
    if (from === to) return undefined;
    world.links.cut(from, to);
    return { afterMs: fault.forMs, heal: () => world.links.heal(from, to) };
  },
};
