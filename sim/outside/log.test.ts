import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader } from "../../src/index.ts";
import type {
  LogBatch,
  LogError,
  Result,
  StartPosition,
  TopicPartitions,
  TypeSerializer,
} from "../../src/index.ts";
import type { InputRecord } from "../history.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { FakeProcesses } from "../testing/fake-processes.ts";
import { POLL_MS_MAX, SimulatedLog } from "./log.ts";

const LATENCY = { minUs: 500, maxUs: 5_000, tailPerMille: 0, tailUs: 0 };
const DAY_US = 86_400_000_000;

const texts: TypeSerializer<unknown> = {
  id: "string",
  write: (value, out) => out.string(value as string),
  read: (input) => input.string(),
  copy: (value) => value,
  immutable: true,
};

const record = (value: string, availableAtMs = 0): InputRecord => {
  return { value, timestampMs: value.length, availableAtMs };
};

type Setup = { endless?: boolean; growing?: boolean; timeoutPerMille?: number; seed?: string };

function world(partitions: InputRecord[][], setup: Setup = {}) {
  const scheduler = new Scheduler();
  const log = new SimulatedLog({
    scheduler,
    random: createRandom(setup.seed ?? "1").fork("log"),
    processes: new FakeProcesses(1),
    latency: LATENCY,
    timeoutPerMille: setup.timeoutPerMille ?? 0,
    readRecordsMax: 10,
    input: new Map([["topic", partitions]]),
    serializerOf: () => texts,
    endless: new Set(setup.endless === true ? ["topic"] : []),
    growing: new Set(setup.growing === true ? ["topic"] : []),
  });
  const client = log.client(0);
  /** Reads, waits for the answer, and says when it came. */
  const read = (partition: number, offset: number, recordsMax = 10, topic = "topic") => {
    let answer: Result<LogBatch, LogError> | undefined;
    client.read(topic, partition, offset, recordsMax, (result) => (answer = result));
    scheduler.runUntil(() => answer !== undefined);
    return { answer: answer!, atMs: scheduler.nowUs / 1_000 };
  };
  const wait = <T>(ask: (done: (result: Result<T, LogError>) => void) => void) => {
    let answer: Result<T, LogError> | undefined;
    ask((result) => (answer = result));
    scheduler.runUntil(() => answer !== undefined);
    return answer!;
  };
  const listed = () => wait<TopicPartitions>((done) => client.partitions("topic", done));
  const offsets = (indices: readonly number[], start: StartPosition) =>
    wait<readonly number[]>((done) => client.offsets("topic", indices, start, done));
  return { scheduler, log, client, read, listed, offsets };
}

function valuesOf(answer: Result<LogBatch, LogError>): string[] {
  if (!answer.ok) return [answer.error.kind];
  const { bytes, start, ends } = answer.value;
  return ends.map((end, i) => new ByteReader(bytes, ends[i - 1] ?? start, end).string());
}

describe("reading", () => {
  test("[PL1] gives the records of one partition from an offset on, with their times", () => {
    const { read } = world([[record("a"), record("bb"), record("ccc")], [record("x")]]);
    const { answer } = read(0, 1);
    expect(valuesOf(answer)).toEqual(["bb", "ccc"]);
    expect(answer).toMatchObject({
      value: { firstOffset: 1, timestampsMs: [2, 3], endOfPartition: true },
    });
    expect(valuesOf(read(1, 0).answer)).toEqual(["x"]);
  });

  test("[PL3] is bounded by the reader and by the log, and ends with the last record", () => {
    const records = Array.from({ length: 12 }, (_, i) => record(`${i}`));
    const { read } = world([records]);
    const ended = (offset: number, max: number) => {
      const { answer } = read(0, offset, max);
      return answer.ok ? [answer.value.ends.length, answer.value.endOfPartition] : answer.error;
    };
    expect(ended(0, 3)).toEqual([3, false]);
    expect(ended(0, 100)).toEqual([10, false]);
    expect(ended(2, 100)).toEqual([10, true]);
    expect(ended(12, 100)).toEqual([0, true]);
  });

  test("an empty partition has ended; one that never ends has not", () => {
    expect(world([[]]).read(0, 0).answer).toMatchObject({ value: { endOfPartition: true } });
    const { answer, atMs } = world([[]], { endless: true }).read(0, 0);
    expect(answer).toMatchObject({ value: { ends: [], endOfPartition: false } });
    expect(atMs).toBeGreaterThanOrEqual(POLL_MS_MAX);
    const last = world([[record("a")]], { endless: true }).read(0, 0).answer;
    expect(last).toMatchObject({ value: { endOfPartition: false } });
  });

  test("refuses offsets and topics that are not there", () => {
    const { read, client, scheduler } = world([[record("a"), record("b", 1_000)]]);
    const beyond = { kind: "out-of-range", topic: "topic", partition: 0, offset: 2, available: 1 };
    expect(read(0, 2).answer).toEqual({ ok: false, error: beyond });
    expect(valuesOf(read(0, -1).answer)).toEqual(["out-of-range"]);
    expect(valuesOf(read(0, 0.5).answer)).toEqual(["out-of-range"]);
    expect(valuesOf(read(1, 0).answer)).toEqual(["unknown-topic"]);
    expect(valuesOf(read(0, 0, 1, "other").answer)).toEqual(["unknown-topic"]);
    const counts: Result<TopicPartitions, LogError>[] = [];
    client.partitions("topic", (result) => counts.push(result));
    scheduler.runUntil(scheduler.nowUs + 100_000);
    client.partitions("other", (result) => counts.push(result));
    scheduler.runUntil(scheduler.nowUs + 100_000);
    const unknown = { ok: false, error: { kind: "unknown-topic", topic: "other" } };
    expect(counts).toEqual([{ ok: true, value: { count: 1, final: true } }, unknown]);
  });
});

