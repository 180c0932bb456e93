/**
 * Scenarios by name or by path. A name is a file of `scenarios/` in this checkout, or of a folder in it:
 * "nexmark-q5" is `scenarios/nexmark/q5.ts`. What looks like a path is any module that exports a scenario,
 * so stories may live anywhere.
 */
import { existsSync, readdirSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { compareText } from "../../src/index.ts";
import { describeScenarioError, loadScenario } from "../explore/scenario-module.ts";
import type { Scenario } from "../scenario.ts";
import { UsageError } from "./exit.ts";
import type { Io } from "./io.ts";
import { nearest } from "./nearest.ts";

/** A scenario and the module it came from; `argument` is what finds it again on a command line. */
export type Found = Readonly<{ scenario: Scenario; path: string; argument: string }>;

const MODULE = /\.(ts|mts|js|mjs)$/;
const NOT_A_STORY = /\.test\.ts$|\.d\.ts$|^scenario\.ts$|^index\.ts$/;
const looksLikePath = (text: string): boolean => /[\\/]/.test(text) || MODULE.test(text);

/** A path as a person would type it: relative to where they are, unless that leads far away. */
export function shownPath(io: Io, path: string): string {
  const short = relative(io.cwd, path);
  if (short.startsWith("..") || isAbsolute(short)) return path;
  return short;
}

/** Folders of `scenarios/` that hold parts of stories. */
const NO_STORIES: readonly string[] = ["data", "jobs", "regressions"];

type StoryFile = Readonly<{ path: string; name: string }>;

function storyFiles(io: Io): StoryFile[] {
  const top = join(io.root, "scenarios");
  if (!existsSync(top)) return [];
  const folders = readdirSync(top, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NO_STORIES.includes(entry.name))
    .map(({ name }) => name);
  return [
    ...filesOf(top, ""),
    ...folders.flatMap((folder) => filesOf(join(top, folder), `${folder}-`)),
  ].sort((a, b) => compareText(a.name, b.name));
}

const filesOf = (folder: string, prefix: string): StoryFile[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && !NOT_A_STORY.test(file))
    .map((file) => ({ path: join(folder, file), name: `${prefix}${nameOf(file)}` }));

const nameOf = (path: string): string => (path.split(/[\\/]/).at(-1) ?? "").replace(MODULE, "");

/** Every scenario of this checkout; a module without one (a shared part) is passed over. */
export async function allScenarios(io: Io): Promise<Found[]> {
  const found: Found[] = [];
  for (const { path, name } of storyFiles(io)) {
    const loaded = await loadScenario(path, name);
    if (loaded.ok) {
      found.push({ scenario: loaded.value, path, argument: loaded.value.name });
    } else if (loaded.error.kind !== "none") {
      throw new UsageError(describeScenarioError(shownPath(io, path), loaded.error));
    }
  }
  return found;
}

async function fromPath(io: Io, path: string, argument?: string): Promise<Found> {
  const loaded = await loadScenario(path, nameOf(path));
  if (!loaded.ok) throw new UsageError(describeScenarioError(shownPath(io, path), loaded.error));
  return { scenario: loaded.value, path, argument: argument ?? shownPath(io, path) };
}

async function unknownScenario(io: Io, name: string): Promise<UsageError> {
  const known = (await allScenarios(io)).map(({ scenario }) => scenario.name);
  const near = nearest(name, known);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  const list = known.length === 0 ? "there are none yet" : known.join(", ");
  return new UsageError(
    `no scenario "${name}".${hint}\n  known: ${list}\n  or give the path of a module that exports one`,
  );
}

export async function findScenario(io: Io, nameOrPath: string): Promise<Found> {
  if (looksLikePath(nameOrPath)) {
    const path = resolve(io.cwd, nameOrPath);
    if (!existsSync(path)) throw new UsageError(`no such file: ${nameOrPath}`);
    return fromPath(io, path);
  }
  const byFile = storyFiles(io).find(({ name }) => name === nameOrPath);
  if (byFile !== undefined) return fromPath(io, byFile.path, nameOrPath);
  const byName = (await allScenarios(io)).find(({ scenario }) => scenario.name === nameOrPath);
  if (byName === undefined) throw await unknownScenario(io, nameOrPath);
  return byName;
}

/** The scenarios named, or all of them. */
export async function chosenScenarios(io: Io, names: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of names) found.push(await findScenario(io, name));
  return names.length === 0 ? allScenarios(io) : found;
}
