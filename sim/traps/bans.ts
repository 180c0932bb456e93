/**
 * What leaks: the functions through which time, chance, other machines or the memory of this one get
 * into a run, and what to use instead of each. Data; what is done about it, `traps.ts` and `gates.ts` say.
 *
 * Two tables. The globals are replaced for each run anew. Functions of Node's modules, and those of
 * prototypes, stand behind gates, as replacing them for each run would cost more than the run.
 */

/** True where the call is the same on every machine, at any time. */
export type Harmless = (parameters: readonly unknown[]) => boolean;

/** A property that leaks. */
export type Ban = Readonly<{
  owner: object;
  key: string;
  /** As a person would write the call. */
  called: string;
  instead: string;
  harmless?: Harmless;
  /** It reads a file whole: an input may, as it may come with a data set. */
  reads?: true;
}>;

export const CLOCK =
  "a function has `context.timestampMs` and `context.timers.currentProcessingTime()`, the engine its host";
const DRAW =
  "an input draws from the `random` it is given; a function derives from its record what has to vary";
export const TIMER =
  "a function registers a timer with `context.timers`; the engine sets one through its host";
export const ASYNC =
  "functions are synchronous; what has to be waited for is asked of a service by `stream.async`";
export const ZONE =
  "that depends on the time zone of the machine; use the UTC twin, or a text that names its zone";
export const LOCALE =
  "that depends on the locale of the machine; compare code units, or name the locale";
export const REACHABLE = "when memory is reclaimed is nobody's to say; delete explicitly";
const MEASURE = "how large or how busy the process is differs each time; count records instead";
export const SETTING = "read it where the job is built, and hand it to the function as a value";
const OUTSIDE =
  "a job reads its sources, writes its sinks and asks services, all of which the world knows";

const { Math: math, Atomics: atomics, process, performance, crypto } = globalThis;
const { Intl: intl, WeakRef: Weak, FinalizationRegistry: Registry } = globalThis;

const each = (
  owner: object,
  path: string,
  keys: readonly string[],
  instead: string,
  harmless?: Harmless,
): readonly Ban[] =>
  keys
    .filter((key) => typeof Reflect.get(owner, key) === "function")
    .map((key) => {
      const ban = { owner, key, called: `${path}${key}()`, instead };
      return harmless === undefined ? ban : { ...ban, harmless };
    });

/** Of a text: a date alone, which means UTC, or a time with its zone. */
const hasZone = (text: string): boolean =>
  /^[+-]?\d{4,6}(-\d\d){0,2}$|(Z|[+-]\d\d:?\d\d|GMT|UTC)$/i.test(text);

/** Arguments of a date that mean one instant, wherever they are read. */
export const isInstant: Harmless = ([first, second]) =>
  second === undefined && first !== undefined && (typeof first !== "string" || hasZone(first));

const namesLocale = (at: number): Harmless => {
  return (parameters) => parameters[at] !== undefined;
};
const namesZone: Harmless = ([locales, options]) =>
  locales !== undefined && (options as { timeZone?: string } | undefined)?.timeZone !== undefined;