describe("topics that grow", () => {
  const later = (value: string, availableAtMs: number) => [record(value, availableAtMs)];

  test("[PL4] a partition is there with its first record, or that of a later one", () => {
    const inputs = [later("a", 0), later("c", 300), [], later("b", 200), []];
    const { scheduler, listed, read, offsets } = world(inputs, { growing: true });
    expect(listed()).toEqual({ ok: true, value: { count: 1, final: false } });
    expect(valuesOf(read(1, 0).answer)).toEqual(["unknown-topic"]);
    expect(offsets([1], { kind: "earliest" })).toMatchObject({ ok: false });
    scheduler.runUntil(200_000);
    expect(listed()).toEqual({ ok: true, value: { count: 5, final: true } });
    expect(valuesOf(read(3, 0).answer)).toEqual(["b"]);
  });

  test("[PL4] an endless topic is never final, and others have all partitions from the start", () => {
    const inputs = [later("a", 0), later("b", 9_000)];
    const endless = world(inputs, { endless: true, growing: true }).listed();
    expect(endless).toEqual({ ok: true, value: { count: 1, final: false } });
    expect(world(inputs).listed()).toEqual({ ok: true, value: { count: 2, final: true } });
  });
});

describe("positions", () => {
  const withPosition = (values: string): InputRecord[] =>
    values.split("").map((value, i) => {
      const sharesPosition = value === value.toUpperCase();
      return { value, timestampMs: 10 * i, availableAtMs: i === 5 ? 100 : 0, sharesPosition };
    });

  test("[PL1] records that share a position come together, and with their offsets", () => {
    const { read } = world([withPosition("aBcdEf")]);
    const first = read(0, 0, 1);
    expect(valuesOf(first.answer)).toEqual(["a", "B"]);
    expect(first.answer).toMatchObject({ value: { firstOffset: 0, offsets: [0, 0] } });
    expect(valuesOf(read(0, 1, 9).answer)).toEqual(["c", "d", "E"]);
    const rest = read(0, 2, 2).answer;
    expect(rest).toMatchObject({ value: { offsets: [2, 2], endOfPartition: false } });
    const last = read(0, 3);
    expect(valuesOf(last.answer)).toEqual(["f"]);
    expect(last.atMs).toBeGreaterThan(100);
    expect(last.answer).toMatchObject({ value: { firstOffset: 3, endOfPartition: true } });
    const beyond = { kind: "out-of-range", offset: 5, available: 4 };
    expect(read(0, 5).answer).toMatchObject({ ok: false, error: beyond });
    expect(read(0, 4).answer).toMatchObject({ value: { ends: [], endOfPartition: true } });
  });

  test("[PL2] records that share a position are seen together, when the last of them is there", () => {
    const { read } = world([withPosition("abcdeF")]);
    expect(valuesOf(read(0, 0).answer)).toEqual(["a", "b", "c", "d"]);
    const { answer, atMs } = read(0, 4);
    expect(valuesOf(answer)).toEqual(["e", "F"]);
    expect(atMs).toBeGreaterThan(100);
  });

  test("[C107] a start position is the offset that it means now", () => {
    const { offsets, scheduler } = world([withPosition("aBcdef"), []]);
    const at = (start: StartPosition) => {
      const found = offsets([1, 0], start);
      return found.ok ? found.value : found.error;
    };
    const time = (timestampMs: number) => at({ kind: "timestamp", timestampMs });
    expect([at({ kind: "earliest" }), at({ kind: "latest" })]).toEqual([
      [0, 0],
      [0, 4],
    ]);
    expect([time(0), time(10), time(11), time(41)]).toEqual([
      [0, 0],
      [0, 0],
      [0, 1],
      [0, 4],
    ]);
    scheduler.runUntil(100_000);
    expect(at({ kind: "latest" })).toEqual([0, 5]);
    expect(time(50)).toEqual([0, 4]);
  });

  test("[C108] remembers what readers have told it", () => {
    const { client, log } = world([[record("a")]]);
    client.acknowledge("topic", "job/lines", [{ partition: 0, offset: 1 }]);
    expect([...log.acknowledged]).toEqual([["job/lines topic/0", 1]]);
  });
});

