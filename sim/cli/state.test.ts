import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CHECKOUT, createStage, type Stage } from "./testing/fake-io.ts";

const GOLDEN = join(CHECKOUT, "scenarios", "golden-checkpoints");
const CHECKPOINT = "checkpoints/three-generations/chk-0000000000000003";

let stage: Stage;
beforeEach(() => {
  stage = createStage();
  for (const name of ["memory-1", "disk-1"]) {
    cpSync(join(GOLDEN, name), join(stage.root, name), { recursive: true });
  }
});
afterEach(() => stage.remove());

describe("state show", () => {
  test("operators, their states, and how much there is of each", async () => {
    const { status, out } = await stage.play("state", "show", "memory-1");
    expect(status).toBe(0);
    expect(out).toMatch(/^checkpoint 3 of job "three-generations": 4 files, [\d_]+ bytes\n/);
    expect(out).toMatch(/count\n\s+counted\s+value<record\{.*\}>\s+\d+\s+\d+\s+\d+\n/);
    expect(out).toMatch(/sink\n\s+transactions\s+split list\s+2/);
  });

  test("state that its backend has kept in a form of its own, and which form", async () => {
    const { out } = await stage.play("state", "show", "disk-1");
    expect(out).toMatch(/counted\s+value<record\{.*\}> \(lsm\)/);
  });

  test("the same as a document", async () => {
    const { status, out } = await stage.play("state", "show", "disk-1", "--json");
    expect(status).toBe(0);
    const [document] = JSON.parse(out) as { id: number; operators: { uid: string }[] }[];
    expect(document?.id).toBe(3);
    expect(document?.operators.map(({ uid }) => uid)).toEqual(["visits", "count", "sink"]);
  });
});

describe("state verify", () => {
  test("[C52] a whole checkpoint is whole", async () => {
    const { status, out, err } = await stage.play("state", "verify", "disk-1");
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(/^whole: checkpoint 3 of job/);
  });

  test("[C52] one wrong bit, or a file that is gone, is told with where and what to do", async () => {
    const path = join(stage.root, "memory-1", CHECKPOINT, "1.1", "1-0");
    const bytes = readFileSync(path);
    bytes[40]! ^= 1;
    writeFileSync(path, bytes);
    const { status, out, err } = await stage.play("state", "verify", "memory-1");
    expect([status, out]).toEqual([1, ""]);
    expect(err).toMatch(/cannot be read\n\s+.*1-0", byte \d+: expected .+, found .+; /);
    expect((await stage.play("state", "show", "memory-1")).status).toBe(1);
  });
});

describe("state convert", () => {
  test("[SM1] [CF2] writes the same state in the canonical form, without a shared file", async () => {
    const states = async (directory: string): Promise<string> => {
      const { out } = await stage.play("state", "show", directory);
      return out
        .replace(/^.*\n/, "")
        .replace(/ \(lsm\)/, "")
        .replaceAll(/ +/g, " ");
    };
    const { status } = await stage.play(
      "state",
      "convert",
      "disk-1",
      "--to",
      "canonical",
      "--out",
      "c",
    );
    expect(status).toBe(0);
    expect((await stage.play("state", "verify", "c")).status).toBe(0);
    expect(await states("c")).toBe(await states("disk-1"));
    expect(readdirSync(join(stage.root, "c/checkpoints/three-generations"))).toHaveLength(1);
  });

  test("what it cannot do is told before anything is written", async () => {
    const form = await stage.play("state", "convert", "disk-1", "--to", "lsm", "--out", "c");
    expect([form.status, form.err]).toEqual([2, expect.stringContaining('no form "lsm"')]);
    const full = await stage.play(
      "state",
      "convert",
      "disk-1",
      "--to",
      "canonical",
      "--out",
      "memory-1",
    );
    expect([full.status, full.err]).toEqual([2, expect.stringContaining("memory-1 is not empty")]);
    const none = await stage.play("state", "verify", "scenarios");
    expect([none.status, none.err]).toEqual([2, expect.stringContaining("no checkpoint in")]);
    const gone = await stage.play("state", "show", "nowhere");
    expect([gone.status, gone.err]).toEqual([
      2,
      expect.stringContaining("nowhere is no directory"),
    ]);
  });
});

describe("run --keep", () => {
  test("--keep-all without a place is bad usage", async () => {
    const { status, err } = await stage.play("run", "alpha", "--keep-all");
    expect([status, err]).toEqual([2, expect.stringContaining("add --keep DIR")]);
  });
});
