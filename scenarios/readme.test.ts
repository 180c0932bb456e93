/** The first story of the README is one that loads, as it stands there. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { referenceOutput } from "../properties/index.ts";
import { loadScenario } from "../sim/explore/scenario-module.ts";
import { createRandom } from "../sim/kernel/random.ts";

const top = fileURLToPath(new URL("..", import.meta.url));

test("the first story of the README loads and has output", async () => {
  const [, code = ""] = /```ts\n([^]*?)```/.exec(
    readFileSync(join(top, "scenarios", "README.md"), "utf8"),
  ) ?? [""];
  mkdirSync(join(top, ".millrace"), { recursive: true });
  const folder = mkdtempSync(join(top, ".millrace", "readme-"));
  try {
    const moved = code.replace(/from "\.\.?\//g, (from) =>
      from === 'from "../' ? 'from "../../' : 'from "../../scenarios/',
    );
    writeFileSync(join(folder, "letters.ts"), moved);
    const loaded = await loadScenario(join(folder, "letters.ts"));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    const { name, job, input } = loaded.value;
    expect(name).toBe("letters");
    expect(referenceOutput(job, input(createRandom("1"))).get("upper")).toHaveLength(500);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
