/**
 * The source side of a job manager: drives the enumerator of one source, asks the log for it, and sees
 * to it that its readers get what it assigns.
 *
 *   log --partitions, offsets--> enumerator --assign--> outbox --message, again with each report--> reader
 *                                    \--snapshot, at the trigger--> metadata of the checkpoint
 *
 * SN1  Nothing is told to a reader that does not run in the present attempt (C105, C119).
 * SN2  What the log answers to an attempt that is over changes nothing.
 *
 * Not here: the decisions (`../connectors/split-enumerator.ts`, `assignment-outbox.ts`).
 */
import { assert, unreachable } from "../core/assert.ts";
import type { AttemptId, CheckpointId } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import { isPassing, logErrorText } from "../connectors/log-split.ts";
import {
  createEnumerator,
  stepEnumerator,
  type Enumerator,
  type EnumeratorEffect,
  type EnumeratorEvent,
  type EnumeratorSnapshot,
} from "../connectors/split-enumerator.ts";
import type { SourceLogic } from "../graph/logical-graph.ts";
import type { Host, TimerHandle } from "../host/host.ts";
import type { LogError } from "../host/services.ts";
import {
  createOutbox,
  onCheckpointOver,
  onReported,
  onTriggered,
  openFor,
  post,
  type NumberedAssignment,
  type Outbox,
} from "./assignment-outbox.ts";

export type SourceCoordinatorConfig = Readonly<{
  host: Host;
  attempt: AttemptId;
  logic: SourceLogic;
  parallelism: number;
}>;

export type SourceCoordinatorEvents = Readonly<{
  tell(subtask: number, items: readonly NumberedAssignment[]): void;
  onFailed(why: string): void;
}>;

/** Of one source and one attempt. */
export class SourceCoordinator {
  readonly #config: SourceCoordinatorConfig;
  readonly #events: SourceCoordinatorEvents;
  #enumerator: Enumerator;
  #outbox: Outbox;
  #timer: TimerHandle | undefined;
  #closed = false;

  constructor(
    config: SourceCoordinatorConfig,
    snapshot: EnumeratorSnapshot,
    events: SourceCoordinatorEvents,
  ) {
    const { parallelism, logic } = config;
    const { start, discoveryMs } = logic;
    this.#config = config;
    this.#events = events;
    this.#enumerator = createEnumerator({ parallelism, start, discoveryMs }, snapshot);
    this.#outbox = createOutbox(parallelism);
  }

  start(): void {
    this.#drive({ kind: "start" });
  }

  /** The reader's word on itself: it runs, and has applied so many assignments. */
  onReader(subtask: number, applied: number): void {
    this.#outbox = onReported(this.#outbox, subtask, applied);
    const open = openFor(this.#outbox, subtask);
    if (open.length > 0) this.#events.tell(subtask, open);
    this.#drive({ kind: "reader-running", subtask });
  }

  /** What the enumerator has left is cut here; from now on assignments count for the next one. */
  trigger(checkpointId: CheckpointId): EnumeratorSnapshot {
    this.#outbox = onTriggered(this.#outbox, checkpointId);
    return this.#enumerator.snapshot;
  }

  /** By subtask: how many assignments come before the barrier of the pending checkpoint. */
  get due(): readonly number[] {
    return this.#outbox.due;
  }

  checkpointOver(checkpointId: CheckpointId): void {
    this.#outbox = onCheckpointOver(this.#outbox, checkpointId);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== undefined) this.#config.host.cancelTimer(this.#timer);
    this.#timer = undefined;
  }

  #drive(event: EnumeratorEvent): void {
    if (this.#closed) return; // SN2
    const step = stepEnumerator(this.#enumerator, event);
    this.#enumerator = step.state;
    for (const effect of step.effects) this.#carryOut(effect);
  }

  #carryOut(effect: EnumeratorEffect): void {
    const { host, logic } = this.#config;
    switch (effect.kind) {
      case "list":
        host.log.partitions(logic.topic, (result) =>
          this.#onAnswer(result, (found) => ({ kind: "listed", ...found })),
        );
        return;
      case "locate":
        host.log.offsets(logic.topic, effect.partitions, effect.start, (result) =>
          this.#onAnswer(result, (offsets) => ({ kind: "located", offsets })),
        );
        return;
      case "wait":
        assert(this.#timer === undefined, () => `a second timer for topic "${logic.topic}"`);
        this.#timer = host.setTimer(effect.delayMs * 1_000, () => {
          this.#timer = undefined;
          this.#drive({ kind: "due" });
        });
        return;
      case "assign": {
        const { subtask, splits, noMore } = effect;
        this.#outbox = post(this.#outbox, subtask, { splits, noMore });
        host.note({ kind: "splits-assigned", topic: logic.topic, subtask, splits, noMore });
        this.#events.tell(subtask, openFor(this.#outbox, subtask));
        return;
      }
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  #onAnswer<T>(result: Result<T, LogError>, eventOf: (value: T) => EnumeratorEvent): void {
    if (this.#closed) return;
    if (result.ok) this.#drive(eventOf(result.value));
    else if (isPassing(result.error)) this.#drive({ kind: "timed-out" });
    else this.#events.onFailed(logErrorText(result.error));
  }
}
