/**
 * The options of a failing plan, brought towards a calm world: even latencies, nothing lost, nothing
 * doubled, large buffers. What is left uncalm in a shrunk plan is then part of the story.
 *
 * The cluster stays as it is: faults name its processes (`calm-cluster.ts`), and the job needs its slots.
 */
import type { BuggifyPoint } from "../../src/index.ts";
import { ALL_POINTS } from "../buggify.ts";
import { JOB_FIELDS } from "../faults/draw-job.ts";
import type { JobField, JobOptions } from "../job-options.ts";
import type { Latency, RunOptions } from "../plan.ts";

/** True when the run still fails with these options. */
export type TryOptions = (options: RunOptions) => boolean;

type Calming = (options: RunOptions) => RunOptions;

const CALM_BUFFER_BYTES = 32_768;
const CALM_CREDITS = 8;
const CALM_STEP_ELEMENTS = 128;
const CALM_READ_RECORDS = 100;

/** Every hop takes the shortest time it ever took. */
const steady = (latency: Latency): Latency => ({
  ...latency,
  maxUs: latency.minUs,
  tailPerMille: 0,
  tailUs: 0,
});

const without =
  (point: BuggifyPoint): Calming =>
  ({ buggify: armed = [], ...rest }) => {
    const left = armed.filter((other) => other !== point);
    return left.length === 0 ? rest : { ...rest, buggify: left };
  };

const asWritten =
  (field: JobField): Calming =>
  ({ job = {}, ...rest }) => {
    const left = Object.entries(job).filter(([name]) => name !== field);
    return left.length === 0 ? rest : { ...rest, job: Object.fromEntries(left) as JobOptions };
  };

/** One habit of the world each; the ones that lose things first. */
const CALMINGS: readonly Calming[] = [
  ...ALL_POINTS.map(without),
  ...JOB_FIELDS.map(asWritten),
  ({ cost: _, ...o }) => o,
  (o) => ({ ...o, control: { ...o.control, lossPerMille: 0 } }),
  (o) => ({ ...o, control: { ...o.control, duplicatePerMille: 0 } }),
  (o) => ({ ...o, control: { ...o.control, latency: steady(o.control.latency) } }),
  (o) => ({ ...o, store: { ...o.store, timeoutPerMille: 0 } }),
  (o) => ({ ...o, store: { ...o.store, latency: steady(o.store.latency) } }),
  ({ disk: _, ...o }) => o,
  (o) => ({ ...o, ledger: { ...o.ledger, timeoutPerMille: 0 } }),
  (o) => ({ ...o, ledger: { ...o.ledger, latency: steady(o.ledger.latency) } }),
  (o) => ({ ...o, log: { ...o.log, timeoutPerMille: 0 } }),
  (o) => ({ ...o, log: { ...o.log, latency: steady(o.log.latency) } }),
  (o) => ({ ...o, log: { ...o.log, readRecordsMax: CALM_READ_RECORDS } }),
  (o) => ({ ...o, services: { ...o.services, timeoutPerMille: 0 } }),
  (o) => ({ ...o, services: { ...o.services, failPerMille: 0 } }),
  (o) => ({ ...o, services: { ...o.services, doublePerMille: 0 } }),
  (o) => ({ ...o, services: { ...o.services, latency: steady(o.services.latency) } }),
  (o) => ({ ...o, network: steady(o.network) }),
  ({ wires: _, ...o }) => o,
  (o) => ({ ...o, permuteTies: false }),
  (o) => ({ ...o, bufferBytes: CALM_BUFFER_BYTES }),
  (o) => ({ ...o, creditsPerChannel: CALM_CREDITS }),
  (o) => ({ ...o, stepElementsMax: CALM_STEP_ELEMENTS }),
];

/** All calm at once, or else one thing after the other. Options that are calm already cost no run. */
export function calmOptions(original: RunOptions, attempt: TryOptions): void {
  const calmest = CALMINGS.reduce((options, calming) => calming(options), original);
  if (sameOptions(calmest, original) || attempt(calmest)) return;
  let options = original;
  for (const calming of CALMINGS) {
    const calmer = calming(options);
    if (!sameOptions(calmer, options) && attempt(calmer)) options = calmer;
  }
}

/** Options are plain data, written with their fields in one order. */
const sameOptions = (a: RunOptions, b: RunOptions): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
