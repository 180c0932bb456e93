/** Each fault of the systems outside, in a world: what a client hears before it, during it and after it. */
import { describe, expect, test } from "vitest";
import {
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  WatermarkStrategy,
  type Host,
  type Result,
  type ServiceSpec,
} from "../../../src/index.ts";
import { QUIET_MS, smallWorld } from "../../testing/small-world.ts";
import type { OutsideFault } from "./outside-fault.ts";

const echo: ServiceSpec<string, string> = {
  ...{ name: "echo", request: types.string, response: types.string },
  answer: (asked) => asked,
};
const JOB = job("j", (env) => {
  env.setStateBackend(memoryBackend());
  env
    .fromSource(logSource({ topic: "t", type: types.string }), WatermarkStrategy.none(), "t")
    .uid("t")
    .async<string, string, string>({
      ...{ service: echo, capacity: 1, timeoutMs: 1_000, request: (value) => value },
      ...{ result: (_value, answer, out) => out.collect(answer), outputType: types.string },
    })
    .uid("ask")
    .sinkTo(ledger("x"))
    .uid("sink");
});
const RECORDS = Array.from({ length: 20 }, (_, i) => {
  return { value: `r${i}`, timestampMs: i, availableAtMs: 0 };
});

type Hear = (what: string) => void;
type Probe = (host: Host, hear: Hear) => void;
type Answer = (result: Result<unknown, { kind: string }>) => void;

const saying =
  (hear: Hear): Answer =>
  (result) =>
    hear(result.ok ? "ok" : result.error.kind);

const read: Probe = ({ log }, hear) => log.read("t", 0, 8, 4, saying(hear));
const readFirst: Probe = ({ log }, hear) =>
  log.read("t", 0, 8, 4, (result) => hear(result.ok ? `${result.value.firstOffset}` : "error"));
const fence: Probe = (host, hear) => host.ledger.fence("p", 1, [], saying(hear));
const begin: Probe = ({ tables }, hear) =>
  tables.beginLife("t", "w", (result) => hear(result.ok ? `${result.value}` : result.error.kind));
const call: Probe = ({ services }, hear) =>
  services.call("echo", Uint8Array.of(1, 97), saying(hear));
const look: Probe = ({ coordination }, hear) => coordination.read("r", saying(hear));

const STRIKES = { when: { atMs: 100 }, forMs: 200 } as const;

/** What is heard within 60 ms of a probe at each of these times. */
function heard(fault: OutsideFault, probe: Probe, ...atMs: readonly number[]): string[] {
  const { world, hostOf, runUntilMs } = smallWorld({
    ...{ faults: [fault], job: JOB },
    input: new Map([["t", [RECORDS]]]),
  });
  world.start();
  return atMs.map((ms) => {
    runUntilMs(ms);
    const answers: string[] = [];
    probe(hostOf("p-1"), (what) => answers.push(what));
    runUntilMs(ms + 60);
    return answers.join(" ") || "nothing";
  });
}

describe("a window opens, and closes", () => {
  const windows: readonly (readonly [OutsideFault, Probe, before: string, during: string])[] = [
    [{ kind: "log-timeouts", ...STRIKES, perMille: 1_000 }, read, "ok", "nothing"],
    [{ kind: "log-unavailable", ...STRIKES, partition: 3 }, read, "ok", "unavailable"],
    [{ kind: "ledger-read-only", ...STRIKES }, fence, "ok", "unavailable"],
    [{ kind: "ledger-timeouts", ...STRIKES, perMille: 1_000 }, fence, "ok", "nothing"],
    [{ kind: "service-hangs", ...STRIKES, perMille: 1_000 }, call, "ok", "nothing"],
    [{ kind: "service-doubles", ...STRIKES, perMille: 1_000 }, call, "ok", "ok ok"],
    [{ kind: "service-slow", ...STRIKES, extraMs: 500_000 }, call, "ok", "nothing"],
    [{ kind: "log-slow", ...STRIKES, extraMs: 500_000 }, read, "ok", "nothing"],
    [{ kind: "coordination-slow", ...STRIKES, extraMs: 500_000 }, look, "ok", "nothing"],
    [{ kind: "coordination-unavailable", ...STRIKES }, look, "ok", "unavailable"],
  ];

  test.each(windows.map(([fault, ...rest]) => [fault.kind, fault, ...rest] as const))(
    "%s",
    (_kind, fault, probe, before, during) => {
      expect(heard(fault, probe, 30, 110, 310)).toEqual([before, during, before]);
    },
  );

  test.each(windows.map(([fault, ...rest]) => [fault.kind, fault, ...rest] as const))(
    "%s is over at the quiet point",
    (_kind, fault, probe, before, during) => {
      const long = { ...fault, forMs: 100_000 } as OutsideFault;
      expect(heard(long, probe, QUIET_MS - 100, QUIET_MS)).toEqual([during, before]);
    },
  );
});

