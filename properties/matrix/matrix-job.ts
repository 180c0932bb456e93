/**
 * The job of the matrix, and its input: state of three kinds under keys that are hit again and again.
 *
 *   payments --hash(account)--> account (value, map, list) --> ledger "accounts"
 *
 * The records of an account are in one partition, so their order is the reference's, whatever the
 * parallelism; and every row shows all of the account's state, so a lost or doubled change shows at once.
 */
import {
  changelogBackend,
  diskBackend,
  job,
  ledger,
  listState,
  logSource,
  mapState,
  memoryBackend,
  remoteBackend,
  types,
  valueState,
  WatermarkStrategy,
  type CheckpointOptions,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type ListState,
  type LogicalGraph,
  type MapState,
  type Random,
  type RuntimeContext,
  type StateBackend,
  type ValueState,
} from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import type { Action } from "../../sim/scenario.ts";
import type { Cell } from "./cells.ts";

type Payment = Readonly<{ account: string; amount: number }>;
type Balance = Readonly<{ account: string; total: number; same: number; recent: number }>;

const TOPIC = "payments";
const PARTITIONS = 3;
const RECORDS_PER_PARTITION = 120;
const ACCOUNTS_PER_PARTITION = 12;
const AMOUNT_MAX = 9;
const ARRIVAL_MS_MAX = 90;
const RECENT_MAX = 5;
const PARALLELISM = 2;
/** Asked for at the third checkpoint: the first two know the parallelism that was written. */
const RESCALE_AT = 3;

const payment = types.record({ account: types.string, amount: types.int });
const balance = types.record({
  account: types.string,
  total: types.long,
  same: types.int,
  recent: types.long,
});

class Account implements KeyedProcessFunction<string, Payment, Balance> {
  #total!: ValueState<number>;
  #seen!: MapState<number, number>;
  #recent!: ListState<number>;

  open(context: RuntimeContext): void {
    this.#total = context.getState(valueState("total", types.long));
    this.#seen = context.getMapState(mapState("seen", types.int, types.int));
    this.#recent = context.getListState(listState("recent", types.int));
  }

  processElement(
    { account, amount }: Payment,
    _context: KeyedContext<string>,
    out: Collector<Balance>,
  ): void {
    const total = (this.#total.value() ?? 0) + amount;
    this.#total.update(total);
    const same = (this.#seen.get(amount) ?? 0) + 1;
    this.#seen.put(amount, same);
    const recent = [...this.#recent.get(), amount].slice(-RECENT_MAX);
    this.#recent.update(recent);
    out.collect({ account, total, same, recent: recent.reduce((sum, one) => sum + one, 0) });
  }
}

/** Rows of one account come in one order. */
export const accountOf = (row: unknown): string => (row as Balance).account;

export function matrixJob(cell: Cell): LogicalGraph {
  return job("matrix", (env) => {
    env.enableCheckpointing(checkpointsOf(cell));
    env.setStateBackend(backendOf(cell));
    env.setParallelism(PARALLELISM);
    env
      .fromSource(logSource({ topic: TOPIC, type: payment }), WatermarkStrategy.none(), "payments")
      .uid("payments")
      .keyBy(({ account }) => account, types.string)
      .process(() => new Account())
      .returns(balance)
      .uid("account")
      .sinkTo(ledger("accounts"))
      .uid("sink");
  });
}

function checkpointsOf({ barriers, files, interval }: Cell): CheckpointOptions {
  const options = {
    intervalMs: interval === "short" ? 150 : 700,
    incremental: files === "incremental",
  };
  switch (barriers) {
    case "aligned":
      return options;
    case "unaligned":
      return { ...options, unaligned: true };
    case "overtaking-late":
      return { ...options, unaligned: true, alignedTimeoutMs: 20 };
  }
}

function backendOf({ backend }: Cell): StateBackend {
  switch (backend) {
    case "memory":
      return memoryBackend();
    case "disk":
      return diskBackend();
    case "changelog":
      return changelogBackend(memoryBackend(), { segmentBytes: 512, materializeMs: 900 });
    case "remote":
      return remoteBackend({ memtableBytes: 256, blockBytes: 128, localBytes: 512 });
  }
}

export function matrixActions({ parallelism }: Cell): readonly Action[] {
  if (parallelism === "stays") return [];
  const count = parallelism === "grows" ? PARALLELISM + 1 : PARALLELISM - 1;
  return [
    {
      kind: "rescale",
      parallelism: { account: count, sink: count },
      when: { note: "checkpoint-completed", nth: RESCALE_AT, afterMs: 0 },
    },
  ];
}

/** The same for every cell of one seed. */
export function matrixInput(random: Random): Input {
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => {
    const own = random.fork(`partition/${partition}`);
    let availableAtMs = own.integer(0, ARRIVAL_MS_MAX);
    return Array.from({ length: RECORDS_PER_PARTITION }, (): InputRecord => {
      availableAtMs += own.integer(0, ARRIVAL_MS_MAX);
      const account = `${partition}/${own.integer(1, ACCOUNTS_PER_PARTITION)}`;
      const value: Payment = { account, amount: own.integer(1, AMOUNT_MAX) };
      return { value, timestampMs: availableAtMs, availableAtMs };
    });
  });
  return new Map([[TOPIC, partitions]]);
}
