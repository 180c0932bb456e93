/** As they are written in a capsule. */
import { z } from "zod";
import type { NetworkFault } from "../../faults/network/network-fault.ts";
import { again, moment, ms, process, whole } from "./values.ts";

export const networkSchemas = [
  z.strictObject({
    kind: z.literal("cut-link"),
    from: process,
    to: process,
    when: moment,
    forMs: ms,
    again: again.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("partition"),
    sides: z.array(z.array(process).min(1)).min(2),
    when: moment,
    forMs: ms,
    oneWay: z.boolean().exactOptional(),
    again: again.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("reset-connection"),
    from: process,
    to: process,
    when: moment,
    forMs: ms,
  }),
  z.strictObject({
    kind: z.literal("narrow-link"),
    from: process,
    to: process,
    when: moment,
    forMs: ms,
    bytesPerMs: whole,
  }),
  z.strictObject({
    kind: z.literal("swizzle-clog"),
    processes: z.array(process).min(1),
    restored: z.array(process).min(1),
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
