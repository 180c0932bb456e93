import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { RunRequest } from "../run.ts";
import type { Capsule } from "./capsule.ts";
import { writeCapsule } from "./capsule.ts";
import { readCapsule } from "./capsule-schema.ts";
import { UsageError } from "./exit.ts";
import type { Answer, Stage } from "./testing/fake-io.ts";
import { createStage, HOLDS, PLAN, VIOLATED } from "./testing/fake-io.ts";

const stages: Stage[] = [];
function stage(answer?: (request: RunRequest) => Answer): Stage {
  const created = createStage(answer);
  stages.push(created);
  return created;
}
afterEach(() => stages.splice(0).forEach((created) => created.remove()));

const CAPSULE: Capsule = {
  formatVersion: 1,
  scenario: "alpha",
  seed: "0x2a",
  plan: { ...PLAN, keep: { words: [[0, 2], []] } },
  rule: "EO1",
  detail: '("whale", 11:00) expected 3, committed 4',
  digest: "00000000deadbeef",
  versions: { millrace: "0.1.0+0123456789ab", node: "20.20.2" },
  shrunkFrom: { faults: 41, records: 1_000 },
  strikes: [{ fault: 0, past: [{ note: "job-running", process: "jm", nth: 1 }] }],
};

function refusal(text: string): string {
  const { io, write } = stage();
  write("capsule.json", text);
  try {
    readCapsule(io, "capsule.json");
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UsageError);
    return (thrown as Error).message;
  }
  return "";
}

describe("the file", () => {
  test("what is written is what is read", () => {
    const { io } = stage();
    writeCapsule(join(io.cwd, "capsule.json"), CAPSULE);
    expect(readCapsule(io, "capsule.json")).toEqual(CAPSULE);
  });

  test("of a time when no job could ask a service is read with services that are calm", () => {
    const { io, write } = stage();
    const { services: _, ...options } = CAPSULE.plan.options;
    write("capsule.json", JSON.stringify({ ...CAPSULE, plan: { ...CAPSULE.plan, options } }));
    expect(readCapsule(io, "capsule.json").plan.options).toMatchObject({
      ...options,
      services: { timeoutPerMille: 0, failPerMille: 0, doublePerMille: 0 },
    });
  });

  test("a mutant travels inside", () => {
    const { io } = stage();
    const mutant = {
      ...{ id: "m1", source: "FLINK-1", difficulty: "easy", file: "src/a.ts" },
      ...{ find: "a", replace: "b" },
    };
    writeCapsule(join(io.cwd, "capsule.json"), { ...CAPSULE, mutant });
    expect(readCapsule(io, "capsule.json").mutant).toEqual(mutant);
  });

  test("a truncated capsule is refused wherever it was cut", () => {
    const text = JSON.stringify(CAPSULE);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        expect(refusal(text.slice(0, length))).toContain("is it truncated?");
      }),
      { seed: 1, numRuns: 25 },
    );
  });

  test.each([
    ["a capsule of another format", { ...CAPSULE, formatVersion: 2 }, "a capsule of format 2, and"],
    ["an unknown key", { ...CAPSULE, colour: "red" }, 'Unrecognized key: "colour"'],
    ["no plan", { ...CAPSULE, plan: undefined }, "plan"],
    ["an unknown fault", withFault({ kind: "meteor" }), "plan.faults[0].kind"],
    [
      "a fault that lacks its moment",
      withFault({ kind: "pause", process: "tm-1", forMs: 1 }),
      "when",
    ],
    ["a note that nobody writes", withMoment({ note: "tea-time", nth: 1, afterMs: 0 }), "when"],
    [
      "a step that nobody takes",
      withFault({
        ...{ kind: "crash", process: "jm", restartAfterMs: 1 },
        when: { step: "drink/tea", process: "jm", nth: 1, side: "after" },
      }),
      "when",
    ],
    ["a seed that is a number", { ...CAPSULE, seed: 42 }, "expected string, received number"],
    ["something else", [1, 2], "is no capsule"],
  ])("%s is refused, with the place", (_what, capsule, message) => {
    expect(refusal(JSON.stringify(capsule))).toContain(message);
  });
});

function withFault(fault: object): unknown {
  return { ...CAPSULE, plan: { ...PLAN, faults: [fault] } };
}
function withMoment(when: object): unknown {
  return withFault({ kind: "pause", process: "tm-1", forMs: 1, when });
}

