import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fault, Latency, Plan, RunOptions } from "../plan.ts";
import { shrinkPlan, type InputSize } from "./shrink.ts";

const uneven: Latency = { minUs: 100, maxUs: 900, tailPerMille: 20, tailUs: 40_000 };
const steady: Latency = { minUs: 100, maxUs: 100, tailPerMille: 0, tailUs: 0 };

const wild: RunOptions = {
  taskManagers: 3,
  slotsPerTaskManager: 2,
  bufferBytes: 64,
  creditsPerChannel: 1,
  stepElementsMax: 1,
  bufferTimeoutMs: 10,
  heartbeatMs: 500,
  heartbeatTimeoutMs: 2_000,
  network: uneven,
  control: { lossPerMille: 30, duplicatePerMille: 10, latency: uneven },
  store: { latency: uneven, timeoutPerMille: 10 },
  ledger: { latency: uneven, timeoutPerMille: 10 },
  log: { latency: uneven, timeoutPerMille: 10, readRecordsMax: 3 },
  services: { latency: uneven, timeoutPerMille: 10, failPerMille: 10, doublePerMille: 10 },
  permuteTies: true,
};

const crash = (process: string, nth = 1, restartAfterMs = 900): Fault => ({
  kind: "crash",
  process,
  when: { note: "checkpoint-triggered", nth, afterMs: 17 },
  restartAfterMs,
});
const pause = (process: string, atMs: number, forMs: number): Fault => ({
  kind: "pause",
  process,
  when: { atMs },
  forMs,
});

const planOf = (faults: readonly Fault[], parts: Partial<Plan> = {}): Plan => ({
  options: wild,
  faults,
  quietAfterMs: 20_000,
  ...parts,
});

const NO_INPUT: InputSize = {};
const BUDGET = 10_000;
const shrink = (plan: Plan, stillFails: (plan: Plan) => boolean, sizeOfInput = NO_INPUT) =>
  shrinkPlan({ plan, sizeOfInput }, stillFails, BUDGET);

const strikes = (plan: Plan, process: string): boolean =>
  plan.faults.some((fault) => fault.kind === "crash" && fault.process === process);

describe("faults", () => {
  const many = ["tm-0", "tm-1", "tm-2", "jm", "tm-0", "tm-1"].map((name, i) => crash(name, i + 1));

  test("a failure that needs none keeps none", () => {
    expect(shrink(planOf(many), () => true).plan.faults).toEqual([]);
  });

  test("of two that need each other both stay, and nothing else", () => {
    const { plan } = shrink(planOf(many), (p) => strikes(p, "jm") && strikes(p, "tm-2"));
    expect(plan.faults.map((fault) => "process" in fault && fault.process)).toEqual(["tm-2", "jm"]);
  });

  test("what stays becomes simple: at the first note, at once, for no time", () => {
    const { plan } = shrink(planOf([crash("jm", 9)]), (p) => strikes(p, "jm"));
    expect(plan.faults).toEqual([
      {
        kind: "crash",
        process: "jm",
        when: { note: "checkpoint-triggered", nth: 1, afterMs: 0 },
        restartAfterMs: 0,
      },
    ]);
  });

  test("a number that cannot be at its least comes close to the least that fails", () => {
    const long = (p: Plan): boolean =>
      p.faults.some((fault) => fault.kind === "pause" && fault.forMs >= 700);
    const [fault] = shrink(planOf([pause("tm-1", 4_137, 10_000)]), long).plan.faults;
    expect(fault).toMatchObject({ when: { atMs: 0 } });
    const forMs = fault?.kind === "pause" ? fault.forMs : 0;
    expect(forMs).toBeGreaterThanOrEqual(700);
    expect(forMs).toBeLessThan(750);
  });

  test("a time that matters is rounded as far as it may be", () => {
    const late = (p: Plan): boolean =>
      p.faults.some(({ when }) => "atMs" in when && when.atMs >= 4_100);
    const [fault] = shrink(planOf([pause("tm-1", 4_137, 10)]), late).plan.faults;
    expect(fault).toMatchObject({ when: { atMs: 4_100 } });
  });

  test("the process that a moment counts for stays", () => {
    const counted: Fault = {
      kind: "lose-control",
      from: "tm-0",
      to: "jm",
      when: { note: "snapshot-taken", process: "tm-0", nth: 3, afterMs: 5 },
      count: 4,
    };
    expect(shrink(planOf([counted]), (p) => p.faults.length > 0).plan.faults).toEqual([
      {
        ...counted,
        when: { note: "snapshot-taken", process: "tm-0", nth: 1, afterMs: 0 },
        count: 1,
      },
    ]);
  });
});

