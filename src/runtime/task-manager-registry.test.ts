import { describe, expect, test } from "vitest";
import { asAttemptId, asProcessId } from "../core/ids.ts";
import { job } from "../graph/job.ts";
import { ledger, logSource } from "../graph/endpoints.ts";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import type { MessageOf, RegionReport } from "./messages.ts";
import { TaskManagerRegistry } from "./task-manager-registry.ts";

const MINUTES_US = 60_000_000;

type Parts = Partial<MessageOf<"report"> & RegionReport>;

/** Of one region, if it tells of none by itself. */
function reportOf(parts: Parts): MessageOf<"report"> {
  const { region = 0, attempt = 0, cancelledThrough = 0, tasks = [], ...rest } = parts;
  const regions = [{ region, attempt, cancelledThrough, tasks }];
  return { kind: "report", incarnation: 1, slots: 2, sequence: 1, regions, ...rest };
}

function stage() {
  const registry = new TaskManagerRegistry();
  const hear = (process: string, parts: Parts = {}, nowUs = 0) =>
    registry.hear(asProcessId(process), reportOf(parts), nowUs);
  return { registry, hear };
}

describe("reports", () => {
  test("tell a newcomer, one that is known, and one that has been started anew", () => {
    const { hear } = stage();
    expect(hear("tm-0", { sequence: 1 })).toBe("registered");
    expect(hear("tm-0", { sequence: 2 })).toBe("known");
    expect(hear("tm-0", { sequence: 1, incarnation: 2 })).toBe("restarted");
  });

  test("that were overtaken or doubled change nothing", () => {
    const { registry, hear } = stage();
    hear("tm-0", { sequence: 5, slots: 3 });
    expect(hear("tm-0", { sequence: 4, slots: 1 })).toBe("overtaken");
    expect(hear("tm-0", { sequence: 5, slots: 1 })).toBe("overtaken");
    expect(registry.get(asProcessId("tm-0"))?.report.slots).toBe(3);
  });

  test("[C119] of an incarnation that is over do not pass for another restart", () => {
    const { registry, hear } = stage();
    hear("tm-0", { sequence: 5, incarnation: 1 });
    hear("tm-0", { sequence: 1, incarnation: 2, attempt: 7 });
    expect(hear("tm-0", { sequence: 6, incarnation: 1 })).toBe("overtaken");
    expect(registry.get(asProcessId("tm-0"))?.report.regions[0]?.attempt).toBe(7);
    expect(hear("tm-0", { sequence: 2, incarnation: 2 })).toBe("known");
    expect(hear("tm-0", { sequence: 1, incarnation: 3 })).toBe("restarted");
    expect(hear("tm-0", { sequence: 7, incarnation: 1 })).toBe("overtaken");
  });

  test("that come late do not bring back one that was lost", () => {
    const { registry, hear } = stage();
    hear("tm-0", { sequence: 4 });
    hear("tm-0", { sequence: 5 });
    registry.takeSilent(1_001, 1_000);
    expect(hear("tm-0", { sequence: 4 }, 1_001)).toBe("overtaken");
    expect(registry.all()).toEqual([]);
    expect(hear("tm-0", { sequence: 6 }, 1_002)).toBe("registered");
  });

  test("are in order of the processes' names, not of arrival", () => {
    const { registry, hear } = stage();
    for (const process of ["tm-2", "tm-0", "tm-1"]) hear(process);
    expect(registry.all().map(({ process }) => process)).toEqual(["tm-0", "tm-1", "tm-2"]);
  });
});

describe("silence", () => {
  test("is told once, and only when it has lasted longer than the time-out", () => {
    const { registry, hear } = stage();
    hear("tm-0", {}, 0);
    hear("tm-1", {}, 600);
    expect(registry.takeSilent(1_000, 1_000)).toEqual([]);
    expect(registry.takeSilent(1_001, 1_000)).toEqual(["tm-0"]);
    expect(registry.takeSilent(1_001, 1_000)).toEqual([]);
    expect(registry.get(asProcessId("tm-0"))).toBeUndefined();
    expect(hear("tm-0", { sequence: 2 }, 1_100)).toBe("registered");
  });
});

