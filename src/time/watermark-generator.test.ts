/** Watermarks of splits and of the source that reads them. */
import { describe, expect, test } from "vitest";
import { NO_TIMESTAMP } from "../core/element.ts";
import { SplitWatermarks } from "./watermark-generator.ts";

describe("split watermarks", () => {
  test("[WG1] a record at exactly the tolerated delay is still in time", () => {
    const source = new SplitWatermarks(100);
    const split = source.add("p0");
    split.onRecord(1_000);
    expect(split.watermarkMs).toBe(899);
    expect(source.advance()).toBe(899);
    split.onRecord(900);
    expect(split.watermarkMs).toBe(899);
    split.onRecord(1_001);
    expect(source.advance()).toBe(900);
  });

  test("[WG3] [C76] a watermark is neither repeated nor taken back", () => {
    const source = new SplitWatermarks(0);
    source.add("p0").onRecord(10);
    expect([source.advance(), source.advance()]).toEqual([9, undefined]);
    source.add("p1").onRecord(5);
    expect([source.advance(), source.output]).toEqual([undefined, 9]);
  });

  test("[WG2] [C81] a new split counts at once, with minus infinity", () => {
    const source = new SplitWatermarks(0);
    const first = source.add("p0");
    first.onRecord(10);
    expect(source.advance()).toBe(9);
    const second = source.add("p1");
    first.onRecord(50);
    expect(source.advance()).toBeUndefined();
    second.onRecord(20);
    expect(source.advance()).toBe(19);
  });

  test("a split without a timestamp holds the source back", () => {
    const source = new SplitWatermarks(0);
    source.add("p0").onRecord(NO_TIMESTAMP);
    expect(source.advance()).toBeUndefined();
  });

  test("an idle split holds nothing back, until its next record", () => {
    const source = new SplitWatermarks(0);
    const [first, second] = [source.add("p0"), source.add("p1")];
    first.onRecord(10);
    second.markIdle();
    expect([source.idle, source.advance()]).toEqual([false, 9]);
    second.onRecord(3);
    first.onRecord(30);
    expect(source.advance()).toBeUndefined();
    first.markIdle();
    second.markIdle();
    expect([source.idle, source.advance()]).toEqual([true, undefined]);
  });

  test("a split that was read to its end holds nothing back", () => {
    const source = new SplitWatermarks(0);
    const first = source.add("p0");
    source.add("p1").onRecord(5);
    first.onRecord(100);
    expect(source.advance()).toBe(4);
    source.remove("p1");
    expect(source.advance()).toBe(99);
    source.remove("p0");
    expect([source.idle, source.advance()]).toEqual([true, undefined]);
  });

  test("a split is added once, and removed once", () => {
    const source = new SplitWatermarks(0);
    source.add("p0");
    expect(() => source.add("p0")).toThrow(/"p0"/);
    expect(() => source.remove("p1")).toThrow(/"p1"/);
    expect(() => new SplitWatermarks(-1)).toThrow(/-1 ms/);
  });
});