/** Replaced for each run. */
export function globalBans(): readonly Ban[] {
  return [
    ...each(math, "Math.", ["random"], DRAW),
    ...each(Date, "Date.", ["now"], CLOCK),
    ...each(Date, "Date.", ["parse"], ZONE, isInstant),
    ...each(performance, "performance.", ["now", "mark", "measure", "toJSON"], CLOCK),
    ...each(performance, "performance.", ["eventLoopUtilization"], MEASURE),
    // Before its owner, whose trap carries along what it finds on it.
    ...each(process.hrtime, "process.hrtime.", ["bigint"], CLOCK),
    ...each(process.memoryUsage, "process.memoryUsage.", ["rss"], MEASURE),
    ...PROCESS_BANS,
    ...each(crypto, "crypto.", ["randomUUID", "getRandomValues"], DRAW),
    ...each(globalThis, "", ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"], TIMER),
    ...each(globalThis, "", ["fetch"], OUTSIDE),
    ...each(atomics, "Atomics.", ["wait", "waitAsync"], TIMER),
    ...each(AbortSignal, "AbortSignal.", ["timeout"], TIMER),
  ];
}

const PROCESS_BANS: readonly Ban[] = [
  ...each(process, "process.", ["hrtime", "uptime"], CLOCK),
  ...each(process, "process.", ["nextTick"], TIMER),
  ...each(
    process,
    "process.",
    [
      ...["memoryUsage", "cpuUsage", "resourceUsage", "getActiveResourcesInfo"],
      ...["availableMemory", "constrainedMemory"],
    ],
    MEASURE,
  ),
  ...each(process, "process.", ["cwd", "umask", "loadEnvFile"], SETTING),
  ...each(process, "process.", ["exit", "abort", "kill", "chdir", "send"], OUTSIDE),
];

/** Names of a module that do no harm. */
const PURE: ReadonlySet<string> = new Set([
  ...["Stats", "Dirent", "isIP", "isIPv4", "isIPv6", "validateHeaderName", "validateHeaderValue"],
  ...["urlToHttpOptions", "checkServerIdentity", "getCiphers", "getDefaultSettings"],
]);

type ModuleBan = readonly [name: string, instead: string, leaks: (key: string) => boolean];

const all = (key: string): boolean => !PURE.has(key) && !key.startsWith("_");
const anyOf = (...keys: readonly string[]): ((key: string) => boolean) => {
  return (key) => keys.includes(key);
};

const MODULE_BANS: readonly ModuleBan[] = [
  ["fs", OUTSIDE, all],
  ["fs/promises", OUTSIDE, all],
  ["net", OUTSIDE, all],
  ["tls", OUTSIDE, all],
  ["dgram", OUTSIDE, all],
  ["dns", OUTSIDE, all],
  ["dns/promises", OUTSIDE, all],
  ["http", OUTSIDE, all],
  ["https", OUTSIDE, all],
  ["http2", OUTSIDE, all],
  ["child_process", OUTSIDE, all],
  ["worker_threads", OUTSIDE, anyOf("Worker", "MessageChannel", "BroadcastChannel")],
  ["readline", OUTSIDE, all],
  ["os", SETTING, all],
  ["crypto", DRAW, (key) => /^(random|generate|getRandom|create(DiffieHellman|ECDH))/.test(key)],
  ["timers", TIMER, (key) => key.startsWith("set")],
  ["timers/promises", TIMER, all],
  ["perf_hooks", MEASURE, anyOf("monitorEventLoopDelay", "PerformanceObserver")],
  ["v8", MEASURE, (key) => /Heap|CppHeap/.test(key)],
  ["zlib", ASYNC, anyOf("deflate", "inflate", "gzip", "gunzip", "unzip", "brotliCompress")],
  ["process", OUTSIDE, (key) => PROCESS_BANS.some((ban) => ban.key === key)],
];

/** What needs the prototypes of the language. */
const LOCAL_DATE = [
  ...["Date", "Day", "FullYear", "Hours", "Minutes", "Month", "TimezoneOffset"].map(
    (part) => `get${part}`,
  ),
  ...["Date", "FullYear", "Hours", "Minutes", "Month"].map((part) => `set${part}`),
  ...["toString", "toDateString", "toTimeString"],
];
/** Without a date they mean the present one. */
const FORMATS_OF_NOW = ["format", "formatToParts"];
const isGiven: Harmless = ([date]) => date !== undefined;
const LOCALE_DATE = ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"];

/** Set behind gates, once in a thread. */
export function gatedBans(): readonly Ban[] {
  const { prototype: text } = String;
  const cases = ["toLocaleLowerCase", "toLocaleUpperCase"];
  const classes = Object.getOwnPropertyNames(intl).filter((key) => /^[A-Z]/.test(key));
  return [
    ...MODULE_BANS.flatMap(moduleBans),
    ...each(Date.prototype, "Date#", LOCAL_DATE, ZONE),
    ...each(Date.prototype, "Date#", LOCALE_DATE, ZONE, namesZone),
    ...each(text, "String#", ["localeCompare"], LOCALE, namesLocale(1)),
    ...each(text, "String#", cases, LOCALE, namesLocale(0)),
    ...each(Number.prototype, "Number#", ["toLocaleString"], LOCALE, namesLocale(0)),
    ...each(BigInt.prototype, "BigInt#", ["toLocaleString"], LOCALE, namesLocale(0)),
    ...each(Array.prototype, "Array#", ["toLocaleString"], LOCALE, namesLocale(0)),
    ...each(intl, "Intl.", classes, LOCALE, namesLocale(0)).map((ban) =>
      ban.key === "DateTimeFormat" ? { ...ban, instead: ZONE, harmless: namesZone } : ban,
    ),
    ...FORMATS_OF_NOW.map((key): Ban => {
      const called = `Intl.DateTimeFormat#${key}()`;
      return {
        owner: intl.DateTimeFormat.prototype,
        key,
        called,
        instead: CLOCK,
        harmless: isGiven,
      };
    }),
    ...each(Weak.prototype, "WeakRef#", ["deref"], REACHABLE),
    ...each(Registry.prototype, "FinalizationRegistry#", ["register"], REACHABLE),
  ];
}

function moduleBans([name, instead, leaks]: ModuleBan): readonly Ban[] {
  const owner = process.getBuiltinModule(`node:${name}`) as object | undefined;
  return owner === undefined
    ? []
    : each(owner, `${name}.`, Object.keys(owner).filter(leaks), instead).map((ban) =>
        ban.key === "readFileSync" ? { ...ban, reads: true } : ban,
      );
}
