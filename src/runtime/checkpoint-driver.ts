/**
 * Drives the checkpoint coordinator for a job manager: sends what it wants sent, stores what it wants
 * stored, and tells it what came of that. The decisions are all in `../checkpoint/coordinator.ts`.
 */
import { unreachable } from "../core/assert.ts";
import { PLAIN_BARRIER, type BarrierOptions } from "../core/element.ts";
import {
  asAttemptId,
  asCheckpointId,
  asSubtaskIndex,
  asVertexIndex,
  type AttemptId,
  type CheckpointId,
} from "../core/ids.ts";
import {
  encodeCheckpoint,
  metadataPath,
  type CompletedCheckpoint,
} from "../checkpoint/checkpoint-metadata.ts";
import {
  coordinatorConfig,
  createCoordinator,
  restorePoint,
  stepCoordinator,
  type Coordinator,
  type CoordinatorEffect,
  type CoordinatorEvent,
} from "../checkpoint/coordinator.ts";
import type { TaskId } from "../checkpoint/task-id.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { Host, TimerHandle } from "../host/host.ts";
import { deleteAll } from "./clean-up.ts";
import { reservationPath } from "./job-paths.ts";
import type { AssignmentsDue, MessageOf } from "./messages.ts";
import type { SourceCoordinators } from "./source-coordinators.ts";
import { storeErrorText, withRetries } from "./storage-retry.ts";

/** The outcome of these writes must be known before anything else may happen. */
const TRIES_MAX = Number.POSITIVE_INFINITY;

/** A message to every task manager of an attempt; the epoch is filled in by the sender. */
export type AttemptMessage = Readonly<
  | {
      kind: "trigger";
      checkpointId: CheckpointId;
      options: BarrierOptions;
      sources: AssignmentsDue[];
    }
  | { kind: "completed" | "aborted"; checkpointId: CheckpointId }
>;

export type CheckpointDriverEvents = Readonly<{
  tell(attempt: AttemptId, message: AttemptMessage): void;
  onAllEnded(attempt: AttemptId, checkpointId: CheckpointId): void;
  /** No metadata write of unknown outcome is left. */
  onSettled(): void;
}>;

type EventBody<E> = E extends { nowMs: number } ? Omit<E, "nowMs"> : never;

export class CheckpointDriver {
  readonly #host: Host;
  readonly #plan: PhysicalPlan;
  readonly #sources: SourceCoordinators;
  readonly #events: CheckpointDriverEvents;
  #state: Coordinator;
  #timer: TimerHandle | undefined;

  constructor(
    host: Host,
    plan: PhysicalPlan,
    sources: SourceCoordinators,
    events: CheckpointDriverEvents,
  ) {
    this.#host = host;
    this.#plan = plan;
    this.#sources = sources;
    this.#events = events;
    this.#state = createCoordinator(coordinatorConfig(plan));
  }

  get coordinator(): Coordinator {
    return this.#state;
  }

