/** What faults are written with. */
import { z } from "zod";
import type { Again } from "../../faults/again.ts";
import type { Moment, StepMoment } from "../../moment.ts";
import { NOTE_KINDS } from "../../note-kinds.ts";
import { STEP_KINDS } from "../../step-kinds.ts";

export const ms = z.number().nonnegative();
export const whole = z.number().int().nonnegative();
export const perMille = z.number().int().min(0).max(1_000);
export const process = z.string().min(1);

export const moment: z.ZodType<Moment> = z.union([
  z.strictObject({ atMs: ms }),
  z.strictObject({
    note: z.enum(NOTE_KINDS),
    process: process.exactOptional(),
    nth: z.number().int().min(1),
    afterMs: ms,
  }),
]);

export const again: z.ZodType<Again> = z.strictObject({ times: whole, afterMs: ms });

export const stepMoment: z.ZodType<StepMoment> = z.strictObject({
  step: z.enum(STEP_KINDS),
  process,
  peer: process.exactOptional(),
  nth: z.number().int().min(1),
  side: z.enum(["before", "after"]),
});
