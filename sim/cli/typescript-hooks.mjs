/**
 * Module hooks: strips the types of TypeScript modules, and does nothing else to them.
 *
 * Every `.ts` and `.mts` file outside of `node_modules` is taken for an ES module, whatever the
 * package around it says: a story exports, and a folder need not be a package to hold one.
 *
 * What was stripped is kept, under `node_modules/.cache`: hundreds of files are loaded in every thread of
 * every start. There is one entry a file, and it says of which text it was made.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { threadId } from "node:worker_threads";
import { transform, version } from "esbuild";

const STRIPPED = /^file:(?!.*\/node_modules\/).*\.m?ts$/;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Beside the packages, wherever they are: a copy of the project shares them. */
const PACKAGES = dirname(dirname(createRequire(import.meta.url).resolve("esbuild/package.json")));
const CACHE = join(PACKAGES, ".cache", "millrace");

const hashOf = (...texts) => createHash("sha256").update(texts.join("\0")).digest("hex");

function keptIn(entry, of) {
  try {
    const text = readFileSync(entry, "utf8");
    return text.startsWith(of) ? text.slice(of.length) : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all. Where nothing can be kept, all is stripped again each time. */
function keep(entry, text) {
  const draft = `${entry}.${process.pid}.${threadId}`;
  try {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, entry);
  } catch {
    return;
  }
}

export async function load(url, context, nextLoad) {
  const [path] = url.split("?");
  if (!STRIPPED.test(path)) return nextLoad(url, context);
  const file = fileURLToPath(path);
  const source = readFileSync(file, "utf8");
  const entry = join(CACHE, hashOf(relative(ROOT, file)));
  const of = `// ${hashOf(version, source)}\n`;
  const kept = keptIn(entry, of);
  if (kept !== undefined) return { format: "module", source: kept, shortCircuit: true };
  const { code } = await transform(source, {
    loader: "ts",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    // Beside the module: the same text in another place has the same map.
    sourcefile: basename(file),
  });
  keep(entry, of + code);
  return { format: "module", source: code, shortCircuit: true };
}
