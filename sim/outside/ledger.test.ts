import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rowBatch, transactionText } from "../../src/index.ts";
import type { LedgerError, Result, TransactionId } from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { FakeProcesses } from "../testing/fake-processes.ts";
import { SimulatedLedger, type LedgerImage } from "./ledger.ts";

const LATENCY = { minUs: 500, maxUs: 5_000, tailPerMille: 0, tailUs: 0 };

type Setup = {
  timeoutPerMille?: number;
  transactionTimeoutMs?: number;
  seed?: string;
  image?: LedgerImage;
};

function world(setup: Setup = {}) {
  const scheduler = new Scheduler();
  const processes = new FakeProcesses(2);
  const notes: string[] = [];
  const { transactionTimeoutMs, image } = setup;
  const ledger = new SimulatedLedger({
    scheduler,
    random: createRandom(setup.seed ?? "1").fork("ledger"),
    processes,
    latency: LATENCY,
    timeoutPerMille: setup.timeoutPerMille ?? 0,
    ...(transactionTimeoutMs === undefined ? {} : { transactionTimeoutMs }),
    ...(image === undefined ? {} : { image }),
    onCommitted: (text, checkpointId, rows) =>
      notes.push(`committed ${text} ${checkpointId} ${rows}`),
    onAborted: (text) => notes.push(`aborted ${text}`),
    onFenced: (producer, attempt) => notes.push(`fenced ${producer} ${attempt}`),
    onRefused: (producer, attempt) => notes.push(`refused ${producer} ${attempt}`),
  });
  const client = ledger.client(0);
  const heard: string[] = [];
  const done = (result: Result<undefined, LedgerError>): void => {
    heard.push(result.ok ? "ok" : errorText(result.error));
  };
  const run = (us = 10_000_000): void => scheduler.runUntil(scheduler.nowUs + us);
  /** One request after the other, and what came of each. */
  const ask = (...requests: (() => void)[]): string[] =>
    requests.map((request) => {
      request();
      run();
      return heard.pop()!;
    });
  const write =
    (id: TransactionId, firstRow: number, ...rows: number[]) =>
    () =>
      client.write(id, "sink", firstRow, rowBatch(rows.map((row) => Uint8Array.of(row))), done);
  const preCommit = (id: TransactionId, rows: number) => () => client.preCommit(id, rows, done);
  const commit =
    (id: TransactionId, checkpointId = 1) =>
    () =>
      client.commit(id, checkpointId, done);
  const abort = (id: TransactionId) => () => client.abort(id, done);
  const fence =
    (attempt: number, ...keep: TransactionId[]) =>
    () =>
      client.fence("job/sink/0", attempt, keep, done);
  const committed = () => ledger.readCommitted("sink").map((row) => row.bytes[0]!);
  const asks = { write, preCommit, commit, abort, fence };
  return { ...asks, scheduler, processes, ledger, client, notes, heard, ask, run, committed };
}

function errorText(error: LedgerError): string {
  switch (error.kind) {
    case "wrong-state":
      return `${error.state}, expected ${error.expected}`;
    case "incomplete":
      return `incomplete: ${error.rows} of ${error.expected}`;
    case "expired":
      return "expired";
    case "fenced":
      return `fenced by ${error.by}`;
    default:
      return error.kind;
  }
}

const tx = (number: number, attempt = 1): TransactionId => {
  return { producer: "job/sink/0", attempt, number };
};

describe("an image", () => {
  test("holds what is committed, pre-committed and open, and the fences; and stays as it was", () => {
    const before = world();
    const { write, preCommit, commit, fence } = before;
    before.ask(fence(1), write(tx(1), 0, 10), preCommit(tx(1), 1), commit(tx(1), 4));
    before.ask(write(tx(2), 0, 20), preCommit(tx(2), 1), write(tx(3), 0, 30));
    const image = before.ledger.image();
    before.ask(write(tx(3), 1, 31), commit(tx(2), 5), fence(9));
    for (const after of [world({ image }), world({ image })]) {
      expect(after.committed()).toEqual([10]);
      const ends = after.ask(
        ...[after.commit(tx(1), 4), after.commit(tx(2), 5)],
        ...[after.write(tx(3), 1, 32), after.preCommit(tx(3), 2), after.commit(tx(3), 6)],
        after.write(tx(1, 0), 0, 1),
      );
      expect(ends).toEqual(["ok", "ok", "ok", "ok", "ok", "fenced by 1"]);
      expect(after.committed()).toEqual([10, 20, 30, 32]);
    }
    expect(before.committed()).toEqual([10, 20]);
  });

  test("what is open in it is open for as long again", () => {
    const before = world({ transactionTimeoutMs: 1_000 });
    before.write(tx(1), 0, 10)();
    before.run(100_000);
    const { ledger, run } = world({
      image: before.ledger.image(),
      transactionTimeoutMs: 1_000,
    });
    run(999_000);
    expect(ledger.transactions()).toMatchObject([{ state: "open" }]);
    run(2_000);
    expect(ledger.transactions()).toMatchObject([{ state: "expired" }]);
  });
});

