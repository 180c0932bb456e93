import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WireBuffer } from "../host/channels.ts";
import { BufferPool } from "./buffer-pool.ts";
import { ChannelLog } from "./channel-log.ts";
import { BACKLOG_BUFFERS_MAX, OutputChannel } from "./output-channel.ts";

const REGION_BYTES = 16;

/** "data 3" for a data buffer of three bytes, "event 7" for an event whose first byte is 7. */
const bufferText = ({ bytes, start, end, event }: WireBuffer): string =>
  event ? `event ${bytes[start]}` : `data ${end - start}`;

function stage() {
  const told: string[] = [];
  const sent: number[] = [];
  const events = {
    onRelieved: () => void told.push("relieved"),
    onCongested: () => void told.push("congested"),
    onBroken: (channel: string, reason: string) => void told.push(`${channel} broke: ${reason}`),
  };
  const channel = new OutputChannel("a>b", new BufferPool(REGION_BYTES), events);
  const connect = (): void =>
    channel.onConnected({
      send: (buffer) => {
        told.push(bufferText(buffer));
        if (!buffer.event) sent.push(...buffer.bytes.subarray(buffer.start, buffer.end));
      },
      close: () => void told.push("closed"),
    });
  const append = (count: number, value = 0): void =>
    channel.append(new Uint8Array(count).fill(value), count);
  const event = (value: number): void => channel.appendEvent(Uint8Array.of(value));
  return { channel, connect, append, event, sent, take: () => told.splice(0) };
}

function connected(credit: number) {
  const parts = stage();
  parts.connect();
  parts.channel.onCredit(credit);
  return parts;
}

describe("credit", () => {
  test("[FC1] a data buffer leaves only with credit, an event without", () => {
    const { channel, append, event, take } = connected(1);
    append(2 * REGION_BYTES);
    expect(take()).toEqual(["data 16"]);
    channel.onCredit(1);
    expect(take()).toEqual(["data 16"]);
    event(7);
    expect(take()).toEqual(["event 7"]);
  });

  test("[FC1] credit that came before the connection counts", () => {
    const { channel, connect, append, take } = stage();
    channel.onCredit(1);
    append(REGION_BYTES);
    expect(take()).toEqual([]);
    connect();
    expect(take()).toEqual(["data 16"]);
  });

  test("[FC1] [FC2] buffers never exceed credits, and bytes and events keep their order", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ kind: fc.constant("credit" as const), count: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constantFrom("event" as const, "flush" as const), count: fc.nat(9) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { channel, event, take } = connected(0);
        let credit = 0;
        let data = 0;
        const bytesBeforeEvent: number[] = [];
        let appended = 0;
        const arrived: string[] = [];
        for (const { kind, count } of steps) {
          if (kind === "append") {
            channel.append(new Uint8Array(count), count);
            appended += count;
          } else if (kind === "credit") {
            credit += count;
            channel.onCredit(count);
          } else if (kind === "event") {
            bytesBeforeEvent.push(appended);
            event(bytesBeforeEvent.length);
          } else channel.flush();
          const told = take();
          arrived.push(...told);
          data += told.filter((text) => text.startsWith("data")).length;
          expect(data).toBeLessThanOrEqual(credit);
        }
        let bytes = 0;
        let events = 0;
        for (const text of arrived) {
          const [what, value] = text.split(" ");
          if (what === "data") bytes += Number(value);
          if (what !== "event") continue;
          expect(Number(value)).toBe(events + 1);
          expect(bytes).toBe(bytesBeforeEvent[events++]);
        }
      }),
      { seed: 31, numRuns: 200 },
    );
  });
});

describe("order", () => {
  test("[FC2] an event pushes the half-filled buffer out in front of it", () => {
    const { append, event, take } = connected(5);
    append(3);
    expect(take()).toEqual([]);
    event(1);
    expect(take()).toEqual(["data 3", "event 1"]);
  });

  test("[FC2] an event waits behind data that has no credit", () => {
    const { channel, append, event, take } = connected(0);
    append(3);
    event(1);
    append(4);
    event(2);
    expect(take()).toEqual(["congested"]);
    channel.onCredit(1);
    expect(take()).toEqual(["data 3", "event 1"]);
    channel.onCredit(1);
    expect(take()).toEqual(["data 4", "event 2", "relieved"]);
  });

  test("bytes come out as they went in, whatever buffers they were cut into", () => {
    const { channel, sent } = connected(1_000);
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => i);
    channel.append(bytes.subarray(0, 33), 33);
    channel.flush();
    channel.append(bytes.subarray(33, 180), 147);
    channel.append(bytes.subarray(180), 20);
    channel.flush();
    expect(sent).toEqual([...bytes]);
  });
});

