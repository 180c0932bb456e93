/** Files of a checkpoint: all of them stored, or one answer that says which is not. */
import { expect, test } from "vitest";
import { storedFile } from "../core/stored-file.ts";
import { storeFiles, type FileToStore } from "./file-uploads.ts";
import { UPLOAD_TRIES_MAX } from "./storage-retry.ts";
import { RuntimeHost } from "./testing.ts";

const bytesOf = (n: number): Uint8Array => Uint8Array.of(n, n, n);
const files = (count: number): FileToStore[] =>
  Array.from({ length: count }, (_, n) => ({ kind: "bytes", path: `f-${n}`, bytes: bytesOf(n) }));

function stage(toStore: readonly FileToStore[]) {
  const host = new RuntimeHost();
  const told: unknown[] = [];
  const given = { up: false };
  const start = (): void =>
    storeFiles(
      host,
      toStore,
      () => given.up,
      (result) => told.push(result.ok ? result.value : result.error),
    );
  return { host, store: host.objectStore, told, given, start };
}

test("[UF1] many files are stored, a few at a time, and told in the order given", () => {
  const { host, store, told, start } = stage(files(10));
  store.misbehave("lost", 3, /f-0$/);
  start();
  host.advanceMs(1);
  expect(store.asked.length).toBe(4);
  host.advanceMs(1_000);
  expect(told).toEqual([files(10).map((_, n) => storedFile(`f-${n}`, bytesOf(n)))]);
  expect([...store.objects.keys()]).toHaveLength(10);
});

test("[UF1] without files the answer comes at once", () => {
  const { told, start } = stage([]);
  start();
  expect(told).toEqual([[]]);
});

test("[UF1] [C34] one that cannot be stored is the answer, and no other is begun", () => {
  const { host, store, told, start } = stage(files(10));
  store.misbehave("lost", UPLOAD_TRIES_MAX, /f-2$/);
  store.misbehave("held", 3, /f-[013]$/);
  start();
  host.advanceMs(20_000);
  store.release();
  host.advanceMs(20_000);
  expect(told).toEqual(["timeout of f-2"]);
  expect(store.asked.filter((text) => /f-[4-9]$/.test(text))).toEqual([]);
});

test("[C41] a copy has the bytes of the other, which are verified on the way", () => {
  const of = storedFile("shared/a", bytesOf(1));
  const { host, store, told, start } = stage([{ kind: "copy", path: "own/a", of }]);
  store.objects.set("shared/a", bytesOf(1));
  start();
  host.advanceMs(100);
  expect(told).toEqual([[{ ...of, path: "own/a" }]]);
  expect(store.objects.get("own/a")).toEqual(bytesOf(1));
  store.objects.set("shared/a", bytesOf(2));
  start();
  host.advanceMs(100);
  expect(told[1]).toMatch(/^file "shared\/a", byte 0: expected checksum/);
});

test("[UF2] given up, it writes nothing more and answers nobody", () => {
  const { host, store, told, given, start } = stage(files(6));
  store.misbehave("lost", Number.POSITIVE_INFINITY, /f-0$/);
  start();
  host.advanceMs(0.05);
  given.up = true;
  const asked = store.take().length;
  host.advanceMs(20_000);
  expect([asked <= 4, store.take(), told]).toEqual([true, [], []]);
});
