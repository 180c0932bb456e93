/**
 * What the owner of a job may ask of it in a story. Progress is owed of a job that is left alone, so whatever
 * would go on behind the quiet point, or that no run could carry out, is refused when it is written.
 *
 * Actions at a note are checked for all but their time, which only a run can tell. Not here: faults
 * (`sim/faults/legality.ts`).
 */
import type { LogicalGraph } from "../src/index.ts";
import { momentMistakes } from "../sim/faults/legality.ts";
import type { Action, Scenario } from "../sim/scenario.ts";

/** What is wrong with what the owner asks of the job, each with what to write instead. */
export function actionMistakes(story: Scenario): string[] {
  return (story.actions ?? []).flatMap((action, i) =>
    [
      ...momentMistakes(action.when),
      ...actionTimeMistakes(action, story.quietAfterMs),
      ...(action.kind === "rescale" ? rescaleMistakes(action.parallelism, story.job) : []),
      ...(action.kind === "stop" && action.drain && action.resumeAfterMs !== undefined
        ? ["drains the job, whose sources have ended for good then, and resumes it; do one of both"]
        : []),
      ...(followsEnd(story.actions ?? [], i)
        ? ["follows a stop that nobody resumes from; give that one `resumeAfterMs`"]
        : []),
    ].map((mistake) => `action ${i + 1} (${action.kind}) ${mistake}`),
  );
}

const followsEnd = (actions: readonly Action[], index: number): boolean =>
  actions
    .slice(0, index)
    .some((action) => action.kind === "stop" && action.resumeAfterMs === undefined);

function actionTimeMistakes(action: Action, quietAfterMs: number): string[] {
  const { when } = action;
  const restMs = action.kind === "stop" ? (action.resumeAfterMs ?? 0) : 0;
  const mistakes: string[] = [];
  const times = "atMs" in when ? { atMs: when.atMs } : { afterMs: when.afterMs };
  for (const [name, value] of Object.entries({ ...times, resumeAfterMs: restMs })) {
    if (Number.isInteger(value) && value >= 0) continue;
    mistakes.push(`has \`${name}\` ${value}; it has to be a whole number, 0 or more`);
  }
  if ("nth" in when && !(Number.isInteger(when.nth) && when.nth >= 1)) {
    mistakes.push(`has \`nth\` ${when.nth}; it has to be a whole number, 1 or more`);
  }
  const overMs = "atMs" in when ? when.atMs + restMs : restMs;
  if (overMs >= quietAfterMs) {
    mistakes.push(
      `lasts until ${overMs} ms at least, and from ${quietAfterMs} ms on the job is owed to be left ` +
        "alone; ask for it earlier, or raise `quietAfterMs`",
    );
  }
  return mistakes;
}

function rescaleMistakes(
  parallelism: Readonly<Record<string, number>>,
  { nodes }: LogicalGraph,
): string[] {
  const mistakes: string[] = [];
  const wanted = Object.entries(parallelism);
  if (wanted.length === 0) mistakes.push("names no operator; name one by its uid");
  for (const [uid, count] of wanted) {
    const node = nodes.find((other) => other.uid === uid);
    if (node === undefined) {
      const known = nodes.map((other) => other.uid).join(", ");
      mistakes.push(`names the operator "${uid}", which the job does not have; it has ${known}`);
    } else if (!(Number.isInteger(count) && count >= 1 && count <= node.maxParallelism)) {
      mistakes.push(
        `gives "${uid}" the parallelism ${count}; it has to be a whole number from 1 to ` +
          `${node.maxParallelism}, its max parallelism`,
      );
    }
  }
  return mistakes;
}