describe("flush", () => {
  test("waits for credit, and takes along what comes meanwhile", () => {
    const { channel, append, take } = connected(0);
    append(3);
    channel.flush();
    append(4);
    expect(take()).toEqual([]);
    channel.onCredit(1);
    expect(take()).toEqual(["data 7"]);
  });

  test("of nothing does nothing, also when it has just been flushed", () => {
    const { channel, append, take } = connected(9);
    channel.flush();
    append(3);
    channel.flush();
    channel.flush();
    expect(take()).toEqual(["data 3"]);
  });

  test("goes on in the same region: the next buffer begins where the last one ended", () => {
    const { channel, append, take } = connected(9);
    append(10);
    channel.flush();
    append(10);
    channel.flush();
    expect(take()).toEqual(["data 10", "data 6", "data 4"]);
  });

  test("that was wanted is over once the buffer is full", () => {
    const { channel, append, take } = connected(0);
    append(3);
    channel.flush();
    append(REGION_BYTES);
    channel.onCredit(5);
    expect(take()).toEqual(["data 16"]);
  });
});

describe("congestion", () => {
  test("is told once when the backlog is full, and once when it is not", () => {
    const { channel, append, take } = connected(0);
    for (let i = 0; i < BACKLOG_BUFFERS_MAX; i++) {
      expect(take()).toEqual([]);
      append(REGION_BYTES);
    }
    expect(take()).toEqual(["congested"]);
    append(3 * REGION_BYTES);
    expect(take()).toEqual([]);
    channel.onCredit(3);
    expect(take()).toEqual(["data 16", "data 16", "data 16"]);
    channel.onCredit(1);
    expect(take()).toEqual(["data 16", "relieved"]);
    channel.onCredit(1);
    expect(take()).toEqual(["data 16"]);
  });

  test("does not come from a backlog of half-filled buffers", () => {
    const { channel, append, take } = connected(0);
    append(REGION_BYTES + 1);
    channel.flush();
    append(1);
    expect(take()).toEqual([]);
  });
});

describe("the connection", () => {
  test("is made once", () => {
    const { connect } = connected(0);
    expect(connect).toThrow("a>b was connected twice");
  });

  test("that broke is told by name, and nothing is sent on it any more", () => {
    const { channel, append, take } = connected(9);
    channel.onBroken("reset");
    append(REGION_BYTES);
    channel.close();
    expect(take()).toEqual(["a>b broke: reset"]);
  });

  test("is closed once", () => {
    const { channel, take } = connected(0);
    channel.close();
    channel.close();
    expect(take()).toEqual(["closed"]);
  });
});

