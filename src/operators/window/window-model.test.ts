import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stored } from "../testing.ts";
import { isEmpty } from "./testing.ts";
import {
  moves,
  Reference,
  specs,
  Subtasks,
  type Item,
  type ItemSpec,
  type Move,
} from "./window-model.fixture.ts";

type Stage = Readonly<Pick<Reference, "record" | "watermark" | "clock">>;

/** Moves with absolute times, so that two can play them alike. */
function* played(list: readonly Move[]) {
  let watermarkMs = 0;
  let id = 0;
  for (const move of list) {
    if (move.kind === "watermark") watermarkMs += move.byMs;
    const item: Item =
      move.kind === "record"
        ? { key: move.key, ids: `${++id}`, size: move.size }
        : { key: "", ids: "", size: 0 };
    const timeMs = watermarkMs + (move.kind === "record" ? move.timeMs : 0);
    const play = (stage: Stage): string[] => {
      if (move.kind === "record") return stage.record(item, timeMs);
      if (move.kind === "clock") return stage.clock(move.byMs);
      return stage.watermark(watermarkMs);
    };
    yield { move, play };
  }
}

describe("the window operator and its twin", () => {
  test("[C70] [C71] [C72] [C86] [C87] [C88] [C89] [C90] [C91] [C92] agree, whatever fails", () => {
    let fired = 0;
    const agree = fc.property(specs, moves, (spec, list) => {
      const engine = new Subtasks(spec);
      const twin = new Reference(spec);
      for (const { move, play } of played(list)) {
        const found =
          move.kind === "restore"
            ? engine.restore(move.parallelism, engine.snapshot())
            : play(engine);
        const expected = move.kind === "restore" ? twin.catchUp() : play(twin);
        fired += expected.length;
        // Subtasks have no order among them; one has its own.
        if (engine.parallelism === 1) expect(found).toEqual(expected);
        else expect([...found].sort()).toEqual([...expected].sort());
      }
    });
    fc.assert(agree, { seed: 90, numRuns: 150 });
    expect(fired).toBeGreaterThan(1_000);
  });

  test("[C53] [C63] [C74] a snapshot written late goes on as it was when it was taken", () => {
    const same = fc.property(specs, moves, moves, (spec, before, after) => {
      const engine = new Subtasks(spec);
      const steps = [...played([...before, ...after])].filter(
        ({ move }) => move.kind !== "restore",
      );
      const cut = before.filter(({ kind }) => kind !== "restore").length;
      for (const { play } of steps.slice(0, cut)) play(engine);
      // What is due already comes at once behind a restore, too.
      engine.catchUp();
      const pending = engine.pending();
      const { watermarkMs } = engine;
      const nowMs = engine.host.wallMs();
      const rest = steps.slice(cut);
      const first = rest.map(({ play }) => play(engine));
      const copy = new Subtasks(spec);
      copy.host.advanceMs(nowMs);
      copy.watermark(watermarkMs);
      const due = copy.restore(
        1,
        pending.map((each) => stored(each)),
      );
      expect(due).toEqual([]);
      expect(rest.map(({ play }) => play(copy))).toEqual(first);
    });
    fc.assert(same, { seed: 53, numRuns: 80 });
  });

  test("[C88] [KW2] nothing is left of any key once all its windows are over", () => {
    const keepsNothing = ({ assigner, allowedLatenessMs, trigger }: ItemSpec): boolean =>
      assigner.kind !== "global" &&
      allowedLatenessMs < Infinity &&
      // It leaves timers behind, as a trigger may.
      trigger?.kind !== "custom" &&
      !(trigger?.kind === "purging" && trigger.of.kind === "custom");
    const empty = fc.property(specs.filter(keepsNothing), moves, (spec, list) => {
      const engine = new Subtasks(spec);
      for (const { move, play } of played(list)) {
        if (move.kind === "restore") engine.restore(move.parallelism, engine.snapshot());
        else play(engine);
      }
      engine.watermark(Infinity);
      engine.clock(1_000);
      for (const snapshot of engine.snapshot()) expect(isEmpty(snapshot)).toBe(true);
    });
    fc.assert(empty, { seed: 88, numRuns: 80 });
  });
});
