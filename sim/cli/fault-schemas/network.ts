/** As they are written in a capsule. */
import { z } from "zod";
import type { NetworkFault } from "../../faults/network/network-fault.ts";
import { moment, ms, process, whole } from "./values.ts";

export const networkSchemas = [
  z.strictObject({
    kind: z.literal("cut-link"),
    from: process,
    to: process,
    when: moment,
    forMs: ms,
  }),
  z.strictObject({
    kind: z.literal("slow-link"),
    from: process,
    to: process,
    when: moment,
    forMs: ms,
    extraMs: ms,
  }),
  z.strictObject({
    kind: z.literal("lose-control"),
    from: process,
    to: process,
    when: moment,
    count: whole,
  }),
] as const satisfies readonly z.ZodType<NetworkFault>[];
