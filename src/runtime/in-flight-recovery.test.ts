import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "../core/bytes.ts";
import { TAG_IDLE, TAG_RECORD, TAG_WATERMARK } from "../core/element.ts";
import { asKeyGroup, asSubtaskIndex } from "../core/ids.ts";
import type { InFlightChannel, InFlightFile } from "../checkpoint/in-flight-file.ts";
import { ledger, logSource } from "../graph/endpoints.ts";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { job } from "../graph/job.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { keyGroupOf, subtaskOf } from "../state/key-groups.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { createKeyCodec } from "../types/keys.ts";
import { types } from "../types/serializers.ts";
import { channelOriginOf } from "./channel-origin.ts";
import { recoverInFlight } from "./in-flight-recovery.ts";
import { ElementReader, ElementWriter } from "./wire.ts";

type Kind = "keyed" | "rebalanced" | "custom" | "global";
const MAX_PARALLELISM = 8;

/** Words go from a source to `kind` of exchange, and there to an operator without state. */
function planOf(kind: Kind, senders: number, receivers: number): PhysicalPlan {
  const graph = job("j", (env) => {
    env.setMaxParallelism(MAX_PARALLELISM);
    const lines = logSource({ topic: "lines", type: types.string });
    const words = env
      .fromSource(lines, WatermarkStrategy.none(), "lines")
      .setParallelism(senders)
      .uid("lines");
    const copied = {
      keyed: () => words.keyBy((word) => word, types.string).reduce((one) => one),
      rebalanced: () => words.rebalance().map((word) => word),
      custom: () =>
        words.partitionCustom((word, subtasks) => word.length % subtasks).map((word) => word),
      global: () => words.global().map((word) => word),
    }[kind]();
    copied.setParallelism(receivers).uid("copy").sinkTo(ledger("copies"));
  });
  return buildPhysicalPlan(graph);
}

const writer = new ElementWriter();
function elements(items: readonly (string | number | null)[]): Uint8Array {
  const out = new ByteWriter();
  for (const item of items) {
    if (typeof item === "string") writer.record(item, 5, types.string);
    else if (item === null) writer.status(true);
    else writer.watermark(item);
    out.raw(writer.scratch.bytes, 0, writer.scratch.length);
  }
  return out.toBytes();
}

function read(bytes: Uint8Array): (string | number | null)[] {
  const reader = new ElementReader();
  reader.feed({ bytes, start: 0, end: bytes.length, event: false });
  const items: (string | number | null)[] = [];
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === TAG_RECORD) items.push(types.string.read(reader.payload));
    else items.push(tag === TAG_WATERMARK ? reader.timeMs : tag === TAG_IDLE ? null : NaN);
  }
  expect(reader.midElement).toBe(false);
  return items;
}

type Stream = Readonly<{
  sender: number;
  receiver: number;
  items: (string | number | null)[];
  cut: number;
}>;

/** The two ends of each stream, cut anywhere, in the files of their subtasks. */
function filesOf(plan: PhysicalPlan, streams: readonly Stream[]): InFlightFile[] {
  const edge = plan.edges[0]!;
  const files = new Map<string, InFlightChannel[]>();
  const put = (file: string, channel: InFlightChannel): void => {
    if (channel.bytes.length > 0) files.set(file, [...(files.get(file) ?? []), channel]);
  };
  for (const { sender, receiver, items, cut } of streams) {
    const origin = channelOriginOf(plan, edge, sender, receiver)!;
    const bytes = elements(items);
    const at = Math.min(cut, bytes.length);
    put(`to ${receiver}`, { origin, end: "receiver", bytes: bytes.slice(0, at) });
    put(`from ${sender}`, { origin, end: "sender", bytes: bytes.slice(at) });
  }
  return [...files.values()].map((channels) => ({ channels }));
}

/** As a restore does it: unless their number has changed, of the receivers' files only its own. */
function filesFor(plan: PhysicalPlan, files: readonly InFlightFile[], subtask: number) {
  const { parallelism } = plan.vertices[1]!;
  return files.map(({ channels }) => ({
    channels: channels.filter(
      ({ origin, end }) =>
        end === "sender" || origin.receivers !== parallelism || origin.receiver === subtask,
    ),
  }));
}

const recovered = (plan: PhysicalPlan, files: readonly InFlightFile[], subtask: number) =>
  recoverInFlight(
    plan,
    plan.vertices[1]!,
    asSubtaskIndex(subtask),
    filesFor(plan, files, subtask),
  ).map((one) => ({ ...one, items: read(one.bytes) }));

test("[C14] both ends of a channel make one stream, for the subtask that it was for", () => {
  const plan = planOf("keyed", 2, 2);
  const files = filesOf(plan, [
    { sender: 1, receiver: 0, items: ["a", 7, "b", null, Infinity], cut: 20 },
    { sender: 0, receiver: 1, items: ["c"], cut: 3 },
  ]);
  const [first] = recovered(plan, files, 0);
  expect(first).toMatchObject({ channel: 1, records: 2, items: ["a", 7, "b", Infinity] });
  expect(recovered(plan, files, 1)).toMatchObject([{ channel: 0, records: 1, items: ["c"] }]);
});

