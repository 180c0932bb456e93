/**
 * Old attempts stay out.
 *
 * AT1  Once a newer attempt has fenced a producer, of an older attempt's transactions only those get
 *      committed that were pre-committed before the fence.
 *
 * Of the three things a late attempt may do, this sees one: write output. That it acknowledges
 * nothing is C28, within the job manager, where notes carry no attempt; that it changes no state
 * follows from attempts sharing none.
 *
 * Source: C98, C100, C119; the bugs that break it are A33 and A40.
 */
import { placeOf } from "./notes.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";

type Writer = Readonly<{ producer: string; attempt: number }>;

/** "job/uid/0#65537:7" is transaction 7 of attempt 65537; undefined for any other text. */
function writerOf(transaction: string): Writer | undefined {
  const parts = /^(.*)#(\d+):\d+$/.exec(transaction);
  const [, producer, attempt] = parts ?? [];
  if (producer === undefined || attempt === undefined) return undefined;
  return { producer, attempt: Number(attempt) };
}

export const fencedStaysOut: Property = {
  id: "AT1",
  rule: "A fenced attempt commits nothing but what it had pre-committed before the fence.",
  check(history) {
    const fences = new Map<string, number>();
    /** Transactions that were pre-committed while their attempt was the newest. */
    const safe = new Set<string>();
    let fenced = 0;
    for (const note of history.notes) {
      if (note.kind === "ledger-fenced") {
        const before = fences.get(note.producer);
        if (before !== undefined && before < note.attempt) fenced++;
        fences.set(note.producer, Math.max(before ?? 0, note.attempt));
      }
      if (note.kind !== "transaction-pre-committed" && note.kind !== "ledger-committed") continue;
      const writer = writerOf(note.transaction);
      if (writer === undefined) {
        return violated(`transaction "${note.transaction}" does not name its attempt`);
      }
      const newest = fences.get(writer.producer) ?? 0;
      if (writer.attempt >= newest) safe.add(note.transaction);
      else if (note.kind === "ledger-committed" && !safe.has(note.transaction)) {
        return violated(
          `${note.transaction} was committed ${placeOf(note)}, though attempt ${newest} had ` +
            "fenced its own before it was pre-committed",
        );
      }
    }
    if (fenced === 0) return vacuous("no attempt was ever fenced by a newer one");
    return holds({ fenced });
  },
};
