import { expect, test } from "vitest";
import { PLAIN_BARRIER, type ControlEvent } from "../core/element.ts";
import { asCheckpointId } from "../core/ids.ts";
import type { WireBuffer } from "../host/channels.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import { InputGate } from "./input-gate.ts";
import { encodeEvent } from "./wire.ts";

const data = (value: number): WireBuffer => {
  return { bytes: Uint8Array.of(value), start: 0, end: 1, event: false };
};
const event = (value: number): WireBuffer => ({ ...data(value), event: true });
const control = (what: ControlEvent): WireBuffer => {
  const bytes = encodeEvent(what);
  return { bytes, start: 0, end: bytes.length, event: true };
};
const barrier = (id: number): WireBuffer =>
  control({
    ...{ kind: "barrier", checkpointId: asCheckpointId(id), options: PLAIN_BARRIER, ageMs: 0 },
  });
const valuesOf = (buffers: readonly WireBuffer[]): number[] =>
  buffers.flatMap(({ bytes, start, end }) => [...bytes.subarray(start, end)]);

/** @param recovered what was under way to each channel, of those that had something */
function gateOf(
  channelCount: number,
  creditsPerChannel = 4,
  recovered: readonly (readonly number[])[] = [],
) {
  const told: string[] = [];
  const gate = new InputGate(
    Array.from({ length: channelCount }, (_, subtask) => ({
      name: `c${subtask}`,
      from: { vertex: 0, subtask },
      type: types.string as TypeSerializer<unknown>,
      input: 0,
    })),
    creditsPerChannel,
    {
      onAvailable: () => void told.push("available"),
      onBroken: (channel, reason) => void told.push(`${channel} broke: ${reason}`),
    },
  );
  for (const [index, values] of recovered.entries()) gate.recover(index, Uint8Array.from(values));
  for (const channel of gate.channels) {
    channel.attach({
      grantCredit: (count) => void told.push(`${channel.name} credit ${count}`),
      close: () => void told.push(`${channel.name} closed`),
    });
  }
  /** Reads one buffer, as a subtask does; "c0 5", or "nothing". */
  const readOne = (): string => {
    const channel = gate.poll();
    if (channel === undefined) return "nothing";
    const buffer = channel.take();
    channel.settle();
    gate.offer(channel);
    return `${channel.name} ${buffer.bytes[buffer.start]}`;
  };
  const offer = (index: number, ...buffers: readonly WireBuffer[]): void => {
    for (const buffer of buffers) gate.channels[index]!.onBuffer(buffer);
  };
  return { gate, offer, readOne, take: () => told.splice(0) };
}

test("[IG1] all credits are given at the start, and given back half a window at a time", () => {
  const { offer, readOne, take } = gateOf(1, 4);
  expect(take()).toEqual(["c0 credit 4"]);
  offer(0, data(1), data(2), data(3), data(4));
  take();
  readOne();
  expect(take()).not.toContain("c0 credit 1");
  readOne();
  expect(take()).toContain("c0 credit 2");
  readOne();
  readOne();
  expect(take().filter((text) => text.includes("credit"))).toEqual(["c0 credit 2"]);
});

test("[IG1] an event took no credit, so none is given back for it", () => {
  const { offer, readOne, take } = gateOf(1, 1);
  offer(0, event(1), data(2));
  take();
  expect([readOne(), take()]).toEqual(["c0 1", ["available"]]);
  expect([readOne(), take()]).toEqual(["c0 2", ["c0 credit 1"]]);
});

test("channels take turns, one buffer each", () => {
  const { gate, offer, readOne } = gateOf(3);
  offer(0, data(1), data(2), data(3));
  offer(2, data(7), data(8));
  expect(gate.readable).toBe(true);
  const read = Array.from({ length: 6 }, readOne);
  expect(read).toEqual(["c0 1", "c2 7", "c0 2", "c2 8", "c0 3", "nothing"]);
  expect(gate.readable).toBe(false);
});

test("[BA1] a blocked channel delivers nothing, and goes on where it stopped", () => {
  const { gate, offer, readOne, take } = gateOf(2);
  offer(0, data(1), data(2));
  gate.block(0);
  offer(0, data(3));
  offer(1, data(9));
  expect([readOne(), readOne()]).toEqual(["c1 9", "nothing"]);
  take();
  gate.unblockAll();
  expect(take()).toEqual(["available"]);
  expect([readOne(), readOne(), readOne(), readOne()]).toEqual(["c0 1", "c0 2", "c0 3", "nothing"]);
});

test("[BA1] whoever reads a blocked channel all the same is stopped", () => {
  const { gate, offer } = gateOf(1);
  offer(0, data(1));
  gate.block(0);
  expect(() => gate.channels[0]!.take()).toThrow("BA1 channel c0 is blocked, yet it was read");
});

