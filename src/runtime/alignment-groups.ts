/**
 * The alignment groups of one attempt: what their source subtasks report goes in, and how far each of
 * them may go comes out.
 *
 *   report of a subtask --level--> its group --raised: to all; else: to the one that reported--> limits
 *
 * AG1  Who reports is told its limit, so a limit that got lost is told again with the next report.
 * AG2  Levels are of one attempt, and no checkpoint has them: the next attempt begins anew (C85).
 *
 * Not here: the minimum (`../time/watermark-alignment.ts`).
 */
import { ordered } from "../core/ordered.ts";
import type { AttemptId, OperatorUid } from "../core/ids.ts";
import type { Host } from "../host/host.ts";
import { createAlignment, limitOf, onLevel, type Alignment } from "../time/watermark-alignment.ts";
import type { WatermarkAlignment } from "../time/watermark-strategy.ts";

export type AlignedSource = Readonly<{
  vertex: number;
  parallelism: number;
  uid: OperatorUid;
  alignment: WatermarkAlignment;
}>;

type Member = Readonly<{ vertex: number; subtask: number; uid: OperatorUid; driftMsMax: number }>;
type Group = { readonly members: readonly Member[]; alignment: Alignment };

export class AlignmentGroups {
  readonly #host: Host;
  readonly #attempt: AttemptId;
  readonly #tell: (vertex: number, subtask: number, limitMs: number) => void;
  readonly #groups: ReadonlyMap<string, Group>;

  /** @param sources in order of the vertex */
  constructor(
    host: Host,
    attempt: AttemptId,
    sources: readonly AlignedSource[],
    tell: (vertex: number, subtask: number, limitMs: number) => void,
  ) {
    this.#host = host;
    this.#attempt = attempt;
    this.#tell = tell;
    const members = new Map<string, Member[]>();
    for (const { vertex, parallelism, uid, alignment } of sources) {
      const { group, driftMsMax } = alignment;
      const those = members.get(group) ?? [];
      for (let subtask = 0; subtask < parallelism; subtask++) {
        those.push({ vertex, subtask, uid, driftMsMax });
      }
      members.set(group, those);
    }
    this.#groups = new Map(
      ordered(members).map(([group, those]) => [
        group,
        { members: those, alignment: createAlignment(those.length) },
      ]),
    );
  }

  /** @param levelMs plus infinity: it is idle, or has ended */
  onLevel(vertex: number, subtask: number, levelMs: number): void {
    for (const [name, group] of this.#groups) {
      const member = group.members.findIndex(
        (one) => one.vertex === vertex && one.subtask === subtask,
      );
      if (member >= 0) this.#onLevel(name, group, member, levelMs);
    }
  }

  #onLevel(name: string, group: Group, index: number, levelMs: number): void {
    const member = group.members[index]!;
    if (group.alignment.levels[index] !== levelMs) {
      const { uid, subtask } = member;
      const attempt = this.#attempt;
      const what = { group: name, attempt, uid, subtask, levelMs };
      this.#host.note({ kind: "alignment-reported", ...what });
    }
    const step = onLevel(group.alignment, index, levelMs);
    group.alignment = step.state;
    const raised = step.effects.some(({ kind }) => kind === "raise");
    for (const one of raised ? group.members : [member]) {
      this.#tell(one.vertex, one.subtask, limitOf(group.alignment, one.driftMsMax));
    }
  }
}
