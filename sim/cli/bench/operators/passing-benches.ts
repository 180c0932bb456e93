/** Operators that hold records up on their way and keep none of them for long: bundles, calls of services. */
import { ByteReader, ByteWriter, types, type Collector } from "../../../../src/index.ts";
import {
  isStep,
  isWatermark,
  operatorBench,
  rowsOf,
  rowType,
  type AnyBench,
  type CountingOutput,
  type Row,
} from "./operator-bench.ts";

const RECORDS_MAX = 64;
type Share = { user: string; sum: number; timeMs: number };
const shareType = types.record({ user: types.string, sum: types.long });

const bundle = operatorBench<Row, Readonly<{ user: string; sum: number }>>({
  ...{ name: "bundle", must: 4, aim: 2, inputs: rowsOf, type: rowType },
  digest: ({ sum }) => sum,
  write: (stream) =>
    stream.bundle({
      ...{ key: ({ user }: Row) => user, keyType: types.string, recordsMax: RECORDS_MAX },
      aggregate: { createAccumulator: () => 0, add: ({ amount }, sum: number) => sum + amount },
      emit: (user, sum) => ({ user, sum }),
      outputType: shareType,
    }),
  plain(inputs, out) {
    const shares = new Map<string, Share>();
    let records = 0;
    const flush = (): void => {
      for (const { user, sum, timeMs } of shares.values()) out.emit({ user, sum }, timeMs);
      shares.clear();
      records = 0;
    };
    for (let i = 0; i < inputs.length; i++) {
      const { user, amount } = inputs[i]!;
      const share = shares.get(user);
      if (share === undefined) {
        shares.set(user, { user, sum: amount, timeMs: i });
      } else {
        share.sum += amount;
        share.timeMs = i;
      }
      if (++records >= RECORDS_MAX || isWatermark(i)) flush();
    }
    flush();
  },
});

type Call = Readonly<{ row: Row; timeMs: number; request: Uint8Array }>;

/** The response to an amount is that amount. */
const doubled = ({ user, item, amount }: Row, response: number): Row => ({
  user,
  item,
  amount: amount + response,
});

/** Whoever asks a service has to do it in bytes. */
function askAbout(inputs: readonly Row[], out: CountingOutput<Row>): void {
  const writer = new ByteWriter();
  const reader = new ByteReader(new Uint8Array(0));
  let calls: Call[] = [];
  const answer = (): void => {
    for (const { row, timeMs, request } of calls) {
      reader.over(request, 0, request.length);
      out.emit(doubled(row, types.long.read(reader)), timeMs);
    }
    calls = [];
  };
  for (let i = 0; i < inputs.length; i++) {
    const row = inputs[i]!;
    writer.reset();
    types.long.write(row.amount, writer);
    calls.push({ row, timeMs: i, request: writer.toBytes() });
    if (isStep(i)) answer();
  }
  answer();
}

const asking = operatorBench<Row, Row>({
  ...{ name: "async", must: 10, aim: 4, inputs: rowsOf, type: rowType, plain: askAbout },
  digest: ({ amount }) => amount,
  write: (stream) =>
    stream.async({
      service: {
        name: "same",
        request: types.long,
        response: types.long,
        answer: (amount: number) => amount,
      },
      request: ({ amount }) => amount,
      result: (row, response, out: Collector<Row>) => out.collect(doubled(row, response)),
      timeoutMs: 1_000,
      outputType: rowType,
    }),
});

export const passingBenches: readonly AnyBench[] = [bundle, asking];
