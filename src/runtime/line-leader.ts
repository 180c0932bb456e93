/**
 * Uncoordinated checkpoints: drives the keeper of lines (`checkpoint/line-keeper.ts`). Each new id asks the
 * subtasks for one more checkpoint of their own, and for a line among those there are by now: it becomes a
 * checkpoint of the job under that id. What it takes from the subtasks has lower ids, each its own, and what
 * was under way comes from the logs of the senders.
 *
 * LE1  A subtask commits what it had put out by its own checkpoint in the line, and only when the metadata of
 *      the line is durable: from then on nobody goes back behind it.
 * LE2  A log is trimmed by what its receiver has at its place in that line, and by nothing newer.
 *
 * A checkpoint of a subtask that fails is no failure of the job's: another one follows. That no line is found
 * for too long is one, like that of any checkpoint.
 */
import { present, unreachable } from "../core/assert.ts";
import { asAttemptId, asCheckpointId, type AttemptId, type CheckpointId } from "../core/ids.ts";
import type { CompletedCheckpoint, SourceSnapshot } from "../checkpoint/checkpoint-metadata.ts";
import type { RunningRegion } from "../checkpoint/coordinator.ts";
import type { TaskAck } from "../checkpoint/coordinator-protocol.ts";
import {
  createKeeper,
  stepKeeper,
  type KeeperEffect,
  type KeeperEvent,
  type LineKeeper,
  type LocalCheckpoint,
} from "../checkpoint/line-keeper.ts";
import { lineShapeOf, type LineShape } from "../checkpoint/line-shape.ts";
import type { Line } from "../checkpoint/recovery-line.ts";
import { filesOf } from "../checkpoint/shared-files.ts";
import { taskKey, taskText, type TaskId } from "../checkpoint/task-id.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { Host } from "../host/host.ts";
import { ackOf } from "./barrier-leader.ts";
import type { CheckpointLeader, CheckpointLeaderEvents } from "./checkpoint-leader.ts";
import { deleteAll } from "./clean-up.ts";
import type { AssignmentsDue, MessageOf } from "./messages.ts";

type Part = Readonly<
  { kind: "task"; ack: TaskAck } | { kind: "enumerator"; snapshot: SourceSnapshot }
>;
type FoundLine = Line<LocalCheckpoint<Part>>;

export class LineLeader implements CheckpointLeader {
  readonly #host: Host;
  readonly #events: CheckpointLeaderEvents;
  readonly #shape: LineShape;
  #keeper: LineKeeper<Part>;
  /** Under which id the line that is proposed is being written down. */
  #storedAs: CheckpointId | undefined;
  /** By region that runs: its members. */
  readonly #running = new Map<number, readonly number[]>();

  constructor(host: Host, plan: PhysicalPlan, events: CheckpointLeaderEvents) {
    this.#host = host;
    this.#events = events;
    this.#shape = lineShapeOf(plan);
    this.#keeper = this.#createKeeper(asCheckpointId(1));
  }

  onReady(firstId: CheckpointId): void {
    this.#keeper = this.#createKeeper(firstId);
  }

