import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { NO_EPOCH, type WriterLife } from "../host/tables.ts";
import {
  hasBegun,
  lifeEpochs,
  onEpochsEvent,
  startEpochs,
  type EpochRequest,
  type EpochsEffect,
  type EpochsEvent,
  type EpochsState,
  type LifeEpochs,
} from "./table-epochs.ts";

const WRITER = "job/sink/0";
const name = ({ writer, life }: WriterLife): string => `${writer.at(-1)}@${life}`;

function requestText(request: EpochRequest): string {
  switch (request.kind) {
    case "begin":
      return `begin ${request.writer}`;
    case "read":
      return `read ${name(request.life)}`;
    case "put":
      return `put ${request.epoch} of ${name(request.life)}, ${request.rows} rows`;
  }
}

function effectText(effect: EpochsEffect): string {
  switch (effect.kind) {
    case "request":
      return requestText(effect.request);
    case "retry-after":
      return `retry after ${effect.delayMs}`;
    case "drop":
      return `drop ${effect.rows}`;
    case "put":
      return `${effect.epoch} of ${name(effect.life)} is in`;
    case "acknowledge":
    case "settled":
      return `${effect.kind} ${effect.checkpointId}`;
    case "fail":
    case "ignore":
      return `${effect.kind} ${effect.why}`;
  }
}

function eventOf(text: string): EpochsEvent {
  const [kind, argument] = text.split(" ");
  const number = Number(argument);
  switch (kind) {
    case "rows":
      return { kind, count: number };
    case "barrier":
    case "completed":
      return { kind, checkpointId: asCheckpointId(number) };
    case "begun":
      return { kind, life: number };
    case "holds":
      return { kind, epoch: number };
    case "refused":
      return { kind, why: argument ?? "" };
    default:
      return { kind: text } as EpochsEvent;
  }
}

function transcript(
  given: readonly LifeEpochs[],
  lines: readonly (readonly [event: string, effects: string])[],
): EpochsState {
  const start = startEpochs(WRITER, given);
  expect(start.effects.map(effectText)).toEqual([`begin ${WRITER}`]);
  let { state } = start;
  for (const [event, effects] of lines) {
    const step = onEpochsEvent(state, eventOf(event));
    expect([event, step.effects.map(effectText).join(", ")]).toEqual([event, effects]);
    state = step.state;
  }
  return state;
}

/** Of subtask `subtask`, in checkpoint `checkpointId`: an epoch a pair of id and rows. */
const part = (
  subtask: number,
  life: number,
  checkpointId: number,
  ...sealed: readonly (readonly [epoch: number, rows: number])[]
): LifeEpochs => ({
  ...{ writer: `job/sink/${subtask}`, life, checkpointId },
  sealed: sealed.map(([epoch, rows]) => ({ epoch: asCheckpointId(epoch), rows })),
});

describe("a fresh sink", () => {
  test("[TE4] takes nothing before the table has numbered its life", () => {
    const state = transcript([], [["timed-out", "retry after 20"]]);
    expect([hasBegun(state), lifeEpochs(state, asCheckpointId(1))]).toEqual([false, undefined]);
    expect(() => onEpochsEvent(state, eventOf("rows 1"))).toThrow("TE4");
    expect(hasBegun(onEpochsEvent(state, eventOf("begun 3")).state)).toBe(true);
  });

  test("[TE1] [C97] puts an epoch once its checkpoint, or a later one, is complete", () => {
    const state = transcript(
      [],
      [
        ["begun 3", ""],
        ["rows 2", ""],
        ["barrier 1", "acknowledge 1"],
        ["rows 4", ""],
        ["barrier 2", "acknowledge 2"],
        ["rows 1", ""],
        // That of checkpoint 1 was lost.
        ["completed 2", "put 1 of 0@3, 2 rows"],
        ["timed-out", "retry after 20"],
        ["retry-due", "put 1 of 0@3, 2 rows"],
        ["confirmed", "drop 2, 1 of 0@3 is in, put 2 of 0@3, 4 rows"],
        ["confirmed", "drop 4, 2 of 0@3 is in, settled 2"],
        ["completed 2", "settled 2"],
        ["barrier 3", "acknowledge 3"],
      ],
    );
    expect(lifeEpochs(state, asCheckpointId(3))).toEqual(part(0, 3, 3, [3, 1]));
  });

  test("an epoch without rows is none", () => {
    transcript(
      [],
      [
        ["begun 1", ""],
        ["barrier 1", "acknowledge 1"],
        ["completed 1", "settled 1"],
      ],
    );
  });

  test("[C101] a job without checkpoints puts all at its end", () => {
    transcript(
      [],
      [
        ["begun 1", ""],
        ["rows 5", ""],
        ["finish", ""],
        ["completed 0", "put 0 of 0@1, 5 rows"],
        ["completed 0", ""],
        ["confirmed", "drop 5, 0 of 0@1 is in, settled 0, settled 0"],
      ],
    );
  });
});

