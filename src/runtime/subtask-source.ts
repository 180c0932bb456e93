/**
 * Drives the inbox of one source subtask: gives its source the splits, and has barriers injected, in the
 * order that the inbox settles.
 */
import { assert, unreachable } from "../core/assert.ts";
import type { BarrierOptions } from "../core/element.ts";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import type { SplitAssignment } from "../operators/operator.ts";
import { createInbox, stepInbox, type Inbox, type InboxEvent } from "./assignment-inbox.ts";
import type { MessageOf } from "./messages.ts";

export type SubtaskSourceEvents = Readonly<{
  onAssigned(assignment: SplitAssignment): void;
  onInject(checkpointId: CheckpointId, options: BarrierOptions): void;
  /** Its barrier will not be injected: a newer one came first. */
  onOvertaken(checkpointId: CheckpointId): void;
}>;

export class SubtaskSource {
  readonly #events: SubtaskSourceEvents;
  #inbox: Inbox = createInbox();
  /** Of checkpoints that wait for assignments, and a few that did not. */
  readonly #options = new Map<CheckpointId, BarrierOptions>();

  constructor(events: SubtaskSourceEvents) {
    this.#events = events;
  }

  /** The number of the last assignment applied. */
  get assigned(): number {
    return this.#inbox.applied;
  }

  assign(items: MessageOf<"assign">["items"]): void {
    const numbered = items.map((item) => ({ ...item, after: asCheckpointId(item.after) }));
    this.#drive({ kind: "assigned", items: numbered });
  }

  /** @param due how many assignments come before its barrier */
  trigger(checkpointId: CheckpointId, options: BarrierOptions, due: number): void {
    this.#options.set(checkpointId, options);
    this.#drive({ kind: "triggered", checkpointId, due });
  }

  checkpointOver(checkpointId: CheckpointId): void {
    this.#drive({ kind: "over", checkpointId });
  }

  #inject(checkpointId: CheckpointId): void {
    const options = this.#options.get(checkpointId);
    assert(options !== undefined, () => `checkpoint ${checkpointId} was never triggered`);
    for (const id of [...this.#options.keys()]) if (id <= checkpointId) this.#options.delete(id);
    this.#events.onInject(checkpointId, options);
  }

  #drive(event: InboxEvent): void {
    const step = stepInbox(this.#inbox, event);
    this.#inbox = step.state;
    for (const effect of step.effects) {
      switch (effect.kind) {
        case "apply":
          this.#events.onAssigned(effect.item);
          break;
        case "inject":
          this.#inject(effect.checkpointId);
          break;
        case "decline":
          this.#options.delete(effect.checkpointId);
          this.#events.onOvertaken(effect.checkpointId);
          break;
        case "ignore":
          break;
        default:
          unreachable(effect);
      }
    }
  }
}
