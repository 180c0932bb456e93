import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { decodeHeld, encodeHeld, type Committable, type HeldCommittables } from "./committable.ts";
import {
  heldCommittables,
  onCommitterEvent,
  startCommitter,
  type CommitterEffect,
  type CommitterEvent,
  type CommitterState,
} from "./committer.ts";

/** "a3.2/7": the second transaction of attempt 3 of producer a, filed under checkpoint 7. */
function committable(text: string): Committable {
  const [, producer, attempt, number, filedUnder] = /^(\w)(\d+)\.(\d+)\/(\d+)$/.exec(text)!;
  return {
    producer: producer!,
    attempt: Number(attempt),
    number: Number(number),
    filedUnder: Number(filedUnder),
  };
}
const text = ({ producer, attempt, number, filedUnder }: Committable): string =>
  `${producer}${attempt}.${number}/${filedUnder}`;

function effectText(effect: CommitterEffect): string {
  switch (effect.kind) {
    case "request":
      return `commit ${text(effect.request.committable)} for ${effect.request.checkpointId}`;
    case "committed":
      return `committed ${text(effect.request.committable)}`;
    case "retry-after":
      return `retry after ${effect.delayMs}`;
    case "acknowledge":
    case "settled":
      return `${effect.kind} ${effect.checkpointId}`;
    case "fail":
    case "ignore":
      return `${effect.kind} ${effect.why}`;
  }
}

function eventOf(line: string): CommitterEvent {
  const [kind, argument] = line.split(" ");
  switch (kind) {
    case "barrier":
    case "completed":
      return { kind, checkpointId: asCheckpointId(Number(argument)) };
    case "refused":
      return { kind, why: argument ?? "" };
    case "take":
      return { kind: "committable", committable: committable(argument ?? "") };
    default:
      return { kind: line } as CommitterEvent;
  }
}

function transcript(
  given: readonly HeldCommittables[],
  begin: string,
  lines: readonly (readonly [event: string, effects: string])[],
): CommitterState {
  const start = startCommitter(given);
  expect(start.effects.map(effectText).join(", ")).toBe(begin);
  let { state } = start;
  for (const [line, effects] of lines) {
    const step = onCommitterEvent(state, eventOf(line));
    expect([line, step.effects.map(effectText).join(", ")]).toEqual([line, effects]);
    state = step.state;
  }
  return state;
}

const part = (checkpointId: number, ...held: readonly string[]): HeldCommittables => ({
  checkpointId,
  committables: held.map(committable),
});

describe("a committer", () => {
  test("[CM1] [C97] a completion commits all filed up to its id, none above; repeats do no harm", () => {
    transcript([], "", [
      ["take a7.1/1", ""],
      ["take b7.1/1", ""],
      ["barrier 1", "acknowledge 1"],
      ["take a7.2/2", ""],
      ["barrier 2", "acknowledge 2"],
      ["take a7.3/3", ""],
      // That of checkpoint 1 was lost.
      ["completed 2", "commit a7.1/1 for 2"],
      ["confirmed", "committed a7.1/1, commit b7.1/1 for 2"],
      ["completed 1", ""],
      ["confirmed", "committed b7.1/1, settled 1, commit a7.2/2 for 2"],
      ["confirmed", "committed a7.2/2, settled 2"],
      ["completed 2", "settled 2"],
    ]);
  });

  test("[C97] a commit of unknown outcome is asked for again, however often", () => {
    transcript([part(4, "a6.1/4")], "commit a6.1/4 for 4", [
      ["timed-out", "retry after 20"],
      ["retry-due", "commit a6.1/4 for 4"],
      ["timed-out", "retry after 40"],
      ["retry-due", "commit a6.1/4 for 4"],
      ["confirmed", "committed a6.1/4"],
    ]);
  });

  test("[CM2] [C98] commits what it was given before it acknowledges a checkpoint", () => {
    const given = [part(4, "a6.1/3", "a6.2/4"), part(4, "b6.1/4")];
    transcript(given, "commit a6.1/3 for 4", [
      ["take a7.1/5", ""],
      ["barrier 5", ""],
      ["confirmed", "committed a6.1/3, commit a6.2/4 for 4"],
      ["confirmed", "committed a6.2/4, commit b6.1/4 for 4"],
      ["confirmed", "committed b6.1/4, acknowledge 5"],
    ]);
  });

  test("[C98] forgets what a fast channel had put into the snapshot: its writer writes it again", () => {
    transcript([part(4, "a6.1/5")], "", [["barrier 5", "acknowledge 5"]]);
  });

  test("[C97] what comes behind the completion that covers it is due at once", () => {
    transcript([], "", [
      ["completed 3", "settled 3"],
      ["take a7.1/3", "commit a7.1/3 for 3"],
    ]);
  });

  test("[C99] an unfinished commit is left alone by close; what is refused fails the task", () => {
    transcript([part(4, "a6.1/4")], "commit a6.1/4 for 4", [
      ["close", ""],
      ["confirmed", "ignore over"],
    ]);
    transcript([part(4, "a6.1/4")], "commit a6.1/4 for 4", [["refused aborted", "fail aborted"]]);
  });

  test("[C101] a job without checkpoints is committed by its end, however often that is told", () => {
    transcript([], "", [
      ["take a7.1/1", ""],
      ["take a7.2/1", ""],
      ["finish", ""],
      ["completed 0", "commit a7.1/1 for 0"],
      ["completed 0", ""],
      ["confirmed", "committed a7.1/1, commit a7.2/1 for 0"],
      ["confirmed", "committed a7.2/1, settled 0, settled 0"],
    ]);
  });
});

