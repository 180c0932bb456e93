import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LATE_EFFECT_MS_MAX } from "../../src/index.ts";
import type { ObjectPart, ObjectStore, Result, StoreError } from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { FakeProcesses } from "../testing/fake-processes.ts";
import { SimulatedObjectStore } from "./object-store.ts";

const LATENCY = { minUs: 500, maxUs: 5_000, tailPerMille: 50, tailUs: 100_000 };
const BOUND_US = LATE_EFFECT_MS_MAX * 1_000;

type Contents = ReadonlyMap<string, Uint8Array>;

function world(timeoutPerMille = 0, seed = "1", contents?: Contents) {
  const scheduler = new Scheduler();
  const processes = new FakeProcesses(2);
  const effects: string[] = [];
  const store = new SimulatedObjectStore({
    scheduler,
    random: createRandom(seed).fork("store"),
    processes,
    latency: LATENCY,
    timeoutPerMille,
    ...(contents === undefined ? {} : { contents }),
    onStored: (path) => effects.push(`${scheduler.nowUs} stored ${path}`),
    onDeleted: (path) => effects.push(`${scheduler.nowUs} deleted ${path}`),
  });
  const heard: string[] = [];
  const hear =
    (what: string) =>
    (result: Result<unknown, StoreError>): void => {
      const value = result.ok && result.value !== undefined ? ` ${textOf(result.value)}` : "";
      heard.push(`${what}: ${result.ok ? `ok${value}` : result.error.kind}`);
    };
  const run = (us = 10_000_000): void => scheduler.runUntil(scheduler.nowUs + us);
  return { scheduler, processes, store, client: store.client(0), effects, heard, hear, run };
}

/** Of an answer: of a list its paths, of a read "1,2 of 4" for two bytes out of four. */
function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null || !("size" in value)) return String(value);
  const { bytes, size } = value as ObjectPart;
  return `${bytes.join(",")} of ${size}`;
}

const put = (client: ObjectStore, path: string, done: (r: Result<undefined, StoreError>) => void) =>
  client.put(path, Uint8Array.of(path.length), false, done);

test("an image stays as it was, and another store may begin with it", () => {
  const { store, client, run } = world();
  const done = (): void => undefined;
  client.put("a", Uint8Array.of(1), false, done);
  run();
  const contents = store.image();
  client.put("a", Uint8Array.of(2), false, done);
  client.put("b", Uint8Array.of(3), false, done);
  run();
  expect([...contents]).toEqual([["a", Uint8Array.of(1)]]);
  const later = world(0, "1", contents);
  expect([later.store.paths(), store.paths()]).toEqual([["a"], ["a", "b"]]);
});