describe("input", () => {
  const size: InputSize = { words: [40, 0, 25], b: [10] };
  const keeps = (plan: Plan, topic: string, partition: number, record: number): boolean =>
    plan.keep?.[topic]?.[partition]?.includes(record) ?? true;

  test("only the records that matter stay, by their index in the drawn input", () => {
    const needed = (p: Plan): boolean => keeps(p, "words", 0, 33) && keeps(p, "words", 2, 7);
    const { plan } = shrink(planOf([]), needed, size);
    expect(plan.keep).toEqual({ words: [[33], [], [7]], b: [[]] });
  });

  test("goes on from what an earlier search has kept", () => {
    const kept = planOf([], { keep: { words: [[1, 33], [], [7, 8]], b: [[]] } });
    const { plan, executions } = shrink(kept, (p) => keeps(p, "words", 2, 8), size);
    expect(plan.keep).toEqual({ words: [[], [], [8]], b: [[]] });
    expect(executions).toBeLessThan(30);
  });

  test("input that matters in full is left alone, without a word in the plan", () => {
    const { plan } = shrink(planOf([]), (p) => p.keep === undefined, size);
    expect(plan.keep).toBeUndefined();
  });

  test("large pieces go first: one record of ten thousand is found in few runs", () => {
    const { plan, executions } = shrink(planOf([]), (p) => keeps(p, "words", 0, 6_543), {
      words: [10_000],
    });
    expect(plan.keep).toEqual({ words: [[6_543]] });
    expect(executions).toBeLessThan(120);
  });
});

describe("options", () => {
  test("everything becomes calm that does not matter", () => {
    const { plan } = shrink(planOf([]), (p) => p.options.control.lossPerMille > 0);
    expect(plan.options).toEqual({
      ...wild,
      bufferBytes: 32_768,
      creditsPerChannel: 8,
      stepElementsMax: 128,
      network: steady,
      control: { lossPerMille: 30, duplicatePerMille: 0, latency: steady },
      store: { latency: steady, timeoutPerMille: 0 },
      ledger: { latency: steady, timeoutPerMille: 0 },
      log: { latency: steady, timeoutPerMille: 0, readRecordsMax: 100 },
      services: { latency: steady, timeoutPerMille: 0, failPerMille: 0, doublePerMille: 0 },
      permuteTies: false,
    });
  });

  test("a calm plan costs no run", () => {
    const calm = shrink(planOf([]), () => true).plan;
    expect(shrink(calm, () => true).executions).toBe(0);
  });
});

/** A failure that needs some of the faults and some of the records, whichever they are. */
const failures = fc.record({
  faults: fc.array(fc.nat({ max: 5 }), { maxLength: 2 }),
  records: fc.array(fc.nat({ max: 29 }), { maxLength: 3 }),
  budget: fc.nat({ max: 300 }),
});
const processes = [0, 1, 2, 3, 4, 5].map((index) => `tm-${index}`);
const start = planOf(processes.map((process) => crash(process)));

function needing({ faults, records }: Readonly<{ faults: number[]; records: number[] }>) {
  return (plan: Plan): boolean =>
    faults.every((index) => strikes(plan, `tm-${index}`)) &&
    records.every((record) => plan.keep?.["words"]?.[0]?.includes(record) ?? true);
}

const hashOf = (text: string): number =>
  [...text].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 1_000_003, 7);