  onRegionRunning(region: number, attempt: AttemptId, tasks: readonly TaskId[]): void {
    const { enumerators, tasks: all } = this.#shape;
    const own = tasks.map((task) => this.#memberOf(task));
    const sources = enumerators.flatMap(({ vertex }, i) =>
      tasks.some((task) => task.vertex === vertex) ? [all.length + i] : [],
    );
    const members = [...own, ...sources];
    this.#running.set(region, members);
    this.#drive({ kind: "running", members, attempt });
  }

  onRegionEnded(region: number): void {
    const members = this.#running.get(region);
    if (members === undefined) return;
    this.#running.delete(region);
    this.#drive({ kind: "over", members });
  }

  onTriggered(
    id: CheckpointId,
    sources: readonly SourceSnapshot[],
    due: readonly AssignmentsDue[],
  ): void {
    const { enumerators, tasks } = this.#shape;
    enumerators.forEach(({ uid, vertex }, i) => {
      const snapshot = present(
        sources.find((source) => source.uid === uid),
        () => `source "${uid}" was not cut for checkpoint ${id}`,
      );
      const sent = due.find((readers) => readers.vertex === vertex)?.due ?? [];
      const part = { kind: "enumerator", snapshot } as const;
      this.#report(tasks.length + i, { id, sent, received: [], part });
    });
    this.#drive({ kind: "wanted" });
  }

  onAcknowledge(message: MessageOf<"acknowledge">): void {
    const { flows, attempt, checkpointId } = message;
    const ack = ackOf(message);
    const { sent, received } = present(flows, () => `checkpoint ${checkpointId} without its flows`);
    const member = this.#memberOf(ack);
    const id = asCheckpointId(checkpointId);
    const reach = { id, sent, received, part: { kind: "task", ack } } as const;
    this.#drive({ kind: "reported", member, attempt: asAttemptId(attempt), reach });
  }

  onDecline(): void {}

  onCompleted({ id }: CompletedCheckpoint, regions: readonly RunningRegion[]): void {
    const line = present(this.#keeper.proposed, () => `LE1 checkpoint ${id} is no line`);
    const behind = Math.max(...line.behind);
    this.#storedAs = undefined;
    this.#host.note({ kind: "recovery-line", checkpointId: id, behind });
    for (const { region, attempt, vertices } of regions) {
      const tasks = this.#shape.tasks.flatMap((task, member) =>
        vertices.includes(task.vertex) ? [this.#placeOf(line, task, member)] : [],
      );
      this.#events.tell(region, attempt, { kind: "line", tasks });
    }
    this.#drive({ kind: "durable" });
  }

  onStoring(checkpointId: CheckpointId): void {
    this.#storedAs = checkpointId;
  }

  /** Ids that no line was stored under are aborted all the time: a newer one has taken it. */
  onAborted(checkpointId: CheckpointId): void {
    if (this.#storedAs === checkpointId) this.onUnused();
  }

  onUnused(): void {
    this.#storedAs = undefined;
    this.#drive({ kind: "given-up" });
  }

  #createKeeper(firstId: CheckpointId): LineKeeper<Part> {
    const { tasks, enumerators, flows } = this.#shape;
    const members = tasks.length + enumerators.length;
    return createKeeper({ members, tasks: tasks.length }, flows, firstId);
  }

  #memberOf(task: TaskId): number {
    return present(this.#shape.memberOf.get(taskKey(task)), () => `no task ${taskText(task)}`);
  }

  #report(member: number, reach: LocalCheckpoint<Part>): void {
    const attempt = this.#keeper.attempts[member];
    if (attempt === undefined) return;
    this.#drive({ kind: "reported", member, attempt, reach });
  }

  /** LE2: what the receivers of its channels have had by the line. */
  #placeOf(
    { members }: FoundLine,
    { vertex, subtask }: TaskId,
    member: number,
  ): MessageOf<"line">["tasks"][number] {
    const { id, sent } = members[member]!;
    const received = sent.map(() => 0);
    for (const flow of this.#shape.flows) {
      if (flow.sender !== member) continue;
      received[flow.sentAt] = members[flow.receiver]!.received[flow.receivedAt]!;
    }
    return { vertex, subtask, checkpointId: id, received };
  }

  #drive(event: KeeperEvent<Part>): void {
    const step = stepKeeper(this.#keeper, event);
    this.#keeper = step.state;
    for (const effect of step.effects) this.#carryOut(effect);
  }

  #carryOut(effect: KeeperEffect<Part>): void {
    switch (effect.kind) {
      case "propose": {
        const parts = effect.line.members.map(({ part }) => part);
        this.#events.drive({
          kind: "line-found",
          acks: parts.flatMap((part) => (part.kind === "task" ? [part.ack] : [])),
          sources: parts.flatMap((part) => (part.kind === "enumerator" ? [part.snapshot] : [])),
        });
        return;
      }
      case "discard": {
        const files = effect.parts.flatMap((part) =>
          part.kind === "task" ? filesOf(part.ack.stored).map(({ path }) => path) : [],
        );
        if (files.length > 0) deleteAll(this.#host, files, () => undefined);
        return;
      }
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }
}
