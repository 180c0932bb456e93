/** Module hooks: strips the types of this project's own files. See `typescript.mjs`. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const ROOT = new URL("../../", import.meta.url).href;
const OWN = ["src/", "sim/", "properties/", "scenarios/"].map((folder) => ROOT + folder);

export async function load(url, context, nextLoad) {
  const [path] = url.split("?");
  if (!path.endsWith(".ts") || !OWN.some((folder) => path.startsWith(folder))) {
    return nextLoad(url, context);
  }
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