describe("barriers that overtake", () => {
  /** The values in what was overtaken, buffer by buffer. */
  const valuesOf = (buffers: readonly WireBuffer[]): number[][] =>
    buffers.map(({ bytes, start, end }) => [...bytes.subarray(start, end)]);
  const filled = (value: number): number[] => new Array<number>(REGION_BYTES).fill(value);

  test("[FC3] [C12] [C13] ahead of all data, which is answered with, the half-filled buffer too", () => {
    const { channel, append, take, sent } = connected(1);
    append(REGION_BYTES, 1);
    append(REGION_BYTES, 2);
    append(3, 3);
    take();
    const overtaken = valuesOf(channel.overtake(Uint8Array.of(9)));
    expect(overtaken).toEqual([filled(2), [3, 3, 3]]);
    expect(take()).toEqual(["event 9"]);
    channel.onCredit(9);
    append(2, 4);
    channel.flush();
    expect(take()).toEqual(["data 16", "data 5"]);
    expect(sent).toEqual([...filled(1), ...filled(2), 3, 3, 3, 4, 4]);
  });

  test("[FC3] not ahead of a barrier that overtook before it", () => {
    const { channel, append, connect, take } = stage();
    append(REGION_BYTES, 1);
    channel.overtake(Uint8Array.of(8));
    channel.overtake(Uint8Array.of(9));
    connect();
    expect(take().filter((text) => text.startsWith("event"))).toEqual(["event 8", "event 9"]);
  });

  test("[FC3] [C20] hurried, it takes what is in front of it, and nothing that came behind it", () => {
    const { channel, append, take, sent } = connected(0);
    append(REGION_BYTES, 1);
    append(2, 2);
    let left = 0;
    expect(channel.appendBarrier(Uint8Array.of(9), () => left++)).toBe(true);
    append(REGION_BYTES, 3);
    take();
    expect(valuesOf(channel.hurry(Uint8Array.of(10)))).toEqual([filled(1), [2, 2]]);
    expect(take()).toEqual(["event 10"]);
    channel.onCredit(9);
    channel.flush();
    expect(sent).toEqual([...filled(1), 2, 2, ...filled(3)]);
    expect(take().filter((text) => text.startsWith("event"))).toEqual([]);
    expect(left).toBe(0);
  });

  test("[FC2] in no haste it keeps its place, and says once when it leaves", () => {
    const { channel, append, take } = connected(0);
    append(REGION_BYTES, 1);
    const told: string[] = [];
    expect(channel.appendBarrier(Uint8Array.of(9), () => void told.push("left"))).toBe(true);
    expect(told).toEqual([]);
    channel.onCredit(9);
    expect(take().filter((text) => /data|event/.test(text))).toEqual(["data 16", "event 9"]);
    expect(told).toEqual(["left"]);
    expect(channel.appendBarrier(Uint8Array.of(10), () => void told.push("left"))).toBe(false);
    expect(() => channel.hurry(Uint8Array.of(10))).toThrow("no barrier waits");
  });

  test("[FC3] events are not overtaken but passed by, and what is answered with is data alone", () => {
    for (const way of ["hurry", "overtake"] as const) {
      const { channel, append, event, take } = connected(0);
      append(REGION_BYTES, 1);
      event(5);
      append(REGION_BYTES, 2);
      if (way === "hurry") channel.appendBarrier(Uint8Array.of(9), () => undefined);
      take();
      expect(valuesOf(channel[way](Uint8Array.of(10)))).toEqual([filled(1), filled(2)]);
      channel.onCredit(2);
      const events = take().filter((text) => /event|data/.test(text));
      expect(events).toEqual(["event 10", "data 16", "event 5", "data 16"]);
    }
  });

  test("[FC2] [C20] hurried where no data is in front of it, it keeps its place among the events", () => {
    const { channel, event, connect, append, take } = stage();
    event(1);
    channel.appendBarrier(Uint8Array.of(9), () => undefined);
    event(2);
    append(REGION_BYTES, 3);
    expect(channel.hurry(Uint8Array.of(10))).toEqual([]);
    connect();
    expect(take().filter((text) => /event/.test(text))).toEqual(["event 1", "event 10", "event 2"]);
  });

  test("[C20] one that nothing holds up has left at once, and does not wait", () => {
    const { channel, append, take } = connected(1);
    let left = 0;
    append(3, 1);
    expect(channel.appendBarrier(Uint8Array.of(9), () => left++)).toBe(false);
    expect([left, take()]).toEqual([1, ["data 3", "event 9"]]);
    channel.appendEvent(Uint8Array.of(8));
    expect([left, take()]).toEqual([1, ["event 8"]]);
  });

  test("[C20] one that waits has not left while others leave in front of it, nor before anything has", () => {
    const { channel, append, event, connect, take } = stage();
    append(REGION_BYTES, 1);
    event(5);
    append(REGION_BYTES, 2);
    let left = 0;
    channel.appendBarrier(Uint8Array.of(9), () => left++);
    connect();
    channel.onCredit(1);
    expect([left, take()]).toEqual([0, ["congested", "data 16", "event 5"]]);
    channel.onCredit(1);
    expect([left, take()]).toEqual([1, ["data 16", "event 9", "relieved"]]);

    const alone = stage();
    alone.channel.appendBarrier(Uint8Array.of(9), () => undefined);
    expect(alone.channel.hurry(Uint8Array.of(10))).toEqual([]);
    alone.connect();
    expect(alone.take()).toEqual(["event 10"]);
  });

  test("[FC3] where all data has left there is nothing to overtake", () => {
    const { channel, append, take } = connected(9);
    append(REGION_BYTES, 1);
    expect(channel.overtake(Uint8Array.of(9))).toEqual([]);
    append(2, 2);
    channel.flush();
    expect(channel.overtake(Uint8Array.of(10))).toEqual([]);
    expect(take()).toEqual(["data 16", "event 9", "data 2", "event 10"]);
  });
});

describe("the log", () => {
  const logging = () => {
    const events = { onRelieved() {}, onCongested() {}, onBroken() {} };
    const log = new ChannelLog();
    const pool = new BufferPool(REGION_BYTES);
    return { log, channel: new OutputChannel("a>b", pool, events, undefined, log) };
  };

  test("[CL1] has what was finished, and once it is wanted what was begun, each byte once", () => {
    const { log, channel } = logging();
    channel.append(new Uint8Array(REGION_BYTES + 3), REGION_BYTES + 3);
    expect(log.end).toBe(REGION_BYTES);
    expect(channel.logAll()).toMatchObject({ from: 0, end: REGION_BYTES + 3 });
    expect(channel.logAll().buffers.map(({ start, end }) => end - start)).toEqual([16, 3]);
  });

  test("[CL1] has what was flushed once it has left, and no sooner", () => {
    const { log, channel } = logging();
    const sent: number[] = [];
    channel.onConnected({ send: (buffer) => void sent.push(buffer.end), close() {} });
    channel.append(Uint8Array.of(1, 2), 2);
    channel.flush();
    expect([log.end, sent.length]).toEqual([0, 0]);
    channel.onCredit(1);
    expect([log.end, sent.length]).toEqual([2, 1]);
    expect(channel.logAll().end).toBe(2);
  });

  test("of a channel that keeps none is nobody's to ask for", () => {
    expect(() => stage().channel.logAll()).toThrow("a>b keeps no log");
  });
});
