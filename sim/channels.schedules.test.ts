import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConsumerConnection, ProducerConnection } from "../src/index.ts";
import { buffer, channelWorld } from "./testing/channel-world.ts";

type Command = "send" | "event" | "grant" | "wait" | "cut" | "pause" | "close" | "leave" | "die";

describe("any schedule", () => {
  const command = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<Command>("send", "send", "event", "grant", "wait") },
    { weight: 1, arbitrary: fc.constantFrom<Command>("cut", "pause", "close", "leave", "die") },
  );
  const schedules = fc.tuple(fc.nat(1_000), fc.array(command, { maxLength: 60 }));

  test("[CH1] [CH2] [CH3] leaves a prefix, and one end at each side that did not end itself", () => {
    fc.assert(
      fc.property(schedules, ([seed, commands]) => {
        const { got, sent, ends, open } = play(`${seed}`, commands);
        expect(got).toEqual(sent.slice(0, got.length));
        expect(ends.filter((end) => end === "consumer").length).toBeLessThanOrEqual(1);
        expect(ends.filter((end) => end === "producer").length).toBeLessThanOrEqual(1);
        const over = commands.some((c) => c === "cut" || c === "close" || c === "leave");
        if (over || commands.includes("die")) expect(open).toBe(0);
        else expect([got, ends]).toEqual([sent, []]);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test("[C127] plays the same way again", () => {
    fc.assert(
      fc.property(schedules, ([seed, commands]) => {
        expect(play(`${seed}`, commands)).toEqual(play(`${seed}`, commands));
      }),
      { seed: 5, numRuns: 50 },
    );
  });
});

/** Both sides play by the rules; what is written down is what they could see. */
function play(seed: string, commands: readonly Command[]) {
  const { scheduler, processes, links, channels } = channelWorld(seed, true);
  const got: number[] = [];
  const sent: number[] = [];
  const ends: string[] = [];
  let credit = 0;
  let producer: ProducerConnection | undefined;
  let consumer: ConsumerConnection | undefined;
  channels.client(0).listen("data", {
    onConnected: (connection) => (producer = connection),
    onCredit: (count) => (credit += count),
    onBroken: () => {
      ends.push("producer");
      producer = undefined;
    },
  });
  consumer = channels.client(1).connect(processes.idOf(0), "data", {
    onBuffer: ({ bytes, start }) => got.push(bytes[start]!),
    onBroken: () => {
      ends.push("consumer");
      consumer = undefined;
    },
  });
  const send = (event: boolean): void => {
    if (producer === undefined || (!event && credit === 0)) return;
    if (!event) credit--;
    sent.push(sent.length);
    producer.send(buffer(sent.length - 1, event));
  };
  const actions: Record<Command, () => void> = {
    send: () => send(false),
    event: () => send(true),
    grant: () => consumer?.grantCredit(2),
    wait: () => scheduler.runUntil(scheduler.nowUs + 1_500),
    cut: () => {
      links.cut(0, 1);
      links.heal(0, 1);
    },
    pause: () => processes.pauseUntil(1, scheduler.nowUs + 20_000),
    close: () => {
      // A producer that was never reached has nothing to close: it stops listening instead.
      channels.client(0).unlisten("data");
      producer?.close();
      producer = undefined;
    },
    leave: () => {
      consumer?.close();
      consumer = undefined;
    },
    die: () => {
      if (!processes.isAlive(0)) return;
      processes.crash(0);
      channels.processCrashed(0);
      producer = undefined;
    },
  };
  for (const command of commands) actions[command]();
  scheduler.runUntil(scheduler.nowUs + 1_000_000);
  return { got, sent, ends, open: channels.open, digest: scheduler.digestText() };
}
