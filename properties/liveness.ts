/**
 * Once everything is healed, things go on.
 *
 * LV1  The job finishes, or is cancelled or stopped because somebody asked.
 * LV2  Behind the quiet point checkpoints complete, as long as the job goes on.
 * LV3  In LV1's place, where a job must fail: it fails for good, and says of what.
 *
 * A fault may stop a job for as long as it lasts; what it must not do is stop it for good. The world
 * heals everything at the quiet point and gives the job time; these rules say what that is for.
 *
 * Source: C126; LV2 also C37 and C27. The bugs that only these see lose wake-ups (A44), flags (A01)
 * and channels (A07), not records.
 */
import { restartDelayMsMax } from "../src/index.ts";
import type { History } from "../sim/history.ts";
import type { FaultKind } from "../sim/plan.ts";
import { overAtUs } from "./notes.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";

/** To notice a dead process, elect a leader, and deploy and restore the job: an ample bound. */
const RECOVERY_MS = 15_000;

export const jobFinishes: Property = {
  id: "LV1",
  rule: "The job comes to its end, and fails neither for good nor by standing still.",
  check(history) {
    const asked = history.count("cancel-requested");
    switch (history.outcome) {
      case "finished":
        return holds({ simulatedMs: history.stats.simulatedMs });
      case "cancelled":
        if (asked === 0) return violated("the job was cancelled though nobody asked");
        return holds({ simulatedMs: history.stats.simulatedMs, asked });
      case "stopped":
        return holds({ simulatedMs: history.stats.simulatedMs });
      case "failed":
        return violated(`the job has failed for good: ${lastFailure(history)}`);
      case "stuck":
        return violated(`the job did not end in time; ${lastSign(history)}`);
    }
  },
};

/**
 * @param text has to stand in what the job says of its failure
 * @param of   what it fails of, if that is a fault: where none has struck, it need not fail
 */
export const jobFails = (text: string, of?: FaultKind): Property => ({
  id: "LV3",
  rule: "The job fails for good, and says of what.",
  check(history) {
    const { faults } = history.stats;
    if (of !== undefined && history.outcome === "finished" && (faults[of] ?? 0) === 0) {
      return vacuous(`no ${of} has struck, and the job is finished`);
    }
    if (history.outcome === "stuck") {
      return violated(`the job should have failed; ${lastSign(history)}`);
    }
    if (history.outcome !== "failed") {
      return violated(`the job is ${history.outcome}; it should have failed with "${text}"`);
    }
    const why = lastFailure(history);
    if (!why.includes(text)) return violated(`expected "${text}", but it failed for: ${why}`);
    return holds({ simulatedMs: history.stats.simulatedMs });
  },
});

function lastFailure(history: History): string {
  const note = history.notes.findLast(
    ({ kind }) => kind === "job-failed" || kind === "job-failing" || kind === "task-failed",
  );
  return note !== undefined && "why" in note ? note.why : "nobody said why";
}

function lastSign(history: History): string {
  const signs = history.notes.filter(({ kind }) => kind !== "ledger-read" && kind !== "quiet");
  const note = signs.at(-1);
  if (note === undefined) return "it never gave a sign of life";
  return `its last sign was ${note.kind} of ${note.process} at ${note.atUs / 1_000} ms`;
}

export const checkpointsGoOn: Property = {
  id: "LV2",
  rule: "Behind the quiet point a checkpoint completes, unless the job is over first.",
  check(history) {
    const { intervalMs, timeoutMs, minPauseMs } = history.job.checkpoints;
    if (intervalMs === 0) return vacuous("checkpointing is off");
    const quiet = history.notes.find(({ kind }) => kind === "quiet");
    if (quiet === undefined) return vacuous("the run ended before the quiet point");
    const overUs = overAtUs(history);
    if (overUs !== undefined && overUs <= quiet.atUs) {
      return vacuous("the job was over before the quiet point");
    }
    let completed = 0;
    for (const { kind, atUs } of history.notes) {
      if (kind === "checkpoint-completed" && atUs >= quiet.atUs) completed++;
    }
    if (completed > 0) return holds({ completed });
    const lastedMs = (overUs ?? history.stats.simulatedMs * 1_000) / 1_000 - quiet.atUs / 1_000;
    // The job may have to recover, and one that was pending to run out; then comes the pause, a
    // trigger, and a chance.
    const delayMs = restartDelayMsMax(history.job.restart);
    const owedWithinMs = RECOVERY_MS + delayMs + 2 * timeoutMs + minPauseMs + 2 * intervalMs;
    if (lastedMs < owedWithinMs) {
      return vacuous(`the job went on for ${lastedMs} ms; a checkpoint is owed in ${owedWithinMs}`);
    }
    return violated(`no checkpoint completed in the ${lastedMs} ms behind the quiet point`);
  },
};
