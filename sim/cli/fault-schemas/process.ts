/** As they are written in a capsule. */
import { z } from "zod";
import type { ProcessFault } from "../../faults/process/process-fault.ts";
import { again, moment, ms, process, stepMoment, whole } from "./values.ts";

export const processSchemas = [
  z.strictObject({
    kind: z.literal("crash"),
    process,
    when: z.union([moment, stepMoment]),
    restartAfterMs: ms,
    unsynced: z.enum(["kept", "lost", "drawn"]).exactOptional(),
    again: again.exactOptional(),
  }),
  z.strictObject({ kind: z.literal("crash-rack"), process, when: moment, restartAfterMs: ms }),
  z.strictObject({
    kind: z.literal("lose-disk"),
    process,
    when: moment,
    restartAfterMs: ms,
    left: z.enum(["nothing", "damaged"]),
  }),
  z.strictObject({ kind: z.literal("join-late"), process, when: moment, forMs: ms }),
  z.strictObject({
    kind: z.literal("pause"),
    process,
    when: moment,
    forMs: ms,
    again: again.exactOptional(),
  }),
  z.strictObject({ kind: z.literal("slow-cpu"), process, when: moment, forMs: ms, times: whole }),
  z.strictObject({
    kind: z.literal("drift-clock"),
    process,
    when: moment,
    ppm: z.number().int(),
    forMs: ms,
  }),
  z.strictObject({
    kind: z.literal("step-clock"),
    process,
    when: moment,
    byMs: z.number().int(),
    forMs: ms,
  }),
] as const satisfies readonly z.ZodType<ProcessFault>[];
