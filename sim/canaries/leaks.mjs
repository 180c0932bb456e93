/**
 * One leak of each kind, each as a function that a job maps its records with. Plain JavaScript, as jobs
 * may be, and out of reach of the linter, which is asked about it on purpose (`canaries.test.ts`).
 */
import { execSync } from "node:child_process";
import cryptoOfNode, { randomBytes } from "node:crypto";
import { lookup } from "node:dns";
import fs, { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { get } from "node:http";
import { connect } from "node:net";
import os, { hostname } from "node:os";
import { monitorEventLoopDelay, performance as performanceOfNode } from "node:perf_hooks";
import { hrtime, uptime } from "node:process";
import { setTimeout as setTimer } from "node:timers";
import { setTimeout as sleep } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { MessageChannel as Channel, Worker } from "node:worker_threads";
import { gzip } from "node:zlib";
import library from "./library.cjs";

const nothing = () => undefined;
const HERE = new URL(import.meta.url).pathname;
const NOON = new Date(1_700_000_000_000);

/** Bound before any run: no trap stands behind these names. */
const { bigint: captured } = process.hrtime;
const { random: drawn } = Math;

let calls = 0;
const seen = new Map();
const remembered = { lines: 0 };

export const leaks = {
  clock: {
    "Date.now": () => Date.now(),
    "new Date": () => new Date().getTime(),
    Date: () => Date(),
    "performance.now": () => performance.now(),
    "performance.now of perf_hooks": () => performanceOfNode.now(),
    "performance.mark": () => performance.mark("here").startTime,
    "process.hrtime": () => process.hrtime(),
    "process.hrtime.bigint": () => process.hrtime.bigint(),
    "hrtime of node:process": () => hrtime(),
    "process.uptime": () => process.uptime(),
    "uptime of node:process": () => uptime(),
    "a format of now": () => new Intl.DateTimeFormat("en", { timeZone: "UTC" }).format(),
    "parts of now": () => new Intl.DateTimeFormat("en", { timeZone: "UTC" }).formatToParts(),
    "a clock that a library uses": () => library.ticks(),
    "a clock bound before the run": () => captured(),
  },
  chance: {
    "Math.random": () => Math.random(),
    "crypto.randomUUID": () => crypto.randomUUID(),
    "crypto.getRandomValues": () => crypto.getRandomValues(new Uint8Array(4)),
    "randomBytes of node:crypto": () => randomBytes(4).toString("hex"),
    "crypto.randomInt": () => cryptoOfNode.randomInt(1_000_000),
    "crypto.webcrypto": () => cryptoOfNode.webcrypto.getRandomValues(new Uint8Array(4)),
    "a key pair": () => cryptoOfNode.generateKeyPairSync("ed25519").publicKey.type,
    "a draw that a library makes": () => library.token(),
    "a draw bound before the run": () => drawn(),
  },
  timers: {
    setTimeout: () => clearTimeout(setTimeout(nothing, 0)),
    setInterval: () => clearInterval(setInterval(nothing, 1)),
    setImmediate: () => clearImmediate(setImmediate(nothing)),
    queueMicrotask: () => queueMicrotask(nothing),
    "process.nextTick": () => process.nextTick(nothing),
    "setTimeout of node:timers": () => clearTimeout(setTimer(nothing, 0)),
    "a timer as a promise": () => sleep(0),
    "Atomics.wait": () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1),
    "AbortSignal.timeout": () => AbortSignal.timeout(1).aborted,
    "a message to oneself": () => new MessageChannel().port1.close(),
    "a channel of worker_threads": () => new Channel().port1.close(),
    "the delay of the event loop": () => monitorEventLoopDelay().min,
  },
  promises: {
    "an async function": async () => "later",
    "an async function that fails": async () => {
      throw new Error("nobody hears of it");
    },
    "await in it": async (line) => `${await line}`,
    "Promise.resolve": () => typeof Promise.resolve(1),
    "new Promise": () => typeof new Promise(nothing),
    "import()": () => typeof import("node:path"),
    "an async generator": () => typeof (async function* () {})().next(),
    "crypto.subtle": () => typeof crypto.subtle.digest("SHA-256", new Uint8Array(1)).then(nothing),
    "a callback of zlib": () => gzip("text", nothing),
  },
  outside: {
    "fs.statSync": () => fs.statSync(HERE).mtimeMs,
    "readFileSync by name": () => readFileSync(HERE, "utf8").length,
    existsSync: () => existsSync(HERE),
    "fs.promises": () => typeof fs.promises.stat(HERE),
    "readFile of fs/promises": () => typeof readFile(HERE),
    "net.connect": () => connect(9).destroy(),
    "http.get": () => get("http://localhost:9/").on("error", nothing).destroy(),
    fetch: () => typeof fetch("http://localhost:9/"),
    "dns.lookup": () => lookup("localhost", nothing),
    "a child process": () => execSync("true").length,
    "a worker": () => new Worker("", { eval: true }).unref(),
  },
  machine: {
    "process.env": () => process.env.HOME,
    "process.argv": () => process.argv[1],
    "process.cwd": () => process.cwd(),
    "os.cpus": () => os.cpus().length,
    "hostname by name": () => hostname(),
    "process.memoryUsage": () => process.memoryUsage().heapUsed,
    "process.memoryUsage.rss": () => process.memoryUsage.rss(),
    "process.cpuUsage": () => process.cpuUsage().user,
    "the heap": () => getHeapStatistics().used_heap_size,
    WeakRef: () => new WeakRef({}).deref() === undefined,
    FinalizationRegistry: () => new FinalizationRegistry(nothing).register({}, 1),
    "process.platform": () => process.platform,
  },
  place: {
    "Date#getHours": () => NOON.getHours(),
    "Date#getTimezoneOffset": () => NOON.getTimezoneOffset(),
    "Date#toString": () => `${NOON}`,
    "Date#toLocaleString": () => NOON.toLocaleString(),
    "a date of local parts": () => new Date(2_024, 0, 1).getTime(),
    "a date of a local text": () => new Date("2024-01-01T00:00:00").getTime(),
    "Date.parse of a local text": () => Date.parse("1 January 2024"),
    "String#localeCompare": (line) => line.localeCompare("m"),
    "String#toLocaleUpperCase": (line) => line.toLocaleUpperCase(),
    "Number#toLocaleString": () => (1_234.5).toLocaleString(),
    "Array#toLocaleString": () => [1, 2].toLocaleString(),
    "Intl.Collator": (line) => new Intl.Collator().compare(line, "m"),
    "Intl.DateTimeFormat": () => Intl.DateTimeFormat("en").resolvedOptions().timeZone,
    "Math.log": (line) => Math.log(line.length + 2),
    "the power of a fraction": (line) => (line.length + 2) ** 0.3,
  },
  state: {
    "a variable of the module": () => ++calls,
    "a map of the module": (line) => seen.set(line, (seen.get(line) ?? 0) + 1).get(line),
    "a field of a constant": () => ++remembered.lines,
    "a global": () => (globalThis.millraceCanary = (globalThis.millraceCanary ?? 0) + 1),
    "a variable of a library": () => library.counted(),
  },
};