describe("a restored sink", () => {
  const given = [part(0, 3, 7, [5, 1], [6, 2], [7, 3])];

  test("[C102] [C98] asks the table what it holds of that life, and puts what is missing", () => {
    transcript(given, [
      ["begun 4", "read 0@3"],
      ["timed-out", "retry after 20"],
      ["retry-due", "read 0@3"],
      ["holds 6", "drop 3, put 7 of 0@3, 3 rows"],
      ["confirmed", "drop 3, 7 of 0@3 is in"],
    ]);
    transcript(given, [
      ["begun 4", "read 0@3"],
      ["holds 7", "drop 6"],
      ["rows 1", ""],
    ]);
    transcript(given, [
      ["begun 4", "read 0@3"],
      [`holds ${NO_EPOCH}`, "put 5 of 0@3, 1 rows"],
    ]);
  });

  test("[C102] a higher id that another life has put says nothing of this one", () => {
    // Started again from an old savepoint: the table holds epoch 90 of life 3, and nothing of life 4.
    transcript(
      [part(0, 3, 7)],
      [
        ["begun 4", ""],
        ["rows 2", ""],
        ["barrier 8", "acknowledge 8"],
        ["completed 8", "put 8 of 0@4, 2 rows"],
      ],
    );
  });

  test("[TE3] acknowledges nothing before all that it was given is in the table", () => {
    transcript(
      [part(2, 1, 7, [7, 1]), part(0, 3, 7, [7, 2])],
      [
        ["begun 4", "read 2@1"],
        ["rows 1", ""],
        ["barrier 8", ""],
        ["holds 6", "put 7 of 2@1, 1 rows"],
        ["confirmed", "drop 1, 7 of 2@1 is in, read 0@3"],
        ["holds 6", "put 7 of 0@3, 2 rows"],
        ["confirmed", "drop 2, 7 of 0@3 is in, acknowledge 8"],
        ["completed 8", "put 8 of 0@4, 1 rows"],
      ],
    );
  });

  test("[C34] a refusal is the last word; close is silent", () => {
    transcript(
      [],
      [
        ["refused full", "fail full"],
        ["begun 1", "ignore over"],
      ],
    );
    transcript(
      [],
      [
        ["close", ""],
        ["begun 1", "ignore over"],
      ],
    );
  });
});

test("[TE2] rows leave the front in the order in which they came, each epoch once", () => {
  const lines = fc.array(
    fc.constantFrom("rows", "barrier", "completed", "answer", "answer", "timed-out"),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(lines, (script) => {
      let state = startEpochs(WRITER, [part(0, 3, 7, [6, 2], [7, 1])]).state;
      let [barrier, told, inBuffer, retry] = [7, 7, 3, false];
      const put: number[] = [];
      const tell = (event: EpochsEvent): void => {
        const step = onEpochsEvent(state, event);
        state = step.state;
        for (const effect of step.effects) {
          if (effect.kind === "drop") inBuffer -= effect.rows;
          if (effect.kind === "put") put.push(effect.epoch);
          if (effect.kind === "retry-after") retry = true;
        }
        expect(inBuffer).toBeGreaterThanOrEqual(0);
      };
      const answer = (): void => {
        const { request } = state;
        if (retry) {
          retry = false;
          tell({ kind: "retry-due" });
        } else if (request?.kind === "begin") tell({ kind: "begun", life: 4 });
        else if (request?.kind === "read") tell({ kind: "holds", epoch: 6 });
        else if (request?.kind === "put") {
          expect(request.epoch).toBeLessThanOrEqual(told);
          tell({ kind: "confirmed" });
        }
      };
      for (const line of script) {
        if (line === "rows" && hasBegun(state)) {
          inBuffer++;
          tell({ kind: "rows", count: 1 });
        } else if (line === "barrier") {
          tell({ kind: "barrier", checkpointId: asCheckpointId(++barrier) });
        } else if (line === "completed") {
          told = barrier;
          tell({ kind: "completed", checkpointId: asCheckpointId(told) });
        } else if (line === "timed-out" && state.request !== undefined && !retry) {
          tell({ kind: "timed-out" });
        } else if (line === "answer") answer();
      }
      tell({ kind: "barrier", checkpointId: asCheckpointId(++barrier) });
      told = barrier;
      tell({ kind: "completed", checkpointId: asCheckpointId(told) });
      while (state.request !== undefined) answer();
      expect(put).toEqual([...new Set(put)].sort((a, b) => a - b));
      expect([inBuffer, put[0]]).toEqual([0, 7]);
    }),
    { seed: 5, numRuns: 150 },
  );
});
