/** A log that is struck by faults: what it does then, and what it leaves alone. */
import { describe, expect, test } from "vitest";
import type { LogBatch, LogError, Result, TypeSerializer } from "../../src/index.ts";
import type { InputRecord } from "../history.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { FakeProcesses } from "../testing/fake-processes.ts";
import { SimulatedLog } from "./log.ts";

const texts: TypeSerializer<unknown> = {
  id: "string",
  write: (value, out) => out.string(value as string),
  read: (input) => input.string(),
  copy: (value) => value,
  immutable: true,
};

type Setup = Readonly<{ shared?: boolean; readers?: readonly string[] }>;

function world(partitions: number, { shared = false, readers = ["j/a"] }: Setup = {}) {
  const scheduler = new Scheduler();
  const records = Array.from({ length: 20 }, (_, i): InputRecord => {
    return {
      ...{ value: `r${i}`, timestampMs: i, availableAtMs: 0 },
      sharesPosition: shared && i % 4 !== 0,
    };
  });
  const log = new SimulatedLog({
    scheduler,
    random: createRandom("1").fork("log"),
    processes: new FakeProcesses(1),
    latency: { minUs: 500, maxUs: 500, tailPerMille: 0, tailUs: 1 },
    timeoutPerMille: 0,
    readRecordsMax: 10,
    input: new Map([["topic", Array.from({ length: partitions }, () => records)]]),
    serializerOf: () => texts,
    endless: new Set(),
    readers: new Map([["topic", readers]]),
  });
  const client = log.client(0);
  const wait = <T>(ask: (done: (result: Result<T, LogError>) => void) => void) => {
    let answer: Result<T, LogError> | undefined;
    const fromUs = scheduler.nowUs;
    ask((result) => (answer = result));
    scheduler.runUntil(() => answer !== undefined);
    return { answer: answer!, tookMs: (scheduler.nowUs - fromUs) / 1_000 };
  };
  const read = (partition: number, offset: number) =>
    wait<LogBatch>((done) => client.read("topic", partition, offset, 4, done));
  /** "3..7": the offsets that a read brings; or the kind of the error. */
  const range = (partition: number, offset: number): string => {
    const { answer } = read(partition, offset);
    if (!answer.ok) return answer.error.kind;
    const { firstOffset, offsets, ends } = answer.value;
    return `${firstOffset}..${offsets?.at(-1) ?? firstOffset + ends.length - 1}`;
  };
  const earliest = (partition: number) =>
    wait<readonly number[]>((done) =>
      client.offsets("topic", [partition], { kind: "earliest" }, done),
    ).answer;
  const listed = () => wait((done) => client.partitions("topic", done)).answer;
  const tell = (reader: string, partition: number, offset: number): void =>
    client.acknowledge("topic", reader, [{ partition, offset }]);
  return { log, read, range, earliest, listed, tell };
}

describe("a partition without a leader", () => {
  test("[PT1] answers nothing, but is listed; the others are as they were", () => {
    const { log, range, earliest, listed } = world(3);
    log.loseLeader(4);
    expect([range(0, 0), range(1, 0), range(2, 0)]).toEqual(["0..3", "unavailable", "0..3"]);
    const error = { kind: "unavailable", topic: "topic", partition: 1 };
    expect(earliest(1)).toEqual({ ok: false, error });
    expect(listed()).toEqual({ ok: true, value: { count: 3, final: true } });
    log.regainLeader(4);
    expect(range(1, 0)).toBe("0..3");
  });

  test("has one again when the last of two windows is over, or all is quiet", () => {
    const { log, range } = world(1);
    log.loseLeader(0);
    log.loseLeader(0);
    log.regainLeader(0);
    expect(range(0, 0)).toBe("unavailable");
    log.regainLeader(0);
    expect(range(0, 0)).toBe("0..3");
    log.loseLeader(0);
    log.quiet();
    expect(range(0, 0)).toBe("0..3");
  });
});

describe("repeats", () => {
  test("[PT2] begin before what was asked for, and end where they would have ended", () => {
    const { log, range } = world(1);
    log.setRepeats(6);
    const ranges = Array.from({ length: 40 }, () => range(0, 8));
    expect(new Set(ranges)).toEqual(new Set([2, 3, 4, 5, 6, 7, 8].map((from) => `${from}..11`)));
    expect(range(0, 0)).toBe("0..3");
    log.setRepeats(0);
    expect(range(0, 8)).toBe("8..11");
  });

  test("[PT2] [PL1] never begin between records that share an offset, nor before the first kept", () => {
    const { log, read } = world(1, { shared: true });
    log.acknowledged.set("j/a topic/0", 1);
    expect(log.trimAcknowledged()).toBe(true);
    log.setRepeats(9);
    const offsets = Array.from({ length: 30 }, () => {
      const { answer } = read(0, 3);
      return answer.ok ? answer.value.offsets! : [];
    });
    for (const own of offsets) {
      expect(own[0]).toBeGreaterThanOrEqual(1);
      for (const offset of own) expect(own.filter((other) => other === offset)).toHaveLength(4);
    }
    expect(offsets.some((own) => own.length > 4)).toBe(true);
  });
});

describe("deleting", () => {
  test("[PT3] leaves what any reader has not told to be behind it", () => {
    const { log, range, tell } = world(2, { readers: ["j/a", "j/b"] });
    tell("j/a", 0, 9);
    tell("j/a", 1, 5);
    expect(log.trimAcknowledged()).toBe(false);
    tell("j/b", 0, 6);
    expect(log.trimAcknowledged()).toBe(true);
    expect([range(0, 5), range(0, 6), range(1, 0)]).toEqual(["trimmed", "6..9", "0..3"]);
    expect(log.trimAcknowledged()).toBe(false);
  });

  test("[PL5] keeps offsets, and begins where the first kept record is", () => {
    const { log, read, earliest, range, tell } = world(1);
    tell("j/a", 0, 7);
    log.trimAcknowledged();
    expect(earliest(0)).toEqual({ ok: true, value: [7] });
    const error = { kind: "trimmed", topic: "topic", partition: 0, offset: 2, first: 7 };
    expect(read(0, 2).answer).toEqual({ ok: false, error });
    log.quiet();
    expect([range(0, 6), range(0, 7)]).toEqual(["trimmed", "7..10"]);
  });

  test("[PL5] all that was shown leaves the end, which is where reading goes on", () => {
    const { log, range, earliest } = world(1);
    expect(log.trimAll()).toBe(true);
    expect([range(0, 19), earliest(0)]).toEqual(["trimmed", { ok: true, value: [20] }]);
    expect(log.trimAll()).toBe(false);
  });
});

test("slow answers are late by no more than that, and as late as before when it is over", () => {
  const { log, read } = world(1);
  expect(read(0, 0).tookMs).toBe(1);
  log.setTroubles({ slowMs: 200 });
  const took = Array.from({ length: 20 }, () => read(0, 0).tookMs);
  expect(Math.max(...took)).toBeGreaterThan(100);
  expect(Math.max(...took)).toBeLessThanOrEqual(201);
  log.quiet();
  expect(read(0, 0).tookMs).toBe(1);
});
