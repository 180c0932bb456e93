/**
 * Which build this is: the package's version and a digest of everything that can change a run. A seed
 * means the same only under the same build.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { compareText } from "../../src/index.ts";

export type Versions = Readonly<{ millrace: string; node: string }>;

const FOLDERS = ["src", "sim", "properties", "scenarios"] as const;
/** The command line and what explores play runs; they do not change one. */
const WITHOUT_EFFECT = /^sim\/(cli|explore)\//;
const DIGEST_DIGITS = 12;

function sourceFiles(root: string): string[] {
  const files: string[] = [];
  for (const folder of FOLDERS) {
    if (!existsSync(join(root, folder))) continue;
    for (const entry of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      const file = `${folder}/${entry.replaceAll("\\", "/")}`;
      if (file.endsWith(".ts") && !/\.test\.ts$/.test(file) && !WITHOUT_EFFECT.test(file)) {
        files.push(file);
      }
    }
  }
  return files.sort(compareText);
}

export function buildOf(root: string): Versions {
  const hash = createHash("sha256");
  for (const file of sourceFiles(root)) {
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  const digest = hash.digest("hex").slice(0, DIGEST_DIGITS);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  return { millrace: `${version}+${digest}`, node: process.versions.node };
}

export const sameBuild = (a: Versions, b: Versions): boolean =>
  a.millrace === b.millrace && a.node === b.node;
