/**
 * Reads capsules that others wrote, and says what is wrong with those it cannot read. The schema is held
 * to the types of a plan by the compiler: a fault that is added there has to be added here.
 *
 * Not here: `capsule.ts` (what a capsule is, and writing one).
 */
import { z } from "zod";
import { ALL_POINTS } from "../buggify.ts";
import type { Strike } from "../explore/strikes.ts";
import type { Fault, Latency, Plan, RunOptions } from "../plan.ts";
import type { Capsule } from "./capsule.ts";
import { CAPSULE_FORMAT } from "./capsule.ts";
import { UsageError } from "./exit.ts";
import { networkSchemas } from "./fault-schemas/network.ts";
import { outsideSchemas } from "./fault-schemas/outside.ts";
import { processSchemas } from "./fault-schemas/process.ts";
import { storageSchemas } from "./fault-schemas/storage.ts";
import { ms, perMille, whole } from "./fault-schemas/values.ts";
import type { Io } from "./io.ts";
import { indented, readJson } from "./json-file.ts";
import { cost, jobOptions } from "./job-schema.ts";
import { mutantSchema } from "./mutant-schema.ts";
import { schedule } from "./schedule-schema.ts";

const fault: z.ZodType<Fault> = z.discriminatedUnion("kind", [
  ...processSchemas,
  ...networkSchemas,
  ...storageSchemas,
  ...outsideSchemas,
]);

const latency: z.ZodType<Latency> = z.strictObject({
  minUs: whole,
  maxUs: whole,
  tailPerMille: perMille,
  tailUs: whole,
});

/** Of capsules that were written when no job could ask a service. */
const CALM_SERVICES: RunOptions["services"] = {
  latency: { minUs: 1_000, maxUs: 1_000, tailPerMille: 0, tailUs: 0 },
  timeoutPerMille: 0,
  failPerMille: 0,
  doublePerMille: 0,
};

const services: z.ZodType<RunOptions["services"]> = z
  .strictObject({
    latency,
    timeoutPerMille: perMille,
    failPerMille: perMille,
    doublePerMille: perMille,
  })
  .default(CALM_SERVICES);

const options: z.ZodType<RunOptions> = z.strictObject({
  jobManagers: whole.exactOptional(),
  taskManagers: whole,
  slotsPerTaskManager: whole,
  bufferBytes: whole,
  creditsPerChannel: whole,
  stepElementsMax: whole,
  bufferTimeoutMs: ms,
  heartbeatMs: ms,
  heartbeatTimeoutMs: ms,
  network: latency,
  wires: z.array(z.array(whole).min(1)).min(1).exactOptional(),
  racks: z.number().int().min(1).exactOptional(),
  control: z.strictObject({ lossPerMille: perMille, duplicatePerMille: perMille, latency }),
  store: z.strictObject({ latency, timeoutPerMille: perMille }),
  disk: z.strictObject({ latency }).exactOptional(),
  ledger: z.strictObject({ latency, timeoutPerMille: perMille }),
  log: z.strictObject({ latency, timeoutPerMille: perMille, readRecordsMax: whole }),
  services,
  job: jobOptions.exactOptional(),
  cost: cost.exactOptional(),
  buggify: z.array(z.enum(ALL_POINTS)).exactOptional(),
  permuteTies: z.boolean(),
});

const plan: z.ZodType<Plan> = z.strictObject({
  options,
  faults: z.array(fault),
  quietAfterMs: ms,
  keep: z.record(z.string(), z.array(z.array(whole))).exactOptional(),
  everyCheckpoint: z.boolean().exactOptional(),
  recipe: z.record(z.string(), z.unknown()).exactOptional(),
  schedule: schedule.exactOptional(),
});

const strike: z.ZodType<Strike> = z.strictObject({
  fault: whole,
  past: z.array(z.strictObject({ note: z.string(), process: z.string(), nth: whole })),
});

export const capsuleSchema: z.ZodType<Capsule> = z.strictObject({
  formatVersion: z.literal(CAPSULE_FORMAT),
  scenario: z.string().min(1),
  seed: z.string().min(1),
  plan,
  rule: z.string().min(1),
  detail: z.string(),
  digest: z.string().min(1),
  versions: z.strictObject({ millrace: z.string(), node: z.string() }),
  strikes: z.array(strike).exactOptional(),
  taught: z.string().min(1).exactOptional(),
  shrunkFrom: z.strictObject({ faults: whole, records: whole }).exactOptional(),
  mutant: mutantSchema.exactOptional(),
});

/** A plan, and the seed that it goes with, where the file says so. */
type PlanFile = Readonly<{ plan: Plan; seed?: string }>;

/** A plan by itself, or the one in a capsule. */
export function readPlan(io: Io, path: string): PlanFile {
  const json = readJson(io, path, "plan");
  if (formatOf(json) !== undefined) {
    const { plan: kept, seed } = readCapsule(io, path);
    return { plan: kept, seed };
  }
  const parsed = plan.safeParse(json);
  if (parsed.success) return { plan: parsed.data };
  throw new UsageError(`${path}: is no plan\n${indented(z.prettifyError(parsed.error))}`);
}

const formatOf = (json: unknown): unknown =>
  typeof json === "object" && json !== null && "formatVersion" in json
    ? json.formatVersion
    : undefined;

export function readCapsule(io: Io, path: string): Capsule {
  const json = readJson(io, path, "capsule");
  const format = formatOf(json);
  if (format !== undefined && format !== CAPSULE_FORMAT) {
    throw new UsageError(
      `${path}: a capsule of format ${String(format)}, and this millrace reads format ${CAPSULE_FORMAT}; use the version that wrote it`,
    );
  }
  const parsed = capsuleSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${path}: is no capsule\n${indented(z.prettifyError(parsed.error))}`);
}
