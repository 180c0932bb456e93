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
