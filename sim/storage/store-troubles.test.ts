import { describe, expect, test } from "vitest";
import { LATE_EFFECT_MS_MAX } from "../../src/index.ts";
import type { Result, StoreError } from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { FakeProcesses } from "../testing/fake-processes.ts";
import { SimulatedObjectStore } from "./object-store.ts";

const LATENCY = { minUs: 1_000, maxUs: 1_000, tailPerMille: 0, tailUs: 1 };

function world(seed = "1") {
  const scheduler = new Scheduler();
  const stored: [string, number][] = [];
  const store = new SimulatedObjectStore({
    scheduler,
    random: createRandom(seed),
    processes: new FakeProcesses(2),
    latency: LATENCY,
    timeoutPerMille: 0,
    onStored: (path) => stored.push([path, scheduler.nowUs]),
    onDeleted: () => undefined,
  });
  const heard: string[] = [];
  const hear = (result: Result<unknown, StoreError>): void => {
    heard.push(result.ok ? "ok" : result.error.kind);
  };
  const run = (ms: number): void => scheduler.runUntil(scheduler.nowUs + ms * 1_000);
  return { store, client: store.client(0), stored, heard, hear, run };
}

test("[OS7] throttled, it does so much in a second and refuses the rest, which has no effect", () => {
  const { store, client, stored, heard, hear, run } = world();
  store.setThrottle(5);
  for (let n = 0; n < 40; n++) {
    client.put(`a/${n}`, Uint8Array.of(1), false, hear);
    run(50);
  }
  run(100);
  const done = heard.filter((answer) => answer === "ok");
  expect(new Set(heard)).toEqual(new Set(["ok", "throttled"]));
  expect([done.length, stored.length, heard.length]).toEqual([10, 10, 40]);
  store.quiet();
  client.put("b", Uint8Array.of(1), false, hear);
  client.put("c", Uint8Array.of(1), false, hear);
  run(10);
  expect(heard.slice(-2)).toEqual(["ok", "ok"]);
});

test("[OS8] up a narrow way small objects pass large ones, and none is later than the contract allows", () => {
  const { store, client, stored, hear, run } = world();
  store.setUpload(1_000);
  client.put("large", new Uint8Array(500), false, hear);
  client.put("huge", new Uint8Array(50_000), false, hear);
  client.put("small", new Uint8Array(10), false, hear);
  run(LATE_EFFECT_MS_MAX);
  expect(stored).toEqual([
    ["small", 11_000],
    ["large", 501_000],
    ["huge", LATE_EFFECT_MS_MAX * 1_000],
  ]);
  store.setUpload(undefined);
  client.put("again", new Uint8Array(500), false, hear);
  run(1);
  expect(stored.at(-1)).toEqual(["again", LATE_EFFECT_MS_MAX * 1_000 + 1_000]);
});

describe("[OS6] lists that are late", () => {
  type Lists = Readonly<{ exact: string; late: string }>;

  function lists({ client, run }: ReturnType<typeof world>): Lists {
    const found = { exact: "", late: "" };
    client.list("", (result) => (found.exact = result.ok ? result.value.join(" ") : "refused"));
    client.listLate("", (result) => (found.late = result.ok ? result.value.join(" ") : "refused"));
    run(3);
    return found;
  }

  const change = ({ client, hear, run }: ReturnType<typeof world>): void => {
    client.put("new", Uint8Array.of(1), false, hear);
    client.delete("gone", hear);
    run(3);
  };

  test("miss what came and show what went, each for itself; those that are not late never do", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const here = world(`${seed}`);
      for (const path of ["gone", "kept"])
        here.client.put(path, Uint8Array.of(1), false, here.hear);
      here.run(3);
      here.store.setLateLists(100);
      change(here);
      const { exact, late } = lists(here);
      expect(exact).toBe("kept new");
      seen.add(late);
      here.run(100);
      expect(lists(here)).toEqual({ exact: "kept new", late: "kept new" });
    }
    expect([...seen].sort()).toEqual(["gone kept", "gone kept new", "kept", "kept new"]);
  });

  test("are so in their time only", () => {
    for (let seed = 0; seed < 20; seed++) {
      const here = world(`${seed}`);
      here.client.put("gone", Uint8Array.of(1), false, here.hear);
      here.run(3);
      change(here);
      expect(lists(here).late).toBe("new");
      here.store.setLateLists(1_000);
      expect(lists(here).late).toBe("new");
      here.client.delete("new", here.hear);
      here.run(3);
      here.store.quiet();
      expect(lists(here).late).toBe("");
    }
  });
});
