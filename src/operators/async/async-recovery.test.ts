/**
 * Lives of one operator that calls a service: answers come in any order, twice, late or never,
 * snapshots are taken anywhere, and whatever dies begins again at the last one.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { asyncStage, type TextSpec } from "./async.fixture.ts";

type Action = Readonly<{
  kind: "input" | "watermark" | "answer" | "refuse" | "wait" | "step" | "checkpoint" | "crash";
  pick: number;
}>;

const actions = fc.array(
  fc.record({
    kind: fc.constantFrom<Action["kind"]>(
      ...(["input", "input", "input", "answer", "answer", "answer", "watermark"] as const),
      ...(["refuse", "wait", "step", "step", "checkpoint", "crash"] as const),
    ),
    pick: fc.nat(1_000),
  }),
  { maxLength: 120 },
);

const spec = (order: TextSpec["order"]): Partial<TextSpec> => ({
  order,
  capacity: 4,
  timeoutMs: 60,
  retry: { attemptsMax: 1_000, delayMs: 7 },
  result: (value, _response, out) => out.collect(value),
  // What is put out in vain is put out: exactly one of both.
  onTimeout: (value, out) => out.collect(value),
});

type Checkpoint = Readonly<{ state: readonly OperatorSnapshot[]; given: number; rows: number }>;

/** All rows over all lives, those after the last checkpoint of a life that died left out. */
function live(order: TextSpec["order"], script: readonly Action[]) {
  let stage = asyncStage(spec(order));
  let last: Checkpoint = { state: [], given: 0, rows: 0 };
  let given = 0;
  let watermarkMs = 0;
  const rows: string[] = [];
  /** Inputs that came in this life behind each of its watermarks, and so must not leave before it. */
  let behind = new Map<string, number>();
  let passedMs = 0;
  const step = (): void => {
    for (const line of stage.step()) {
      if (line.startsWith("~")) {
        passedMs = Number(line.slice(1));
        continue;
      }
      const value = line.slice(0, line.indexOf("@"));
      const since = behind.get(value) ?? 0;
      expect(passedMs, `${value} came behind watermark ${since}`).toBe(since);
      rows.push(value);
    }
  };
  const calls = () => stage.host.calls;
  for (const { kind, pick } of script) {
    const call = calls()[pick % Math.max(1, calls().length)];
    if (kind === "input" && stage.operator.available) {
      behind.set(`i${given}`, watermarkMs);
      stage.give(`i${given++}`);
    } else if (kind === "watermark") {
      stage.operator.processWatermark(++watermarkMs);
      // Those that are held now come before it.
      if (stage.output.lines.length > 0) step();
    } else if (kind === "answer") {
      call?.done({ ok: true, value: Uint8Array.of(1, 97) });
    } else if (kind === "refuse") {
      call?.done({ ok: false, error: { kind: "timeout" } });
    } else if (kind === "wait") {
      stage.host.advanceMs(pick % 40);
    } else if (kind === "step") {
      step();
    } else if (kind === "checkpoint") {
      last = { state: [stage.snapshot()], given, rows: rows.length };
    } else if (kind === "crash") {
      stage.operator.close();
      stage = asyncStage(spec(order), last.state);
      given = last.given;
      rows.length = last.rows;
      behind = new Map();
      watermarkMs = passedMs = 0;
    }
  }
  while (!stage.operator.finish()) {
    stage.host.advanceMs(60);
    step();
  }
  return { rows, expected: Array.from({ length: given }, (_, i) => `i${i}`) };
}

test("[C110] [C111] [C112] ordered: every input comes out once, in order, over all lives", () => {
  fc.assert(
    fc.property(actions, (script) => {
      const { rows, expected } = live("ordered", script);
      expect(rows).toEqual(expected);
    }),
    { seed: 41, numRuns: 300 },
  );
});

test("[C110] [C111] [C112] unordered: once, each between its watermarks, over all lives", () => {
  fc.assert(
    fc.property(actions, (script) => {
      const { rows, expected } = live("unordered", script);
      expect([...rows].sort()).toEqual([...expected].sort());
    }),
    { seed: 42, numRuns: 300 },
  );
});
