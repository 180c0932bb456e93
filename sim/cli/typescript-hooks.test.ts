import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";

type Loaded = Readonly<{ format: string; source: string }>;
type Load = (url: string, context: unknown, next: (url: string) => Loaded) => Promise<Loaded>;

const hooks = new URL("./typescript-hooks.mjs", import.meta.url);
const { load } = (await import(hooks.href)) as { load: Load };
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "millrace-hooks-"));
const file = join(folder, "story.ts");
const entry = join(
  ...[root, "node_modules", ".cache", "millrace"],
  createHash("sha256").update(relative(root, file)).digest("hex"),
);
const next = (url: string): Loaded => ({ format: "theirs", source: url });

async function loaded(text: string): Promise<string> {
  writeFileSync(file, text);
  const { source } = await load(`${pathToFileURL(file).href}?once`, {}, next);
  return source.split("\n")[0]!;
}

afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(entry, { force: true });
});

test("types are stripped, and what others load is left to them", async () => {
  expect(await loaded("export const a: number = 1;\n")).toBe("const a = 1;");
  expect(await load("node:fs", {}, next)).toEqual({ format: "theirs", source: "node:fs" });
});

test("what was stripped is kept, as long as the text is the same", async () => {
  const text = "export const b: number = 2;\n";
  expect(await loaded(text)).toBe("const b = 2;");
  writeFileSync(entry, readFileSync(entry, "utf8").replace("b = 2", "b = 22"));
  expect(await loaded(text)).toBe("const b = 22;");
  expect(await loaded("export const b: number = 3;\n")).toBe("const b = 3;");
  expect(await loaded(text)).toBe("const b = 2;");
});

test("an entry that is damaged is not taken", async () => {
  const text = "export const c: number = 4;\n";
  await loaded(text);
  writeFileSync(entry, "const c = 5;\n");
  expect(await loaded(text)).toBe("const c = 4;");
});
