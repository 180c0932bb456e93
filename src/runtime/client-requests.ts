/**
 * What the owner of a job asks of whoever leads it: savepoints, stops, other parallelism, resumption.
 *
 *   request --known--> answered again
 *           \--new--> looked up, carried out or refused --> answered
 *
 * Messages get lost and leaders change, so the owner asks until it is answered. A request is known by
 * its id: by the savepoint that bears it, by the settings that it has brought about, and, as long as
 * this leader lives, by the answer it got.
 *
 * CR1  A request takes effect at most once, however often and of whomever it is asked.
 * CR2  What is refused once stays refused; what only has to wait is not answered.
 *
 * Not here: savepoints (`../checkpoint/coordinator.ts`), what the job does (`job-run.ts`).
 */
import { unreachable } from "../core/assert.ts";
import type { CheckpointId, LeaderEpoch, ProcessId } from "../core/ids.ts";
import { findSavepoint, savepointPrefix } from "../checkpoint/checkpoint-paths.ts";
import type { CheckpointRequest } from "../checkpoint/coordinator.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { rescaledPlan, type Parallelism } from "../graph/rescaled.ts";
import type { Host } from "../host/host.ts";
import { listAll } from "./inheritance.ts";
import { settingsPath } from "./job-paths.ts";
import {
  changedSettings,
  encodeSettings,
  mergedParallelism,
  type JobSettings,
} from "./job-settings.ts";
import { encodeMessage, type MessageOf } from "./messages.ts";
import { withRetries } from "./storage-retry.ts";

export type ClientRequest =
  | MessageOf<"savepoint-job">
  | MessageOf<"stop-job">
  | MessageOf<"rescale-job">
  | MessageOf<"resume-job">;

/**
 * `starting`: it was resumed, and does not run yet. `ending`: it has no input left, or has been stopped or
 * cancelled, and is not over yet.
 */
export type JobState = "starting" | "running" | "ending" | "ended";

/** The job as its leader has it. */
export type RequestedJob = Readonly<{
  host: Host;
  /** As the job was written. */
  plan: PhysicalPlan;
  epoch: LeaderEpoch;
  state(): JobState;
  settings(): JobSettings;
  /** Checkpoint ids that may have been used. */
  idsTaken(): CheckpointId;
  /** It is answered through `onAnswer`. */
  checkpoint(request: CheckpointRequest): void;
  /** The settings are durable; carry out what they say, and call back. */
  onRescale(settings: JobSettings, plan: PhysicalPlan, then: () => void): void;
  /** Nothing more may be deleted: the next run begins. */
  onResuming(): void;
  onResume(settings: JobSettings): void;
}>;

export class ClientRequests {
  readonly #job: RequestedJob;
  /** By id: who asked last. */
  readonly #askers = new Map<string, ProcessId>();
  readonly #open = new Set<string>();
  /** By id: why. */
  readonly #refused = new Map<string, string>();
  /** One change of settings at a time. */
  #changing = false;

  constructor(job: RequestedJob) {
    this.#job = job;
  }

