/**
 * Stored files that are not what was stored: no kind of damage is ever taken for a checkpoint (C52).
 *
 * Each round takes a whole checkpoint, damages one of its files (cut, a bit flipped, bytes swapped, halves
 * exchanged, emptied, another file's content, another version), and reads it. `MILLRACE_FUZZ=1000000` makes a
 * million rounds of it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compareText, loadCheckpoint } from "../src/index.ts";
import { createRandom } from "../sim/kernel/random.ts";

const ROOT = fileURLToPath(new URL("../scenarios/golden-checkpoints/", import.meta.url));
const ROUNDS = Number(process.env["MILLRACE_FUZZ"] ?? 20_000);
const SAMPLES_MAX = 400;
/** Far more than a round takes: a million of them are minutes. */
const ROUND_MS_MAX = 5;

type Draws = ReturnType<typeof createRandom>;
type Files = ReadonlyMap<string, Uint8Array>;

function filesOf(name: string): Files {
  const directory = join(ROOT, name);
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort(compareText);
  return new Map(
    files.map((file) => [
      relative(directory, file).split(sep).join("/"),
      new Uint8Array(readFileSync(file)),
    ]),
  );
}

const flipped = (bytes: Uint8Array, draws: Draws, from: number, to: number): Uint8Array => {
  const copy = bytes.slice();
  const at = draws.integer(from, to);
  copy[at]! ^= 1 << draws.integer(0, 7);
  return copy;
};

/** By name; what cannot be done to so few bytes gives them back as they were. */
const DAMAGES: Readonly<Record<string, (b: Uint8Array, draws: Draws, files: Files) => Uint8Array>> =
  {
    cut: (bytes, draws) => bytes.subarray(0, draws.integer(0, bytes.length - 1)),
    emptied: () => new Uint8Array(0),
    "half of it": (bytes) => bytes.subarray(bytes.length >> 1),
    longer: (bytes, draws) => Uint8Array.of(...bytes, draws.integer(0, 255)),
    "a bit": (bytes, draws) => flipped(bytes, draws, 0, bytes.length - 1),
    "a bit in front": (bytes, draws) => flipped(bytes, draws, 0, Math.min(31, bytes.length - 1)),
    version: (bytes, draws) => flipped(bytes, draws, 8, Math.min(11, bytes.length - 1)),
    swapped: (bytes, draws) => {
      const copy = bytes.slice();
      const [a, b] = [0, 1].map(() => draws.integer(0, bytes.length - 1)) as [number, number];
      [copy[a], copy[b]] = [copy[b]!, copy[a]!];
      return copy;
    },
    "halves exchanged": (bytes) => {
      const middle = bytes.length >> 1;
      return Uint8Array.of(...bytes.subarray(middle), ...bytes.subarray(0, middle));
    },
    "a block of zeros": (bytes, draws) =>
      bytes.slice().fill(0, draws.integer(0, bytes.length - 1), bytes.length),
    "another file": (_bytes, draws, files) => draws.pick([...files.values()]),
  };

const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

const NAMES = readdirSync(ROOT).sort(compareText);
const CASES = NAMES.map((name) => {
  const files = filesOf(name);
  const metadata = [...files.keys()].find((path) => path.endsWith("/metadata"))!;
  return { name, files, metadata };
});

test(
  "[CF1] [C52] [A05] [A42] no damage to a stored file is taken for a checkpoint, or throws",
  () => {
    const draws = createRandom("damaged-files");
    const kinds = Object.keys(DAMAGES);
    const refused = new Map<string, number>();
    const messages = new Set<string>();
    let rounds = 0;
    while (rounds < ROUNDS) {
      const { name, files, metadata } = draws.pick(CASES);
      const path = draws.pick([...files.keys()]);
      const kind = draws.pick(kinds);
      const before = files.get(path)!;
      const after = DAMAGES[kind]!(before, draws, files);
      if (same(before, after)) continue;
      rounds++;
      const loaded = loadCheckpoint(metadata, (asked) =>
        asked === path ? after : files.get(asked),
      );
      if (loaded.ok) throw new Error(`${name}/${path}, ${kind}: it was taken for a checkpoint`);
      refused.set(kind, (refused.get(kind) ?? 0) + 1);
      if (messages.size < SAMPLES_MAX) messages.add(loaded.error);
      if (!loaded.error.includes(path))
        throw new Error(`${loaded.error}: it does not name ${path}`);
    }
    expect([...refused.keys()].sort()).toEqual([...kinds].sort());
    for (const message of messages) {
      expect(message).toMatch(/byte \d+/);
      expect(message).toMatch(/expected .+, found .+; \w+/);
    }
  },
  ROUNDS * ROUND_MS_MAX,
);

test("[CF1] [C52] a file that is gone is named, whichever it is", () => {
  for (const { files, metadata } of CASES) {
    for (const gone of files.keys()) {
      const loaded = loadCheckpoint(metadata, (path) =>
        path === gone ? undefined : files.get(path),
      );
      expect(loaded.ok ? "whole" : loaded.error).toContain(`"${gone}", byte 0: expected`);
    }
  }
});
