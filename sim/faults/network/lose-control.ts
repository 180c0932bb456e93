/** The next few control messages one way vanish: just the trigger, just the notification. */
import { counted } from "../../grouped.ts";
import { drawLink, type FaultHandler } from "../fault.ts";

const COUNT_MAX = 5;

export const loseControlFault: FaultHandler<"lose-control"> = {
  kind: "lose-control",
  does: "the next control messages from one process to another are lost",
  models: "a lost datagram, a full queue that drops, a message lost with a reset connection",
  survives: "every other message; what was lost has to be made good by a later one",
  legality: {
    strikes: "link",
    bounds: { count: { min: 1 } },
    survivors: ["processes", "files", "object store", "ledger"],
  },
  describe: ({ from, to, count }) =>
    `lose ${counted(count, "control message")} from ${from} to ${to}`,
  draw: (context) => {
    const count = context.random.integer(1, COUNT_MAX);
    return { kind: "lose-control", ...drawLink(context), when: context.moment(0), count };
  },
  inject: (fault, world, resolve) => {
    const [from, to] = [resolve(fault.from), resolve(fault.to)];
    if (from !== to) world.control.loseNext(from, to, fault.count);
    return undefined;
  },
};
