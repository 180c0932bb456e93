/**
 * The order of the layers is the architecture: who may import whom, and that no imports go round.
 *
 * Tests are free, and so is what they share: a test may take anything for its stage.
 */
import { importsOf, isLayered, resolveImport, type Tree, type TidyRule } from "./tree.ts";

/** First the one that imports nothing. A folder, or a file that is a layer of its own. */
export const LAYERS = [
  "src/core",
  "src/host",
  "src/types",
  "src/time",
  "src/state",
  "src/operators",
  "src/connectors",
  "src/graph",
  "src/checkpoint",
  "src/runtime",
  "src/index.ts",
  "src/node",
  "sim",
  "properties",
  "scenarios",
  "bench",
] as const;

const SURFACE = "src/index.ts";

/** -1 for what stands in no layer. */
const layerOf = (path: string): number =>
  LAYERS.findIndex((layer) => path === layer || path.startsWith(`${layer}/`));

export const layers: TidyRule = {
  name: "a file imports only from its own layer or an earlier one",
  check: (tree) =>
    offences(tree, (from, to) => {
      const [own, other] = [layerOf(from), layerOf(to)];
      if (own === -1) return `stands in no layer; the layers are ${LAYERS.join(", ")}`;
      if (other === -1) return `imports ${to}, which stands in no layer`;
      if (other <= own) return undefined;
      return `is of ${LAYERS[own]}, and imports ${to} of the later layer ${LAYERS[other]}`;
    }),
};

export const surface: TidyRule = {
  name: "outside of src, the engine is src/index.ts",
  check: (tree) =>
    offences(tree, (from, to) =>
      from.startsWith("src/") || !to.startsWith("src/") || to === SURFACE
        ? undefined
        : `imports ${to}; import it from ${SURFACE}`,
    ),
};

function offences(
  tree: Tree,
  judge: (from: string, to: string) => string | undefined,
): readonly string[] {
  const found: string[] = [];
  for (const [path, text] of tree) {
    if (!isLayered(path)) continue;
    for (const { line, specifier } of importsOf(text)) {
      const to = resolveImport(path, specifier);
      const why = to === undefined ? undefined : judge(path, to);
      if (why !== undefined) found.push(`${path}:${line} ${why}`);
    }
  }
  return found;
}

export const cycles: TidyRule = {
  name: "no imports form a cycle",
  check(tree) {
    const found: string[] = [];
    const done = new Set<string>();
    const open: string[] = [];
    const visit = (path: string): void => {
      const at = open.indexOf(path);
      if (at !== -1) found.push([...open.slice(at), path].join(" -> "));
      if (at !== -1 || done.has(path)) return;
      open.push(path);
      for (const { specifier } of importsOf(tree.get(path) ?? "")) {
        const to = resolveImport(path, specifier);
        if (to !== undefined) visit(to);
      }
      open.pop();
      done.add(path);
    };
    for (const path of tree.keys()) if (isLayered(path)) visit(path);
    return found;
  },
};

/** What may stand at the top: a newcomer should see the project, not its tools. */
const TOP: ReadonlySet<string> = new Set([
  ...["README.md", "LICENSE", "src", "sim", "properties", "scenarios", "bench", "docs"],
  ...["package.json", "package-lock.json", "tsconfig.json", "vitest.config.ts"],
  ...["eslint.config.mjs", "knip.jsonc", ".prettierrc.json", ".prettierignore"],
  ...[".gitignore", ".npmrc", ".ci", ".github"],
]);

export const top: TidyRule = {
  name: "the top holds what it must, and nothing else",
  check: (tree) => {
    const names = new Set([...tree.keys()].map((path) => path.split("/")[0] ?? path));
    return [...names]
      .filter((name) => !TOP.has(name))
      .map((name) => `${name} stands at the top; put it into the folder it belongs to`);
  },
};
