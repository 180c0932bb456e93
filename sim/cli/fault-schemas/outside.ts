/** As they are written in a capsule. */
import { z } from "zod";
import type { OutsideFault } from "../../faults/outside/outside-fault.ts";
import { moment, ms, perMille, process, whole } from "./values.ts";

export const outsideSchemas = [
  z.strictObject({ kind: z.literal("log-timeouts"), when: moment, forMs: ms, perMille }),
  z.strictObject({ kind: z.literal("log-slow"), when: moment, forMs: ms, extraMs: ms }),
  z.strictObject({
    ...{ kind: z.literal("log-unavailable"), when: moment },
    ...{ forMs: ms, partition: whole },
  }),
  z.strictObject({ kind: z.literal("log-repeats"), when: moment, forMs: ms, count: whole }),
  z.strictObject({ kind: z.literal("log-trims"), when: moment }),
  z.strictObject({ kind: z.literal("log-loses"), when: moment }),
  z.strictObject({ kind: z.literal("ledger-timeouts"), when: moment, forMs: ms, perMille }),
  z.strictObject({ kind: z.literal("ledger-expires"), when: moment }),
  z.strictObject({
    ...{ kind: z.literal("ledger-refuses-commits"), when: moment },
    ...{ count: whole, committed: z.boolean() },
  }),
  z.strictObject({
    ...{ kind: z.literal("ledger-slow-commits"), when: moment },
    ...{ forMs: ms, extraMs: ms },
  }),
  z.strictObject({ kind: z.literal("ledger-read-only"), when: moment, forMs: ms }),
  z.strictObject({ kind: z.literal("ledger-doubles"), when: moment, forMs: ms, perMille }),
  z.strictObject({ kind: z.literal("service-timeouts"), when: moment, forMs: ms, perMille }),
  z.strictObject({ kind: z.literal("service-unavailable"), when: moment, forMs: ms }),
  z.strictObject({ kind: z.literal("service-hangs"), when: moment, forMs: ms, perMille }),
  z.strictObject({ kind: z.literal("service-slow"), when: moment, forMs: ms, extraMs: ms }),
  z.strictObject({ kind: z.literal("service-doubles"), when: moment, forMs: ms, perMille }),
  z.strictObject({ kind: z.literal("coordination-unavailable"), when: moment, forMs: ms }),
  z.strictObject({ kind: z.literal("coordination-slow"), when: moment, forMs: ms, extraMs: ms }),
  z.strictObject({ kind: z.literal("delay-watches"), when: moment, forMs: ms, extraMs: ms }),
  z.strictObject({ kind: z.literal("expire-session"), process, when: moment }),
] as const satisfies readonly z.ZodType<OutsideFault>[];
