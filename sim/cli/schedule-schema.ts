/** Schedules in capsules; see `../schedule.ts`. */
import { z } from "zod";
import type { Schedule } from "../schedule.ts";
import { whole } from "./fault-schemas/values.ts";

const from1 = z.number().int().min(1);

export const schedule: z.ZodType<Schedule> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("priorities"),
    changes: z.array(from1),
    windowUs: whole,
    lateUsMax: whole,
  }),
  z.strictObject({
    kind: z.literal("choices"),
    gridUs: from1,
    taken: z.array(z.strictObject({ at: from1, take: z.string().min(1) })),
    anyOwner: z.boolean().exactOptional(),
  }),
]);