describe("idleness", () => {
  test("[C119] is what a task manager says for good, not what it happens to run", () => {
    const { registry, hear } = stage();
    const attempt = asAttemptId(7);
    expect(registry.isIdle(attempt, 1, 0)).toBe(true);
    hear("tm-0", { sequence: 1, cancelledThrough: 6 });
    expect(registry.isIdle(attempt, 1, 0)).toBe(false);
    hear("tm-0", { sequence: 2, cancelledThrough: 7 });
    expect(registry.isIdle(attempt, 1, 0)).toBe(true);
    hear("tm-1", { attempt: 7, cancelledThrough: 7 });
    expect(registry.isIdle(attempt, 1, 0)).toBe(false);
  });

  test("[C66] is not known of one that fell silent at work, for a long while", () => {
    const { registry, hear } = stage();
    hear("tm-0", { attempt: 7 });
    registry.takeSilent(1_000_000, 1_000);
    expect(registry.isIdle(asAttemptId(7), 1, MINUTES_US)).toBe(false);
    expect(registry.isIdle(asAttemptId(7), 1, 2 * MINUTES_US + 1)).toBe(true);
  });

  test("is known again of a lost one that comes back", () => {
    const { registry, hear } = stage();
    hear("tm-0", { attempt: 7 });
    registry.takeSilent(1_000_000, 1_000);
    hear("tm-0", { sequence: 2, cancelledThrough: 7 }, 1_000_001);
    expect(registry.isIdle(asAttemptId(7), 1, 1_000_002)).toBe(true);
  });
});

test("[C118] what was never heard of a region is no word that it is gone", () => {
  const { registry, hear } = stage();
  const attempt = asAttemptId(7);
  const rid = (region: number) => ({ region, attempt: 0, cancelledThrough: 7, tasks: [] });
  hear("tm-0", { sequence: 1, regions: [rid(0)] });
  expect([registry.isIdle(attempt, 1, 0), registry.isIdle(attempt, 2, 0)]).toEqual([true, false]);
  hear("tm-0", { sequence: 2, regions: [rid(0), rid(1)] });
  expect(registry.isIdle(attempt, 2, 0)).toBe(true);
});

describe("places", () => {
  const plan = buildPhysicalPlan(
    job("j", (env) => {
      env.setParallelism(3);
      env
        .fromSource(
          logSource({ topic: "t", type: types.string }),
          WatermarkStrategy.none(),
          "lines",
        )
        .keyBy((word) => word, types.string)
        .process(() => ({ processElement: (word, _, out) => out.collect(word) }), types.string)
        .sinkTo(ledger("s"))
        .setParallelism(1);
    }),
  );

  test("are taken from the task managers in turn; slot i runs subtask i of every vertex", () => {
    const { registry, hear } = stage();
    hear("tm-1", { slots: 1 });
    hear("tm-0", { slots: 3 });
    const places = registry
      .place(plan.vertices)
      ?.map((at) => `${at.vertex}/${at.subtask} ${at.process}`);
    expect(places).toEqual([
      ...["0/0 tm-0", "0/1 tm-1", "0/2 tm-0"],
      ...["1/0 tm-0", "1/1 tm-1", "1/2 tm-0"],
      "2/0 tm-0",
    ]);
  });

  test("[C69] are those that tasks had before, as far as these are there", () => {
    const { registry, hear } = stage();
    hear("tm-1", { slots: 2 });
    hear("tm-0", { slots: 2 });
    const processes = (before: readonly string[]): unknown[] =>
      (
        registry.place(
          plan.vertices,
          before.map((process, subtask) => ({ vertex: 1, subtask, process })),
        ) ?? []
      )
        .filter(({ vertex }) => vertex === 0)
        .map(({ process }) => process);
    expect(processes([])).toEqual(["tm-0", "tm-1", "tm-0"]);
    expect(processes(["tm-1", "tm-1", "tm-0"])).toEqual(["tm-1", "tm-1", "tm-0"]);
    expect(processes(["tm-1", "tm-9", "tm-1"])).toEqual(["tm-1", "tm-0", "tm-1"]);
    expect(processes(["tm-1", "tm-1", "tm-1"])).toEqual(["tm-1", "tm-1", "tm-0"]);
  });

  test("are none while there are too few slots", () => {
    const { registry, hear } = stage();
    expect(registry.place(plan.vertices)).toBeUndefined();
    hear("tm-0", { slots: 2 });
    expect(registry.place(plan.vertices)).toBeUndefined();
    hear("tm-1", { slots: 1 });
    expect(registry.place(plan.vertices)).toHaveLength(7);
  });
});
