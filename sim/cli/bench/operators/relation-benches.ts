/** Operators over what records have to do with one another: joins, ranks, duplicates, patterns. */
import {
  changeType,
  pattern,
  types,
  type Change,
  type Collector,
  type Joined,
} from "../../../../src/index.ts";
import { operatorBench, rowsOf, rowType, type AnyBench, type Row } from "./operator-bench.ts";

const userOf = ({ user }: Row): string => user;
const isOdd = (i: number): boolean => i % 2 === 1;

type Pair = Readonly<{ left: Row; right: Row }>;
const pairType = types.record({ left: rowType, right: rowType });
const pairDigest = (left: Row | undefined, right: Row | undefined): number =>
  (left?.amount ?? 0) * 7 + (right?.amount ?? 0);

/** The rows of `key` in `map`, which begin as none. */
function listAt<V>(map: Map<string, V[]>, key: string): V[] {
  let list = map.get(key);
  if (list === undefined) {
    list = [];
    map.set(key, list);
  }
  return list;
}

const WITHIN_MS = 200;
type Timed = Readonly<{ row: Row; timeMs: number }>;

const intervalJoin = operatorBench<Row, Pair>({
  ...{ name: "interval-join", must: 36, aim: 18, inputs: rowsOf, type: rowType, isSecond: isOdd },
  digest: ({ left, right }) => pairDigest(left, right),
  write: (first, second) =>
    first.keyBy(userOf, types.string).intervalJoin(second.keyBy(userOf, types.string), {
      ...{ lowerMs: -WITHIN_MS, upperMs: WITHIN_MS },
      join: (left, right, out: Collector<Pair>) => out.collect({ left, right }),
      outputType: pairType,
    }),
  plain(inputs, out) {
    const sides = [new Map<string, Timed[]>(), new Map<string, Timed[]>()] as const;
    for (let i = 0; i < inputs.length; i++) {
      const row = inputs[i]!;
      const partners = listAt(sides[isOdd(i) ? 0 : 1], row.user);
      while (partners.length > 0 && partners[0]!.timeMs < i - WITHIN_MS) partners.shift();
      for (const { row: partner } of partners) {
        out.emit(isOdd(i) ? { left: partner, right: row } : { left: row, right: partner }, i);
      }
      listAt(sides[isOdd(i) ? 1 : 0], row.user).push({ row, timeMs: i });
    }
  },
});

/** Rows that a table has at once; in all, so that each user has two or so. */
const TABLE_ROWS = 200;

/**
 * Two tables in turn: once they have their rows, each row that comes makes the oldest one go. No two
 * rows of a table are equal.
 */
function changesOf(count: number): Change<Row>[] {
  const rows = rowsOf(count).map((row, item): Row => ({ ...row, item }));
  const changes: Change<Row>[] = [];
  for (let i = 0; changes.length < count; i += 2) {
    const gone = i - 2 * TABLE_ROWS;
    for (const side of [0, 1]) changes.push({ op: "insert", row: rows[i + side]! });
    if (gone < 0) continue;
    for (const side of [0, 1]) changes.push({ op: "delete", row: rows[gone + side]! });
  }
  return changes.slice(0, count);
}

type TableRow = { readonly row: Row; count: number };

const join = operatorBench<Change<Row>, Change<Joined<Row, Row>>>({
  ...{ name: "join", must: 18, aim: 9, inputs: changesOf, type: changeType(rowType) },
  isSecond: isOdd,
  digest: ({ op, row: { left, right } }) => pairDigest(left, right) * (op === "insert" ? 3 : 5),
  write: (first, second) =>
    first
      .keyBy(({ row }) => row.user, types.string)
      .join(
        second.keyBy(({ row }) => row.user, types.string),
        { kind: "inner", types: [rowType, rowType] },
      ),
  plain(inputs, out) {
    const tables = [new Map<string, TableRow[]>(), new Map<string, TableRow[]>()] as const;
    for (let i = 0; i < inputs.length; i++) {
      const { op, row } = inputs[i]!;
      for (const { row: partner, count } of listAt(tables[isOdd(i) ? 0 : 1], row.user)) {
        const pair = isOdd(i) ? { left: partner, right: row } : { left: row, right: partner };
        for (let n = 0; n < count; n++) out.emit({ op, row: pair }, i);
      }
      change(listAt(tables[isOdd(i) ? 1 : 0], row.user), op, row);
    }
  },
});

