import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT } from "./testing/fake-io.ts";

test("the entry loads TypeScript and gives the status to the shell", () => {
  const bin = join(CHECKOUT, "sim", "cli", "bin.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "run", "no-such-story"], {
    encoding: "utf8",
    cwd: CHECKOUT,
  });
  expect(stderr).toContain('millrace: no scenario "no-such-story"');
  expect(stdout).toBe("");
  expect(status).toBe(2);
}, 60_000);

test("a module in a folder that is no package loads, whatever it imports without an extension", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bin-"));
  try {
    writeFileSync(join(folder, "helper.ts"), 'export const helper: string = "x";\n');
    writeFileSync(join(folder, "none.ts"), 'export { helper } from "./helper";\n');
    const bin = join(CHECKOUT, "sim", "cli", "bin.mjs");
    const { status, stderr } = spawnSync(process.execPath, [bin, "run", "./none.ts"], {
      encoding: "utf8",
      cwd: folder,
    });
    expect(stderr).toContain("none.ts: exports no scenario");
    expect(status).toBe(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

test("Node that is too old is refused with what to do", async () => {
  const { nodeProblem } = (await import(join(CHECKOUT, "sim/cli/install.mjs"))) as {
    nodeProblem(version: string): string | undefined;
  };
  expect(nodeProblem("20.18.3")).toContain("needs Node 20.19 or newer, and this is 20.18.3");
  expect(nodeProblem("18.20.0")).toBeDefined();
  expect(nodeProblem("20.19.0")).toBeUndefined();
  expect(nodeProblem("22.0.0")).toBeUndefined();
});
