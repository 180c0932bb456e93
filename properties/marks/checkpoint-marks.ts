/** Marks of checkpoints: how they get on, how they are given up, and what they hold. */
import type { Mark } from "../../sim/mark.ts";
import { during, has, some } from "./course.ts";

const aborted = (id: string, what: string, why: RegExp): Mark => ({
  id,
  what,
  seen: (history) => some(history, "checkpoint-aborted", (note) => why.test(note.why)),
});

export const checkpointMarks: readonly Mark[] = [
  {
    id: "alignment-abandoned",
    what: "A task gave up an alignment that it had begun.",
    seen: (history) => has(history, "alignment-abandoned"),
  },
  {
    id: "alignment-overtaken",
    what: "A checkpoint began aligned, took too long, and overtook the records in its way.",
    seen: (history) => has(history, "alignment-overtaken"),
  },
  aborted("checkpoint-expired", "A checkpoint was given up at its time-out.", /^expired$/),
  aborted("checkpoint-declined", "A task declined a checkpoint.", / declined: /),
  aborted("snapshot-not-stored", "A snapshot could not be stored.", / snapshot not stored: /),
  aborted(
    "checkpoint-behind-a-newer",
    "A task declined a checkpoint since a newer one came first.",
    / a newer checkpoint came first$/,
  ),
  aborted(
    "checkpoint-overtaken-while-pending",
    "A checkpoint was dropped while pending, as a newer one had completed.",
    /^checkpoint \d+ is complete$/,
  ),
  aborted(
    "checkpoint-lost-its-tasks",
    "A checkpoint was given up since a task that it needed had failed.",
    /^task \d+\/\d+: /,
  ),
  {
    id: "checkpoint-aborted-half-way",
    what: "A checkpoint was given up though some tasks had acknowledged it.",
    seen: (history) => {
      const acknowledged = new Set<number>();
      return (
        has(history, "checkpoint-aborted") &&
        history.notes.some((note) => {
          if (note.kind === "checkpoint-acknowledged") acknowledged.add(note.checkpointId);
          return note.kind === "checkpoint-aborted" && acknowledged.has(note.checkpointId);
        })
      );
    },
  },
  {
    id: "checkpoints-overlapped",
    what: "A checkpoint was triggered while another one was pending.",
    seen: (history) =>
      during(
        history,
        "checkpoint-triggered",
        ({ kind }) =>
          kind === "checkpoint-completed" ||
          kind === "checkpoint-aborted" ||
          kind === "leader-elected",
        ({ kind }) => kind === "checkpoint-triggered",
      ),
  },
  {
    id: "fault-while-completing",
    what: "A fault struck while the metadata of a checkpoint was on its way to the store.",
    seen: (history) =>
      during(
        history,
        "checkpoint-completing",
        (note) => note.kind === "checkpoint-completed" || note.kind === "checkpoint-aborted",
        (note) => note.kind === "fault-injected",
      ),
  },
  {
    id: "fault-while-aligning",
    what: "A fault struck while a task was aligning.",
    seen: (history) =>
      during(
        history,
        "alignment-started",
        (note, { vertex, subtask }) =>
          (note.kind === "snapshot-taken" || note.kind === "alignment-abandoned") &&
          note.vertex === vertex &&
          note.subtask === subtask,
        (note) => note.kind === "fault-injected",
      ),
  },
  {
    id: "job-failed-of-its-checkpoints",
    what: "So many checkpoints failed in a row that the job started over.",
    seen: (history) =>
      some(history, "job-failing", ({ why }) => /^checkpoint \d+ failed/.test(why)),
  },
  {
    id: "checkpoint-after-an-end",
    what: "A checkpoint completed that was triggered after some task had ended.",
    seen: (history) => {
      if (!has(history, "task-ended")) return false;
      const late = new Set<number>();
      let ended = false;
      return history.notes.some((note) => {
        if (note.kind === "task-ended") ended = true;
        if (note.kind === "checkpoint-triggered" && ended) late.add(note.checkpointId);
        return note.kind === "checkpoint-completed" && late.has(note.checkpointId);
      });
    },
  },
  {
    id: "files-referred-to-again",
    what: "A snapshot named files that an earlier one had stored.",
    seen: (history) => some(history, "landmark", ({ what }) => what === "files-referred-to-again"),
  },
  {
    id: "savepoint-completed",
    what: "A savepoint completed.",
    seen: (history) => has(history, "savepoint-completed"),
  },
];