test("[NR3] with other senders watermarks are dropped: channels are no longer what they were", () => {
  const files = filesOf(planOf("keyed", 3, 1), [
    { sender: 0, receiver: 0, items: ["a", 7], cut: 9 },
    { sender: 2, receiver: 0, items: [9, "b"], cut: 9 },
  ]);
  const plan = planOf("keyed", 2, 1);
  expect(recovered(plan, files, 0)).toMatchObject([{ channel: 0, items: ["a", "b"] }]);
});

test("an edge that is gone is an error that names it, and so is a stream without its end", () => {
  const plan = planOf("keyed", 1, 1);
  const [file] = filesOf(plan, [{ sender: 0, receiver: 0, items: ["word"], cut: 99 }]);
  const [channel] = file!.channels;
  const elsewhere = { ...channel!, origin: { ...channel!.origin, twin: 1 } };
  expect(() => recovered(plan, [{ channels: [elsewhere] }], 0)).toThrow(
    /from "lines" to "copy", which the job no longer connects; connect them as before/,
  );
  const short = { ...channel!, bytes: channel!.bytes.slice(0, -1) };
  expect(() => recovered(plan, [{ channels: [short] }], 0)).toThrow(/without its end/);
});

const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), maxLength: 4 });
const scenario = fc.record({
  kind: fc.constantFrom<Kind>("keyed", "rebalanced", "custom", "global"),
  before: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  after: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  drawn: fc.array(fc.record({ word, sender: fc.nat(3), receiver: fc.nat(3), extra: fc.nat(3) }), {
    maxLength: 30,
  }),
  cuts: fc.array(fc.nat(200), { minLength: 16, maxLength: 16 }),
});

const codec = createKeyCodec(types.string);
function ownerOf(kind: Kind, value: string, subtasks: number): number | undefined {
  if (kind === "global") return 0;
  if (kind === "custom") return value.length % subtasks;
  if (kind === "rebalanced") return undefined;
  const group = keyGroupOf(codec.hash(value), MAX_PARALLELISM);
  return subtaskOf(asKeyGroup(group), subtasks, MAX_PARALLELISM);
}

test("[NR1] [NR2] [C21] [A13] with any parallelism every record is kept once, where it belongs, in order", () => {
  fc.assert(
    fc.property(scenario, ({ kind, before, after, drawn, cuts }) => {
      const [senders, receivers] = before;
      const streams = new Map<string, Stream>();
      drawn.forEach(({ word: text, sender: s, receiver: r, extra }, index) => {
        const value = `${text}#${index}`;
        const sender = s % senders;
        const receiver = ownerOf(kind, value, receivers) ?? r % receivers;
        const name = `${sender}>${receiver}`;
        const cut = cuts[sender * 4 + receiver]!;
        const stream = streams.get(name) ?? { sender, receiver, items: [], cut };
        stream.items.push(value);
        if (extra === 0) stream.items.push(index);
        if (extra === 1) stream.items.push(null);
        streams.set(name, stream);
      });
      const files = filesOf(planOf(kind, senders, receivers), [...streams.values()]);
      const plan = planOf(kind, after[0], after[1]);
      const same = before[0] === after[0] && before[1] === after[1];
      const kept: string[] = [];
      for (let subtask = 0; subtask < after[1]; subtask++) {
        const own = recovered(plan, files, subtask).flatMap(({ items, records }) => {
          const words = items.filter((item) => typeof item === "string");
          expect(records).toBe(words.length);
          expect(items).not.toContain(null);
          if (!same) expect(items).toEqual(words);
          return words;
        });
        for (const value of own) expect(ownerOf(kind, value, after[1]) ?? subtask).toBe(subtask);
        for (const { items } of streams.values()) {
          const inOrder = items.filter((item) => typeof item === "string" && own.includes(item));
          expect(own.filter((value) => items.includes(value))).toEqual(inOrder);
        }
        kept.push(...own);
      }
      const all = drawn.map(({ word: text }, index) => `${text}#${index}`);
      expect(kept.sort()).toEqual(all.sort());
    }),
    { seed: 21, numRuns: 150 },
  );
});

test("[NR4] of a sender's log, a receiver gets what it had not read, to the byte", () => {
  const plan = planOf("keyed", 1, 1);
  const origin = channelOriginOf(plan, plan.edges[0]!, 0, 0)!;
  const before = elements(["a", "b"]);
  const bytes = elements(["b", "c", 7, "d"]);
  const [logged, read] = [before.length / 2, before.length];
  const none = new Uint8Array(0);
  const filesAt = (at: number): InFlightFile[] => [
    { channels: [{ origin, end: "receiver", at, bytes: none }] },
    { channels: [{ origin, end: "sender", at: logged, bytes }] },
  ];
  expect(recovered(plan, filesAt(logged), 0)).toMatchObject([{ items: ["b", "c", 7, "d"] }]);
  expect(recovered(plan, filesAt(read), 0)).toMatchObject([{ items: ["c", 7, "d"] }]);
  expect(recovered(plan, filesAt(logged + bytes.length), 0)).toEqual([]);
  expect(() => recovered(plan, filesAt(0), 0)).toThrow(/has read 0 bytes of "lines" 0, whose log/);
  expect(() => recovered(plan, filesAt(logged + bytes.length + 1), 0)).toThrow(/whose log is from/);
});
