/**
 * Drives the checkpoint coordinator for a job manager: sends what it wants sent, stores what it wants
 * stored, and tells it what came of that. The decisions are all in `../checkpoint/coordinator.ts`.
 */
import { unreachable } from "../core/assert.ts";
import type { BarrierOptions } from "../core/element.ts";
import type { AttemptId, CheckpointId } from "../core/ids.ts";
import { encodeCheckpoint, type CompletedCheckpoint } from "../checkpoint/checkpoint-metadata.ts";
import { sharedPrefix } from "../checkpoint/checkpoint-paths.ts";
import {
  coordinatorConfig,
  createCoordinator,
  restorePoint,
  stepCoordinator,
  storing,
  type CheckpointRequest,
  type Coordinator,
  type CoordinatorEffect,
  type RestoredFrom,
  type RunningRegion,
} from "../checkpoint/coordinator.ts";
import type { TaskId } from "../checkpoint/task-id.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { Host, TimerHandle } from "../host/host.ts";
import { BarrierLeader } from "./barrier-leader.ts";
import type {
  AttemptMessage,
  CheckpointLeader,
  CheckpointLeaderEvents,
  EventBody,
} from "./checkpoint-leader.ts";
import { deleteAll } from "./clean-up.ts";
import { reservationPath } from "./job-paths.ts";
import { LineLeader } from "./line-leader.ts";
import type { AssignmentsDue, MessageOf } from "./messages.ts";
import type { SourceCoordinators } from "./source-coordinators.ts";
import { storeErrorText, withRetries } from "./storage-retry.ts";

/** The outcome of these writes must be known before anything else may happen. */
const TRIES_MAX = Number.POSITIVE_INFINITY;

export type CheckpointDriverEvents = Readonly<{
  tell(region: number, attempt: AttemptId, message: AttemptMessage): void;
  /** All input had ended before that checkpoint. */
  onAllEnded(checkpointId: CheckpointId): void;
  /** No metadata write of unknown outcome is left. */
  onSettled(): void;
  /** To whoever made the request of that name. */
  onAnswer(name: string, done: boolean, why: string): void;
  /** The job stops behind this savepoint: finish what runs, or restore it and finish that (C45). */
  onStopped(checkpoint: CompletedCheckpoint): void;
  /** Every region starts over (C35). */
  onTooManyFailures(why: string): void;
}>;

type Trigger = Readonly<{
  options: BarrierOptions;
  regions: readonly RunningRegion[];
  sources: AssignmentsDue[];
}>;
type EffectOf<K extends CoordinatorEffect["kind"]> = Extract<CoordinatorEffect, { kind: K }>;

export class CheckpointDriver {
  readonly #host: Host;
  readonly #job: string;
  readonly #sources: SourceCoordinators;
  readonly #events: CheckpointDriverEvents;
  /** What its trigger says, of each checkpoint that is not over. */
  readonly #triggers = new Map<CheckpointId, Trigger>();
  /** Events that came while effects are carried out wait for their turn. */
  readonly #waiting: EventBody[] = [];
  readonly #leader: CheckpointLeader;
  #driving = false;
  #state: Coordinator;
  #timer: TimerHandle | undefined;
  /** The savepoint that the job stops behind is being stored for whoever asked. */
  #namingSavepoint = false;

  constructor(
    host: Host,
    plan: PhysicalPlan,
    sources: SourceCoordinators,
    events: CheckpointDriverEvents,
  ) {
    this.#host = host;
    this.#job = plan.graph.name;
    this.#sources = sources;
    this.#events = events;
    this.#state = createCoordinator(coordinatorConfig(plan));
    const halves: CheckpointLeaderEvents = {
      drive: (event) => this.#drive(event),
      tell: (region, attempt, message) => events.tell(region, attempt, message),
    };
    const { protocol } = plan.graph.checkpoints;
    this.#leader =
      protocol === "uncoordinated" ? new LineLeader(host, plan, halves) : new BarrierLeader(halves);
  }

  get coordinator(): Coordinator {
    return this.#state;
  }

