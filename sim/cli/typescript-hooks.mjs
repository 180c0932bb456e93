/**
 * Module hooks: strips the types of TypeScript modules, and does nothing else to them.
 *
 * Every `.ts` and `.mts` file outside of `node_modules` is taken for an ES module, whatever the
 * package around it says: a story exports, and a folder need not be a package to hold one.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const STRIPPED = /^file:(?!.*\/node_modules\/).*\.m?ts$/;

export async function load(url, context, nextLoad) {
  const [path] = url.split("?");
  if (!STRIPPED.test(path)) return nextLoad(url, context);
  const sourcefile = fileURLToPath(path);
  const source = await readFile(sourcefile, "utf8");
  const { code } = await transform(source, {
    loader: "ts",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    sourcefile,
  });
  return { format: "module", source: code, shortCircuit: true };
}
