/**
 * The verbs that measure and hunt, played whole: the real engine, the real stories, small numbers. What
 * they print is looked at elsewhere; here it matters that they get to the end and say what they found.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { main } from "./main.ts";
import { processIo } from "./process-io.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), "millrace-whole-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function play(...words: string[]): Promise<{ status: number; json: unknown; err: string }> {
  let out = "";
  let err = "";
  const io = {
    ...processIo(),
    root,
    cwd,
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  const status = await main([...words, "--json"], io);
  return { status, json: JSON.parse(out), err };
}

describe("bench", () => {
  test.each(["kernel", "engine", "seeds", "growth.records", "growth.subtasks"])(
    "%s has a figure, a limit and a ratio between them",
    async (figure) => {
      const { status, json } = await play("bench", figure, "--quick");
      expect(status).toBe(0);
      const { value, limit, ratio } = (json as Record<string, Record<string, number>>)[figure]!;
      expect(value).toBeGreaterThan(0);
      expect(ratio).toBeCloseTo(value! / limit!, 6);
    },
  );

  test.each(["idle", "memory", "snapshot", "recorder"])("%s is measured", async (figure) => {
    const { status, json } = await play("bench", figure, "--quick");
    expect(status).toBe(0);
    expect((json as Record<string, object>)[figure]).toHaveProperty("ratio");
  });
});

describe("mutants", () => {
  test("a bug that is put back is found, and is not there without it", async () => {
    const { status, json, err } = await play("mutants", "A53", "--count", "30", "--workers", "1");
    expect(status, err).toBe(0);
    expect(json).toMatchObject({ found: 1, total: 1, mutants: [{ id: "A53", found: true }] });
  });
});
