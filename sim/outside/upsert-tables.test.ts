import { describe, expect, test } from "vitest";
import { rowBatch, type KeyedRows, type Result, type TableError } from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { FakeProcesses } from "../testing/fake-processes.ts";
import { SimulatedTables, type TablesImage } from "./upsert-tables.ts";

function world(image?: TablesImage, timeoutPerMille = 0, seed = "1") {
  const scheduler = new Scheduler();
  const notes: string[] = [];
  const tables = new SimulatedTables({
    scheduler,
    random: createRandom(seed),
    processes: new FakeProcesses(1),
    latency: { minUs: 500, maxUs: 5_000, tailPerMille: 0, tailUs: 0 },
    timeoutPerMille,
    image,
    note: (note) => {
      if (note.kind === "table-epoch") notes.push(`${note.writer}@${note.life}:${note.epoch}`);
    },
  });
  const client = tables.client(0);
  const heard: string[] = [];
  const done = (result: Result<unknown, TableError>): void => {
    heard.push(result.ok ? String(result.value ?? "ok") : result.error.kind);
  };
  const run = (): void => scheduler.runUntil(scheduler.nowUs + 20_000_000);
  /** One request after the other, and what came of each. */
  const ask = (...requests: (() => void)[]): string[] =>
    requests.map((request) => {
      request();
      run();
      return heard.pop()!;
    });
  const begin = (writer: string) => () => client.beginLife("t", writer, done);
  const read = (writer: string, life: number) => () =>
    client.readEpoch("t", { writer, life }, done);
  const putEpoch =
    (writer: string, life: number, epoch: number, ...rows: (readonly [number, number])[]) =>
    () =>
      client.putEpoch("t", { writer, life }, epoch, keyed(rows), done);
  const put =
    (attempt: number, number: number, ...rows: (readonly [number, number])[]) =>
    () =>
      client.put("t", { attempt, number }, keyed(rows), done);
  const held = () => tables.rows("t").map(({ bytes }) => bytes[0]);
  return { tables, client, notes, heard, ask, begin, read, putEpoch, put, held, run };
}

const keyed = (rows: readonly (readonly [key: number, value: number])[]): KeyedRows => ({
  keys: rowBatch(rows.map(([key]) => Uint8Array.of(key))),
  rows: rowBatch(rows.map(([, value]) => Uint8Array.of(value))),
});

describe("epochs", () => {
  test("[UT1] [UT2] enter once; what comes again or late changes nothing, and is a success", () => {
    const { ask, begin, read, putEpoch, held, notes } = world();
    expect(ask(begin("w"), read("w", 1))).toEqual(["1", "-1"]);
    expect(ask(putEpoch("w", 1, 3, [2, 20], [1, 10], [2, 21]))).toEqual(["ok"]);
    expect(held()).toEqual([10, 21]);
    expect(ask(putEpoch("w", 1, 5, [1, 11]), read("w", 1))).toEqual(["ok", "5"]);
    expect(ask(putEpoch("w", 1, 5, [1, 99]), putEpoch("w", 1, 3, [1, 10]))).toEqual(["ok", "ok"]);
    expect(held()).toEqual([11, 21]);
    expect(notes).toEqual(["w@1:3", "w@1:5"]);
  });

  test("[UT3] [C102] each life has its own, however high those of another are", () => {
    const { ask, begin, read, putEpoch, held } = world();
    ask(begin("w"), putEpoch("w", 1, 90, [1, 10]));
    expect(ask(begin("w"), read("w", 2), begin("other"))).toEqual(["2", "-1", "1"]);
    expect(ask(putEpoch("w", 2, 7, [1, 11]), read("w", 1), read("w", 2))).toEqual([
      "ok",
      "90",
      "7",
    ]);
    expect(held()).toEqual([11]);
  });

  test("of a life that was never begun are refused", () => {
    const { ask, putEpoch, held } = world();
    expect([ask(putEpoch("w", 1, 1, [1, 10])), held()]).toEqual([["refused"], []]);
  });
});

describe("rows with a version", () => {
  test("[UT4] never take the place of newer ones; within a batch the last one counts", () => {
    const { ask, put, held } = world();
    ask(put(2, 1, [1, 10], [1, 11], [2, 20]));
    ask(put(1, 9, [1, 99], [3, 30]));
    expect(held()).toEqual([11, 20, 30]);
    ask(put(2, 1, [1, 11]), put(2, 2, [2, 21]), put(3, 1, [3, 31]), put(2, 1, [2, 20]));
    expect(held()).toEqual([11, 21, 31]);
  });

  test("[RQ1] are copies of what was sent, and may enter though the answer was a time-out", () => {
    const entered = Array.from({ length: 20 }, (_, seed) => {
      const { client, heard, held, run } = world(undefined, 1_000, `${seed}`);
      const rows = keyed([[1, 10]]);
      client.put("t", { attempt: 1, number: 1 }, rows, ({ ok }) => heard.push(String(ok)));
      rows.rows.bytes[0] = 99;
      run();
      expect(heard).toEqual(["false"]);
      return held().join();
    });
    expect(new Set(entered)).toEqual(new Set(["", "10"]));
  });
});

test("an image is all there is: a world that begins with it goes on from there", () => {
  const before = world();
  before.ask(before.begin("w"), before.putEpoch("w", 1, 3, [1, 10]), before.put(1, 1, [2, 20]));
  const after = world(before.tables.image());
  before.ask(before.putEpoch("w", 1, 4, [1, 99]));
  expect(after.held()).toEqual([10, 20]);
  expect(after.ask(after.begin("w"), after.read("w", 1))).toEqual(["2", "3"]);
});