test("a channel is read only while it has something", () => {
  const { gate } = gateOf(1);
  expect(() => gate.channels[0]!.take()).toThrow("channel c0 was read while empty");
});

test("availability is told when a channel joins the queue, not for every buffer", () => {
  const { offer, take } = gateOf(1);
  take();
  offer(0, data(1), data(2), data(3));
  expect(take()).toEqual(["available"]);
});

test("a break is told by name; after it the channel gives no credit and closes nothing", () => {
  const { gate, offer, readOne, take } = gateOf(2, 1);
  take();
  gate.channels[0]!.onBroken("reset");
  offer(0, data(1));
  readOne();
  gate.close();
  expect(take()).toEqual(["c0 broke: reset", "available", "c1 closed"]);
});

test("input has ended when it has on every channel", () => {
  const { gate } = gateOf(2);
  gate.channels[0]!.ended = true;
  expect(gate.allEnded).toBe(false);
  gate.channels[1]!.ended = true;
  expect(gate.allEnded).toBe(true);
});

test("[IG3] [C22] what is gathered for one checkpoint ends with that one alone", () => {
  const { gate, offer } = gateOf(1);
  const channel = gate.channels[0]!;
  offer(0, data(1));
  const gathered = channel.gather(asCheckpointId(2), false);
  channel.endGathering(asCheckpointId(1));
  offer(0, data(2));
  channel.endGathering(asCheckpointId(2));
  offer(0, data(3));
  expect(gathered.map(({ bytes }) => bytes[0])).toEqual([1, 2]);
});

test("[C13] what is gathered ends at the barrier of its checkpoint, and at nothing else", () => {
  const { gate, offer } = gateOf(1);
  const channel = gate.channels[0]!;
  const cancel = control({ kind: "cancel-barrier", checkpointId: asCheckpointId(2) });
  offer(0, data(1), cancel, data(2), barrier(1), data(3), barrier(2), data(4));
  const gathered = channel.gather(asCheckpointId(2), true);
  expect(valuesOf(channel.gather(asCheckpointId(1), true))).toEqual([1, 2]);
  offer(0, data(5));
  expect(valuesOf(gathered)).toEqual([1, 2, 3]);
});

test("[C13] [UA6] of a channel that stands at its barrier only the head of a record is gathered", () => {
  const { gate, offer } = gateOf(1);
  const channel = gate.channels[0]!;
  offer(0, data(1), barrier(1), data(2));
  channel.reader.feed(channel.take());
  channel.take();
  gate.block(0);
  expect(valuesOf(channel.gather(asCheckpointId(1), true))).toEqual([1]);
});

test("[C17] how far a channel has been read: of what its sender sent, and of what it began with", () => {
  const { gate, offer } = gateOf(1, 4, [[7, 8, 9]]);
  const channel = gate.channels[0]!;
  const reach = (): [number, number[]] => [channel.reach.position, [...channel.reach.unread]];
  expect(reach()).toEqual([0, [7, 8, 9]]);
  channel.take();
  expect(reach()).toEqual([0, []]);
  const amidSlab: WireBuffer = { bytes: Uint8Array.of(9, 9, 3, 9), start: 2, end: 3, event: false };
  offer(0, data(1), event(2), amidSlab, data(4));
  for (let i = 0; i < 3; i++) channel.take();
  expect(reach()).toEqual([2, []]);
  channel.reader.feed(channel.take());
  expect(reach()).toEqual([2, []]);
});

test("[C17] of what it began with, what is held back for the rest of a record is not read", () => {
  const { gate } = gateOf(1, 4, [[7, 8, 9]]);
  const channel = gate.channels[0]!;
  channel.reader.feed({ ...channel.take(), start: 1 });
  expect([...channel.reach.unread]).toEqual([8, 9]);
});

test("[IG2] [C17] all that was recovered is read first, and once; then what is new of every channel", () => {
  const { gate, offer, readOne, take } = gateOf(3, 2, [[10], [11]]);
  offer(2, data(3));
  offer(0, data(1));
  offer(1, data(2));
  const read = Array.from({ length: 6 }, readOne);
  expect(read).toEqual(["c0 10", "c1 11", "c0 1", "c1 2", "c2 3", "nothing"]);
  expect(gate.channels.map(({ recovering }) => recovering)).toEqual([false, false, false]);
  expect(take().filter((text) => /credit [^2]/.test(text))).toHaveLength(3); // none for 10 and 11
});

test("[IG2] nothing is recovered by a channel that is attached, nor twice", () => {
  const { gate } = gateOf(1);
  expect(() => gate.recover(0, Uint8Array.of(1))).toThrow("c0 recovers late");
  expect(() => gateOf(1, 4, [[1]]).gate.channels[0]!.recover(Uint8Array.of(2))).toThrow("late");
});
