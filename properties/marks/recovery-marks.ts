/** Marks of recovery: what is gone back to, how, and what goes wrong meanwhile. */
import type { History, Note } from "../../sim/history.ts";
import type { Mark } from "../../sim/mark.ts";
import { during, has, nextOf, placesOf, some } from "./course.ts";

/** How many faults at most struck between a failure and the moment at which all that failed ran again. */
function faultsInOneRecovery({ notes }: History): number {
  const failing = new Set<number>();
  let [faults, most] = [0, 0];
  for (const note of notes) {
    if (note.kind === "job-failing") failing.add(note.region);
    else if (note.kind === "job-running") failing.delete(note.region);
    else if (note.kind === "fault-injected" && failing.size > 0) faults++;
    if (failing.size === 0) faults = 0;
    most = Math.max(most, faults);
  }
  return most;
}

const faultsWhileRecovering = (history: History): number =>
  has(history, "job-failing") && has(history, "fault-injected")
    ? history.remember("faults in one recovery", () => faultsInOneRecovery(history))
    : 0;

/** Restored from the same checkpoint again, with none completed in between. */
function restoredInARow(history: History): boolean {
  const seen = new Set<string>();
  const task = (note: Note): string | undefined =>
    note.kind === "task-restored"
      ? `${note.vertex}/${note.subtask}/${note.checkpointId}/${note.process}`
      : undefined;
  return placesOf(history, "task-restored").some((at) => {
    const name = task(history.notes[at]!);
    if (name === undefined) return false;
    if (seen.has(name)) return true;
    seen.add(name);
    return false;
  });
}

/** A region that runs while another one fails. */
function failsAlone(history: History): boolean {
  const running = new Set<number>();
  return history.notes.some((note) => {
    if (note.kind === "leader-elected") running.clear();
    if (note.kind === "job-running") running.add(note.region);
    if (note.kind === "job-failing") running.delete(note.region);
    return note.kind === "job-failing" && running.size > 0;
  });
}

const ofBackend = (id: string, what: string, name: RegExp): Mark => ({
  id,
  what,
  seen: (history) => has(history, "task-restored") && name.test(history.job.backend.name),
});

const lost = (id: string, what: string, why: string): Mark => ({
  id,
  what,
  seen: (history) => some(history, "task-manager-lost", (note) => note.why === why),
});

export const recoveryMarks: readonly Mark[] = [
  {
    id: "restored",
    what: "A job was restored from a checkpoint.",
    seen: (history) => has(history, "job-restored"),
  },
  {
    id: "committed-after-recovery",
    what: "A transaction was committed after a job had been restored.",
    seen: (history) => {
      const [restored] = placesOf(history, "job-restored");
      const last = placesOf(history, "transaction-committed").at(-1);
      return restored !== undefined && last !== undefined && last > restored;
    },
  },
  {
    id: "in-flight-restored",
    what: "A task was restored with records that had been under way.",
    seen: (history) => has(history, "in-flight-restored"),
  },
  {
    id: "started-over-from-nothing",
    what: "A job failed before its first checkpoint, and started afresh.",
    seen: (history) =>
      some(history, "job-failing", ({ region }, at) => {
        const next = nextOf(
          history,
          at,
          (note) => note.kind === "job-deploying" && note.region === region,
        );
        return next?.kind === "job-deploying" && next.checkpointId === 0;
      }),
  },
  {
    id: "restored-twice-in-a-row",
    what: "A task was restored twice from one checkpoint in one place.",
    seen: restoredInARow,
  },
  {
    id: "failed-while-restoring",
    what: "A job failed again before all that was being restored ran.",
    seen: (history) =>
      during(
        history,
        "job-restored",
        (note, { region }) => note.kind === "job-running" && note.region === region,
        (note, { region }) => note.kind === "job-failing" && note.region === region,
      ),
  },
  {
    id: "fault-while-recovering",
    what: "A fault struck while the job recovered from another.",
    seen: (history) => faultsWhileRecovering(history) >= 1,
  },
  {
    id: "two-faults-in-one-recovery",
    what: "Two faults struck within one recovery.",
    seen: (history) => faultsWhileRecovering(history) >= 2,
  },
  {
    id: "region-restarted-alone",
    what: "A region of a job started over while another one went on.",
    seen: (history) => has(history, "job-failing") && failsAlone(history),
  },
  {
    id: "local-copy-taken",
    what: "A task was restored from copies on the disk at hand.",
    seen: (history) => some(history, "landmark", ({ what }) => what === "local-copy-taken"),
  },
  ofBackend("changes-replayed", "State was restored by replaying a log of changes.", /^changelog/),
  ofBackend("remote-state-restored", "State that lives in the store was restored.", /remote/),
  {
    id: "restored-timer-fired",
    what: "A timer fired in a restored operator before any record had come.",
    seen: (history) => some(history, "landmark", ({ what }) => what === "restored-timer-fired"),
  },
  lost(
    "task-manager-silent",
    "A task manager was given up for its silence.",
    "silent for too long",
  ),
  lost("task-manager-restarted", "A task manager came back before it was missed.", "restarted"),
  {
    id: "zombie-awoke",
    what: "A process stood still while its work was begun elsewhere, and went on.",
    seen: (history) =>
      some(history, "process-paused", ({ process }, at) => {
        let begun = false;
        const next = nextOf(history, at, (note) => {
          if (note.kind === "job-running") begun = true;
          return (
            note.process === process &&
            (note.kind === "process-resumed" || note.kind === "process-crashed")
          );
        });
        return begun && next?.kind === "process-resumed";
      }),
  },
  {
    id: "task-manager-back",
    what: "A task manager that had been given up for its silence registered again.",
    seen: (history) =>
      some(
        history,
        "task-manager-lost",
        ({ why, process }, at) =>
          why === "silent for too long" &&
          nextOf(
            history,
            at,
            (note) => note.kind === "task-manager-registered" && note.process === process,
          ) !== undefined,
      ),
  },
  {
    id: "user-code-failed",
    what: "A task failed of its user's code, and started over.",
    seen: (history) => some(history, "task-failed", ({ why }) => why.startsWith('operator "')),
  },
  {
    id: "damaged-copy-passed-over",
    what: "A copy on the disk at hand was damaged, and the task was restored from the store.",
    seen: (history) => some(history, "landmark", ({ what }) => what === "damaged-copy-passed-over"),
  },
  {
    id: "failed-for-good",
    what: "A job failed for good.",
    seen: (history) => has(history, "job-failed"),
  },
];
