import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, parseSeed, seedOf } from "./random.ts";
import type { Random } from "../../src/index.ts";

/** Computed once; they may never change. */
const GOLDEN = {
  root: [781955748, 1348731345, 800605592, 2643858354],
  network: [3156413193, 732666867, 1663630183, 3532150301],
  integers: [1, 0, -2, -2, -1, 2],
  wide: 2112974240,
};

const draws = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.bits());

describe("streams", () => {
  test("draw what they always drew: stored seeds depend on it", () => {
    const root = createRandom("0x2a");
    expect(draws(root, 4)).toEqual(GOLDEN.root);
    expect(draws(root.fork("network").fork("tm-1>tm-2"), 4)).toEqual(GOLDEN.network);
    const integers = createRandom("0x2a").fork("integers");
    expect(Array.from({ length: 6 }, () => integers.integer(-3, 3))).toEqual(GOLDEN.integers);
    expect(integers.integer(0, 2 ** 31 - 1)).toBe(GOLDEN.wide);
  });

  test("of one seed and name draw alike, whatever the others do", () => {
    const name = fc.stringMatching(/^[a-z0-9>-]{1,8}$/);
    const others = fc.array(fc.tuple(name, fc.nat(5)), { maxLength: 6 });
    fc.assert(
      fc.property(fc.string(), name, others, (seed, wanted, noise) => {
        const alone = draws(createRandom(seed).fork(wanted), 5);
        const root = createRandom(seed);
        const stream = root.fork(wanted);
        const drawn: number[] = [];
        for (let i = 0; i < 5; i++) {
          for (const [other, count] of noise) draws(root.fork(other), count);
          draws(root, 1);
          draws(stream.fork("child"), 1);
          drawn.push(stream.bits());
        }
        expect(drawn).toEqual(alone);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("have names that nest: the name decides, not the way to it", () => {
    const nested = createRandom("7").fork("a").fork("b");
    expect(draws(nested, 3)).toEqual(draws(createRandom("7").fork("a/b"), 3));
    expect(draws(createRandom("7").fork("b"), 3)).not.toEqual(draws(nested, 3));
  });

  test("differ when their names differ by one letter", () => {
    const firsts = Array.from({ length: 2_000 }, (_, i) => createRandom("7").fork(`${i}`).bits());
    expect(new Set(firsts).size).toBeGreaterThan(1_995);
  });
});

describe("draws", () => {
  test("of integers stay in range and reach both ends", () => {
    const range = fc.tuple(fc.integer({ min: -1_000, max: 1_000 }), fc.nat(6));
    fc.assert(
      fc.property(fc.string(), range, (seed, [min, more]) => {
        const random = createRandom(seed);
        const seen = new Set<number>();
        for (let i = 0; i < 400; i++) seen.add(random.integer(min, min + more));
        expect([...seen].sort((a, b) => a - b)).toEqual(
          Array.from({ length: more + 1 }, (_, i) => min + i),
        );
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  test("of wide integers are even: no half is favoured", () => {
    const random = createRandom("wide");
    const range = 1_500_000_000;
    let low = 0;
    let even = 0;
    for (let i = 0; i < 20_000; i++) {
      const drawn = random.integer(0, range - 1);
      expect(Number.isInteger(drawn) && drawn >= 0 && drawn < range).toBe(true);
      if (drawn < range / 2) low++;
      if (drawn % 2 === 0) even++;
    }
    expect(Math.abs(low - 10_000)).toBeLessThan(400);
    expect(Math.abs(even - 10_000)).toBeLessThan(400);
  });

  test("by chance: never at 0, always at 1000, about as often as asked between", () => {
    const random = createRandom("chance");
    let hits = 0;
    for (let i = 0; i < 10_000; i++) {
      expect(random.chance(0)).toBe(false);
      expect(random.chance(1_000)).toBe(true);
      if (random.chance(250)) hits++;
    }
    expect(Math.abs(hits - 2_500)).toBeLessThan(200);
  });

  test("refuse a range that is empty or too wide, and an empty choice", () => {
    const random = createRandom("x");
    expect(() => random.integer(2, 1)).toThrow("no integer can be drawn from 2 to 1");
    expect(() => random.integer(0, 2 ** 31)).toThrow("no integer");
    expect(() => random.integer(0.5, 3)).toThrow("no integer");
    expect(() => random.pick([])).toThrow('nothing to pick from in stream "x"');
  });
});

describe("parseSeed", () => {
  test("reads decimal, hexadecimal and commits, and gives one text for one seed", () => {
    const commit = "0531c02aBCDEF0123456789abcdef0123456789a";
    expect(parseSeed("42")).toEqual({ ok: true, value: "0x2a" });
    expect(parseSeed(" 0X2A ")).toEqual({ ok: true, value: "0x2a" });
    expect(parseSeed("0")).toEqual({ ok: true, value: "0x0" });
    expect(parseSeed("18446744073709551615")).toEqual({ ok: true, value: "0xffffffffffffffff" });
    expect(parseSeed(commit)).toEqual({ ok: true, value: commit.toLowerCase() });
    expect(parseSeed("1".repeat(40))).toEqual({ ok: true, value: "1".repeat(40) });
  });

  test("loses no digit above 2^53", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const canonical = { ok: true, value: seedOf(value) };
        expect(parseSeed(value.toString())).toEqual(canonical);
        expect(parseSeed(`0x${value.toString(16)}`)).toEqual(canonical);
        expect(parseSeed(seedOf(value))).toEqual(canonical);
        expect(BigInt(seedOf(value))).toBe(value);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test("says what is wrong with anything else", () => {
    for (const text of ["", "-1", "1.5", "0x", "seed", "1e3", "abcdef"]) {
      const result = parseSeed(text);
      expect(result.ok ? "" : result.error).toContain(`seed "${text}" cannot be read: expected`);
    }
    for (const text of ["18446744073709551616", "0x10000000000000000"]) {
      const result = parseSeed(text);
      expect(result.ok ? "" : result.error).toContain("use at most 0xffffffffffffffff");
    }
  });
});