/** What is often taken for a leak, and is none: the language says how it comes out. */
export const harmless = {
  "a map in order of insertion": (line) => [...new Map([...line].map((c, i) => [c, i]))].join(),
  "a set in order of insertion": (line) => [...new Set(line)].join(""),
  "keys of an object": (line) =>
    Object.keys(Object.fromEntries([...line, "7", "1"].map((c, i) => [c, i]))).join(),
  "JSON of an object": (line) => JSON.stringify({ b: line, a: 1, 3: 0, 2: 0 }),
  "a sort that keeps what is equal": (line) =>
    line
      .split(" ")
      .sort((a, b) => a.length - b.length)
      .join(" "),
  "a sort that contradicts itself": (line) =>
    [...line].sort((a, b) => ((a.charCodeAt(0) * 7 + b.charCodeAt(0)) % 3) - 1).join(""),
  "numbers as text": (line) => `${(line.length + 0.1) / 3} ${1e21 + line.length} ${-0}`,
  "numbers from text": (line) => Number(`${line.length}.${line.length}e-7`) * 3,
  "a number that is none": (line) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint32(0, 0x7ff8_0000 + line.length);
    return String(view.getFloat64(0));
  },
  "memory as it was left": () => Buffer.allocUnsafe(64).toString("hex"),
  "a root": (line) => Math.sqrt(line.length),
  "a date of a number": (line) => new Date(line.length * 1e9).toISOString(),
  "a comparison in a named locale": (line) => line.localeCompare("m", "en"),
  "how the libraries were built": () => String(process.env.NODE_ENV === "none"),
};
