import { expect, test } from "vitest";
import type { WireBuffer } from "../host/channels.ts";
import { ChannelLog, type LogCut } from "./channel-log.ts";

const buffer = (...bytes: number[]): WireBuffer => ({
  ...{ bytes: new Uint8Array(bytes), start: 0, end: bytes.length, event: false },
});
const held = ({ buffers }: LogCut): number[] => buffers.flatMap(({ bytes }) => [...bytes]);

test("[CL1] it holds all that was sent, in order", () => {
  const log = new ChannelLog();
  log.append(buffer(1, 2));
  log.append(buffer(3));
  const cut = log.cut();
  expect([cut.from, cut.end, held(cut)]).toEqual([0, 3, [1, 2, 3]]);
});

test("[CL2] it lets go of whole buffers, and of none that holds a byte somebody may want", () => {
  const log = new ChannelLog();
  log.append(buffer(1, 2));
  log.append(buffer(3, 4));
  log.append(buffer(5));
  log.trim(3);
  const cut = log.cut();
  expect([cut.from, cut.end, held(cut)]).toEqual([2, 5, [3, 4, 5]]);
  log.trim(3);
  expect(log.cut().from).toBe(2);
  log.trim(5);
  expect(log.cut()).toEqual({ from: 5, end: 5, buffers: [] });
  expect(() => log.trim(6)).toThrow("CL2 byte 6 was received, 5 were sent");
});

test("[CL3] what is sent or let go after a cut changes nothing in it", () => {
  const log = new ChannelLog();
  log.append(buffer(1, 2));
  log.append(buffer(3));
  const cut = log.cut();
  log.append(buffer(4));
  log.trim(2);
  log.append(buffer(5));
  expect([cut.from, cut.end, held(cut)]).toEqual([0, 3, [1, 2, 3]]);
  expect(held(log.cut())).toEqual([3, 4, 5]);
});