describe("a transaction", () => {
  test("[TL1] is seen when it is committed, in order of commit", () => {
    const { ask, write, preCommit, commit, committed, notes, ledger } = world();
    const writes = ask(write(tx(1), 0, 10, 11), write(tx(2), 0, 20), write(tx(1), 2, 12));
    expect(writes).toEqual(["ok", "ok", "ok"]);
    expect(ask(preCommit(tx(1), 3), preCommit(tx(2), 1))).toEqual(["ok", "ok"]);
    expect(committed()).toEqual([]);
    expect(ask(commit(tx(2), 5))).toEqual(["ok"]);
    expect(committed()).toEqual([20]);
    expect(ask(commit(tx(1), 6), commit(tx(1), 6))).toEqual(["ok", "ok"]);
    expect(committed()).toEqual([20, 10, 11, 12]);
    expect(notes).toEqual(["committed job/sink/0#1:2 5 1", "committed job/sink/0#1:1 6 3"]);
    expect(ledger.readCommitted("other")).toEqual([]);
    expect(ledger.readCommitted("sink")[0]).toMatchObject({
      transaction: transactionText(tx(2)),
      checkpointId: 5,
    });
  });

  test("[TL2] applies a repeated batch once, refuses a hole, and knows a row that changed", () => {
    const { ask, write, preCommit, commit, committed, run } = world();
    const writes = ask(
      write(tx(1), 0, 1, 2),
      write(tx(1), 0, 1, 2),
      write(tx(1), 3, 4),
      write(tx(1), 1, 2, 3),
    );
    expect(writes).toEqual(["ok", "ok", "incomplete: 2 of 3", "ok"]);
    const ends = ask(preCommit(tx(1), 2), preCommit(tx(1), 3), preCommit(tx(1), 3), commit(tx(1)));
    expect(ends).toEqual(["incomplete: 3 of 2", "ok", "ok", "ok"]);
    expect(committed()).toEqual([1, 2, 3]);
    const changed = world();
    changed.ask(changed.write(tx(1), 0, 1));
    changed.write(tx(1), 0, 9)();
    expect(() => changed.run()).toThrow("TL2 row 0 of job/sink/0#1:1 came again");
    run();
  });

  test("[TL4] every step that the picture does not show is refused", () => {
    const { ask, write, preCommit, commit, abort, committed } = world();
    const unknown = ask(preCommit(tx(9), 0), commit(tx(9)), abort(tx(9)));
    expect(unknown).toEqual(["unknown-transaction", "unknown-transaction", "unknown-transaction"]);
    ask(write(tx(1), 0, 1));
    expect(ask(commit(tx(1)))).toEqual(["open, expected pre-committed"]);
    ask(preCommit(tx(1), 1));
    expect(ask(write(tx(1), 1, 2))).toEqual(["pre-committed, expected open"]);
    ask(commit(tx(1)));
    const afterwards = ask(write(tx(1), 1, 2), preCommit(tx(1), 1), abort(tx(1)));
    expect(afterwards).toEqual([
      "committed, expected open",
      "committed, expected open",
      "committed, expected open or pre-committed",
    ]);
    ask(write(tx(2), 0, 7));
    expect(ask(abort(tx(2)), abort(tx(2)))).toEqual(["ok", "ok"]);
    expect(ask(commit(tx(2)), preCommit(tx(2), 1), write(tx(2), 1, 8))).toEqual([
      "aborted, expected pre-committed",
      "aborted, expected open",
      "aborted, expected open",
    ]);
    expect(committed()).toEqual([1]);
  });

  test("[TL4] open or pre-committed, expires when it is too old, and says so for ever after", () => {
    const all = world({ transactionTimeoutMs: 60_000 });
    const { ask, write, preCommit, commit, abort, fence, notes, run, committed } = all;
    ask(write(tx(1), 0, 1), write(tx(2), 0, 2), preCommit(tx(2), 1));
    ask(write(tx(3), 0, 3), preCommit(tx(3), 1), commit(tx(3)));
    run(120_000_000);
    const aborted = ["aborted job/sink/0#1:1", "aborted job/sink/0#1:2"];
    expect(notes.filter((note) => note.startsWith("aborted"))).toEqual(aborted);
    const ends = ask(write(tx(1), 1, 1), preCommit(tx(1), 1), commit(tx(2)), commit(tx(3)));
    expect(ends).toEqual(["expired", "expired", "expired", "ok"]);
    // Nothing is left to abort or to fence off.
    expect(ask(abort(tx(2)), fence(2))).toEqual(["ok", "ok"]);
    expect([committed(), notes.filter((note) => note.startsWith("aborted"))]).toEqual([
      [3],
      aborted,
    ]);
  });

  test("[C99] [TL4] without a time-out stays as it is, however long it takes", () => {
    const { ask, write, preCommit, run, ledger } = world();
    ask(write(tx(1), 0, 1), write(tx(2), 0, 2), preCommit(tx(2), 1));
    run(3_600_000_000);
    const states = (): string[] => ledger.transactions().map(({ state }) => state);
    expect(states()).toEqual(["open", "pre-committed"]);
    ledger.expireAll();
    expect(states()).toEqual(["expired", "expired"]);
  });

  test("[TL3] [C100] a writer that stood still past the time-out finds that it is over", () => {
    const { ask, write, preCommit, processes, scheduler, ledger, heard, run } = world({
      transactionTimeoutMs: 2_000,
    });
    write(tx(1), 0, 1)();
    run(100_000);
    processes.pauseUntil(0, scheduler.nowUs + 5_000_000);
    write(tx(1), 1, 2)();
    run(4_000_000);
    // The write took effect in time, and nobody hears of it yet.
    expect([heard, ledger.transactions()]).toMatchObject([["ok"], [{ state: "expired", rows: 2 }]]);
    run();
    expect(heard.splice(0)).toEqual(["ok", "ok"]);
    expect(ask(preCommit(tx(1), 2))).toEqual(["expired"]);
  });
});

