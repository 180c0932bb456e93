/** A ledger and tables that are struck by faults: what they do then, and what they leave alone. */
import { describe, expect, test } from "vitest";
import { rowBatch } from "../../src/index.ts";
import type { LedgerError, Result, TableError, TransactionId } from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { FakeProcesses } from "../testing/fake-processes.ts";
import { SimulatedLedger } from "./ledger.ts";
import { SimulatedTables } from "./upsert-tables.ts";

const ID: TransactionId = { producer: "j/sink/0", attempt: 1, number: 1 };
const row = (value: number) => rowBatch([Uint8Array.of(value)]);

function world() {
  const scheduler = new Scheduler();
  const committed: string[] = [];
  const common = {
    ...{ scheduler, processes: new FakeProcesses(1), timeoutPerMille: 0 },
    latency: { minUs: 500, maxUs: 500, tailPerMille: 0, tailUs: 1 },
  };
  const ledger = new SimulatedLedger({
    ...common,
    random: createRandom("1").fork("ledger"),
    onCommitted: (transaction) => committed.push(transaction),
    onAborted: () => undefined,
    onFenced: () => undefined,
    onRefused: () => undefined,
  });
  const tables = new SimulatedTables({
    ...common,
    random: createRandom("1").fork("tables"),
    image: undefined,
    note: () => undefined,
  });
  /** "ok", or the kind of the error; and how long it took. */
  const ask = (
    act: (done: (result: Result<unknown, LedgerError | TableError>) => void) => void,
  ): string => {
    let answer: string | undefined;
    act((result) => (answer = result.ok ? "ok" : result.error.kind));
    scheduler.runUntil(() => answer !== undefined);
    return answer!;
  };
  const client = ledger.client(0);
  const written = (): void => {
    expect(ask((done) => client.write(ID, "sink", 0, row(7), done))).toBe("ok");
    expect(ask((done) => client.preCommit(ID, 1, done))).toBe("ok");
  };
  const commit = (): string => ask((done) => client.commit(ID, 3, done));
  const table = tables.client(0);
  const put = (number: number, value: number): string =>
    ask((done) => table.put("t", { attempt: 1, number }, { keys: row(0), rows: row(value) }, done));
  const states = (): string[] => ledger.transactions().map(({ state }) => state);
  return { scheduler, ledger, tables, client, table, ask, written, commit, put, states, committed };
}

describe("[TL6] a commit that is refused", () => {
  test("leaves the transaction as it is, and is carried out when it is made again", () => {
    const { ledger, written, commit, states, committed } = world();
    written();
    ledger.refuseCommits(2, false);
    expect([commit(), commit(), states()]).toEqual([
      "unavailable",
      "unavailable",
      ["pre-committed"],
    ]);
    expect([commit(), states(), committed.length]).toEqual(["ok", ["committed"], 1]);
  });

  test("may have been carried out; made again, it changes nothing", () => {
    const { ledger, written, commit, states, committed } = world();
    written();
    ledger.refuseCommits(1, true);
    expect([commit(), states()]).toEqual(["unavailable", ["committed"]]);
    expect([commit(), committed.length]).toEqual(["ok", 1]);
  });

  test("is the only request that is refused, and none is once all is quiet", () => {
    const { ledger, client, ask, written, commit } = world();
    ledger.refuseCommits(5, false);
    written();
    expect(ask((done) => client.fence("j/sink/0", 1, [], done))).toBe("ok");
    ledger.quiet();
    expect(commit()).toBe("ok");
  });
});

test("what can only be read refuses every change, and shows what it held", () => {
  const { ledger, tables, client, table, ask, written, commit, put, states } = world();
  written();
  put(1, 4);
  ledger.setReadOnly(true);
  tables.setReadOnly(true);
  expect([commit(), put(2, 5), states()]).toEqual([
    "unavailable",
    "unavailable",
    ["pre-committed"],
  ]);
  expect(ask((done) => client.abort(ID, done))).toBe("unavailable");
  expect(ask((done) => table.beginLife("t", "w", done))).toBe("unavailable");
  const read = ask((done) => table.readEpoch("t", { writer: "w", life: 1 }, done));
  expect([read, [...tables.rows("t")[0]!.bytes]]).toEqual(["ok", [4]]);
  ledger.setReadOnly(false);
  tables.quiet();
  expect([commit(), put(2, 5), [...tables.rows("t")[0]!.bytes]]).toEqual(["ok", "ok", [5]]);
});

test("slow commits are slow by themselves", () => {
  const { scheduler, ledger, client, ask, written, commit } = world();
  const tookMs = (act: () => string): number => {
    const fromUs = scheduler.nowUs;
    expect(act()).toBe("ok");
    return (scheduler.nowUs - fromUs) / 1_000;
  };
  ledger.setTroubles({ slowCommitsMs: 400 });
  written();
  const commits = Array.from({ length: 20 }, () => tookMs(commit));
  expect(Math.max(...commits)).toBeGreaterThan(200);
  expect(Math.max(...commits)).toBeLessThanOrEqual(401);
  expect(tookMs(() => ask((done) => client.fence("j/sink/0", 2, [ID], done)))).toBe(1);
  ledger.quiet();
  expect(tookMs(commit)).toBe(1);
});

describe("requests that travel twice", () => {
  test("[TL2] [TL4] leave a transaction as one of them would have", () => {
    const { scheduler, ledger, written, commit, states, committed } = world();
    ledger.setTroubles({ doubledPerMille: 1_000 });
    written();
    expect(commit()).toBe("ok");
    scheduler.runUntil(scheduler.nowUs + 60_000_000);
    expect([states(), committed.length, ledger.readCommitted("sink").length]).toEqual([
      ["committed"],
      1,
      1,
    ]);
  });

  test("[UT4] put no row in the place of a newer one, however late they come", () => {
    const { scheduler, tables, put } = world();
    tables.setTroubles({ doubledPerMille: 1_000 });
    for (let number = 1; number <= 20; number++) expect(put(number, number)).toBe("ok");
    scheduler.runUntil(scheduler.nowUs + 60_000_000);
    expect([...tables.rows("t")[0]!.bytes]).toEqual([20]);
  });
});
