/**
 * Checkpoints that earlier versions have written: this one has to read them, whatever it writes itself.
 *
 * `scenarios/golden-checkpoints/NAME/` holds the files of one checkpoint of a small job, for each state
 * backend. A format that changes gets a new directory beside the old ones, which stay:
 *
 *   MILLRACE_GOLDEN_CHECKPOINTS=write npx vitest run scenarios/golden-checkpoints.test.ts
 *
 * writes those that are not there yet.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  changelogBackend,
  compareText,
  describeCheckpoint,
  diskBackend,
  loadCheckpoint,
  memoryBackend,
  type KeyGroupSnapshot,
  type ReadFile,
  type StateBackend,
  type TypeSerializer,
} from "../src/index.ts";
import { runScenario, withoutFaults, drawPlan } from "../sim/run.ts";
import { threeGenerations } from "./three-generations.ts";

const ROOT = fileURLToPath(new URL("golden-checkpoints/", import.meta.url));

const BACKENDS: readonly (readonly [name: string, backend: StateBackend])[] = [
  ["memory-1", memoryBackend()],
  ["disk-1", diskBackend({ memtableBytes: 256, blockBytes: 128 })],
  ["changelog-1", changelogBackend(memoryBackend())],
];

/** The newest checkpoint that was complete in a run without faults, as files. */
function writtenBy(backend: StateBackend): ReadonlyMap<string, Uint8Array> {
  const scenario = { ...threeGenerations, job: { ...threeGenerations.job, backend } };
  const plan = withoutFaults(drawPlan(scenario, "0x1"));
  const { objects, history } = runScenario({ scenario, seed: "0x1", plan, record: true });
  expect(history.outcome).toBe("finished");
  const metadata = [...objects!.keys()].filter((path) => path.endsWith("/metadata"));
  const path = metadata.sort(compareText)[2]!;
  const loaded = loadCheckpoint(path, (file) => objects!.get(file));
  if (!loaded.ok) throw new Error(loaded.error);
  const paths = [path, ...loaded.value.files.map((file) => file.path)];
  return new Map(paths.map((file) => [file, objects!.get(file)!]));
}

function write(name: string, backend: StateBackend): void {
  for (const [path, bytes] of writtenBy(backend)) {
    const file = join(ROOT, name, ...path.split("/"));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}

if (process.env["MILLRACE_GOLDEN_CHECKPOINTS"] === "write") {
  for (const [name, backend] of BACKENDS) if (!existsSync(join(ROOT, name))) write(name, backend);
}

function readGolden(name: string) {
  const directory = join(ROOT, name);
  const read: ReadFile = (path) => {
    const file = join(directory, ...path.split("/"));
    return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
  };
  const [path] = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === "metadata")
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"));
  const loaded = loadCheckpoint(path!, read);
  if (!loaded.ok) throw new Error(loaded.error);
  return loaded.value;
}

const keyTypeOf = (uid: string): TypeSerializer<unknown> | undefined => {
  const logic = threeGenerations.job.nodes.find((node) => node.uid === uid)?.logic;
  return logic !== undefined && "keyType" in logic ? logic.keyType : undefined;
};

/** What a backend of today writes that was restored from these groups. */
function restoredAndStored(
  groups: readonly KeyGroupSnapshot[],
  keyType: TypeSerializer<unknown>,
  maxParallelism: number,
): readonly KeyGroupSnapshot[] {
  const range = { first: 0, last: maxParallelism - 1 };
  const backend = memoryBackend().create({ keyType, range, maxParallelism, nowMs: () => 0 });
  for (const group of groups) backend.restore(group);
  return backend.snapshot().write();
}

const names = readdirSync(ROOT).sort(compareText);

test("there is one of each backend", () => {
  expect(names).toEqual(expect.arrayContaining(BACKENDS.map(([name]) => name)));
});

test.each(names)(
  "[C52] [C53] %s is read to the last byte, and restores to what it holds",
  (name) => {
    const loaded = readGolden(name);
    const states = describeCheckpoint(loaded).flatMap((content) =>
      content.keyed.map((state) => `${content.uid}/${state.name}`),
    );
    expect(states).toContain("count/counted");
    let entries = 0;
    loaded.checkpoint.vertices.forEach(({ maxParallelism }, v) => {
      const operators = loaded.vertices[v]!.flatMap(({ snapshot }) => snapshot.operators);
      for (const uid of new Set(operators.map((operator) => operator.uid))) {
        const keyType = keyTypeOf(uid);
        if (keyType === undefined) continue;
        const groups = operators
          .filter((operator) => operator.uid === uid)
          .flatMap(({ keyed }) => keyed)
          .sort((a, b) => a.keyGroup - b.keyGroup);
        expect(restoredAndStored(groups, keyType, maxParallelism)).toEqual(groups);
        entries += groups.length;
      }
    });
    expect(entries).toBeGreaterThan(0);
  },
);