describe("a fence", () => {
  test("[C98] [TL3] aborts what older attempts left, but for what is kept, and refuses them", () => {
    const { ask, write, preCommit, commit, abort, fence, notes, committed } = world();
    ask(write(tx(1), 0, 1), preCommit(tx(1), 1)); // kept
    ask(write(tx(2), 0, 2), preCommit(tx(2), 1)); // not kept
    ask(write(tx(3), 0, 3)); // open
    expect(ask(fence(2, tx(1)))).toEqual(["ok"]);
    expect(notes).toEqual([
      "aborted job/sink/0#1:2",
      "aborted job/sink/0#1:3",
      "fenced job/sink/0 2",
    ]);
    const zombie = ask(write(tx(4), 0, 9), preCommit(tx(3), 1), abort(tx(1)));
    expect(zombie).toEqual(["fenced by 2", "fenced by 2", "fenced by 2"]);
    expect(notes.slice(3)).toEqual(Array(3).fill("refused job/sink/0 1"));
    expect(ask(commit(tx(1)), commit(tx(2)))).toEqual(["ok", "aborted, expected pre-committed"]);
    expect(committed()).toEqual([1]);
  });

  test("[C98] behind a position keeps all up to it, of whatever older attempt", () => {
    const { ask, client, write, preCommit, notes, heard, run } = world();
    ask(write(tx(7), 0, 1), preCommit(tx(7), 1), write(tx(1, 2), 0, 2), preCommit(tx(1, 2), 1));
    ask(write(tx(2, 2), 0, 3), preCommit(tx(2, 2), 1), write(tx(3, 2), 0, 4));
    client.fenceBehind("job/sink/0", 3, { attempt: 2, number: 1 }, (result) =>
      heard.push(result.ok ? "ok" : "refused"),
    );
    run();
    expect(heard).toEqual(["ok"]);
    const aborted = ["aborted job/sink/0#2:2", "aborted job/sink/0#2:3"];
    expect(notes).toEqual([...aborted, "fenced job/sink/0 3"]);
    expect(ask(write(tx(4, 2), 0, 9))).toEqual(["fenced by 3"]);
  });

  test("[C100] leaves alone what is committed, what newer attempts and other producers own", () => {
    const { ask, client, write, preCommit, commit, fence, ledger, heard, run } = world();
    ask(write(tx(1), 0, 1), preCommit(tx(1), 1), commit(tx(1)), fence(2));
    ask(write(tx(2, 2), 0, 2));
    const other = { producer: "job/sink/1", attempt: 1, number: 1 };
    client.write(other, "sink", 0, rowBatch([Uint8Array.of(3)]), () => undefined);
    run();
    expect(ask(fence(2), fence(1))).toEqual(["ok", "fenced by 2"]);
    expect(ledger.transactions().map(({ state }) => state)).toEqual(["committed", "open", "open"]);
    expect(heard).toEqual([]);
  });

  test("[TL5] the crash of a writer changes nothing until then", () => {
    const { ask, write, fence, processes, ledger, run } = world();
    ask(write(tx(1), 0, 1));
    write(tx(1), 1, 2)();
    processes.crash(0);
    run();
    expect(ledger.transactions()).toMatchObject([{ state: "open", rows: 2 }]);
    processes.restart(0);
    expect(ask(fence(2))).toEqual(["ok"]);
    expect(ledger.transactions()).toMatchObject([{ state: "aborted" }]);
  });

  test("[TL3] a late write of a fenced attempt is refused, though its answer was a timeout", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { ledger, write, fence, run, heard } = world({ seed: `${seed}` });
      write(tx(1), 0, 1)();
      run();
      ledger.setTimeouts(1_000);
      write(tx(1), 1, 2)();
      ledger.setTimeouts(0);
      fence(2)();
      run();
      expect(heard.sort()).toEqual(["ok", "ok", "timeout"]);
      const [only, ...others] = ledger.transactions();
      expect([only!.state, others]).toEqual(["aborted", []]);
    }
  });
});

