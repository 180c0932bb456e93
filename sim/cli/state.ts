/**
 * `state show|verify|convert PATH`: checkpoints in a directory, as `run --keep` leaves them, without the job.
 *
 * A directory holds the files of an object store under their paths. Every verb reads whole checkpoints,
 * each byte verified, and a damaged one is an error that names the file.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Command } from "commander";
import {
  canonicalCheckpoint,
  compareText,
  describeCheckpoint,
  loadCheckpoint,
  type LoadedCheckpoint,
  type OperatorContent,
  type ReadFile,
} from "../../src/index.ts";
import { counted } from "../grouped.ts";
import { EXIT, UsageError } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import type { Done, Io } from "./io.ts";
import { printJson } from "./judge.ts";
import { table, type Cell } from "./table.ts";

type ShowFlags = Readonly<{ json?: boolean }>;
type ConvertFlags = Readonly<{ to: string; out: string }>;

/** One for each checkpoint of a directory: what it holds, or why it cannot be read. */
type Read = Readonly<
  | { kind: "loaded"; loaded: LoadedCheckpoint }
  | { kind: "damaged"; metadataPath: string; why: string }
>;

function directoryAt(io: Io, path: string): string {
  const directory = resolve(io.cwd, path);
  if (existsSync(directory) && statSync(directory).isDirectory()) return directory;
  throw new UsageError(
    `${path} is no directory; give one that \`run SCENARIO --keep DIR\` has written`,
  );
}

const readerOf =
  (directory: string): ReadFile =>
  (path) => {
    const file = join(directory, ...path.split("/"));
    return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
  };

/** @throws UsageError where there is no checkpoint at all: nothing would have been verified */
function readAll(io: Io, path: string): readonly Read[] {
  const directory = directoryAt(io, path);
  const read = readerOf(directory);
  const found = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^metadata\b/.test(entry.name))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort(compareText);
  if (found.length === 0) {
    throw new UsageError(
      `there is no checkpoint in ${path}: none of its files is called "metadata"; write some with ` +
        "`run SCENARIO --keep DIR --keep-all`",
    );
  }
  return found.map((metadataPath) => {
    const loaded = loadCheckpoint(metadataPath, read);
    return loaded.ok
      ? { kind: "loaded", loaded: loaded.value }
      : { kind: "damaged", metadataPath, why: loaded.error };
  });
}

/** Says what cannot be read; true if that is nothing. */
function sayDamage(io: Io, all: readonly Read[]): boolean {
  const damaged = all.filter((one) => one.kind === "damaged");
  for (const { metadataPath, why } of damaged) io.err(`${metadataPath} cannot be read\n  ${why}\n`);
  return damaged.length === 0;
}

const loadedOf = (all: readonly Read[]): readonly LoadedCheckpoint[] =>
  all.flatMap((one) => (one.kind === "loaded" ? [one.loaded] : []));

const statusOf = (whole: boolean): ExitStatus => (whole ? EXIT.held : EXIT.violated);

function rowsOf(content: OperatorContent): Cell[][] {
  const { uid, formats, keyed, timers, lists } = content;
  const form = formats.length === 0 ? "" : ` (${formats.join(", ")})`;
  const rows: Cell[][] = keyed.map(({ name, kind, types, entries, bytes }) => [
    uid,
    name,
    `${kind}<${types.join(", ")}>${form}`,
    entries,
    bytes.size,
    [...bytes.values()].reduce((sum, size) => sum + size, 0),
  ]);
  if (timers.keyGroups > 0) rows.push([uid, "timers", "", "", timers.keyGroups, timers.bytes]);
  for (const { name, mode, elements, bytes } of lists) {
    rows.push([uid, name, `${mode} list`, elements, "", bytes]);
  }
  return rows.length > 0 ? rows : [[uid, "none", "", "", "", ""]];
}

const documentOf = ({ metadataPath, checkpoint, files, vertices }: LoadedCheckpoint): unknown => ({
  metadata: metadataPath,
  id: checkpoint.id,
  kind: checkpoint.kind,
  job: checkpoint.jobName,
  files: files.length,
  bytes: files.reduce((sum, { length }) => sum + length, 0),
  channelsInFlight: vertices.flat().reduce((sum, { channels }) => sum + channels, 0),
  operators: describeCheckpoint({ metadataPath, checkpoint, files, vertices }).map(
    ({ keyed, ...content }) => ({
      ...content,
      keyed: keyed.map(({ bytes, ...state }) => ({
        ...state,
        keyGroups: [...bytes].map(([keyGroup, size]) => ({ keyGroup, bytes: size })),
      })),
    }),
  ),
});

function headline({ checkpoint, files }: LoadedCheckpoint): string {
  const bytes = files.reduce((sum, { length }) => sum + length, 0);
  const size = `${counted(files.length, "file")}, ${counted(bytes, "byte")}`;
  return `${checkpoint.kind} ${checkpoint.id} of job "${checkpoint.jobName}": ${size}`;
}

function show(io: Io, path: string, flags: ShowFlags): ExitStatus {
  const all = readAll(io, path);
  const loaded = loadedOf(all);
  if (flags.json === true) printJson(io, loaded.map(documentOf));
  else {
    const header = ["operator", "state", "kind", "entries", "key groups", "bytes"];
    const texts = loaded.map((one) => {
      const rows = describeCheckpoint(one).flatMap(rowsOf);
      return `${headline(one)}\n${table(header, rows, io.columns)}`;
    });
    io.out(texts.join("\n"));
  }
  return statusOf(sayDamage(io, all));
}

function verify(io: Io, path: string): ExitStatus {
  const all = readAll(io, path);
  for (const one of loadedOf(all)) io.out(`whole: ${headline(one)}\n`);
  return statusOf(sayDamage(io, all));
}

function convert(io: Io, path: string, { to, out }: ConvertFlags): ExitStatus {
  if (to !== "canonical") {
    throw new UsageError(
      `there is no form "${to}" to convert to; "canonical" is what every backend reads`,
    );
  }
  const directory = resolve(io.cwd, out);
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new UsageError(`${out} is not empty; give a directory that is, or is not there yet`);
  }
  const read = readerOf(directoryAt(io, path));
  const all = readAll(io, path);
  if (!sayDamage(io, all)) return EXIT.violated;
  for (const one of loadedOf(all)) {
    writeFiles(directory, canonicalCheckpoint(one, read));
    io.out(`converted: ${headline(one)}\n`);
  }
  return EXIT.held;
}

/** Files of an object store, as files below a directory. */
export function writeFiles(directory: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [path, bytes] of files) {
    const file = join(directory, ...path.split("/"));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}

export function addState(program: Command, io: Io, done: Done): void {
  const state = program
    .command("state")
    .description("look into stored checkpoints, verify them, convert them");
  state
    .command("show")
    .description("operators, their states, and how much of each there is")
    .argument("<path>", "a directory that `run --keep` has written")
    .option("--json", "one JSON document on standard output")
    .action((path: string, flags: ShowFlags) => done(show(io, path, flags)));
  state
    .command("verify")
    .description("read every byte and follow every reference; status 1 if one is wrong")
    .argument("<path>", "a directory that `run --keep` has written")
    .action((path: string) => done(verify(io, path)));
  state
    .command("convert")
    .description("write the same checkpoints in a form that every backend reads")
    .argument("<path>", "a directory that `run --keep` has written")
    .requiredOption("--to <form>", "canonical")
    .requiredOption("--out <dir>", "where to; a directory that is empty or not there yet")
    .action((path: string, flags: ConvertFlags) => done(convert(io, path, flags)));
}