describe("the search", () => {
  const sizeOfInput: InputSize = { words: [30] };

  test("[SH1] gives a plan that fails, as small as it can be", () => {
    fc.assert(
      fc.property(failures, (failure) => {
        const stillFails = needing(failure);
        const { plan } = shrinkPlan({ plan: start, sizeOfInput }, stillFails, BUDGET);
        expect(stillFails(plan)).toBe(true);
        expect(plan.faults.length).toBe(new Set(failure.faults).size);
        expect(plan.keep?.["words"]?.[0]).toEqual(
          [...new Set(failure.records)].sort((a, b) => a - b),
        );
      }),
      { seed: 11, numRuns: 50 },
    );
  });

  test("[SH1] gives back what it was given when nothing simpler fails", () => {
    expect(shrinkPlan({ plan: start, sizeOfInput }, () => false, BUDGET)).toMatchObject({
      plan: start,
      exhausted: false,
    });
  });

  test("[SH2] asks no more often than it may, and what is best by then is the result", () => {
    fc.assert(
      fc.property(failures, (failure) => {
        let asked = 0;
        const stillFails = needing(failure);
        const counted = (plan: Plan): boolean => {
          asked++;
          return stillFails(plan);
        };
        const found = shrinkPlan({ plan: start, sizeOfInput }, counted, failure.budget);
        expect(asked).toBe(found.executions);
        expect(asked).toBeLessThanOrEqual(failure.budget);
        expect(stillFails(found.plan)).toBe(true);
        if (asked < failure.budget) expect(found.exhausted).toBe(false);
      }),
      { seed: 12, numRuns: 100 },
    );
  });

  /** As wild as failures come: which plans fail has no rhyme or reason, but that the first one does. */
  const wildly = (salt: number, fewest: number) => {
    return (plan: Plan): boolean =>
      plan.faults.length >= fewest &&
      (plan === start || (hashOf(JSON.stringify(plan)) + salt) % 3 === 0);
  };

  test("[SH1] [SH3] [SH4] whatever fails: the result does, is the same again, and needs each fault", () => {
    const property = fc.property(fc.nat(1_000), fc.nat(4), (salt, fewest) => {
      const stillFails = wildly(salt, fewest);
      const shrinkIt = () => shrinkPlan({ plan: start, sizeOfInput }, stillFails, BUDGET);
      const { plan, exhausted } = shrinkIt();
      expect(exhausted).toBe(false);
      expect(stillFails(plan)).toBe(true);
      expect(shrinkIt().plan).toEqual(plan);
      plan.faults.forEach((_, index) => {
        const faults = plan.faults.filter((_fault, other) => other !== index);
        expect(stillFails({ ...plan, faults })).toBe(false);
      });
    });
    fc.assert(property, { seed: 13, numRuns: 100 });
  });

  test("[SH5] asks about no plan twice", () => {
    const property = fc.property(fc.nat(1_000), fc.nat(4), (salt, fewest) => {
      const asked: string[] = [];
      const stillFails = wildly(salt, fewest);
      const counted = (plan: Plan): boolean =>
        asked.push(JSON.stringify(plan)) > 0 && stillFails(plan);
      shrinkPlan({ plan: start, sizeOfInput }, counted, BUDGET);
      expect(new Set(asked).size).toBe(asked.length);
    });
    fc.assert(property, { seed: 14, numRuns: 50 });
  });

  test("[SH2] without a budget nothing is run", () => {
    const found = shrinkPlan({ plan: start, sizeOfInput }, () => true, 0);
    expect(found).toEqual({ plan: start, executions: 0, exhausted: true });
  });

  test("[SH3] asks the same questions again when asked again", () => {
    const questions = (): readonly Plan[] => {
      const asked: Plan[] = [];
      const stillFails = needing({ faults: [4], records: [3, 17] });
      shrinkPlan({ plan: start, sizeOfInput }, (p) => asked.push(p) > 0 && stillFails(p), BUDGET);
      return asked;
    };
    expect(questions()).toEqual(questions());
  });
});