test("[CM3] [CM4] whatever comes in whatever order, each is committed once, covered, in order", () => {
  const events = fc.array(
    fc.oneof(fc.constantFrom("take a", "take b", "barrier", "completed", "confirmed", "timed-out")),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(events, (lines) => {
      let { state } = startCommitter([]);
      let barrier = 0;
      let completed = -1;
      let retry = false;
      const taken: string[] = [];
      const committed: string[] = [];
      const tell = (line: string): void => {
        const step = onCommitterEvent(state, eventOf(line));
        state = step.state;
        for (const effect of step.effects) {
          if (effect.kind === "request") {
            expect(effect.request.committable.filedUnder).toBeLessThanOrEqual(completed);
          }
          if (effect.kind === "committed") committed.push(text(effect.request.committable));
          if (effect.kind === "retry-after") retry = true;
        }
      };
      const take = (producer: string): void => {
        taken.push(`${producer}7.${taken.length + 1}/${barrier + 1}`);
        tell(`take ${taken.at(-1)}`);
      };
      for (const line of lines) {
        if (line.startsWith("take")) take(line.at(-1)!);
        else if (line === "barrier") tell(`barrier ${++barrier}`);
        else if (line === "completed") tell(`completed ${(completed = barrier)}`);
        else if (retry) {
          retry = false;
          tell("retry-due");
        } else if (state.request !== undefined) tell(line);
      }
      completed = ++barrier;
      tell(`completed ${completed}`);
      if (retry) tell("retry-due");
      while (state.request !== undefined) tell("confirmed");
      expect(committed).toEqual(taken);
    }),
    { seed: 11, numRuns: 200 },
  );
});

test("[C52] what it keeps comes back a part a producer, and broken bytes are an error", () => {
  const start = startCommitter([]);
  const held = ["b7.1/1", "a7.1/1", "a7.2/2"].map(committable);
  const state = held.reduce(
    (before, each) => onCommitterEvent(before, { kind: "committable", committable: each }).state,
    start.state,
  );
  const parts = heldCommittables(state, asCheckpointId(2));
  expect(parts.map(({ committables }) => committables.map(text))).toEqual([
    ["a7.1/1", "a7.2/2"],
    ["b7.1/1"],
  ]);
  expect(parts.map(encodeHeld).map(decodeHeld)).toEqual(parts);
  const bytes = encodeHeld(parts[0]!);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeHeld(bytes.subarray(0, length))).toThrow();
  }
  expect(() => decodeHeld(new Uint8Array([9]))).toThrow("version 9");
});
