/**
 * Every complete checkpoint of a run is restored, not only those that a fault made somebody go back to.
 *
 * Right behind each checkpoint a world of its own begins: new processes, empty disks, and outside what
 * was there at that moment. The job has to go on from there, and what it commits then has to make up for
 * exactly what was not committed yet. Its history is that of the run up to the checkpoint, and then its own,
 * so all rules judge it.
 *
 * AV1  A rule that an afterlife violates is violated, and the first such afterlife is named.
 *
 * Not here: how a run begins at an origin (`play.ts`).
 */
import { compareNumbers } from "../src/index.ts";
import type { Plan } from "./plan.ts";
import type { Origin } from "./play.ts";
import type { JudgedRule } from "./verdict.ts";

export type Afterlife = Readonly<{
  checkpointId: number;
  /** Where it began. */
  atUs: number;
  verdicts: readonly JudgedRule[];
}>;

/** @param calm without faults: losing everything was fault enough */
export function afterlifePlan(calm: Plan, { world }: Origin): Plan {
  return { ...calm, quietAfterMs: Math.max(calm.quietAfterMs, Math.ceil(world.nowUs / 1_000)) };
}

/** What the rules say of the run, and of what came after its checkpoints. */
export function withAfterlives(
  verdicts: readonly JudgedRule[],
  afterlives: readonly Afterlife[],
): readonly JudgedRule[] {
  const inOrder = [...afterlives].sort((a, b) => compareNumbers(a.checkpointId, b.checkpointId));
  return verdicts.map((verdict) => {
    if (verdict.verdict === "violated") return verdict;
    for (const { checkpointId, atUs, verdicts: after } of inOrder) {
      const broken = after.find(({ id }) => id === verdict.id);
      if (broken?.verdict !== "violated") continue;
      const when = `right behind checkpoint ${checkpointId}, at ${atUs / 1_000} ms`;
      return { ...broken, detail: `all processes and disks were lost ${when}: ${broken.detail}` };
    }
    return verdict;
  });
}
