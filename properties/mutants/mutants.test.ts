/**
 * The lists of mutants, as far as that can be said without playing them: each is the change of one
 * place that is still there, names only what there is, and is for stories that exist.
 *
 * A name that nobody declares would fail every run, and pass for a find. Types may be wrong in a
 * mutant: nothing checks them before it runs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { processIo } from "../../sim/cli/process-io.ts";
import { mutatedText, type Mutant } from "../../sim/cli/mutant.ts";
import { readMutants } from "../../sim/cli/mutant-schema.ts";
import { allScenarios } from "../../sim/cli/scenarios.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const io = { ...processIo(), cwd: root, root };
const byTests = readMutants(io, join(root, "properties/mutants/by-tests/statements.json"), []);
const mutants = [...readMutants(io, undefined, []), ...byTests];

/** Of the compiler's messages: a name, a member, an export or a module that is not there. */
const UNKNOWN = new Set([2304, 2305, 2307, 2339, 2551, 2552, 2614, 2724, 18004]);

/** Each mutated file beside the original, so that one program holds them all. */
const besideOriginal = ({ id, file }: Mutant): string =>
  join(
    root,
    file.replace(/[^/]*$/, (name) => `${id}.mutant.${name}`),
  );

function unknownNames(listed: readonly Mutant[]): string[] {
  const mutated = new Map(listed.map((mutant) => [besideOriginal(mutant), mutant]));
  const config = ts.readConfigFile(join(root, "tsconfig.json"), (path) =>
    readFileSync(path, "utf8"),
  );
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => mutated.has(path) || fileExists(path);
  host.readFile = (path) => {
    const mutant = mutated.get(path);
    return mutant === undefined ? readFile(path) : mutatedText(root, mutant);
  };
  host.getSourceFile = (path, ...rest) => {
    const mutant = mutated.get(path);
    if (mutant === undefined) return getSourceFile(path, ...rest);
    return ts.createSourceFile(path, mutatedText(root, mutant), rest[0], true);
  };
  const program = ts.createProgram([...mutated.keys()], options, host);
  return [...mutated].flatMap(([path, { id, file }]) => {
    const source = program.getSourceFile(path);
    const found = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source).filter(({ code }) => UNKNOWN.has(code)),
    ];
    return found.map(({ messageText }) => {
      const message = ts.flattenDiagnosticMessageText(messageText, " ");
      return `${id}, in ${file}: ${message}`;
    });
  });
}

test("there are mutants, each of one place that is there", () => {
  expect(mutants.length).toBeGreaterThan(100);
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  for (const mutant of mutants) expect(mutatedText(root, mutant)).not.toBe("");
});

test("each is for stories that exist", async () => {
  const names = (await allScenarios(io)).map(({ scenario }) => scenario.name);
  for (const { id, scenarios = [] } of mutants) {
    expect(names, `of ${id}`).toEqual(expect.arrayContaining([...scenarios]));
  }
});

test("each is a program that names only what is there", { timeout: 300_000 }, () => {
  expect(unknownNames(mutants)).toEqual([]);
});

test("a name that is not there is noticed", { timeout: 300_000 }, () => {
  const mutant: Mutant = {
    ...{ id: "sample", source: "a sample", difficulty: "easy", file: "src/core/result.ts" },
    ...{ find: "ok: true, value }", replace: "ok: nowhere, value }" },
  };
  expect(unknownNames([mutant])).toEqual([
    "sample, in src/core/result.ts: Cannot find name 'nowhere'.",
  ]);
});
