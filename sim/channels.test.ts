import { describe, expect, test } from "vitest";
import type { ProcessId, ProducerConnection } from "../src/index.ts";
import { buffer, channelWorld } from "./testing/channel-world.ts";

type Net = ReturnType<typeof channelWorld>;

/** p-0 produces under "data", p-1 consumes; both write down what they hear. */
function listen({ channels, hear }: Net, name = "data") {
  const producer: { connection?: ProducerConnection } = {};
  channels.client(0).listen(name, {
    onConnected: (connection) => {
      producer.connection = connection;
      hear("producer connected");
    },
    onCredit: (count) => hear(`producer credit ${count}`),
    onBroken: (reason) => hear(`producer broken: ${reason}`),
  });
  return producer;
}

function connect({ channels, hear, processes }: Net, consumer = 1, name = "data") {
  return channels.client(consumer).connect(processes.idOf(0), name, {
    onBuffer: ({ bytes, start }) => hear(`consumer got ${bytes[start]!}`),
    onBroken: (reason) => hear(`consumer broken: ${reason}`),
  });
}

function pair(net: Net, credits: number) {
  const producer = listen(net);
  const consumer = connect(net);
  if (credits > 0) consumer.grantCredit(credits);
  net.run();
  net.heard.length = 0;
  return { producer: producer.connection!, consumer };
}

describe("a connection", () => {
  test("[CH1] carries data one way and credits the other, in order", () => {
    const net = channelWorld();
    const producer = listen(net);
    const consumer = connect(net);
    consumer.grantCredit(2);
    expect(net.heard).toEqual([]);
    net.run();
    expect(net.heard.splice(0)).toEqual(["producer connected", "producer credit 2"]);
    producer.connection!.send(buffer(1));
    producer.connection!.send(buffer(2));
    producer.connection!.send(buffer(3, true));
    net.run();
    expect(net.heard).toEqual(["consumer got 1", "consumer got 2", "consumer got 3"]);
  });

  test("[CH2] without credit only events may be sent", () => {
    const { producer } = pair(channelWorld(), 1);
    producer.send(buffer(1));
    producer.send(buffer(2, true));
    expect(() => producer.send(buffer(3))).toThrow('CH2 "data" sends without credit');
  });

  test("[CH2] a credit counts when it reaches the producer, not when it is granted", () => {
    const net = channelWorld();
    const { producer, consumer } = pair(net, 1);
    producer.send(buffer(1));
    consumer.grantCredit(1);
    expect(() => producer.send(buffer(2))).toThrow("CH2");
    expect(() => consumer.grantCredit(0)).toThrow("a credit of 0");
  });

  test("[CH1] a sender that touches a buffer it has sent is found out", () => {
    const net = channelWorld();
    const { producer } = pair(net, 1);
    const sent = buffer(1);
    producer.send(sent);
    sent.bytes[1] = 9;
    expect(() => net.run()).toThrow('CH1 "data": a buffer was changed after it was sent');
  });
});

describe("refusals come later, as a break", () => {
  const refusal = (prepare: (net: Net) => void): string[] => {
    const net = channelWorld();
    prepare(net);
    net.heard.length = 0;
    connect(net, 2).grantCredit(1);
    expect(net.heard).toEqual([]);
    net.run();
    expect(net.channels.open).toBe(0);
    return net.heard;
  };

  test("[CH5] when nobody listens, or no longer", () => {
    expect(refusal(() => undefined)).toEqual(["consumer broken: refused: nobody listens"]);
    const unlisten = (net: Net): void => {
      listen(net);
      net.channels.client(0).unlisten("data");
    };
    expect(refusal(unlisten)).toEqual(["consumer broken: refused: nobody listens"]);
  });

  test("[CH5] when a consumer was there before", () => {
    const net = channelWorld();
    pair(net, 0);
    connect(net, 2);
    net.run();
    expect(net.heard).toEqual(["consumer broken: refused: another consumer has it"]);
    expect(() => listen(net)).toThrow('CH5 "data" is listened under already');
  });

  test("when the process is dead", () => {
    const dead = (net: Net): void => {
      listen(net);
      net.processes.crash(0);
      net.channels.processCrashed(0);
    };
    expect(refusal(dead)).toEqual(["consumer broken: refused: the process is dead"]);
  });

  test("when the link is cut, before or meanwhile", () => {
    const cut = (net: Net): void => {
      listen(net);
      net.links.cut(2, 0);
    };
    expect(refusal(cut)).toEqual(["consumer broken: unreachable"]);
    const net = channelWorld();
    listen(net);
    connect(net);
    net.links.cut(0, 1);
    net.run();
    expect(net.heard).toEqual(["consumer broken: connection reset"]);
  });

  test("unless there is no such process: then the caller is wrong", () => {
    const { channels } = channelWorld();
    const endpoint = { onBuffer: () => undefined, onBroken: () => undefined };
    const connecting = () => channels.client(1).connect("p-9" as ProcessId, "data", endpoint);
    expect(connecting).toThrow("there is no such process");
  });
});

