/** Three processes, a network of data connections between them, and nothing else: for tests. */
import type { WireBuffer } from "../../src/index.ts";
import { ChannelNetwork } from "../channels.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { Links } from "../links.ts";
import { FakeProcesses } from "./fake-processes.ts";

const LATENCY = { minUs: 100, maxUs: 2_000, tailPerMille: 100, tailUs: 10_000 };
const SOON = 200_000;

/** Buffers are verified; `heard` is where a test notes what the ends are told. */
export function channelWorld(seed = "1", permuteTies = false) {
  const root = createRandom(seed);
  const scheduler = new Scheduler(permuteTies ? root.fork("ties") : undefined);
  const processes = new FakeProcesses(3);
  const links = new Links(3);
  const random = root.fork("channels");
  const options = { scheduler, random, processes, links, latency: LATENCY, verify: true };
  const channels = new ChannelNetwork(options);
  const heard: string[] = [];
  const hear = (what: string): void => {
    heard.push(what);
  };
  const run = (us = SOON): void => scheduler.runUntil(scheduler.nowUs + us);
  return { scheduler, processes, links, channels, heard, hear, run };
}

/** One byte, away from the start of its array. */
export const buffer = (value: number, event = false): WireBuffer => {
  return { bytes: Uint8Array.of(0, value, 0), start: 1, end: 2, event };
};
