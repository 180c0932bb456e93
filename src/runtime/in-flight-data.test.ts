import { expect, test } from "vitest";
import { decodeInFlightFile } from "../checkpoint/in-flight-file.ts";
import type { WireBuffer } from "../host/channels.ts";
import { BufferPool } from "./buffer-pool.ts";
import { InFlightData } from "./in-flight-data.ts";
import { originOf } from "./in-flight.fixture.ts";
import { OutputChannel } from "./output-channel.ts";

const quiet = { onRelieved() {}, onCongested() {}, onBroken() {} };
const buffer = (...bytes: readonly number[]): WireBuffer => ({
  bytes: Uint8Array.from(bytes),
  start: 0,
  end: bytes.length,
  event: false,
});
const stored = (data: InFlightData): string[] => {
  const bytes = data.encode();
  const file = bytes === undefined ? undefined : decodeInFlightFile(bytes, "test");
  if (file?.ok !== true) return [];
  return file.value.channels.map(({ end, bytes: part }) => `${end} ${[...part].join(" ")}`);
};
const watched = (data: InFlightData): string[] => {
  const told: string[] = [];
  data.whenOver((result) => void told.push(result.ok ? "complete" : result.error));
  return told;
};

test("[ID1] it is over when the last barrier has come in and has gone out, and is told once", () => {
  const data = new InFlightData();
  const channel = new OutputChannel("out", new BufferPool(16), quiet, originOf("b", 0));
  channel.append(Uint8Array.of(7, 8), 2);
  data.fromInput(originOf("a", 0), [buffer(1)], true);
  expect(channel.appendBarrier(Uint8Array.of(9), () => data.outputLeft(channel))).toBe(true);
  data.outputWaits(channel);
  const told = watched(data);
  expect(() => data.encode()).toThrow("ID1");
  data.inputClosed();
  expect([told, data.waits]).toEqual([[], true]);
  data.hurry(Uint8Array.of(10));
  expect(told).toEqual(["complete"]);
  data.fail("too late");
  expect([told, stored(data)]).toEqual([["complete"], ["receiver 1", "sender 7 8"]]);
});

test("[ID1] failed, it stays so, whatever still comes", () => {
  const data = new InFlightData();
  data.fromInput(originOf("a", 0), [], true);
  const told = watched(data);
  data.fail("given up");
  data.inputClosed();
  expect(told).toEqual(["given up"]);
});

test("[ID1] [C22] given up before anybody waits for it, it has failed, and is not waited for", () => {
  const data = new InFlightData();
  data.fromInput(originOf("a", 0), [], true);
  data.fail("given up");
  data.fail("once more");
  const told = watched(data);
  data.inputClosed();
  expect(told).toEqual(["given up"]);
});

test("[ID2] what arrives while it is open is part of it; nothing at all makes no file", () => {
  const data = new InFlightData();
  const arriving: WireBuffer[] = [];
  data.fromInput(originOf("a", 0), arriving, true);
  const told = watched(data);
  arriving.push(buffer(1, 2), buffer(3));
  data.inputClosed();
  expect([told, stored(data)]).toEqual([["complete"], ["receiver 1 2 3"]]);
  expect(new InFlightData().encode()).toBeUndefined();
});

test("[ID1] a barrier that left where none waited is not another one's, and none is left twice", () => {
  const data = new InFlightData();
  const [waiting, other] = ["w", "o"].map((name) => {
    return new OutputChannel(name, new BufferPool(16), quiet, originOf("b", 0));
  });
  data.outputWaits(waiting!);
  data.outputLeft(other!);
  expect(data.waits).toBe(true);
  data.outputLeft(waiting!);
  expect(data.waits).toBe(false);
  expect(() => data.inputClosed()).toThrow("more inputs were closed than open");
});

test("[C22] what was given up hurries no barrier: nobody wants to know what it would overtake", () => {
  const data = new InFlightData();
  const channel = new OutputChannel("out", new BufferPool(16), quiet, originOf("b", 0));
  data.fail("given up");
  channel.append(Uint8Array.of(7, 8), 2);
  channel.appendBarrier(Uint8Array.of(9), () => undefined);
  data.outputWaits(channel);
  watched(data);
  data.hurry(Uint8Array.of(10));
  expect(channel.hurry(Uint8Array.of(11))).toHaveLength(1);
});

test("of a channel with a log it is kept how far it had come, though nothing was under way", () => {
  const data = new InFlightData();
  data.fromLogged(originOf("a", 0), "receiver", 300, []);
  data.fromLogged(originOf("a", 1), "receiver", 0, []);
  data.fromLogged(originOf("b", 0), "sender", 40, [buffer(5)]);
  const file = decodeInFlightFile(data.encode()!, "test");
  const channels = file.ok ? file.value.channels : [];
  expect(channels.map(({ end, at, bytes }) => [end, at, ...bytes])).toEqual([
    ["receiver", 300],
    ["sender", 40, 5],
  ]);
});