describe("waiting", () => {
  test("[PL2] a read waits for the first record, and comes with all that is there by then", () => {
    const { read } = world([[record("a", 100), record("b", 100), record("c", 101)]]);
    const { answer, atMs } = read(0, 0);
    expect(valuesOf(answer)).toEqual(["a", "b"]);
    expect(atMs).toBeGreaterThan(100);
    expect(atMs).toBeLessThan(106);
  });

  test("a read that waits in vain comes back empty after the poll time-out", () => {
    const { read } = world([[record("a", 10_000)]]);
    const { answer, atMs } = read(0, 0);
    expect(answer).toMatchObject({ value: { ends: [], endOfPartition: false } });
    expect(atMs).toBeGreaterThan(POLL_MS_MAX);
    expect(atMs).toBeLessThan(POLL_MS_MAX + 11);
  });

  test("[PL2] a record is not seen before an earlier one of its partition", () => {
    const { read } = world([[record("late", 200), record("early", 0)]]);
    const { answer, atMs } = read(0, 0);
    expect(valuesOf(answer)).toEqual(["late", "early"]);
    expect(atMs).toBeGreaterThan(200);
  });

  test("timeouts: the reader asks again, and nothing is lost; quiet: none any more", () => {
    const { log, client, read, scheduler } = world([[record("a")]], { timeoutPerMille: 1_000 });
    expect(valuesOf(read(0, 0).answer)).toEqual(["timeout"]);
    const seen: unknown[] = [];
    client.partitions("topic", (result) => seen.push(result));
    scheduler.runUntil(scheduler.nowUs + 10_000_000);
    expect(seen).toEqual([{ ok: false, error: { kind: "timeout" } }]);
    log.quiet();
    expect(valuesOf(read(0, 0).answer)).toEqual(["a"]);
  });
});

test("[PL1] [PL2] [PL3] [C127] any reader gets every record once, in order, the same way again", () => {
  const records = fc.array(fc.record({ value: fc.string(), availableAtMs: fc.nat(3_000) }), {
    maxLength: 40,
  });
  const play = (partition: readonly { value: string; availableAtMs: number }[], seed: string) => {
    const input = partition.map(({ value, availableAtMs }) => record(value, availableAtMs));
    const { read, scheduler } = world([input], { timeoutPerMille: 200, seed });
    const got: string[] = [];
    for (;;) {
      const { answer, atMs } = read(0, got.length, 7);
      expect(scheduler.nowUs).toBeLessThan(DAY_US);
      if (!answer.ok) continue;
      got.push(...valuesOf(answer));
      for (const shown of input.slice(0, got.length)) {
        expect(shown.availableAtMs).toBeLessThanOrEqual(atMs);
      }
      if (answer.value.endOfPartition) return { got, digest: scheduler.digestText() };
      expect(got.length).toBeLessThan(Math.max(1, input.length));
    }
  };
  fc.assert(
    fc.property(records, fc.nat(1_000), (partition, seed) => {
      const played = play(partition, `${seed}`);
      expect(played.got).toEqual(partition.map(({ value }) => value));
      expect(play(partition, `${seed}`)).toEqual(played);
    }),
    { seed: 7, numRuns: 60 },
  );
});