test("log-repeats: batches begin early, and as asked for when it is over", () => {
  const fault: OutsideFault = { kind: "log-repeats", ...STRIKES, count: 8 };
  const during = heard(fault, readFirst, 101, 162, 223).map(Number);
  expect(Math.min(...during)).toBeLessThan(8);
  expect(heard(fault, readFirst, 30, 310)).toEqual(["8", "8"]);
});

test("log-trims spares what nobody has put behind him, log-loses does not", () => {
  const acknowledged: Probe = (host, hear) => {
    host.log.acknowledge("t", "j/t", [{ partition: 0, offset: 8 }]);
    read(host, hear);
  };
  const early: Probe = ({ log }, hear) => log.read("t", 0, 7, 4, saying(hear));
  const trims: OutsideFault = { kind: "log-trims", when: { atMs: 100 } };
  expect(heard(trims, early, 110)).toEqual(["ok"]);
  const both: Probe = (host, hear) => {
    acknowledged(host, hear);
    early(host, hear);
  };
  expect(heard(trims, both, 30, 110)).toEqual(["ok ok", "ok trimmed"]);
  expect(heard({ kind: "log-loses", when: { atMs: 100 } }, read, 30, 110)).toEqual([
    "ok",
    "trimmed",
  ]);
});

test("ledger-doubles: what is asked once is done twice, and answered once", () => {
  const fault: OutsideFault = { kind: "ledger-doubles", ...STRIKES, perMille: 1_000 };
  const [before, during, after] = heard(fault, begin, 30, 110, 60_000);
  expect(before).toBe("1");
  expect(["2", "3"]).toContain(during);
  expect(after).toBe("4");
});

test("ledger-refuses-commits: as many as it says, and none behind the quiet point", () => {
  const id = { producer: "p", attempt: 1, number: 1 };
  const commit: Probe = (host, hear) => host.ledger.commit(id, 1, saying(hear));
  const fault = { kind: "ledger-refuses-commits", committed: false } as const;
  const when = { atMs: 100 };
  expect(heard({ ...fault, when, count: 2 }, commit, 30, 110, 180, 250)).toEqual([
    "unknown-transaction",
    "unavailable",
    "unavailable",
    "unknown-transaction",
  ]);
  const late = { atMs: QUIET_MS - 100 };
  expect(heard({ ...fault, when: late, count: 9 }, commit, QUIET_MS - 90, QUIET_MS)).toEqual([
    "unavailable",
    "unknown-transaction",
  ]);
});

test("ledger-slow-commits: commits alone are late", () => {
  const fault: OutsideFault = { kind: "ledger-slow-commits", ...STRIKES, extraMs: 500_000 };
  const id = { producer: "p", attempt: 1, number: 1 };
  const commit: Probe = (host, hear) => host.ledger.commit(id, 1, saying(hear));
  expect(heard(fault, commit, 30, 110, 310)).toEqual([
    "unknown-transaction",
    "nothing",
    "unknown-transaction",
  ]);
  expect(heard(fault, fence, 110)).toEqual(["ok"]);
});

test("[LY5] delay-watches: news comes later, and what is asked is answered as before", () => {
  const elected: Probe = ({ coordination }, hear) => {
    const session = coordination.openSession({
      ...{ name: "jm", leaseMs: 100_000 },
      onExpired: () => hear("over"),
    });
    session.campaign("latch", (token) => {
      hear(`term ${token}`);
      session.close();
    });
  };
  const fault: OutsideFault = { kind: "delay-watches", ...STRIKES, extraMs: 500_000 };
  expect(heard(fault, elected, 30, 110)).toEqual(["term 1", "nothing"]);
  expect(heard(fault, elected, 310)).toEqual(["term 1"]);
  expect(heard(fault, look, 110)).toEqual(["ok"]);
});