  get unsettled(): boolean {
    return restorePoint(this.#state).kind === "unsettled";
  }

  start(reservedThrough: CheckpointId, completed: readonly CompletedCheckpoint[]): void {
    this.#drive({ kind: "restored-store", reservedThrough, completed });
  }

  attemptRunning(attempt: AttemptId, tasks: readonly TaskId[]): void {
    this.#drive({ kind: "attempt-running", attempt, tasks });
  }

  attemptEnded(attempt: AttemptId, why: string): void {
    this.#drive({ kind: "attempt-ended", attempt, why });
  }

  stop(): void {
    this.#drive({ kind: "stop" });
  }

  /** A trigger may have been lost: whoever has had it ignores another one (C6). */
  remind(): void {
    const { pending } = this.#state;
    if (pending?.phase === "collecting") this.#tellTrigger(pending.attempt, pending.id);
  }

  onAcknowledge(message: MessageOf<"acknowledge">): void {
    this.#drive({
      kind: "acknowledged",
      attempt: asAttemptId(message.attempt),
      checkpointId: asCheckpointId(message.checkpointId),
      ack: {
        vertex: asVertexIndex(message.vertex),
        subtask: asSubtaskIndex(message.subtask),
        stored: message.stored,
        ended: message.ended,
      },
    });
  }

  onDecline(message: MessageOf<"decline">): void {
    this.#drive({
      kind: "declined",
      attempt: asAttemptId(message.attempt),
      checkpointId: asCheckpointId(message.checkpointId),
      vertex: asVertexIndex(message.vertex),
      subtask: asSubtaskIndex(message.subtask),
      why: message.why,
    });
  }

  #drive(event: EventBody<CoordinatorEvent>): void {
    const nowMs = Math.floor(this.#host.nowUs() / 1_000);
    const step = stepCoordinator(this.#state, { ...event, nowMs });
    this.#state = step.state;
    for (const effect of step.effects) this.#carryOut(effect);
  }

  #carryOut(effect: CoordinatorEffect): void {
    const host = this.#host;
    switch (effect.kind) {
      case "reserve-ids":
        this.#reserve(effect.through);
        return;
      case "trigger":
        this.#trigger(effect.attempt, effect.checkpointId);
        return;
      case "store-metadata":
        this.#store(effect.checkpoint);
        return;
      case "announce-completed":
        host.note({ kind: "checkpoint-completed", checkpointId: effect.checkpointId });
        this.#sources.checkpointOver(effect.checkpointId);
        this.#tell("completed", effect);
        if (effect.allEnded) this.#events.onAllEnded(effect.attempt, effect.checkpointId);
        return;
      case "announce-aborted": {
        const { checkpointId, why } = effect;
        host.note({ kind: "checkpoint-aborted", checkpointId, why });
        this.#sources.checkpointOver(checkpointId);
        this.#tell("aborted", effect);
        return;
      }
      case "discard": {
        const { checkpointId, handles, withMetadata } = effect;
        const paths = handles.map((handle) => handle.path);
        if (!withMetadata) {
          deleteAll(host, paths, () => undefined);
          return;
        }
        host.note({ kind: "checkpoint-subsumed", checkpointId });
        deleteAll(host, [metadataPath(this.#plan.graph.name, checkpointId)], () =>
          deleteAll(host, paths, () => undefined),
        );
        return;
      }
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
  #trigger(attempt: AttemptId, checkpointId: CheckpointId): void {
    this.#host.note({ kind: "checkpoint-triggered", checkpointId });
    const sources = this.#sources.trigger(checkpointId);
    this.#drive({ kind: "sources-snapshotted", attempt, checkpointId, sources });
    this.#tellTrigger(attempt, checkpointId);
  }

  #tellTrigger(attempt: AttemptId, checkpointId: CheckpointId): void {
    const { due } = this.#sources;
    this.#events.tell(attempt, {
      kind: "trigger",
      checkpointId,
      options: PLAIN_BARRIER,
      sources: due,
    });
  }

  #tell(
    kind: "completed" | "aborted",
    { attempt, checkpointId }: Readonly<{ attempt: AttemptId; checkpointId: CheckpointId }>,
  ): void {
    this.#events.tell(attempt, { kind, checkpointId });
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
    const path = reservationPath(this.#plan.graph.name, through);
    withRetries<undefined>(
      this.#host,
      TRIES_MAX,
      (done) => this.#host.objectStore.put(path, new Uint8Array(0), false, done),
      () => this.#drive({ kind: "ids-reserved", through }),
    );
  }

  /** Ids are never used twice, so an object that is there already is the one we wrote (C23). */
  #store(checkpoint: CompletedCheckpoint): void {
    const host = this.#host;
    const checkpointId = checkpoint.id;
    const path = metadataPath(this.#plan.graph.name, checkpointId);
    const bytes = encodeCheckpoint(checkpoint);
    host.note({ kind: "checkpoint-completing", checkpointId });
    withRetries<undefined>(
      host,
      TRIES_MAX,
      (done) => host.objectStore.put(path, bytes, true, done),
      (result) => {
        if (result.ok || result.error.kind === "exists") {
          this.#drive({ kind: "metadata-stored", checkpointId });
        } else {
          this.#drive({ kind: "metadata-failed", checkpointId, why: storeErrorText(result.error) });
        }
        this.#events.onSettled();
      },
    );
  }
}