describe("replay", () => {
  const red = (changes: Partial<Answer> = {}): (() => Answer) => {
    return () => ({ verdicts: [VIOLATED], ...changes });
  };
  /** Leaves a capsule by a run, then replays it, the second time with other answers. */
  async function replayed(second: () => Answer, edit: (c: Capsule) => Capsule = (c) => c) {
    let answer = red();
    const created = stage(() => answer());
    await created.play("run", "alpha", "--seed", "42");
    const path = ".millrace/capsules/alpha-0x2a.json";
    const left = readCapsule(created.io, path);
    writeCapsule(join(created.io.cwd, path), edit(left));
    answer = second;
    return created.play("replay", path, "--no-color");
  }

  test("the same rule, detail and digest: reproduced", async () => {
    const { status, out } = await replayed(red());
    expect(out).toMatch(/^reproduced\n\nVIOLATED {2}EO1/);
    expect(out).toContain("  replay  npx millrace replay .millrace/capsules/alpha-0x2a.json\n");
    expect(status).toBe(1);
  });

  test("only the digest differs, with one build: non-determinism", async () => {
    const { status, out } = await replayed(red({ digest: "00000000cafecafe" }));
    expect(out).toContain("is violated again, but the digest differs, was 00000000deadbeef");
    expect(status).toBe(4);
  });

  test("only the digest differs, with another build: the same violation", async () => {
    const other = (c: Capsule): Capsule => ({ ...c, versions: { ...c.versions, node: "18.0.0" } });
    const { status, out } = await replayed(red({ digest: "00000000cafecafe" }), other);
    expect(out).toContain("violated again, with another build, but the digest differs");
    expect(status).toBe(1);
  });

  test("another detail is told", async () => {
    const verdicts = [{ ...VIOLATED, detail: "one row too few" }] as Answer["verdicts"];
    const { status, out } = await replayed(red({ verdicts }));
    expect(out).toContain('the detail differs, was: ("whale", 11:00) expected 3, committed 4');
    expect(status).toBe(1);
  });

  test("another rule is told", async () => {
    const verdicts = [{ ...VIOLATED, id: "WM9" }] as Answer["verdicts"];
    const { status, out } = await replayed(red({ verdicts }));
    expect(out).toContain("differs: expected a violation of EO1, found one of WM9");
    expect(status).toBe(1);
  });

  test("no violation: said plainly, and green", async () => {
    const { status, out } = await replayed(() => ({ verdicts: [HOLDS] }));
    expect(out).toContain("not reproduced: EO1 was violated, now no rule is");
    expect(status).toBe(0);
  });

  const struck: Capsule["strikes"] = [
    { fault: 0, past: [{ note: "checkpoint-completed", process: "jm", nth: 3 }] },
  ];

  test("no violation, and a fault that struck elsewhere: both places", async () => {
    const green = (): Answer => ({ verdicts: [HOLDS] });
    const { status, out } = await replayed(green, (c) => ({ ...c, strikes: struck }));
    expect(out).toContain(
      "struck behind checkpoint-completed #3 of jm when the capsule was written; " +
        "this run has nothing where it had checkpoint-completed #3 of jm\n",
    );
    expect(status).toBe(0);
  });

  test("the same violation says nothing of where faults struck", async () => {
    const { out } = await replayed(red(), (c) => ({ ...c, strikes: struck }));
    expect(out).toMatch(/^reproduced\n/);
    expect(out).not.toContain("when the capsule was written");
  });

  test("an unknown scenario is bad usage", async () => {
    const { status, err } = await replayed(red(), (c) => ({ ...c, scenario: "gone" }));
    expect(err).toContain('no scenario "gone"');
    expect(status).toBe(2);
  });
});

describe("shrink", () => {
  const needsCrash = ({ plan = PLAN }: RunRequest): Answer => ({
    verdicts: [plan.faults.some(({ kind }) => kind === "crash") ? VIOLATED : HOLDS],
  });

  test("writes the smallest plan next to the capsule, and says what it saved", async () => {
    const { play, io } = stage(needsCrash);
    await play("run", "alpha", "--seed", "42");
    const { status, out } = await play("shrink", ".millrace/capsules/alpha-0x2a.json");
    expect(out).toContain("EO1: 2 -> 1 faults, 1 -> 0 records in");
    expect(out).toMatch(/\n  found   \S/);
    expect(out).toContain("npx millrace replay .millrace/capsules/alpha-0x2a.min.json\n");
    expect(status).toBe(0);
    const minimal = readCapsule(io, ".millrace/capsules/alpha-0x2a.min.json");
    expect(minimal.plan.faults.map(({ kind }) => kind)).toEqual(["crash"]);
    expect(minimal.shrunkFrom).toEqual({ faults: 2, records: 1 });
    const replay = await play("replay", ".millrace/capsules/alpha-0x2a.min.json");
    expect(replay.out).toContain("reproduced");
    expect(replay.out).toContain("(shrunk from 2 faults)");
  });

  test("a smaller plan that breaks the rule once and not again is no result", async () => {
    let fewerPlays = 0;
    const { play, root } = stage(({ plan = PLAN, withoutFaults }) => {
      const fewer = plan.faults.length === 1 && withoutFaults !== true;
      const breaks = plan.faults.length === 2 || (fewer && fewerPlays++ === 0);
      return { verdicts: [breaks ? VIOLATED : HOLDS] };
    });
    await play("run", "alpha", "--seed", "42");
    const { status, err } = await play("shrink", ".millrace/capsules/alpha-0x2a.json");
    expect(err).toContain("the smaller plan violated EO1, and does not when it is played again");
    expect(status).toBe(4);
    expect(() => readFileSync(join(root, ".millrace/capsules/alpha-0x2a.min.json"))).toThrow();
  });

  test("a capsule that breaks nothing any more is inconclusive, and stays alone", async () => {
    let broken = true;
    const { play, root } = stage(() => ({ verdicts: [broken ? VIOLATED : HOLDS] }));
    await play("run", "alpha", "--seed", "42");
    broken = false;
    const { status, err } = await play("shrink", ".millrace/capsules/alpha-0x2a.json");
    expect(err).toContain("does not violate EO1 with this build");
    expect(status).toBe(3);
    expect(() => readFileSync(join(root, ".millrace/capsules/alpha-0x2a.min.json"))).toThrow();
  });
});
