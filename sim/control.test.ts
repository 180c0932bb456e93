import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ControlNetwork } from "./control.ts";
import { createRandom } from "./kernel/random.ts";
import { Scheduler } from "./kernel/scheduler.ts";
import { Links } from "./links.ts";
import type { RunOptions } from "./plan.ts";
import { FakeProcesses } from "./testing/fake-processes.ts";

const LATENCY = { minUs: 100, maxUs: 2_000, tailPerMille: 50, tailUs: 10_000 };
const CALM = { lossPerMille: 0, duplicatePerMille: 0, latency: LATENCY };

function network(control: RunOptions["control"] = CALM, seed = "1") {
  const scheduler = new Scheduler();
  const processes = new FakeProcesses(3);
  const links = new Links(3);
  const arrived: string[] = [];
  const deliver = (from: number, to: number, message: Uint8Array): void => {
    arrived.push(`${from}>${to} ${message.join()}`);
  };
  const random = createRandom(seed).fork("control");
  const control_ = new ControlNetwork({ scheduler, random, processes, links, control, deliver });
  const send = (from: number, to: number, ...bytes: number[]): void =>
    control_.send(from, to, Uint8Array.from(bytes));
  return { scheduler, processes, links, arrived, control: control_, send };
}

describe("delivery", () => {
  test("[CN4] without faults everything arrives once, and not in order", () => {
    const { scheduler, arrived, send } = network();
    for (let i = 0; i < 50; i++) send(0, 1, i);
    expect(arrived).toEqual([]);
    scheduler.runUntil(1_000_000);
    const inOrder = Array.from({ length: 50 }, (_, i) => `0>1 ${i}`);
    expect([...arrived].sort()).toEqual([...inOrder].sort());
    expect(arrived).not.toEqual(inOrder);
  });

  test("[CN1] what is sent is what the bytes were at the time of sending", () => {
    const { scheduler, arrived, control } = network();
    const bytes = Uint8Array.of(1, 2, 3);
    control.send(0, 2, bytes);
    bytes.fill(9);
    scheduler.runUntil(1_000_000);
    expect(arrived).toEqual(["0>2 1,2,3"]);
  });

  test("loses and doubles as often as asked, but never what a process sends itself", () => {
    const control = { lossPerMille: 200, duplicatePerMille: 300, latency: LATENCY };
    const { scheduler, arrived, send } = network(control);
    for (let i = 0; i < 1_000; i++) send(0, 1, i & 255, i >> 8);
    for (let i = 0; i < 100; i++) send(2, 2, i);
    scheduler.runUntil(1_000_000);
    const copies = new Map<string, number>();
    for (const message of arrived) copies.set(message, (copies.get(message) ?? 0) + 1);
    const ofLink = [...copies].filter(([message]) => message.startsWith("0>1"));
    expect(Math.abs(ofLink.length - 800)).toBeLessThan(60);
    expect(Math.abs(ofLink.filter(([, count]) => count === 2).length - 240)).toBeLessThan(60);
    expect(arrived.filter((message) => message.startsWith("2>2"))).toHaveLength(100);
  });

  test("quiet: nothing is lost or doubled any more", () => {
    const control = { lossPerMille: 500, duplicatePerMille: 500, latency: LATENCY };
    const { scheduler, arrived, send, control: net } = network(control);
    net.loseNext(0, 1, 3);
    net.quiet();
    for (let i = 0; i < 100; i++) send(0, 1, i);
    scheduler.runUntil(1_000_000);
    expect(arrived).toHaveLength(100);
  });

  test("a message outlives its sender, and reaches the next incarnation", () => {
    const { scheduler, processes, arrived, send } = network();
    send(0, 1, 7);
    processes.crash(0);
    processes.crash(1);
    processes.restart(1);
    scheduler.runUntil(1_000_000);
    expect(arrived).toEqual(["0>1 7"]);
    send(1, 0, 8);
    scheduler.runUntil(2_000_000);
    expect(arrived).toHaveLength(1);
  });
});

describe("faults", () => {
  test("[CN2] nothing arrives over a cut link, either way, until it is healed as often as cut", () => {
    const { scheduler, links, arrived, send } = network();
    send(0, 1, 1); // in flight when the cut comes
    links.cut(1, 0);
    links.cut(0, 1);
    send(0, 1, 2);
    send(1, 0, 3);
    send(0, 2, 4);
    scheduler.runUntil(1_000_000);
    expect(arrived).toEqual(["0>2 4"]);
    links.heal(0, 1);
    send(0, 1, 5);
    scheduler.runUntil(2_000_000);
    links.heal(0, 1);
    send(0, 1, 6);
    scheduler.runUntil(3_000_000);
    expect(arrived).toEqual(["0>2 4", "0>1 6"]);
    expect(() => links.heal(0, 1)).toThrow("was not cut");
    expect(() => links.cut(1, 1)).toThrow("cannot be cut from itself");
  });

  test("a slow link is slow one way, for what is sent meanwhile", () => {
    const { scheduler, links, arrived, send } = network();
    links.slow(0, 1, 500_000);
    links.slow(0, 1, 100_000);
    send(0, 1, 1);
    send(1, 0, 2);
    scheduler.runUntil(100_000);
    expect(arrived).toEqual(["1>0 2"]);
    links.unslow(0, 1, 100_000);
    links.unslow(0, 1, 500_000);
    send(0, 1, 3);
    scheduler.runUntil(200_000);
    expect(arrived).toEqual(["1>0 2", "0>1 3"]);
    scheduler.runUntil(1_000_000);
    expect(arrived).toHaveLength(3);
    expect(() => links.unslow(0, 1, 1)).toThrow("was not slowed");
  });

  test("the next n are lost this way, and no others", () => {
    const { scheduler, arrived, send, control } = network();
    control.loseNext(0, 1, 2);
    for (let i = 0; i < 3; i++) {
      send(0, 1, i);
      send(1, 0, i);
      scheduler.runUntil(scheduler.nowUs + 100_000);
    }
    expect([...arrived].sort()).toEqual(["0>1 2", "1>0 0", "1>0 1", "1>0 2"]);
  });

  test("[CN3] a paused process hears nothing, and all of it when it resumes", () => {
    const { scheduler, processes, arrived, send } = network();
    processes.pauseUntil(1, 5_000_000);
    send(0, 1, 1);
    scheduler.runUntil(1_000_000);
    processes.pauseUntil(1, 6_000_000); // a second pause, before the first is over
    send(0, 1, 2);
    scheduler.runUntil(5_999_999);
    expect(arrived).toEqual([]);
    scheduler.runUntil(6_000_000);
    expect([...arrived].sort()).toEqual(["0>1 1", "0>1 2"]);
  });
});

test("[C127] the same seed gives the same deliveries; a fault leaves other links alone", () => {
  const control = { lossPerMille: 100, duplicatePerMille: 100, latency: LATENCY };
  const play = (seed: string, lose: number) => {
    const { scheduler, arrived, send, control: net } = network(control, seed);
    net.loseNext(0, 1, lose);
    for (let i = 0; i < 100; i++) send(i % 2, 1 + (i % 2), i);
    scheduler.runUntil(1_000_000);
    return { arrived, digest: scheduler.digestText() };
  };
  fc.assert(
    fc.property(fc.string(), (seed) => {
      expect(play(seed, 0)).toEqual(play(seed, 0));
      const other = (message: string): boolean => message.startsWith("1>2");
      expect(play(seed, 5).arrived.filter(other)).toEqual(play(seed, 0).arrived.filter(other));
    }),
    { seed: 1, numRuns: 20 },
  );
});
