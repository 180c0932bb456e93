/** As they are written in a capsule. */
import { z } from "zod";
import type { StorageFault } from "../../faults/storage/storage-fault.ts";
import { moment, ms, perMille, process, whole } from "./values.ts";

export const storageSchemas = [
  z.strictObject({ kind: z.literal("store-timeouts"), when: moment, forMs: ms, perMille }),
  z.strictObject({ kind: z.literal("store-unavailable"), when: moment, forMs: ms }),
  z.strictObject({
    kind: z.literal("store-throttles"),
    when: moment,
    forMs: ms,
    perSecond: whole,
  }),
  z.strictObject({
    kind: z.literal("store-narrow"),
    when: moment,
    forMs: ms,
    bytesPerSecond: whole,
  }),
  z.strictObject({ kind: z.literal("store-lists-late"), when: moment, forMs: ms, lateMs: ms }),
  z.strictObject({ kind: z.literal("fail-sync"), process, when: moment, count: whole }),
  z.strictObject({
    kind: z.literal("rot-disk"),
    process,
    when: moment,
    count: whole,
    into: z.enum(["changed", "unreadable"]),
  }),
  z.strictObject({ kind: z.literal("misdirect-writes"), process, when: moment, count: whole }),
  z.strictObject({ kind: z.literal("short-reads"), process, when: moment, forMs: ms, perMille }),
  z.strictObject({ kind: z.literal("fill-disk"), process, when: moment, forMs: ms }),
  z.strictObject({
    kind: z.literal("slow-disk"),
    process,
    when: moment,
    forMs: ms,
    perMille,
    accessMs: ms,
  }),
] as const satisfies readonly z.ZodType<StorageFault>[];