  /** Nothing may be restored yet (C123). */
  get unsettled(): boolean {
    return restorePoint(this.#state).kind === "unsettled";
  }

  /** Metadata may or may not be there: nobody may clean up yet (C123). */
  get writing(): boolean {
    return this.#namingSavepoint || storing(this.#state) !== undefined;
  }

  /** @param restoredFrom what the job was started from, once */
  start(
    reservedThrough: CheckpointId,
    completed: readonly CompletedCheckpoint[],
    restoredFrom?: RestoredFrom,
  ): void {
    const from = restoredFrom === undefined ? {} : { restoredFrom };
    this.#drive({ kind: "restored-store", reservedThrough, completed, ...from });
    this.#leader.onReady(this.#state.nextId);
  }

  /** All tasks of this region run. */
  regionRunning(region: number, attempt: AttemptId, tasks: readonly TaskId[]): void {
    this.#leader.onRegionRunning(region, attempt, tasks);
    this.#drive({ kind: "region-running", region, attempt, tasks });
  }

  regionEnded(region: number, attempt: AttemptId, why: string): void {
    this.#leader.onRegionEnded(region);
    this.#drive({ kind: "region-ended", region, attempt, why });
  }

  /** The job goes on under another plan; no region runs. */
  replan(plan: PhysicalPlan): void {
    this.#drive({ kind: "replanned", config: coordinatorConfig(plan) });
  }

  /** It is answered once, by its name, when it is done or has failed. */
  request(request: CheckpointRequest): void {
    this.#drive({ kind: "requested", request });
  }

  stop(): void {
    this.#drive({ kind: "stop" });
  }

  /** A trigger may have been lost: whoever has had it ignores another one (C6). */
  remind(): void {
    for (const { id, phase } of this.#state.pending) {
      if (phase === "collecting") this.#tellTrigger(id);
    }
  }

  onAcknowledge(message: MessageOf<"acknowledge">): void {
    this.#leader.onAcknowledge(message);
  }

  onDecline(message: MessageOf<"decline">): void {
    this.#leader.onDecline(message);
  }

  #drive(event: EventBody): void {
    this.#waiting.push(event);
    if (this.#driving) return;
    this.#driving = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const nowMs = Math.floor(this.#host.nowUs() / 1_000);
      const step = stepCoordinator(this.#state, { ...next, nowMs });
      this.#state = step.state;
      for (const effect of step.effects) this.#carryOut(effect);
    }
    this.#driving = false;
  }

  #carryOut(effect: CoordinatorEffect): void {
    switch (effect.kind) {
      case "reserve-ids":
        this.#reserve(effect.through);
        return;
      case "trigger":
        this.#trigger(effect);
        return;
      case "store-metadata":
        this.#store(effect.checkpoint, effect.path);
        return;
      case "announce-completed":
        this.#announceCompleted(effect);
        return;
      case "announce-aborted": {
        const { checkpointId, regions, why } = effect;
        this.#host.note({ kind: "checkpoint-aborted", checkpointId, why });
        this.#over(checkpointId);
        this.#leader.onAborted(checkpointId, regions);
        return;
      }
      case "job-stopped":
        this.#nameSavepoint(effect.checkpoint, effect.path);
        return;
      case "answer":
        this.#events.onAnswer(effect.name, effect.done, effect.why);
        return;
      case "line-unused":
        this.#leader.onUnused();
        return;
      case "too-many-failures":
        this.#events.onTooManyFailures(effect.why);
        return;
      case "discard":
        this.#discard(effect);
        return;
      case "delete-files":
        deleteAll(this.#host, effect.files, () => undefined);
        return;
      case "list-shared":
        this.#listShared();
        return;
      case "wake-at":
        this.#wakeAt(effect.atMs);
        return;
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  /** The enumerators are cut in the same step, so nothing is assigned in between (C104). */
  #trigger({ checkpointId, options, regions }: EffectOf<"trigger">): void {
    this.#host.note({ kind: "checkpoint-triggered", checkpointId });
    const sources = this.#sources.trigger(checkpointId);
    const { due } = this.#sources;
    this.#triggers.set(checkpointId, { options, regions, sources: due });
    this.#leader.onTriggered(checkpointId, sources, due);
    this.#tellTrigger(checkpointId);
  }

  #tellTrigger(checkpointId: CheckpointId): void {
    const trigger = this.#triggers.get(checkpointId);
    if (trigger === undefined) return;
    const { options, sources, regions } = trigger;
    for (const { region, attempt } of regions) {
      this.#events.tell(region, attempt, { kind: "trigger", checkpointId, options, sources });
    }
  }

  /** A savepoint on the way is none that a restart goes back to, and no task hears of it (C42). */
  #announceCompleted({ checkpoint, regions, allEnded }: EffectOf<"announce-completed">): void {
    const { id: checkpointId, kind, stop } = checkpoint;
    if (kind === "savepoint") this.#host.note({ kind: "savepoint-completed", checkpointId });
    if (kind === "checkpoint" || stop !== "none") {
      this.#host.note({ kind: "checkpoint-completed", checkpointId });
    }
    this.#over(checkpointId);
    this.#leader.onCompleted(checkpoint, regions);
    if (allEnded) this.#events.onAllEnded(checkpointId);
    if (this.#host.buggify("checkpoint-now")) this.#drive({ kind: "hurried" });
  }

  #over(checkpointId: CheckpointId): void {
    this.#triggers.delete(checkpointId);
    this.#sources.checkpointOver(checkpointId);
  }

