/**
 * The source coordinators of one job: made anew for each attempt from what its checkpoint holds, closed
 * with it.
 *
 * Not here: what one of them does (`source-coordinator.ts`).
 */
import { DecodeError } from "../core/bytes.ts";
import { present } from "../core/assert.ts";
import { WATERMARK_MAX } from "../core/element.ts";
import {
  asSubtaskIndex,
  asVertexIndex,
  type AttemptId,
  type CheckpointId,
  type OperatorUid,
} from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { CompletedCheckpoint, SourceSnapshot } from "../checkpoint/checkpoint-metadata.ts";
import { FRESH_ENUMERATOR, type EnumeratorSnapshot } from "../connectors/split-enumerator.ts";
import { decodeEnumerator, encodeEnumerator } from "../connectors/split-enumerator-state.ts";
import type { SourceLogic } from "../graph/logical-graph.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { Host } from "../host/host.ts";
import { AlignmentGroups } from "./alignment-groups.ts";
import type { FailoverEvent } from "./failover.ts";
import type { AssignmentsDue, MessageOf, TaskReport } from "./messages.ts";
import { SourceCoordinator } from "./source-coordinator.ts";

export type SourceMessage = Omit<MessageOf<"assign">, "epoch"> | Omit<MessageOf<"align">, "epoch">;

export type SourceCoordinatorsEvents = Readonly<{
  /** To the process of that reader. */
  tell(message: SourceMessage): void;
  /** What it is to the life of the job: the first reader fails (C106). */
  onFailed(failure: FailoverEvent): void;
}>;

type Source = Readonly<{
  vertex: number;
  parallelism: number;
  uid: OperatorUid;
  logic: SourceLogic;
}>;

export class SourceCoordinators {
  readonly #host: Host;
  readonly #sources: readonly Source[];
  readonly #events: SourceCoordinatorsEvents;
  /** By vertex; empty while no attempt is deployed. */
  readonly #live = new Map<number, SourceCoordinator>();
  #alignment: AlignmentGroups | undefined;

  constructor(host: Host, plan: PhysicalPlan, events: SourceCoordinatorsEvents) {
    this.#host = host;
    this.#events = events;
    this.#sources = plan.vertices.flatMap(({ index, parallelism, chain }) =>
      chain.flatMap(({ uid, logic }) =>
        logic.kind === "source" ? [{ vertex: index, parallelism, uid, logic }] : [],
      ),
    );
  }

  /**
   * @param checkpoint that the attempt comes from; a source it does not know starts afresh
   * @returns an error where the checkpoint's bytes are not of an enumerator
   */
  deploy(
    attempt: AttemptId,
    checkpoint: CompletedCheckpoint | undefined,
  ): Result<undefined, string> {
    this.close();
    for (const source of this.#sources) {
      const stored = checkpoint?.sources.find(({ uid }) => uid === source.uid);
      const snapshot = stored === undefined ? ok(FRESH_ENUMERATOR) : decoded(stored);
      if (!snapshot.ok) return snapshot;
      this.#live.set(source.vertex, this.#create(attempt, source, snapshot.value));
    }
    this.#alignment = this.#createAlignment(attempt);
    for (const coordinator of this.#live.values()) coordinator.start();
    return ok(undefined);
  }

  /** A task of the present attempt says how it is. */
  onTaskReport({ vertex, subtask, state, assigned, levelMs }: TaskReport): void {
    if (state !== "running" && state !== "ended") return; // SN1
    this.#live.get(vertex)?.onReader(subtask, assigned);
    if (levelMs === undefined) return;
    this.#alignment?.onLevel(vertex, subtask, state === "ended" ? WATERMARK_MAX : levelMs);
  }

  trigger(checkpointId: CheckpointId): readonly SourceSnapshot[] {
    return this.#sources.map(({ uid, vertex }) => {
      const coordinator = present(this.#live.get(vertex), () => `source "${uid}" is not deployed`);
      return { uid, state: encodeEnumerator(coordinator.trigger(checkpointId)) };
    });
  }

  get due(): AssignmentsDue[] {
    return [...this.#live].map(([vertex, { due }]) => ({ vertex, due: [...due] }));
  }

  checkpointOver(checkpointId: CheckpointId): void {
    for (const coordinator of this.#live.values()) coordinator.checkpointOver(checkpointId);
  }

  /** The attempt is over, or the job. */
  close(): void {
    for (const coordinator of this.#live.values()) coordinator.close();
    this.#live.clear();
    this.#alignment = undefined;
  }

  #createAlignment(attempt: AttemptId): AlignmentGroups {
    const aligned = this.#sources.flatMap(({ logic, ...source }) => {
      const { alignment } = logic.watermarks;
      return alignment === undefined ? [] : [{ ...source, alignment }];
    });
    return new AlignmentGroups(this.#host, attempt, aligned, (vertex, subtask, limitMs) =>
      this.#events.tell({ kind: "align", attempt, vertex, subtask, limitMs }),
    );
  }

  #create(
    attempt: AttemptId,
    { vertex, parallelism, uid, logic }: Source,
    snapshot: EnumeratorSnapshot,
  ): SourceCoordinator {
    return new SourceCoordinator({ host: this.#host, attempt, logic, parallelism }, snapshot, {
      tell: (subtask, items) =>
        this.#events.tell({
          kind: "assign",
          attempt,
          vertex,
          subtask,
          items: items.map((item) => ({ ...item, splits: [...item.splits] })),
        }),
      onFailed: (cause) => {
        const task = { vertex: asVertexIndex(vertex), subtask: asSubtaskIndex(0) };
        const why = `source "${uid}": ${cause}`;
        this.#events.onFailed({ kind: "task-failed", attempt, ...task, why, culprit: undefined });
      },
    });
  }
}

function decoded({ uid, state }: SourceSnapshot): Result<EnumeratorSnapshot, string> {
  try {
    return ok(decodeEnumerator(state));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const what = `the checkpoint's enumerator of source "${uid}" cannot be read: ${error.message}`;
    return err(`${what}; restore with the version that wrote it, or start without a checkpoint`);
  }
}
