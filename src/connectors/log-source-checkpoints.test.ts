import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { stored } from "../operators/testing.ts";
import { openSource, type Records } from "./log-source.fixture.ts";
import { decodeSplit, encodeSplit, restoredSplits, splitsState } from "./source-state.ts";

describe("checkpoints", () => {
  test("[LS2] [C9] [C103] a snapshot holds the position after the last emitted record", () => {
    const { batch, source, splits, assign } = openSource();
    assign("0@0 2@40");
    batch(0, [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
    source.poll(2);
    expect(splits()).toEqual(["0@2", "2@40"]);
  });

  const shared: Records = [
    ["a", 1],
    ["b", 2],
    ["c", 3],
    ["d", 4],
  ];

  test("[LS2] [C103] a position is exact within the records that share an offset", () => {
    const { batch, source, splits, assign } = openSource();
    assign("0@4");
    batch(4, shared, false, [4, 4, 4, 5]);
    const seen = [splits()[0]];
    for (let i = 0; i < 4; i++) {
      source.poll(1);
      seen.push(splits()[0]);
    }
    expect(seen).toEqual(["0@4", "0@4+1", "0@4+2", "0@5", "0@6"]);
  });

  test("[LS2] [C103] a restore goes on within the records that share an offset", () => {
    const split = { partition: 0, offset: 4, index: 2, ended: false };
    const state = stored({ keyed: undefined, timers: [], operatorState: [splitsState([split])] });
    const { host, batch, drain, splits } = openSource({
      context: { restored: true },
      state: [state],
    });
    expect(host.asked()).toEqual(["read lines/0 from 4"]);
    batch(4, []); // The poll timed out: nothing is skipped yet.
    batch(4, shared, false, [4, 4, 4, 5]);
    expect(host.asked().at(-1)).toBe("read lines/0 from 6");
    expect([drain(), splits()]).toEqual([["c@3", "d@4"], ["0@6"]]);
  });

  test("[C103] a log that holds less at an offset than was read of it fails the task", () => {
    const split = { partition: 0, offset: 4, index: 2, ended: false };
    const state = stored({ keyed: undefined, timers: [], operatorState: [splitsState([split])] });
    const { batch, context } = openSource({ context: { restored: true }, state: [state] });
    batch(4, [["a", 1]]);
    expect(context.failures[0]).toContain("has 1 records at offset 4, of which the checkpoint");
  });

  test("[C63] a snapshot does not follow the live position", () => {
    const { batch, source, assign } = openSource();
    assign("0@0");
    batch(0, [["a", 1]]);
    const snapshot = stored(source.snapshot());
    source.poll(1);
    expect(restoredSplits([snapshot])).toMatchObject([{ offset: 0 }]);
  });

  test("[SO1] [C103] [C104] a restore goes on where the snapshot was cut, and takes what is given", () => {
    const before = openSource();
    before.assign("0@0");
    before.batch(0, [
      ["a", 1],
      ["b", 2],
    ]);
    before.source.poll(1);
    const state = stored(before.source.snapshot());

    const after = openSource({ context: { restored: true }, state: [state] });
    expect(after.host.asked()).toEqual(["read lines/0 from 1"]);
    after.batch(1, [["b", 2]]);
    expect(after.drain()).toEqual(["b@2"]);
    after.assign("2@8");
    expect(after.host.asked()).toContain("read lines/2 from 8");
    expect(after.splits()).toEqual(["0@2", "2@8"]);
    expect(() => after.assign("0@0")).toThrow("SO1");
  });

  test("[SO2] [C50] [C104] restored and empty is not fresh: it waits, and reads nothing", () => {
    const { host, source, drain } = openSource({ context: { restored: true } });
    expect([drain(), host.asked(), source.ended]).toEqual([[], [], false]);
  });

  test("[C62] a snapshot after a restore without input equals what was restored", () => {
    const before = openSource();
    before.assign("0@0 1@3");
    before.batch(0, [["a", 1]], true);
    before.drain();
    const state = stored(before.source.snapshot());
    const after = openSource({ context: { restored: true }, state: [state] });
    expect(stored(after.source.snapshot())).toEqual(state);
    expect([after.host.asked(), after.splits()]).toEqual([
      ["read lines/1 from 3"],
      ["0@1 ended", "1@3"],
    ]);
  });

  test("[SO6] [C108] the outside hears of positions when their checkpoint has completed", () => {
    const { host, batch, source, assign } = openSource();
    assign("0@0 3@9");
    batch(0, [
      ["a", 1],
      ["b", 2],
    ]);
    source.poll(1);
    source.prepareBarrier(asCheckpointId(1));
    source.poll(1);
    expect(host.acknowledged).toEqual([]);
    source.checkpointCompleted(asCheckpointId(1));
    source.checkpointCompleted(asCheckpointId(1));
    expect(host.acknowledged).toEqual(["lines by job/op to 0:1 3:9"]);
    source.prepareBarrier(asCheckpointId(2));
    source.prepareBarrier(asCheckpointId(3));
    source.checkpointCompleted(asCheckpointId(2)); // Overtaken: the next one will say more.
    expect(host.acknowledged).toHaveLength(1);
  });

  test("[C52] broken state is an error, never no state", () => {
    const bytes = encodeSplit({ partition: 1, offset: 300, index: 2, ended: false });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSplit(bytes.subarray(0, length))).toThrow();
    }
    expect(() => decodeSplit(new Uint8Array([...bytes, 0]))).toThrow("1 bytes too many");
    expect(() => decodeSplit(new Uint8Array([9]))).toThrow("version 9");
    expect(() => decodeSplit(new Uint8Array([1, 0, 0, 0, 2]))).toThrow("ended 2");
    const other = stored({
      keyed: undefined,
      timers: [],
      operatorState: [{ name: "filed", mode: "split", elements: [] }],
    });
    expect(() => restoredSplits([other])).toThrow('a source with state "filed"');
  });
});
