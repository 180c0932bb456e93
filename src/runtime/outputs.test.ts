import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TAG_RECORD, plainBarrier } from "../core/element.ts";
import { asKeyGroup } from "../core/ids.ts";
import type { WireBuffer } from "../host/channels.ts";
import { TestHost } from "../host/testing.ts";
import type { Exchange } from "../graph/logical-graph.ts";
import { keyGroupOf, subtaskOf } from "../state/key-groups.ts";
import { createKeyCodec } from "../types/keys.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import { BufferPool } from "./buffer-pool.ts";
import { OutputChannel } from "./output-channel.ts";
import { Outputs } from "./outputs.ts";
import { createPartitioner, type Partitioner, type PartitionerConfig } from "./partitioner.ts";
import { decodeEvent, ElementReader } from "./wire.ts";

const REBALANCE = { kind: "rebalance" } as const;
const BROADCAST = { kind: "broadcast" } as const;

const byWord: Exchange = {
  kind: "hash",
  key: (value) => value,
  keyType: types.string as TypeSerializer<unknown>,
};

const partitionerOf = (
  exchange: Exchange,
  channelCount: number,
  config: Partial<PartitionerConfig> = {},
): Partitioner => {
  const { random } = new TestHost();
  return createPartitioner(exchange, {
    ...{ channelCount, maxParallelism: 128, firstChannel: 0, random },
    ...config,
  });
};

/** One edge per exchange, with this many channels each; `arrived` is what each channel carried. */
function outputsOf(exchanges: readonly Exchange[], channelCount: number, credit = 1_000) {
  const arrived: string[][] = [];
  const told: string[] = [];
  const readers: ElementReader[] = [];
  const pool = new BufferPool(32);
  const read = (index: number, buffer: WireBuffer): void => {
    const lines = arrived[index]!;
    if (buffer.event) {
      lines.push(`<${decodeEvent(buffer).kind}>`);
      return;
    }
    const reader = readers[index]!;
    reader.feed(buffer);
    for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
      if (tag === TAG_RECORD) lines.push(types.string.read(reader.payload));
      else lines.push(`tag ${tag} ${reader.timeMs}`);
    }
  };
  const outputs = new Outputs(
    types.string as TypeSerializer<unknown>,
    {
      onBroken: (channel, why) => void told.push(`${channel} broke: ${why}`),
      onRelieved: () => void told.push("relieved"),
    },
    (events) =>
      exchanges.map((exchange, edge) => ({
        channels: Array.from({ length: channelCount }, (_, i) => {
          return new OutputChannel(`${edge}/${i}`, pool, events);
        }),
        partition: partitionerOf(exchange, channelCount),
        tag: undefined,
      })),
  );
  outputs.channels.forEach((channel, index) => {
    arrived.push([]);
    readers.push(new ElementReader());
    channel.onConnected({
      send: (buffer) => read(index, buffer),
      close: () => void told.push(`closed ${channel.name}`),
    });
    channel.onCredit(credit);
  });
  return { outputs, arrived, told };
}

describe("routing", () => {
  test("[C54] [C55] a record goes to the subtask that owns the key group of its key", () => {
    const keys = fc.string();
    const shape = fc
      .integer({ min: 1, max: 300 })
      .chain((max) => fc.tuple(fc.constant(max), fc.integer({ min: 1, max })));
    const codec = createKeyCodec(types.string);
    fc.assert(
      fc.property(keys, shape, (key, [maxParallelism, parallelism]) => {
        const partition = partitionerOf(byWord, parallelism, { maxParallelism });
        const group = keyGroupOf(codec.hash(key), maxParallelism);
        expect(partition(key)).toBe(subtaskOf(asKeyGroup(group), parallelism, maxParallelism));
      }),
      { seed: 51, numRuns: 200 },
    );
  });

  test("rebalance goes round, from its own beginning", () => {
    const partition = partitionerOf(REBALANCE, 3, { firstChannel: 4 });
    expect(Array.from({ length: 7 }, () => partition("x"))).toEqual([1, 2, 0, 1, 2, 0, 1]);
  });

  test("forward knows one channel, broadcast takes all", () => {
    expect(partitionerOf({ kind: "forward" }, 1, { firstChannel: 5 })("x")).toBe(0);
    const { outputs, arrived } = outputsOf([BROADCAST], 3);
    outputs.emit("word", 1);
    outputs.flush();
    expect(arrived).toEqual([["word"], ["word"], ["word"]]);
  });

  test("every edge gets every record, each by its own exchange", () => {
    const { outputs, arrived } = outputsOf([REBALANCE, BROADCAST], 2);
    for (const word of ["a", "b", "c"]) outputs.emit(word, 1);
    outputs.flush();
    expect(arrived).toEqual([["a", "c"], ["b"], ["a", "b", "c"], ["a", "b", "c"]]);
  });

  test("where nobody reads, a record costs nothing and goes nowhere", () => {
    const { outputs, arrived } = outputsOf([], 2);
    outputs.emit("word", 1);
    expect(arrived).toEqual([]);
    expect(outputs.available).toBe(true);
  });
});

test("watermarks, statuses and events go to every channel, in the order they were given", () => {
  const { outputs, arrived } = outputsOf([REBALANCE], 2);
  outputs.emit("a", 1);
  outputs.emitWatermark(5);
  outputs.emitStatus(true);
  outputs.emitStatus(false);
  outputs.broadcastEvent(plainBarrier(1));
  outputs.broadcastEvent({ kind: "end-of-input" });
  const all = ["tag 2 5", "tag 3 0", "tag 4 0", "<barrier>", "<end-of-input>"];
  expect(arrived).toEqual([["a", ...all], all]);
});

test("outputs are available until one channel is congested, and again when none is", () => {
  const { outputs, told } = outputsOf([REBALANCE], 2, 0);
  const [first, second] = outputs.channels;
  const emitRounds = (count: number): void => {
    for (let i = 0; i < count; i++) outputs.emit("a long enough word", 1);
  };
  expect(outputs.available).toBe(true);
  emitRounds(4);
  expect(outputs.available).toBe(false);
  first!.onCredit(3);
  expect([outputs.available, told]).toEqual([false, ["relieved"]]);
  second!.onCredit(3);
  expect([outputs.available, told]).toEqual([true, ["relieved", "relieved"]]);
});

test("a break is told by channel; closing closes every channel", () => {
  const { outputs, told } = outputsOf([REBALANCE], 2);
  outputs.channels[1]!.onBroken("reset");
  outputs.close();
  expect(told).toEqual(["0/1 broke: reset", "closed 0/0"]);
});