test("rows are copied in and out", () => {
  const { client, ask, preCommit, commit, committed, ledger, run } = world();
  const rows = rowBatch([Uint8Array.of(1)]);
  client.write(tx(1), "sink", 0, rows, () => undefined);
  rows.bytes[0] = 9;
  run();
  ask(preCommit(tx(1), 1), commit(tx(1)));
  ledger.readCommitted("sink")[0]!.bytes[0] = 9;
  expect(committed()).toEqual([1]);
});

test("quiet: no request times out any more", () => {
  const { ledger, ask, write } = world({ timeoutPerMille: 1_000 });
  expect(ask(write(tx(1), 0, 1))).toEqual(["timeout"]);
  ledger.quiet();
  expect(ask(write(tx(2), 0, 1))).toEqual(["ok"]);
});

describe("a writer that retries", () => {
  const transactions = fc.array(fc.array(fc.nat(255), { minLength: 1, maxLength: 6 }), {
    maxLength: 8,
  });
  /** Every request is repeated until it is answered; late effects fall where they may. */
  const play = (rows: readonly number[][], seed: string) => {
    const { client, committed, ledger, scheduler, run } = world({ timeoutPerMille: 400, seed });
    const insist = (request: (done: (r: Result<undefined, LedgerError>) => void) => void) => {
      let done = false;
      while (!done) {
        let answered = false;
        request((result) => {
          answered = true;
          done = result.ok;
          if (!result.ok) expect(result.error.kind).toBe("timeout");
        });
        scheduler.runUntil(() => answered);
      }
    };
    rows.forEach((values, i) => {
      const id = tx(i + 1);
      values.forEach((value, at) =>
        insist((done) => client.write(id, "sink", at, rowBatch([Uint8Array.of(value)]), done)),
      );
      insist((done) => client.preCommit(id, values.length, done));
      insist((done) => client.commit(id, i, done));
    });
    run();
    return { committed: committed(), views: ledger.transactions(), digest: scheduler.digestText() };
  };

  test("[C125] [TL1] [TL2] commits every row once, in order, whatever times out", () => {
    fc.assert(
      fc.property(transactions, fc.nat(1_000), (rows, seed) => {
        const { committed, views } = play(rows, `${seed}`);
        expect(committed).toEqual(rows.flat());
        expect(views.every(({ state }) => state === "committed")).toBe(true);
      }),
      { seed: 8, numRuns: 80 },
    );
  });

  test("[C127] plays the same way again", () => {
    fc.assert(
      fc.property(transactions, fc.nat(1_000), (rows, seed) => {
        expect(play(rows, `${seed}`)).toEqual(play(rows, `${seed}`));
      }),
      { seed: 9, numRuns: 20 },
    );
  });
});
