import { relative } from "node:path";
import { expect, test } from "vitest";
import { allScenarios, findScenario } from "./scenarios.ts";
import { checkoutIo } from "./testing/every-story.ts";

const io = checkoutIo();
const fileOf = (path: string): string => relative(io.root, path).replaceAll("\\", "/");

test("a story in a folder goes by the names of both", async () => {
  const { scenario, path, argument } = await findScenario(io, "nexmark-q0");
  expect(fileOf(path)).toBe("scenarios/nexmark/q0.ts");
  expect([scenario.name, argument]).toEqual(["nexmark-q0", "nexmark-q0"]);
  await expect(findScenario(io, "nexmark-q99")).rejects.toThrow('no scenario "nexmark-q99"');
});

test("every story is named like its file, and none is a part of others", async () => {
  for (const { scenario, path } of await allScenarios(io)) {
    const [, name = ""] = /^scenarios\/(.*)\.ts$/.exec(fileOf(path)) ?? [];
    expect(name.replace("/", "-")).toBe(scenario.name);
    expect(name).not.toMatch(/^(jobs|data|regressions)\//);
  }
});
