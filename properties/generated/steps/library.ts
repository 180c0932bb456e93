/** Steps that ask a service, bundle, look for patterns, and keep tables that change. */
import {
  changeType,
  ledger,
  types,
  type Change,
  type ServiceSpec,
  type ProcessFunction,
  type ValueOf,
} from "../../../src/index.ts";
import { itemType, mergedItem, wrapped, type Item } from "../item.ts";
import {
  BOTH,
  CHANGES_SINK,
  IN_TIME,
  PAIRS,
  TIMING,
  type StepInputs,
  type StepKind,
} from "../step.ts";

const byKey = ({ key }: Item): string => key;

const doubling: ServiceSpec<number, number> = {
  name: "doubling",
  request: types.long,
  response: types.long,
  answer: (n) => wrapped(n * 2),
};

const async: StepKind = {
  kind: "async",
  modes: BOTH,
  growth: 1,
  build: ({ stream, step: { variant } }) =>
    stream.async<number, number, Item>({
      service: doubling,
      request: ({ n }) => n,
      result: (item, n, out) => out.collect({ ...item, n }),
      order: variant % 2 === 0 ? "ordered" : "unordered",
      capacity: variant + 1,
      timeoutMs: 30_000,
      retry: { attemptsMax: 1_000, delayMs: 20 },
      outputType: itemType,
    }),
};

const bundle: StepKind = {
  kind: "bundle",
  modes: TIMING,
  growth: 1,
  build: ({ stream, step: { variant } }) =>
    stream.bundle<string, Item[], Item>({
      key: byKey,
      keyType: types.string,
      recordsMax: variant + 2,
      aggregate: { createAccumulator: () => [], add: (item, items) => [...items, item] },
      emit: (key, items) => mergedItem(items, key, Math.max(...items.map(({ at }) => at))),
      outputType: itemType,
    }),
};

/** An even value, and then an odd one soon after. */
const pattern: StepKind = {
  kind: "pattern",
  modes: IN_TIME,
  growth: 1,
  build: ({ stream, step: { variant } }) =>
    stream.keyBy(byKey, types.string).pattern<Item>({
      stages: [
        {
          name: "even",
          contiguity: "next",
          where: ({ n }) => n % 2 === 0,
          times: { min: 1, max: 1 },
        },
        {
          name: "odd",
          contiguity: variant % 2 === 0 ? "followed-by" : "next",
          where: ({ n }) => n % 2 === 1,
          times: { min: 1, max: 1 },
        },
      ],
      withinMs: 150 * (variant + 1),
      skip: { kind: variant % 3 === 0 ? "past-last" : "no-skip" },
      select(match, out) {
        const items = [...(match.get("even") ?? []), ...(match.get("odd") ?? [])];
        out.collect(mergedItem(items, items[0]?.key ?? "", items.at(-1)?.at ?? 0));
      },
      outputType: itemType,
    }),
};

/** Every item is inserted, and every third is deleted again by the same subtask, right behind. */
const changesOf = ({ stream, id, step: { parallelism } }: StepInputs) =>
  stream
    .flatMap<Change<Item>>((row, out) => {
      out.collect({ op: "insert", row });
      if (row.n % 3 === 0) out.collect({ op: "delete", row });
    }, changeType(itemType))
    .uid(`${id}-changes`)
    .setParallelism(parallelism);

const KINDS = ["inner", "left", "right", "full"] as const;

const join: StepKind = {
  kind: "join",
  modes: IN_TIME,
  twoInputs: true,
  growth: PAIRS,
  terminal: true,
  build(inputs) {
    const { id, step } = inputs;
    const left = changesOf(inputs).keyBy(({ row }) => row.key, types.string);
    const right = changesOf({ ...inputs, stream: inputs.other, id: `${id}-other` }).keyBy(
      ({ row }) => row.key,
      types.string,
    );
    left
      .join<Item, Item>(right, {
        kind: KINDS[step.variant % KINDS.length] ?? "inner",
        types: [itemType, itemType],
        on: (l, r) => (l.n + r.n) % 2 === 0,
      })
      .uid(`${id}-join`)
      .setParallelism(step.parallelism)
      .sinkTo(ledger(`${CHANGES_SINK}-${id}`))
      .uid(`${id}-sink`)
      .setParallelism(step.parallelism);
    return undefined;
  },
};

const topN: StepKind = {
  kind: "top-n",
  modes: IN_TIME,
  growth: 1,
  terminal: true,
  build({ stream, id, step }) {
    stream
      .keyBy(byKey, types.string)
      .topN({ count: step.variant + 1, compare: (l, r) => r.n - l.n, type: itemType })
      .uid(`${id}-top`)
      .setParallelism(step.parallelism)
      .sinkTo(ledger(`${CHANGES_SINK}-${id}`))
      .uid(`${id}-sink`)
      .setParallelism(step.parallelism);
    return undefined;
  },
};

const lastRow = types.record({ key: types.string, at: types.long });

/**
 * A row is a key and an event time, so two of one key and time are one row: which of them arrives last
 * is nobody's to say.
 */
const keyAndTime: ProcessFunction<Item, ValueOf<typeof lastRow>> = {
  processElement: ({ key }, { timestampMs }, out) => out.collect({ key, at: timestampMs }),
};

const lastOfKey: StepKind = {
  kind: "last-of-key",
  modes: IN_TIME,
  growth: 1,
  terminal: true,
  build({ stream, id, step }) {
    stream
      .process(() => keyAndTime, lastRow)
      .uid(`${id}-rows`)
      .setParallelism(step.parallelism)
      .keyBy(({ key }) => key, types.string)
      .lastOfKey(lastRow)
      .uid(`${id}-last`)
      .setParallelism(step.parallelism)
      .sinkTo(ledger(`${CHANGES_SINK}-${id}`))
      .uid(`${id}-sink`)
      .setParallelism(step.parallelism);
    return undefined;
  },
};

export const librarySteps: readonly StepKind[] = [async, bundle, pattern, join, topN, lastOfKey];
