/** As they are written in a capsule. */
import { z } from "zod";
import type { StorageFault } from "../../faults/storage/storage-fault.ts";
import { moment, ms, perMille } from "./values.ts";

export const storageSchemas = [
  z.strictObject({ kind: z.literal("store-timeouts"), when: moment, forMs: ms, perMille }),
  z.strictObject({ kind: z.literal("store-unavailable"), when: moment, forMs: ms }),
] as const satisfies readonly z.ZodType<StorageFault>[];
