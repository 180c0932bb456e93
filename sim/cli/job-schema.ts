/** Settings of jobs, as they are written in a plan. */
import { z } from "zod";
import type { CostProfile } from "../../src/index.ts";
import type { BackendChoice, JobOptions } from "../job-options.ts";
import { whole } from "./fault-schemas/values.ts";

const atLeastOne = z.number().int().min(1);

const backend: z.ZodType<BackendChoice> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("memory") }),
  z.strictObject({ kind: z.literal("disk"), memtableBytes: atLeastOne }),
  z.strictObject({ kind: z.literal("remote"), memtableBytes: atLeastOne }),
  z.strictObject({
    kind: z.literal("changelog"),
    segmentBytes: atLeastOne,
    materializeMs: atLeastOne,
  }),
]);

export const jobOptions: z.ZodType<JobOptions> = z.strictObject({
  parallelism: atLeastOne.exactOptional(),
  intervalMs: atLeastOne.exactOptional(),
  overtakeAfterMs: whole.exactOptional(),
  minPauseMs: whole.exactOptional(),
  maxConcurrent: atLeastOne.exactOptional(),
  retained: atLeastOne.exactOptional(),
  incremental: z.boolean().exactOptional(),
  localRecovery: z.boolean().exactOptional(),
  backend: backend.exactOptional(),
  restartDelayMs: whole.exactOptional(),
  restartDelayMsMax: atLeastOne.exactOptional(),
  protocol: z.literal("uncoordinated").exactOptional(),
});

export const cost: z.ZodType<CostProfile> = z.strictObject({
  stepUs: whole,
  recordUs: whole,
  snapshotUsPerKilobyte: whole,
});