  /** The metadata goes first: what has none is no checkpoint, whatever else is left of it. */
  #discard({ checkpointId, metadata, files }: EffectOf<"discard">): void {
    const host = this.#host;
    const done = (): void => this.#drive({ kind: "discarded" });
    if (metadata === undefined) {
      deleteAll(host, files, done);
      return;
    }
    host.note({ kind: "checkpoint-subsumed", checkpointId });
    deleteAll(host, [metadata], () => deleteAll(host, files, done));
  }

  #listShared(): void {
    const prefix = sharedPrefix(this.#job);
    withRetries<readonly string[]>(
      this.#host,
      TRIES_MAX,
      (done) => this.#host.objectStore.listLate(prefix, done),
      (result) => this.#drive({ kind: "shared-listed", paths: result.ok ? result.value : [] }),
    );
  }

  #wakeAt(atMs: number): void {
    const host = this.#host;
    if (this.#timer !== undefined) host.cancelTimer(this.#timer);
    this.#timer = host.setTimer(Math.max(0, atMs * 1_000 - host.nowUs()), () => {
      this.#timer = undefined;
      this.#drive({ kind: "tick" });
    });
  }

  #reserve(through: CheckpointId): void {
    const path = reservationPath(this.#job, through);
    withRetries<undefined>(
      this.#host,
      TRIES_MAX,
      (done) => this.#host.objectStore.put(path, new Uint8Array(0), false, done),
      () => this.#drive({ kind: "ids-reserved", through }),
    );
  }

  #store(checkpoint: CompletedCheckpoint, path: string): void {
    const checkpointId = checkpoint.id;
    this.#host.note({ kind: "checkpoint-completing", checkpointId });
    this.#leader.onStoring(checkpointId);
    this.#putMetadata(checkpoint, path, (refused) => {
      if (refused === undefined) this.#drive({ kind: "metadata-stored", checkpointId });
      else this.#drive({ kind: "metadata-failed", checkpointId, why: refused });
      this.#events.onSettled();
    });
  }

  /** Done again by a new leader, it changes nothing. */
  #nameSavepoint(checkpoint: CompletedCheckpoint, path: string): void {
    this.#namingSavepoint = true;
    this.#putMetadata(checkpoint, path, () => {
      this.#namingSavepoint = false;
      this.#events.onAnswer(checkpoint.name, true, "");
      this.#events.onStopped(checkpoint);
      this.#events.onSettled();
    });
  }

  /** Ids are never used twice, so an object that is there already is the one we wrote (C23). */
  #putMetadata(
    checkpoint: CompletedCheckpoint,
    path: string,
    done: (refused: string | undefined) => void,
  ): void {
    const { objectStore } = this.#host;
    const bytes = encodeCheckpoint(checkpoint);
    withRetries<undefined>(
      this.#host,
      TRIES_MAX,
      (answer) => objectStore.put(path, bytes, true, answer),
      (result) => {
        const stored = result.ok || result.error.kind === "exists";
        done(stored ? undefined : storeErrorText(result.error));
      },
    );
  }
}
