import { expect, test } from "vitest";
import type { WireBuffer } from "../host/channels.ts";
import { ChannelLog } from "./channel-log.ts";

const buffer = (...bytes: number[]): WireBuffer => ({
  ...{ bytes: new Uint8Array(bytes), start: 0, end: bytes.length, event: false },
});
const held = (log: ChannelLog): number[] => log.buffers.flatMap(({ bytes }) => [...bytes]);

test("[CL1] it holds all that was sent, in order", () => {
  const log = new ChannelLog();
  log.append(buffer(1, 2));
  log.append(buffer(3));
  expect(held(log)).toEqual([1, 2, 3]);
  expect([log.from, log.end]).toEqual([0, 3]);
});

test("[CL2] it lets go of whole buffers, and of none that holds a byte somebody may want", () => {
  const log = new ChannelLog();
  log.append(buffer(1, 2));
  log.append(buffer(3, 4));
  log.append(buffer(5));
  log.trim(3);
  expect([log.from, log.end, held(log)]).toEqual([2, 5, [3, 4, 5]]);
  log.trim(3);
  expect(log.from).toBe(2);
  log.trim(5);
  expect([log.from, held(log)]).toEqual([5, []]);
  expect(() => log.trim(6)).toThrow("CL2 byte 6 was received, 5 were sent");
});
