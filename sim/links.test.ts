import { describe, expect, test } from "vitest";
import type { ProducerConnection } from "../src/index.ts";
import { createRandom } from "./kernel/random.ts";
import { Links } from "./links.ts";
import { buffer, channelWorld } from "./testing/channel-world.ts";

describe("cuts", () => {
  test("[WI1] work way by way, and who is cut one way has no connection", () => {
    const links = new Links(3);
    const heard: string[] = [];
    links.onCut((one, other) => heard.push(`${one}-${other}`));
    links.cutWay(0, 1);
    expect([links.isCut(0, 1), links.isCut(1, 0), links.isWhole(1, 0)]).toEqual([
      true,
      false,
      false,
    ]);
    links.cut(0, 1);
    links.healWay(0, 1);
    expect([links.isCut(0, 1), links.isCut(1, 0)]).toEqual([true, true]);
    links.heal(0, 1);
    expect(links.isWhole(0, 1)).toBe(true);
    expect(heard).toEqual(["0-1"]);
  });
});

describe("a narrow way", () => {
  test("[WI2] carries one after the other, the other way none the slower", () => {
    const links = new Links(2);
    links.narrow(0, 1, 10, 0, 1_000_000);
    expect(links.delayUs(0, 1, 100, 0)).toBe(10_000);
    expect(links.delayUs(0, 1, 100, 5_000)).toBe(15_000);
    expect(links.delayUs(0, 1, 10, 900_000)).toBe(1_000);
    expect(links.delayUs(1, 0, 100, 0)).toBe(0);
  });

  test("[WI2] [WI3] holds nothing up that is still there when it ends, and cannot be prolonged", () => {
    const links = new Links(2);
    links.narrow(0, 1, 1, 0, 50_000);
    links.narrow(0, 1, 1, 20_000, 90_000);
    expect(links.delayUs(0, 1, 1_000, 40_000)).toBe(10_000);
    expect(links.delayUs(0, 1, 1_000, 45_000)).toBe(5_000);
    expect(links.delayUs(0, 1, 1_000, 50_000)).toBe(0);
    links.narrow(0, 1, 1, 60_000, 90_000);
    expect(links.delayUs(0, 1, 7, 60_000)).toBe(7_000);
  });
});

describe("a clogged process", () => {
  test("[WI3] is reached again when the first fault says so; both ends of a link count", () => {
    const links = new Links(3);
    expect(links.heldUntilUs(0, 1, 5)).toBe(0);
    links.clog(1, 10, 100);
    links.clog(1, 50, 500);
    links.clog(2, 0, 200);
    expect([links.heldUntilUs(0, 1, 9), links.heldUntilUs(0, 1, 10)]).toEqual([0, 100]);
    expect([links.heldUntilUs(1, 0, 99), links.heldUntilUs(1, 0, 100)]).toEqual([100, 0]);
    expect(links.heldUntilUs(1, 2, 50)).toBe(200);
  });

  test("[CH1] [CH4] gets all that was sent to it then, in order", () => {
    const net = channelWorld("7", true);
    const { producer } = connected(net, 20);
    const untilUs = net.scheduler.nowUs + 100_000;
    net.links.clog(1, 0, untilUs);
    for (let i = 0; i < 20; i++) producer.send(buffer(i));
    net.run(99_999);
    expect(net.heard).toEqual([]);
    net.run(1);
    expect(net.heard).toEqual(Array.from({ length: 20 }, (_, i) => `got ${i}`));
  });
});

describe("wires of different lengths", () => {
  test("each way has one of the tables, and draws from nothing else", () => {
    const lengths = { wires: [[7], [100, 100, 9_000]], random: createRandom("w") };
    const links = new Links(4, lengths);
    const seen = new Set<string>();
    for (let from = 0; from < 4; from++) {
      for (let to = 0; to < 4; to++) {
        const drawn = Array.from({ length: 60 }, () => links.delayUs(from, to, 1, 0));
        seen.add([...new Set(drawn)].sort((a, b) => a - b).join());
      }
    }
    expect([...seen].sort()).toEqual(["100,9000", "7"]);
    const again = new Links(4, { ...lengths, random: createRandom("w") });
    const first = (of: Links) => Array.from({ length: 9 }, () => of.delayUs(1, 2, 1, 0));
    expect(first(again)).toEqual(first(new Links(4, { ...lengths, random: createRandom("w") })));
  });
});

describe("a reset", () => {
  test("[CH1] one end hears of it later, and what it sends till then is lost; nothing else is cut", () => {
    const net = channelWorld();
    const { producer } = connected(net, 4);
    producer.send(buffer(1));
    net.run();
    net.links.reset(0, 1, net.scheduler.nowUs + 900_000);
    producer.send(buffer(2));
    net.run(500_000);
    producer.send(buffer(3));
    expect(net.heard).toEqual(["got 1", "consumer broken: connection reset"]);
    expect(net.links.isWhole(0, 1)).toBe(true);
    net.run(500_000);
    expect(net.heard.at(-1)).toBe("producer broken: connection reset");
    expect([net.heard.length, net.channels.open]).toEqual([3, 0]);
  });

  test("[CH3] who dies while it believes hears nothing, nor does who closes", () => {
    for (const how of ["dies", "closes"] as const) {
      const net = channelWorld();
      const { producer } = connected(net, 4);
      net.links.reset(0, 1, net.scheduler.nowUs + 900_000);
      if (how === "closes") producer.close();
      else {
        net.processes.crash(0);
        net.channels.processCrashed(0);
      }
      net.run(2_000_000);
      expect(net.heard).toEqual(["consumer broken: connection reset"]);
    }
  });
});

/** p-0 produces, p-1 consumes. */
function connected(net: ReturnType<typeof channelWorld>, credits: number) {
  const { channels, hear, processes } = net;
  const sender: { producer?: ProducerConnection } = {};
  channels.client(0).listen("data", {
    onConnected: (connection) => (sender.producer = connection),
    onCredit: () => undefined,
    onBroken: (reason) => hear(`producer broken: ${reason}`),
  });
  const consumer = channels.client(1).connect(processes.idOf(0), "data", {
    onBuffer: ({ bytes, start }) => hear(`got ${bytes[start]!}`),
    onBroken: (reason) => hear(`consumer broken: ${reason}`),
  });
  consumer.grantCredit(credits);
  net.run();
  return { producer: sender.producer!, consumer };
}
