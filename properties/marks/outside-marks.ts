/** Marks of sources, sinks, services and event time. */
import type { History } from "../../sim/history.ts";
import type { Mark } from "../../sim/mark.ts";
import { during, has, placesOf, some } from "./course.ts";

const taskFailed = (id: string, what: string, why: RegExp): Mark => ({
  id,
  what,
  seen: (history) => some(history, "task-failed", (note) => why.test(note.why)),
});

/** Whoever was told to commit was not the one who had prepared it. */
function committedByAnother(history: History): boolean {
  const prepared = new Map<string, string>();
  return history.notes.some((note) => {
    if (note.kind === "transaction-pre-committed") prepared.set(note.transaction, note.process);
    if (note.kind !== "transaction-committed") return false;
    const by = prepared.get(note.transaction);
    return by !== undefined && by !== note.process;
  });
}

/** Some partitions were found after a checkpoint, and before the job had to begin again. */
function foundLater(history: History): boolean {
  const completed = placesOf(history, "checkpoint-completed")[0] ?? Infinity;
  const begunAgain = placesOf(history, "job-deploying").find((at) => at > completed) ?? Infinity;
  return some(
    history,
    "splits-assigned",
    ({ splits }, at) => splits.length > 0 && at > completed && at < begunAgain,
  );
}

export const outsideMarks: readonly Mark[] = [
  taskFailed(
    "transaction-expired",
    "A transaction expired before it was committed.",
    /has expired/,
  ),
  taskFailed(
    "service-failed",
    "A service failed a record for good.",
    /: service "|^operator "[^"]+": service/,
  ),
  {
    id: "transaction-aborted",
    what: "A transaction was aborted, with the rows in it.",
    seen: (history) => has(history, "ledger-aborted"),
  },
  {
    id: "zombie-refused",
    what: "A writer whose successor had fenced it off asked something of the ledger, and was told no.",
    seen: (history) => has(history, "ledger-refused"),
  },
  {
    id: "committed-by-another",
    what: "A transaction was committed by another process than the one that had prepared it.",
    seen: (history) => has(history, "transaction-pre-committed") && committedByAnother(history),
  },
  {
    id: "commit-unheard",
    what: "A commit took effect, and the job started over before it had heard so.",
    seen: (history) =>
      during(
        history,
        "ledger-committed",
        (note, { transaction }) =>
          note.kind === "transaction-committed" && note.transaction === transaction,
        (note) => note.kind === "job-restored",
      ),
  },
  {
    id: "table-written-in-two-lives",
    what: "Epochs of one table were written by two lives of a writer.",
    seen: (history) => {
      const lives = new Map<string, number>();
      return some(history, "table-epoch", ({ table, writer, life }) => {
        const known = lives.get(`${table}/${writer}`) ?? life;
        lives.set(`${table}/${writer}`, known);
        return known !== life;
      });
    },
  },
  {
    id: "split-held-back",
    what: "A split that was far ahead of the others waited for them.",
    seen: (history) => has(history, "split-paused"),
  },
  {
    id: "split-found-later",
    what: "A partition appeared while the job ran.",
    seen: foundLater,
  },
  {
    id: "record-too-late",
    what: "A record came too late for its windows.",
    seen: (history) => some(history, "landmark", ({ what }) => what === "record-too-late"),
  },
];
