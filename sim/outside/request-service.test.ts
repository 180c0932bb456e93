import { describe, expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  job,
  ledger,
  logSource,
  types,
  WatermarkStrategy,
} from "../../src/index.ts";
import type { LogicalGraph, Result, ServiceError, ServiceSpec } from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { FakeProcesses } from "../testing/fake-processes.ts";
import { SimulatedRequestServices } from "./request-service.ts";

const LATENCY = { minUs: 500, maxUs: 5_000, tailPerMille: 0, tailUs: 1 };

const square: ServiceSpec<number, string> = {
  name: "square",
  request: types.int,
  response: types.string,
  answer: (n) => `${n * n}`,
};

function asking(...services: readonly ServiceSpec<number, string>[]): LogicalGraph {
  return job("asking", (env) => {
    const numbers = env.fromSource(
      logSource({ topic: "numbers", type: types.int }),
      WatermarkStrategy.none(),
      "numbers",
    );
    for (const service of services) {
      numbers
        .async({
          ...{ service, timeoutMs: 100, outputType: types.string },
          request: (n) => n,
          result: (_, response, out) => out.collect(response),
        })
        .sinkTo(ledger("out"));
    }
  });
}

type Setup = { timeoutPerMille?: number; failPerMille?: number; doublePerMille?: number };

function world(setup: Setup = {}) {
  const scheduler = new Scheduler();
  const processes = new FakeProcesses(2);
  const services = new SimulatedRequestServices({
    scheduler,
    random: createRandom("7").fork("services"),
    processes,
    job: asking(square, square),
    latency: LATENCY,
    timeoutPerMille: 0,
    failPerMille: 0,
    doublePerMille: 0,
    ...setup,
  });
  const heard: string[] = [];
  const hear = (result: Result<Uint8Array, ServiceError>): void => {
    if (result.ok) heard.push(types.string.read(new ByteReader(result.value)));
    else heard.push(result.error.kind === "failed" ? result.error.why : result.error.kind);
  };
  const ask = (n: number, name = "square", process = 0): void => {
    const out = new ByteWriter();
    types.int.write(n, out);
    services.client(process).call(name, out.bytes.subarray(0, out.length), hear);
    out.bytes.fill(0);
  };
  const run = (us = 5_000_000): string[] => {
    scheduler.runUntil(scheduler.nowUs + us);
    return heard.splice(0);
  };
  return { scheduler, processes, services, ask, run };
}

const hundred = (ask: (n: number) => void): void => {
  for (let n = 0; n < 100; n++) ask(n);
};

describe("a call", () => {
  test("is answered with what the job says, of a copy of the request", () => {
    const { ask, run } = world();
    ask(7);
    ask(8);
    expect(run(400)).toEqual([]);
    expect(run().sort()).toEqual(["49", "64"]);
  });

  test("[RV1] may be answered twice, and differently", () => {
    const { ask, run } = world({ doublePerMille: 1_000, timeoutPerMille: 500 });
    hundred(ask);
    const heard = run();
    expect(heard).toHaveLength(200);
    const timeouts = heard.filter((text) => text === "timeout").length;
    expect(timeouts).toBeGreaterThan(60);
    expect(timeouts).toBeLessThan(140);
  });

  test("[RV1] may fail, or time out, a few in a thousand", () => {
    const { ask, run } = world({ failPerMille: 300, timeoutPerMille: 300 });
    hundred(ask);
    const heard = run();
    const count = (text: string): number => heard.filter((each) => each === text).length;
    expect(heard).toHaveLength(100);
    expect(count("timeout")).toBeGreaterThan(15);
    expect(count('service "square" has failed')).toBeGreaterThan(10);
  });

  test("[RV2] is answered alike, each time", () => {
    const { ask, run } = world({ doublePerMille: 1_000 });
    ask(9);
    ask(9);
    expect(run()).toEqual(["81", "81", "81", "81"]);
  });

  test("is answered to nobody who has died", () => {
    const { processes, ask, run } = world();
    ask(7);
    processes.crash(0);
    processes.restart(0);
    expect(run()).toEqual([]);
  });

  test("draws alike whatever another process asks", () => {
    const alone = world({ timeoutPerMille: 500 });
    const beside = world({ timeoutPerMille: 500 });
    for (let n = 2; n < 10; n++) {
      alone.ask(n);
      beside.ask(n);
      beside.ask(1, "square", 1);
    }
    const others = (texts: readonly string[]) => texts.filter((text) => text.length > 1).sort();
    const own = others(alone.run());
    expect(others(beside.run()).filter((text) => text !== "timeout")).toEqual(
      own.filter((text) => text !== "timeout"),
    );
  });
});

describe("faults", () => {
  test("a service that is not there refuses every call, until it is again", () => {
    const { services, ask, run } = world();
    services.setUnavailable(true);
    ask(7);
    expect(run()).toEqual(['service "square" is unavailable']);
    services.setUnavailable(false);
    ask(7);
    expect(run()).toEqual(["49"]);
  });

  test("behind the quiet point all is answered, once", () => {
    const { services, ask, run } = world({
      ...{ failPerMille: 1_000, timeoutPerMille: 1_000, doublePerMille: 1_000 },
    });
    services.setUnavailable(true);
    services.quiet();
    ask(7);
    expect(run()).toEqual(["49"]);
  });
});

describe("a story's mistake", () => {
  test("a service that no operator names", () => {
    expect(() => world().ask(7, "cube")).toThrow('service "cube" is called, and no operator names');
  });

  test("one name for two services", () => {
    const other = { ...square, response: types.literal("a") as never };
    const services = () =>
      new SimulatedRequestServices({
        scheduler: new Scheduler(),
        random: createRandom("7"),
        processes: new FakeProcesses(1),
        job: asking(square, other),
        ...{ latency: LATENCY, timeoutPerMille: 0, failPerMille: 0, doublePerMille: 0 },
      });
    expect(services).toThrow('operators mean different things by service "square"');
  });
});