function change(rows: TableRow[], op: "insert" | "delete", row: Row): void {
  const at = rows.findIndex(
    ({ row: held }) => held.item === row.item && held.amount === row.amount,
  );
  if (op === "insert") {
    if (at < 0) rows.push({ row, count: 1 });
    else rows[at]!.count++;
  } else if (--rows[at]!.count === 0) {
    rows.splice(at, 1);
  }
}

const changed = {
  inputs: rowsOf,
  type: rowType,
  digest: ({ op, row }: Change<Row>): number => row.amount * (op === "insert" ? 3 : 5),
};

const deduplicate = operatorBench<Row, Change<Row>>({
  ...{ name: "deduplicate", must: 6, aim: 3, ...changed },
  write: (stream) => stream.keyBy(userOf, types.string).lastOfKey(rowType),
  plain(inputs, out) {
    const kept = new Map<string, Timed>();
    for (let i = 0; i < inputs.length; i++) {
      const row = inputs[i]!;
      const last = kept.get(row.user);
      if (last !== undefined) {
        if (i < last.timeMs) continue;
        out.emit({ op: "delete", row: last.row }, i);
      }
      kept.set(row.user, { row, timeMs: i });
      out.emit({ op: "insert", row }, i);
    }
  },
});

const RANKS = 5;
const byAmount = (left: Row, right: Row): number =>
  right.amount - left.amount || left.item - right.item;
const topN = operatorBench<Row, Change<Row>>({
  ...{ name: "top-n", must: 10, aim: 5, ...changed },
  write: (stream) =>
    stream.keyBy(userOf, types.string).topN({ count: RANKS, compare: byAmount, type: rowType }),
  plain(inputs, out) {
    const ranks = new Map<string, Row[]>();
    for (let i = 0; i < inputs.length; i++) {
      const row = inputs[i]!;
      const ranked = listAt(ranks, row.user);
      let rank = ranked.length;
      while (rank > 0 && byAmount(row, ranked[rank - 1]!) < 0) rank--;
      if (rank === RANKS) continue;
      if (ranked.length === RANKS) out.emit({ op: "delete", row: ranked.pop()! }, i);
      ranked.splice(rank, 0, row);
      out.emit({ op: "insert", row }, i);
    }
  },
});

const SMALL = 200;
const LARGE = 800;
const PATTERN_MS = 500;
const isSmall = ({ amount }: Row): boolean => amount < SMALL;
const isLarge = ({ amount }: Row): boolean => amount >= LARGE;

/** A small amount, then a large one; from there on anew. */
const smallThenLarge = operatorBench<Row, Pair>({
  ...{ name: "pattern", must: 100, aim: 50, inputs: rowsOf, type: rowType },
  digest: ({ left, right }) => pairDigest(left, right),
  write: (stream) =>
    stream.keyBy(userOf, types.string).pattern({
      stages: pattern.begin<Row>("small", isSmall).followedBy("large", isLarge).stages,
      withinMs: PATTERN_MS,
      skip: { kind: "past-last" },
      select: (match, out: Collector<Pair>) =>
        out.collect({ left: match.get("small")![0]!, right: match.get("large")![0]! }),
      outputType: pairType,
    }),
  plain(inputs, out) {
    const begun = new Map<string, Timed[]>();
    for (let i = 0; i < inputs.length; i++) {
      const row = inputs[i]!;
      const smalls = listAt(begun, row.user);
      while (smalls.length > 0 && smalls[0]!.timeMs <= i - PATTERN_MS) smalls.shift();
      if (isSmall(row)) smalls.push({ row, timeMs: i });
      if (!isLarge(row) || smalls.length === 0) continue;
      out.emit({ left: smalls[0]!.row, right: row }, i);
      smalls.length = 0;
    }
  },
});

export const relationBenches: readonly AnyBench[] = [
  ...[intervalJoin, join, deduplicate, topN, smallThenLarge],
];