describe("the end", () => {
  test("[CH3] close by the producer: the consumer hears of it behind all data", () => {
    const net = channelWorld();
    const { producer, consumer } = pair(net, 2);
    producer.send(buffer(1));
    producer.send(buffer(2));
    producer.close();
    expect(() => producer.send(buffer(3, true))).toThrow("CH3");
    consumer.grantCredit(1);
    net.run();
    expect(net.heard).toEqual(["consumer got 1", "consumer got 2", "consumer broken: closed"]);
    expect(net.channels.open).toBe(0);
  });

  test("[CH3] close by the consumer: it hears nothing more, the producer hears of it once", () => {
    const net = channelWorld();
    const { producer, consumer } = pair(net, 2);
    producer.send(buffer(1));
    consumer.grantCredit(3);
    consumer.close();
    consumer.close();
    net.run();
    expect(net.heard).toEqual(["producer credit 3", "producer broken: closed"]);
    producer.send(buffer(2));
    producer.close();
    net.run();
    expect(net.heard).toHaveLength(2);
    expect(net.channels.open).toBe(0);
  });

  test("[CH3] both close at once: neither hears of the other", () => {
    const net = channelWorld();
    const { producer, consumer } = pair(net, 0);
    producer.close();
    consumer.close();
    net.run();
    expect(net.heard).toEqual([]);
    expect(net.channels.open).toBe(0);
  });

  test("[CH1] a cut loses what is in flight, and both ends hear of it once", () => {
    const net = channelWorld();
    const { producer } = pair(net, 4);
    producer.send(buffer(1));
    net.run();
    producer.send(buffer(2));
    net.links.cut(0, 1);
    producer.send(buffer(3)); // it does not know yet
    net.links.heal(0, 1);
    net.links.cut(0, 1);
    net.run();
    const [first, ...ends] = net.heard;
    expect(first).toBe("consumer got 1");
    const reset = ["consumer broken: connection reset", "producer broken: connection reset"];
    expect(ends.sort()).toEqual(reset);
    expect(net.channels.open).toBe(0);
  });

  test("[CH4] a crash: the dead hear nothing, the others hear of it after a prefix", () => {
    const prefixes = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const net = channelWorld(`${seed}`);
      const { producer } = pair(net, 40);
      for (let i = 0; i < 40; i++) {
        net.run(1_000);
        producer.send(buffer(i));
      }
      net.processes.crash(0);
      net.channels.processCrashed(0);
      net.run();
      expect(net.heard.pop()).toBe("consumer broken: p-0 died");
      expect(net.heard).toEqual(net.heard.map((_, i) => `consumer got ${i}`));
      prefixes.add(net.heard.length);
      expect(net.channels.open).toBe(0);
    }
    expect(prefixes.size).toBeGreaterThan(1);
  });

  test("[CH4] a consumer dies: the producer hears of it; listening starts anew after a crash", () => {
    const net = channelWorld();
    pair(net, 1);
    net.processes.crash(1);
    net.channels.processCrashed(1);
    net.run();
    expect(net.heard.splice(0)).toEqual(["producer broken: p-1 died"]);
    net.processes.crash(0);
    net.channels.processCrashed(0);
    net.processes.restart(0);
    net.processes.restart(1);
    pair(net, 1).producer.send(buffer(5));
    net.run();
    expect(net.heard).toEqual(["consumer got 5"]);
  });

  test("[CH4] a paused process hears everything in order when it resumes", () => {
    const net = channelWorld("3", true);
    const { producer } = pair(net, 20);
    const resumeAtUs = net.scheduler.nowUs + 1_000_000;
    net.processes.pauseUntil(1, resumeAtUs);
    for (let i = 0; i < 20; i++) producer.send(buffer(i));
    producer.close();
    net.scheduler.runUntil(resumeAtUs - 1);
    expect(net.heard).toEqual([]);
    net.scheduler.runUntil(resumeAtUs);
    const got = Array.from({ length: 20 }, (_, i) => `consumer got ${i}`);
    expect(net.heard).toEqual([...got, "consumer broken: closed"]);
  });
});

describe("time", () => {
  test("[CH1] what was sent over a slow link is not hurried by what comes behind it", () => {
    const net = channelWorld();
    const { producer } = pair(net, 2);
    net.links.slow(0, 1, 500_000);
    producer.send(buffer(1));
    net.links.unslow(0, 1, 500_000);
    producer.send(buffer(2));
    net.run(500_000);
    expect(net.heard).toEqual([]);
    net.run(50_000);
    expect(net.heard).toEqual(["consumer got 1", "consumer got 2"]);
  });

  test("[CH3] the first reason is the one that is told; after it an end sends nothing", () => {
    const net = channelWorld();
    const { consumer } = pair(net, 1);
    net.links.cut(0, 1);
    net.processes.crash(0);
    net.channels.processCrashed(0);
    net.run();
    expect(net.heard).toEqual(["consumer broken: connection reset"]);
    consumer.grantCredit(1);
    expect(net.scheduler.pending).toBe(0);

    const other = channelWorld();
    const closed = pair(other, 1);
    closed.producer.close();
    other.run();
    closed.consumer.grantCredit(1);
    expect(other.scheduler.pending).toBe(0);
  });

  test("[CH3] [CH4] a consumer that dies while it connects: the producer may meet it first", () => {
    const stories = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const net = channelWorld(`${seed}`);
      listen(net);
      connect(net).grantCredit(1);
      net.processes.crash(1);
      net.channels.processCrashed(1);
      net.run();
      stories.add(net.heard.join(", "));
      expect(net.channels.open).toBe(0);
    }
    const broken = "producer broken: p-1 died";
    const legal = [
      "",
      `producer connected, ${broken}`,
      `producer connected, producer credit 1, ${broken}`,
    ];
    expect([...stories].filter((story) => !legal.includes(story))).toEqual([]);
    expect(stories.size).toBeGreaterThan(1);
  });
});
