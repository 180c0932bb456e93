/**
 * Sources that wait for one another.
 *
 * WM1  No source in an alignment group comes further ahead of the slowest that the job manager has
 *      heard of than its drift, and the one record that lifts it above.
 *
 * What the sources report is all that a limit can come from, so the limit is worked out here once
 * more. A source may be told less than that, later than that, or nothing: it is never told more. The
 * first record after a start may lie anywhere. That a group goes on at all is LV1's to see.
 *
 * Judged are sources of at most one partition a subtask with bounded disorder that never go idle: of
 * others a report does not say how far ahead each of their partitions is.
 *
 * Source: C83.
 */
import {
  WATERMARK_MAX,
  WATERMARK_MIN,
  type LogicalNode,
  type SourceLogic,
  type WatermarkAlignment,
} from "../src/index.ts";
import type { History } from "../sim/history.ts";
import { placeOf, type NoteOf } from "./notes.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";

type Aligned = Readonly<{
  alignment: WatermarkAlignment;
  uid: string;
  parallelism: number;
  /** Between two records that follow each other; infinite for a source that is not judged. */
  stepMsMax: number;
}>;

/** Of one group in one attempt. */
type Group = {
  /** By "uid/subtask". */
  readonly levels: Map<string, number>;
  /** What each said first, since it last had nothing to say. */
  readonly first: Map<string, number>;
  minimumMs: number;
};

export const sourcesStayAligned: Property = {
  id: "WM1",
  rule: "No aligned source runs further ahead of the slowest than it may, but for one record.",
  check(history) {
    const sources = alignedSources(history);
    if (sources.length === 0) return vacuous("no source is in an alignment group");
    const groups = new Map<string, Group>();
    let reports = 0;
    let ahead = 0;
    for (const note of history.notes) {
      if (note.kind !== "alignment-reported") continue;
      const source = sources.find(({ uid }) => uid === note.uid);
      if (source === undefined) return violated(`"${note.uid}" reports, and is in no group`);
      const id = `${note.attempt} ${note.group}`;
      const group = groups.get(id) ?? newGroup(sources, note.group);
      groups.set(id, group);
      reports++;
      const limitMs = group.minimumMs + source.alignment.driftMsMax;
      if (note.levelMs !== WATERMARK_MAX && note.levelMs > limitMs) {
        if (limitMs > WATERMARK_MIN) ahead++;
        const wrong = tooFar(group, source, note, limitMs);
        if (wrong !== undefined) return violated(wrong);
      }
      follow(group, note);
    }
    if (ahead === 0) return vacuous("no source ever came to the limit of its group");
    return holds({ reports, ahead });
  },
};

function tooFar(
  group: Group,
  { stepMsMax }: Aligned,
  note: NoteOf<"alignment-reported">,
  limitMs: number,
): string | undefined {
  const { uid, subtask, levelMs } = note;
  const firstMs = group.first.get(`${uid}/${subtask}`) ?? levelMs;
  if (stepMsMax === Infinity) return undefined;
  if (levelMs <= Math.max(firstMs, limitMs + stepMsMax)) return undefined;
  return (
    `source "${uid}" ${subtask} is at ${levelMs} ${placeOf(note)}, when the slowest of group ` +
    `"${note.group}" allowed for ${limitMs}, and a record for ${stepMsMax} ms more`
  );
}

function follow(group: Group, { uid, subtask, levelMs }: NoteOf<"alignment-reported">): void {
  const { levels, first } = group;
  const member = `${uid}/${subtask}`;
  levels.set(member, levelMs);
  if (levelMs === WATERMARK_MAX) first.delete(member);
  else if (levelMs > WATERMARK_MIN && !first.has(member)) first.set(member, levelMs);
  const lowestMs = Math.min(...levels.values());
  if (lowestMs < WATERMARK_MAX) group.minimumMs = Math.max(group.minimumMs, lowestMs);
}

function newGroup(sources: readonly Aligned[], name: string): Group {
  const levels = new Map<string, number>();
  for (const { alignment, uid, parallelism } of sources) {
    if (alignment.group !== name) continue;
    for (let i = 0; i < parallelism; i++) levels.set(`${uid}/${i}`, WATERMARK_MIN);
  }
  return { levels, first: new Map(), minimumMs: WATERMARK_MIN };
}

const alignedSources = (history: History): readonly Aligned[] =>
  history.job.nodes.flatMap((node) => {
    if (node.logic.kind !== "source") return [];
    const { alignment } = node.logic.watermarks;
    if (alignment === undefined) return [];
    const { uid, parallelism } = node;
    return [{ alignment, uid, parallelism, stepMsMax: stepMsMax(history, node, node.logic) }];
  });

function stepMsMax(
  { input }: History,
  { parallelism }: LogicalNode,
  { topic, watermarks }: SourceLogic,
): number {
  const { generation, idleAfterMs, timestampOf } = watermarks;
  const partitions = input.get(topic) ?? [];
  const judged = generation.kind === "bounded-out-of-orderness" && idleAfterMs === undefined;
  if (!judged || partitions.length > parallelism) return Infinity;
  let stepMs = 0;
  for (const records of partitions) {
    let lastMs = Infinity;
    for (const { value, timestampMs } of records) {
      const atMs = timestampOf === undefined ? timestampMs : timestampOf(value, timestampMs);
      stepMs = Math.max(stepMs, atMs - lastMs);
      lastMs = atMs;
    }
  }
  return stepMs;
}
