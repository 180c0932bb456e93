import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  ConsumerConnection,
  ProcessId,
  ProducerConnection,
  WireBuffer,
} from "../src/index.ts";
import { ChannelNetwork } from "./channels.ts";
import { createRandom } from "./kernel/random.ts";
import { Scheduler } from "./kernel/scheduler.ts";
import { Links } from "./links.ts";
import { FakeProcesses } from "./testing/fake-processes.ts";

const LATENCY = { minUs: 100, maxUs: 2_000, tailPerMille: 100, tailUs: 10_000 };
const SOON = 200_000;

function network(seed = "1", permuteTies = false) {
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

type Net = ReturnType<typeof network>;

const buffer = (value: number, event = false): WireBuffer => {
  return { bytes: Uint8Array.of(0, value, 0), start: 1, end: 2, event };
};

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
    const net = network();
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
    const { producer } = pair(network(), 1);
    producer.send(buffer(1));
    producer.send(buffer(2, true));
    expect(() => producer.send(buffer(3))).toThrow('CH2 "data" sends without credit');
  });

  test("[CH2] a credit counts when it reaches the producer, not when it is granted", () => {
    const net = network();
    const { producer, consumer } = pair(net, 1);
    producer.send(buffer(1));
    consumer.grantCredit(1);
    expect(() => producer.send(buffer(2))).toThrow("CH2");
    expect(() => consumer.grantCredit(0)).toThrow("a credit of 0");
  });

  test("[CH1] a sender that touches a buffer it has sent is found out", () => {
    const net = network();
    const { producer } = pair(net, 1);
    const sent = buffer(1);
    producer.send(sent);
    sent.bytes[1] = 9;
    expect(() => net.run()).toThrow('CH1 "data": a buffer was changed after it was sent');
  });
});

describe("refusals come later, as a break", () => {
  const refusal = (prepare: (net: Net) => void): string[] => {
    const net = network();
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
    const net = network();
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
    const net = network();
    listen(net);
    connect(net);
    net.links.cut(0, 1);
    net.run();
    expect(net.heard).toEqual(["consumer broken: connection reset"]);
  });

  test("unless there is no such process: then the caller is wrong", () => {
    const { channels } = network();
    const endpoint = { onBuffer: () => undefined, onBroken: () => undefined };
    const connecting = () => channels.client(1).connect("p-9" as ProcessId, "data", endpoint);
    expect(connecting).toThrow("there is no such process");
  });
});

describe("the end", () => {
  test("[CH3] close by the producer: the consumer hears of it behind all data", () => {
    const net = network();
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
    const net = network();
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
    const net = network();
    const { producer, consumer } = pair(net, 0);
    producer.close();
    consumer.close();
    net.run();
    expect(net.heard).toEqual([]);
    expect(net.channels.open).toBe(0);
  });

  test("[CH1] a cut loses what is in flight, and both ends hear of it once", () => {
    const net = network();
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
      const net = network(`${seed}`);
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
    const net = network();
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
    const net = network("3", true);
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
    const net = network();
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
    const net = network();
    const { consumer } = pair(net, 1);
    net.links.cut(0, 1);
    net.processes.crash(0);
    net.channels.processCrashed(0);
    net.run();
    expect(net.heard).toEqual(["consumer broken: connection reset"]);
    consumer.grantCredit(1);
    expect(net.scheduler.pending).toBe(0);

    const other = network();
    const closed = pair(other, 1);
    closed.producer.close();
    other.run();
    closed.consumer.grantCredit(1);
    expect(other.scheduler.pending).toBe(0);
  });

  test("[CH3] [CH4] a consumer that dies while it connects: the producer may meet it first", () => {
    const stories = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const net = network(`${seed}`);
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
  const { scheduler, processes, links, channels } = network(seed, true);
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