  onRequest(from: ProcessId, request: ClientRequest): void {
    const { id } = request;
    this.#askers.set(id, from);
    const why = this.#refused.get(id);
    if (why !== undefined) this.#answer(id, false, why);
    else if (this.#job.settings().done.includes(id)) this.#answer(id, true, "");
    else if (!this.#open.has(id)) this.#begin(request);
  }

  /** What has come of a savepoint. */
  onAnswer(id: string, done: boolean, why: string): void {
    this.#open.delete(id);
    if (!done) this.#refused.set(id, why); // CR2
    this.#answer(id, done, why);
  }

  #begin(request: ClientRequest): void {
    const { protocol } = this.#job.plan.graph.checkpoints;
    if (protocol === "uncoordinated" && request.kind !== "resume-job") {
      const what = request.kind === "rescale-job" ? "be rescaled" : "have savepoints";
      this.onAnswer(request.id, false, `a job with uncoordinated checkpoints cannot ${what}`);
      return;
    }
    switch (request.kind) {
      case "savepoint-job":
        this.#savepoint(request, "none");
        return;
      case "stop-job":
        this.#savepoint(request, request.drain ? "drain" : "suspend");
        return;
      case "rescale-job":
        this.#rescale(request);
        return;
      case "resume-job":
        this.#resume(request);
        return;
      default:
        unreachable(request);
    }
  }

  /** CR1: whoever led before may have taken it. */
  #savepoint(
    { id, form }: MessageOf<"savepoint-job"> | MessageOf<"stop-job">,
    stop: CheckpointRequest["stop"],
  ): void {
    this.#open.add(id);
    this.#find(id, (path) => {
      if (path !== undefined) this.onAnswer(id, true, "");
      else if (this.#job.state() === "starting") this.#open.delete(id);
      else if (this.#job.state() === "running") {
        this.#job.checkpoint({ name: id, purpose: "savepoint", form, stop, forced: false });
      } else this.onAnswer(id, false, "the job has ended");
    });
  }

  #rescale({ id, parallelism: wanted }: MessageOf<"rescale-job">): void {
    const { plan: written, state, settings: settingsOf } = this.#job;
    if (state() === "starting") return;
    if (state() !== "running") {
      this.onAnswer(id, false, "the job has ended");
      return;
    }
    if (this.#changing) return;
    const parallelism: Parallelism = mergedParallelism(settingsOf().parallelism, wanted);
    const plan = rescaledPlan(written, parallelism);
    if (!plan.ok) {
      this.onAnswer(id, false, plan.error);
      return;
    }
    this.#change(id, { parallelism }, (settings, settled) =>
      this.#job.onRescale(settings, plan.value, settled),
    );
  }

  #resume({ id, savepoint, claim, allowNonRestoredState }: MessageOf<"resume-job">): void {
    const { state, settings } = this.#job;
    if (state() === "running") {
      this.onAnswer(id, false, "the job has not ended; stop or cancel it first");
      return;
    }
    if (state() === "starting" || state() === "ending" || this.#changing) return;
    this.#open.add(id);
    this.#find(savepoint, (path) => {
      this.#open.delete(id);
      if (this.#job.state() !== "ended" || this.#changing) return;
      if (path === undefined) {
        this.onAnswer(id, false, `there is no savepoint of the request "${savepoint}"`);
        return;
      }
      this.#job.onResuming();
      const origin = { path, claim, allowNonRestoredState };
      const run = settings().run + 1;
      const checkpointsAfter = this.#job.idsTaken();
      this.#change(id, { origin, run, checkpointsAfter }, (next, settled) => {
        this.#job.onResume(next);
        settled();
      });
    });
  }

  #find(name: string, then: (path: string | undefined) => void): void {
    const { host, plan } = this.#job;
    const job = plan.graph.name;
    listAll(host, savepointPrefix(job), (paths) => then(findSavepoint(job, name, paths)?.path));
  }

  /** JS1: first it is written down, then it is so. */
  #change(
    id: string,
    change: Partial<Pick<JobSettings, "parallelism" | "origin" | "run" | "checkpointsAfter">>,
    then: (settings: JobSettings, settled: () => void) => void,
  ): void {
    const { host, plan, epoch, settings } = this.#job;
    this.#open.add(id);
    this.#changing = true;
    const next = changedSettings(settings(), epoch, id, change);
    const path = settingsPath(plan.graph.name, next.number);
    withRetries<undefined>(
      host,
      Number.POSITIVE_INFINITY,
      (done) => host.objectStore.put(path, encodeSettings(next), false, done),
      () =>
        then(next, () => {
          this.#changing = false;
          this.onAnswer(id, true, "");
        }),
    );
  }

  #answer(id: string, done: boolean, why: string): void {
    const asker = this.#askers.get(id);
    if (asker === undefined) return;
    this.#job.host.send(asker, encodeMessage({ kind: "answer", id, done, why }));
  }
}
