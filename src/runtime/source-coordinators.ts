/**
 * The source coordinators of one job, region by region: made anew for each attempt from what its
 * checkpoint holds, closed with it. Those of other regions do not notice (C49, C118).
 *
 * Not here: what one of them does (`source-coordinator.ts`).
 */
import { DecodeError } from "../core/bytes.ts";
import { assert, present } from "../core/assert.ts";
import { WATERMARK_MAX } from "../core/element.ts";
import {
  asSubtaskIndex,
  asVertexIndex,
  type AttemptId,
  type CheckpointId,
  type OperatorUid,
} from "../core/ids.ts";
import { ordered } from "../core/ordered.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { CompletedCheckpoint, SourceSnapshot } from "../checkpoint/checkpoint-metadata.ts";
import { FRESH_ENUMERATOR, type EnumeratorSnapshot } from "../connectors/split-enumerator.ts";
import { decodeEnumerator, encodeEnumerator } from "../connectors/split-enumerator-state.ts";
import type { SourceLogic } from "../graph/logical-graph.ts";
import type { Region } from "../graph/regions.ts";
import type { Host } from "../host/host.ts";
import { AlignmentGroups } from "./alignment-groups.ts";
import type { FailoverEvent } from "./failover.ts";
import type { AssignmentsDue, MessageOf, TaskReport } from "./messages.ts";
import { SourceCoordinator } from "./source-coordinator.ts";

export type SourceMessage = Omit<MessageOf<"assign">, "epoch"> | Omit<MessageOf<"align">, "epoch">;

export type SourceCoordinatorsEvents = Readonly<{
  /** To the process of that reader. */
  tell(message: SourceMessage): void;
  /** What it is to the life of its region: the first reader fails (C106). */
  onFailed(region: number, failure: FailoverEvent): void;
}>;

type Source = Readonly<{
  region: number;
  vertex: number;
  parallelism: number;
  uid: OperatorUid;
  logic: SourceLogic;
}>;

export class SourceCoordinators {
  readonly #host: Host;
  #sources: readonly Source[];
  readonly #events: SourceCoordinatorsEvents;
  /** By vertex; of regions of which an attempt is deployed. */
  readonly #live = new Map<number, SourceCoordinator>();
  /** By region. */
  readonly #alignments = new Map<number, AlignmentGroups>();

  constructor(host: Host, regions: readonly Region[], events: SourceCoordinatorsEvents) {
    this.#host = host;
    this.#events = events;
    this.#sources = sourcesOf(regions);
  }

  /** The job goes on under another plan; no attempt is deployed. */
  replan(regions: readonly Region[]): void {
    assert(this.#live.size === 0, () => "the plan changes while sources are deployed");
    this.#sources = sourcesOf(regions);
  }

  /**
   * @param checkpoint that the attempt comes from; a source it does not know starts afresh
   * @returns an error where the checkpoint's bytes are not of an enumerator
   */
  deploy(
    region: number,
    attempt: AttemptId,
    checkpoint: CompletedCheckpoint | undefined,
  ): Result<undefined, string> {
    this.close(region);
    const sources = this.#ofRegion(region);
    for (const source of sources) {
      const stored = checkpoint?.sources.find(({ uid }) => uid === source.uid);
      const snapshot = stored === undefined ? ok(FRESH_ENUMERATOR) : decoded(stored);
      if (!snapshot.ok) return snapshot;
      this.#live.set(source.vertex, this.#create(attempt, source, snapshot.value));
    }
    this.#alignments.set(region, this.#createAlignment(region, attempt));
    for (const { vertex } of sources) this.#live.get(vertex)?.start();
    return ok(undefined);
  }

  /** A task of the present attempt says how it is. */
  onTaskReport({ vertex, subtask, state, assigned, levelMs }: TaskReport): void {
    if (state !== "running" && state !== "ended") return; // SN1
    this.#live.get(vertex)?.onReader(subtask, assigned);
    const region = this.#sources.find((source) => source.vertex === vertex)?.region;
    if (levelMs === undefined || region === undefined) return;
    const reachedMs = state === "ended" ? WATERMARK_MAX : levelMs;
    this.#alignments.get(region)?.onLevel(vertex, subtask, reachedMs);
  }

  trigger(checkpointId: CheckpointId): readonly SourceSnapshot[] {
    return this.#sources.map(({ uid, vertex }) => {
      const coordinator = present(this.#live.get(vertex), () => `source "${uid}" is not deployed`);
      return { uid, state: encodeEnumerator(coordinator.trigger(checkpointId)) };
    });
  }

  get due(): AssignmentsDue[] {
    return ordered(this.#live).map(([vertex, { due }]) => ({ vertex, due: [...due] }));
  }

  checkpointOver(checkpointId: CheckpointId): void {
    for (const coordinator of this.#live.values()) coordinator.checkpointOver(checkpointId);
  }

  /** The attempt is over, or the job. */
  close(region: number): void {
    for (const { vertex } of this.#ofRegion(region)) {
      this.#live.get(vertex)?.close();
      this.#live.delete(vertex);
    }
    this.#alignments.delete(region);
  }

  #ofRegion(region: number): readonly Source[] {
    return this.#sources.filter((source) => source.region === region);
  }

  #createAlignment(region: number, attempt: AttemptId): AlignmentGroups {
    const aligned = this.#ofRegion(region).flatMap(({ logic, ...source }) => {
      const { alignment } = logic.watermarks;
      return alignment === undefined ? [] : [{ ...source, alignment }];
    });
    return new AlignmentGroups(this.#host, attempt, aligned, (vertex, subtask, limitMs) =>
      this.#events.tell({ kind: "align", region, attempt, vertex, subtask, limitMs }),
    );
  }

  #create(
    attempt: AttemptId,
    { region, vertex, parallelism, uid, logic }: Source,
    snapshot: EnumeratorSnapshot,
  ): SourceCoordinator {
    return new SourceCoordinator({ host: this.#host, attempt, logic, parallelism }, snapshot, {
      tell: (subtask, items) =>
        this.#events.tell({
          kind: "assign",
          region,
          attempt,
          vertex,
          subtask,
          items: items.map((item) => ({ ...item, splits: [...item.splits] })),
        }),
      onFailed: (cause) => {
        const task = { vertex: asVertexIndex(vertex), subtask: asSubtaskIndex(0) };
        const why = `source "${uid}": ${cause}`;
        const failure = { kind: "task-failed", attempt, ...task, why, culprit: undefined } as const;
        this.#events.onFailed(region, failure);
      },
    });
  }
}

/** In order of the vertex. */
function sourcesOf(regions: readonly Region[]): readonly Source[] {
  const sources = regions.flatMap((region) =>
    region.vertices.flatMap(({ index, parallelism, chain }) =>
      chain.flatMap(({ uid, logic }): Source[] =>
        logic.kind === "source"
          ? [{ region: region.index, vertex: index, parallelism, uid, logic }]
          : [],
      ),
    ),
  );
  return sources.sort((a, b) => a.vertex - b.vertex);
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