describe("a store that works", () => {
  test("answers later, and does what it was asked", () => {
    const { client, store, heard, hear, run } = world();
    client.put("b", Uint8Array.of(2), false, hear("put b"));
    expect(heard).toEqual([]);
    run();
    client.get("b", 0, hear("get b"));
    client.get("c", 0, hear("get c"));
    run();
    client.delete("c", hear("delete c"));
    client.delete("b", hear("delete b"));
    run();
    expect(heard.splice(0, 1)).toEqual(["put b: ok"]);
    expect(heard.splice(0, 2).sort()).toEqual(["get b: ok 2 of 1", "get c: not-found"]);
    expect(heard.sort()).toEqual(["delete b: ok", "delete c: ok"]);
    expect(store.paths()).toEqual([]);
  });

  test("[OS1] a reader sees one put's bytes, all of them, whatever else is under way", () => {
    const property = fc.property(fc.nat(10_000), fc.array(fc.nat(20)), (seed, sizes) => {
      const { store, run } = world(400, `${seed}`);
      let read = 0;
      for (const size of sizes) {
        store.client(0).put("a", new Uint8Array(size).fill(size), false, () => undefined);
        for (const reader of [0, 1]) {
          store.client(reader).get("a", 0, (result) => {
            read++;
            if (!result.ok) return expect(result.error.kind).toMatch(/^(not-found|timeout)$/);
            const { bytes, size } = result.value;
            expect(sizes).toContain(size);
            expect([...bytes]).toEqual(Array<number>(bytes.length).fill(size));
          });
        }
      }
      run();
      expect(read).toBe(2 * sizes.length);
    });
    fc.assert(property, { seed: 1, numRuns: 50 });
  });

  test("[OS2] of many conditional puts one succeeds, and the object is that one's", () => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const { store, scheduler, run } = world(0, `${seed}`);
        const won: number[] = [];
        for (let i = 0; i < 6; i++) {
          store.client(i % 2).put("lock", Uint8Array.of(i), true, (result) => {
            if (result.ok) won.push(i);
            else expect(result.error).toEqual({ kind: "exists", path: "lock" });
          });
        }
        run();
        let content: Uint8Array | undefined;
        store.client(0).get("lock", 0, (result) => {
          if (result.ok) content = result.value.bytes;
        });
        scheduler.runUntil(scheduler.nowUs + 10_000_000);
        expect([...content!]).toEqual(won);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test("[OS3] lists what there is under a prefix, in order of code units", () => {
    const { client, store, heard, hear, run } = world();
    for (const path of ["a/é", "a/z", "a/Z", "b/1", "a/10", "a/9"])
      put(client, path, () => undefined);
    run();
    client.list("a/", hear("list"));
    run();
    expect(heard).toEqual(["list: ok a/10,a/9,a/Z,a/z,a/é"]);
    expect(store.paths("b")).toEqual(["b/1"]);
  });

  test("[OS4] bytes are copied in and out", () => {
    const { client, heard, hear, run } = world();
    const bytes = Uint8Array.of(1);
    client.put("a", bytes, false, () => undefined);
    bytes.fill(7);
    run();
    client.get("a", 0, (result) => {
      if (result.ok) result.value.bytes.fill(8);
    });
    run();
    client.get("a", 0, hear("get"));
    run();
    expect(heard).toEqual(["get: ok 1 of 1"]);
  });

  test("[OS5] a read brings all that is left or a part of it, and never nothing", () => {
    const { client, run } = world();
    const object = Uint8Array.from({ length: 9 }, (_, i) => i);
    client.put("a", object, false, () => undefined);
    run();
    const lengths = new Map<number, Set<number>>();
    for (let i = 0; i < 3_000; i++) {
      const offset = i % 10;
      client.get("a", offset, (result) => {
        if (!result.ok) throw new Error(result.error.kind);
        const { bytes, size } = result.value;
        expect(size).toBe(9);
        expect([...bytes]).toEqual([...object.subarray(offset, offset + bytes.length)]);
        lengths.set(offset, (lengths.get(offset) ?? new Set()).add(bytes.length));
      });
    }
    run();
    const upTo = (most: number): number[] => Array.from({ length: most }, (_, i) => i + 1);
    for (const [offset, seen] of lengths) {
      const expected = offset === 9 ? [0] : upTo(9 - offset);
      expect([...seen].sort((a, b) => a - b)).toEqual(expected);
    }
  });
});

describe("a store that does not", () => {
  test("[C123] [RQ1] a timeout tells nothing: half took effect, all of them within the bound", () => {
    const { client, scheduler, effects, heard, hear, run } = world(1_000);
    for (let i = 0; i < 400; i++) put(client, `p${i}`, hear("put"));
    run();
    expect(new Set(heard)).toEqual(new Set(["put: timeout"]));
    expect(heard).toHaveLength(400);
    expect(Math.abs(effects.length - 200)).toBeLessThan(50);
    expect(new Set(effects.map((effect) => effect.split(" ")[2])).size).toBe(effects.length);
    const times = effects.map((effect) => Number(effect.split(" ")[0]));
    expect(Math.max(...times)).toBeLessThanOrEqual(BOUND_US);
    // Some come after the answer, which is what makes clean-up hard.
    expect(Math.max(...times)).toBeGreaterThan(1_000_000);
    expect(scheduler.pending).toBe(0);
  });

  test("a fault window: timeouts for a while, and back", () => {
    const { client, store, heard, hear, run } = world();
    store.setTimeouts(1_000);
    put(client, "a", hear("during"));
    store.setTimeouts(0);
    put(client, "b", hear("after"));
    run();
    expect(heard.sort()).toEqual(["after: ok", "during: timeout"]);
  });

  test("unavailable: the answer says so, and nothing took effect", () => {
    const { client, store, effects, heard, hear, run } = world();
    store.setUnavailable(true);
    put(client, "a", hear("put"));
    client.list("", hear("list"));
    run();
    expect(heard.sort()).toEqual(["list: unavailable", "put: unavailable"]);
    expect(effects).toEqual([]);
    store.setUnavailable(false);
    put(client, "a", hear("put"));
    run();
    expect(heard[2]).toBe("put: ok");
  });

  test("quiet: every request is answered well", () => {
    const { client, store, heard, hear, run } = world(900);
    store.setUnavailable(true);
    store.setTimeouts(1_000);
    store.quiet();
    for (let i = 0; i < 20; i++) put(client, `p${i}`, hear("put"));
    run();
    expect(heard).toEqual(new Array(20).fill("put: ok"));
  });
});

describe("clients", () => {
  test("[RQ2] a crash: the effect may come, the callback never does, in no incarnation", () => {
    const { client, processes, effects, heard, hear, run } = world();
    put(client, "a", hear("put"));
    processes.crash(0);
    run(1);
    processes.restart(0);
    run();
    expect(heard).toEqual([]);
    expect(effects).toHaveLength(1);
  });

  test("[RQ3] a paused process is answered when it resumes", () => {
    const { client, processes, scheduler, heard, hear } = world();
    processes.pauseUntil(0, 3_000_000);
    put(client, "a", hear("put"));
    scheduler.runUntil(2_999_999);
    expect(heard).toEqual([]);
    scheduler.runUntil(3_000_000);
    expect(heard).toEqual(["put: ok"]);
  });

  test("[C127] the same seed gives the same outcomes, whatever the other process asks for", () => {
    const play = (seed: string, noise: number) => {
      const { client, store, scheduler, heard, hear, run } = world(300, seed);
      for (let i = 0; i < 20; i++) {
        client.put(`p${i % 4}`, Uint8Array.of(i), i % 2 === 0, (result) =>
          hear(`${scheduler.nowUs} put ${i}`)(result),
        );
        if (i < noise) put(store.client(1), "other", () => undefined);
        run(10_000);
      }
      run();
      return { heard, digest: scheduler.digestText() };
    };
    expect(play("a", 0)).toEqual(play("a", 0));
    expect(play("a", 0).heard).not.toEqual(play("b", 0).heard);
    expect(play("a", 20).heard).toEqual(play("a", 0).heard);
  });
});
