import { describe, expect, test } from "vitest";
import { asProcessId, encodeMessage, type Host } from "../src/index.ts";
import type { StepMoment } from "./moment.ts";
import type { Fault } from "./plan.ts";
import { livesThrough, Steps, type Life, type Step } from "./steps.ts";
import { smallWorld } from "./testing/small-world.ts";

const P1 = asProcessId("p-1");
const HEARTBEAT = encodeMessage({ kind: "heartbeat", epoch: 7 });
const BYTE = Uint8Array.of(1);
const nothing = (): void => undefined;

const textOf = ({ step, process, peer, nth }: Step): string =>
  [process, step, ...(peer === undefined ? [] : [peer]), `#${nth}`].join(" ");

describe("steps", () => {
  test("[PD1] are counted by kind, process and peer, over all lives; reads are none", () => {
    const seen: string[] = [];
    const { hostOf, world } = smallWorld();
    world.start();
    const steps = new Steps(
      (step, side) => seen.push(`${side} ${textOf(step)}`),
      () => 0,
    );
    for (const lives of [1, 2]) {
      const host = steps.host(hostOf("p-0"), { over: false });
      host.send(P1, HEARTBEAT);
      host.send(asProcessId("p-2"), HEARTBEAT);
      host.disk.write(`a${lives}`, BYTE);
      host.disk.sync(`a${lives}`);
      host.objectStore.get("a", 0, nothing);
      host.objectStore.put("a", BYTE, false, nothing);
    }
    expect(seen.filter((text) => text.startsWith("after"))).toEqual(
      [1, 2].flatMap((nth) => [
        `after p-0 send/heartbeat p-1 #${nth}`,
        `after p-0 send/heartbeat p-2 #${nth}`,
        `after p-0 disk/sync #${nth}`,
        `after p-0 store/put #${nth}`,
      ]),
    );
    expect(seen).toHaveLength(16);
  });

  test("of tables are what changes them, and when that took effect", () => {
    const seen: string[] = [];
    const { world, runUntilMs } = smallWorld({
      onStep: (step) => {
        if (step.step.startsWith("tables/")) seen.push(`${step.side} ${textOf(step)}`);
      },
      start: (host) => {
        if (host.processId !== "p-0") return;
        const none = { bytes: new Uint8Array(0), ends: [] };
        const life = { writer: "w", life: 1 };
        host.tables.beginLife("t", "w", () => {
          host.tables.putEpoch("t", life, 1, { keys: none, rows: none }, nothing);
          host.tables.readEpoch("t", life, nothing);
        });
      },
    });
    world.start();
    runUntilMs(10);
    expect(seen).toEqual([
      ...["before p-0 tables/beginLife #1", "after p-0 tables/beginLife #1"],
      "after p-0 tables/effect #1",
      ...["before p-0 tables/putEpoch #1", "after p-0 tables/putEpoch #1"],
      "after p-0 tables/effect #2",
    ]);
  });

  test("[PD2] who has died within one does nothing more, whatever catches the exception", () => {
    const { hostOf, world, runUntilMs, take, kinds } = smallWorld();
    world.start();
    const life: Life = { over: false };
    const onStep = (step: Step, side: StepMoment["side"]): void => {
      if (step.nth === 2 && side === "before") life.over = true;
    };
    const steps = new Steps(onStep, () => 0);
    const host = steps.host(hostOf("p-0"), life);
    const outcomes = [
      () => host.send(P1, HEARTBEAT),
      () => host.send(P1, HEARTBEAT),
      () => host.objectStore.put("a", BYTE, false, nothing),
      () =>
        host.channels.listen("a", { onConnected: nothing, onCredit: nothing, onBroken: nothing }),
      () => host.note({ kind: "job-finished" }),
    ].map((act) => livesThrough(steps, act));
    runUntilMs(10);
    expect(outcomes).toEqual([true, false, false, false, false]);
    expect(take()).toHaveLength(1);
    expect([kinds().includes("job-finished"), world.store.paths()]).toEqual([false, []]);
  });

  test("what is no death is thrown on", () => {
    const mistake = (): never => {
      throw new Error("a mistake");
    };
    expect(() => livesThrough(undefined, mistake)).toThrow("a mistake");
  });

  test("[PD3] what a dead process throws on its way out is its death; what is thrown later is not", () => {
    const { hostOf, world } = smallWorld();
    world.start();
    let event = 1;
    const steps = new Steps(
      () => undefined,
      () => event,
    );
    const host = steps.host(hostOf("p-0"), { over: true });
    const swallow = (): void => {
      try {
        host.disk.delete("a");
      } catch {
        // as a clean-up does that goes on with the next
      }
    };
    const mistake = (): never => {
      throw new Error("let go once too often");
    };
    expect(livesThrough(steps, () => (swallow(), mistake()))).toBe(false);
    event++;
    expect(() => livesThrough(steps, mistake)).toThrow("let go once too often");
  });
});

describe("a crash at a step", () => {
  const crashAt = (when: StepMoment): Fault => ({
    ...{ kind: "crash", process: when.process, when, restartAfterMs: 5 },
  });
  /** Says three things to p-1, stores one, and says when it heard that it is stored. */
  const act = (host: Host, tell: (what: string) => void): void => {
    if (host.processId !== "p-0") return;
    host.setTimer(1_000, () => {
      host.send(P1, HEARTBEAT);
      host.objectStore.put("a", BYTE, true, () => tell("stored"));
      host.send(P1, HEARTBEAT);
      tell("is through");
    });
  };
  function played(step: StepMoment["step"], nth: number, side: StepMoment["side"], peer?: string) {
    const process = step.startsWith("receive") ? "p-1" : "p-0";
    const when = { step, process, nth, side, ...(peer === undefined ? {} : { peer }) };
    const { world, take, kinds } = smallWorld({ faults: [crashAt(when)], start: act });
    world.start();
    let deaths = 0;
    while (!world.livesThrough(() => world.scheduler.runUntil(4_000))) {
      world.scheduler.leaveEvent();
      deaths++;
    }
    const told = take().map((text) => text.replace(/hears .*/, "hears"));
    const crashes = kinds().filter((kind) => kind === "process-crashed").length;
    return { told, deaths, crashes, stored: world.store.paths() };
  }
  const heard = "p-1 hears";

  test("[FI3] strikes in the middle of an event: what came before it is done, and nothing else", () => {
    expect(played("store/put", 1, "before")).toEqual({
      ...{ told: [heard], deaths: 1, crashes: 1, stored: [] },
    });
    expect(played("store/put", 1, "after")).toEqual({
      ...{ told: [heard], deaths: 1, crashes: 1, stored: ["a"] },
    });
    expect(played("send/heartbeat", 2, "after", "p-1")).toEqual({
      ...{ told: [heard, heard], deaths: 1, crashes: 1, stored: ["a"] },
    });
    expect(played("send/heartbeat", 2, "after", "p-2").crashes).toBe(0);
  });

  test("[FI3] with a message in its hands, or when it has dealt with it", () => {
    const all = ["p-0 is through", "p-0 stored"];
    expect(played("receive/heartbeat", 2, "before", "p-0").told.sort()).toEqual([...all, heard]);
    expect(played("receive/heartbeat", 2, "after", "p-0").told.sort()).toEqual([
      ...all,
      heard,
      heard,
    ]);
  });

  test("[FI3] when a request has taken effect, and nobody has heard of it", () => {
    const { told, crashes, stored } = played("store/effect", 1, "after");
    expect([crashes, stored]).toEqual([1, ["a"]]);
    expect(told).toEqual(["p-0 is through", heard, heard]);
  });
});
