/**
 * The shared store of checkpoints, as strict and as unreliable as a real one.
 *
 * OS1  A put is atomic: a reader sees all of an object or none of it.
 * OS2  `ifAbsent` never replaces an object: of many such puts one at most succeeds.
 * OS3  Lists and reads show every effect so far; paths stand in code-unit order.
 * OS4  Bytes are copied in and out: nobody changes an object by changing an array.
 * OS5  A read brings one byte at least, where there is one; all that is left, or less than that.
 * OS6  Only a list that may be late is, and only in a spell of lateness, by no more than that says: each
 *      path shows as it is or as it was when the spell's time before now began.
 * OS7  A request that is throttled has done nothing; `perSecond` of them are let through in a second.
 * OS8  Up a narrow way a put takes its time, and has its effect as early as the contract demands.
 *
 * When requests take effect and what their clients hear of it: ../requests.ts. Latency is drawn per
 * request, so two requests of one client may take effect in either order.
 */
import { LATE_EFFECT_MS_MAX, compareText, err, ok } from "../../src/index.ts";
import type {
  ObjectPart,
  ObjectStore,
  Random,
  Result,
  StoreDone,
  StoreError,
} from "../../src/index.ts";
import { Requests } from "../requests.ts";
import { LateLists } from "./late-lists.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { ServiceOptions } from "../requests.ts";

export type StoreOptions = ServiceOptions &
  Readonly<{
    /** Called at the moment of the effect, whatever the client hears. */
    onStored: (path: string) => void;
    /** Called only when there was something to delete. */
    onDeleted: (path: string) => void;
    /** What is there from the start. */
    contents?: ReadonlyMap<string, Uint8Array>;
    /** Remember whatever was put, deleted since or not; for runs that are looked into afterwards. */
    remember?: boolean;
  }>;

/** Of reads of more than a byte: a store may answer with as much as it has at hand. */
const SHORT_READS_PER_MILLE = 250;

export class SimulatedObjectStore {
  readonly #objects: Map<string, Uint8Array>;
  readonly #options: StoreOptions;
  readonly #requests: Requests;
  readonly #remembered: Map<string, Uint8Array> | undefined;
  /** What was ever put, by path: only if it shall be remembered. */
  readonly everPut: ReadonlyMap<string, Uint8Array> | undefined;
  #lateLists: LateLists | undefined;
  #throttle: TokenBucket | undefined;
  #bytesPerSecond: number | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#requests = new Requests("store", options);
    this.#objects = new Map(options.contents);
    this.#remembered = options.remember === true ? new Map() : undefined;
    this.everPut = this.#remembered;
  }

  /** The store as one process sees it; the same client serves all its incarnations. */
  client(process: number): ObjectStore {
    const shortReads = this.#options.random.fork(`short-reads/${process}`);
    const issue = <T>(
      path: string,
      effect: () => Result<T, StoreError>,
      done: StoreDone<T>,
      bytes?: number,
    ): void => {
      const timeout: StoreError = { kind: "timeout", path };
      const unavailable: StoreError = { kind: "unavailable", path };
      const answer = (): Result<T, StoreError> =>
        this.#isThrottled() ? err({ kind: "throttled", path }) : effect();
      this.#requests.issue({
        ...{ process, effect: answer, timeout, unavailable, done },
        lasts: bytes !== undefined,
        ...this.#way(bytes ?? 0),
      });
    };
    return {
      put: (path, bytes, ifAbsent, done) => {
        const copy = bytes.slice();
        issue(path, () => this.#put(path, copy, ifAbsent), done, copy.length);
      },
      get: (path, offset, done) => issue(path, () => this.#get(path, offset, shortReads), done),
      list: (prefix, done) => issue(prefix, () => ok(this.paths(prefix)), done),
      listLate: (prefix, done) => issue(prefix, () => ok(this.#pathsLate(prefix)), done),
      delete: (path, done) => issue(path, () => this.#delete(path), done, 0),
    };
  }

  /** Paths of what is there right now, in order. */
  paths(prefix = ""): readonly string[] {
    const found = [...this.#objects.keys()].filter((path) => path.startsWith(prefix));
    return found.sort(compareText);
  }

  /** All that is there right now; nobody changes the bytes of an object. */
  image(): ReadonlyMap<string, Uint8Array> {
    return new Map(this.#objects);
  }

  setTimeouts(perMille: number): void {
    this.#requests.setTimeouts(perMille);
  }

  setUnavailable(unavailable: boolean): void {
    this.#requests.setUnavailable(unavailable);
  }

  /** Lists that may be late are, by this much; 0: not any more. */
  setLateLists(lateMs: number): void {
    const { scheduler, random } = this.#options;
    this.#lateLists =
      lateMs === 0
        ? undefined
        : new LateLists(random.fork("late-lists"), lateMs * 1_000, () => scheduler.nowUs);
  }

  /** Lets so many requests through in a second; undefined: all of them. */
  setThrottle(perSecond: number | undefined): void {
    const { scheduler } = this.#options;
    this.#throttle =
      perSecond === undefined ? undefined : new TokenBucket(perSecond, () => scheduler.nowUs);
  }

  /** What is put goes up at this rate; undefined: at once. */
  setUpload(bytesPerSecond: number | undefined): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  quiet(): void {
    this.#lateLists = undefined;
    this.#throttle = undefined;
    this.#bytesPerSecond = undefined;
    this.#requests.quiet();
  }

  #put(path: string, bytes: Uint8Array, ifAbsent: boolean): Result<undefined, StoreError> {
    if (ifAbsent && this.#objects.has(path)) return err({ kind: "exists", path });
    this.#lateLists?.changes(path, this.#objects.has(path));
    this.#objects.set(path, bytes);
    this.#remembered?.set(path, bytes);
    this.#options.onStored(path);
    return ok(undefined);
  }

  #get(path: string, offset: number, shortReads: Random): Result<ObjectPart, StoreError> {
    const object = this.#objects.get(path);
    if (object === undefined) return err({ kind: "not-found", path });
    const left = object.length - offset;
    const short = left > 1 && shortReads.chance(SHORT_READS_PER_MILLE);
    const end = short ? offset + shortReads.integer(1, left - 1) : object.length;
    return ok({ bytes: object.slice(offset, end), size: object.length });
  }

  #delete(path: string): Result<undefined, StoreError> {
    if (!this.#objects.delete(path)) return ok(undefined);
    this.#lateLists?.changes(path, true);
    this.#options.onDeleted(path);
    return ok(undefined);
  }

  #pathsLate(prefix: string): readonly string[] {
    return this.#lateLists?.show(prefix, this.#objects) ?? this.paths(prefix);
  }

  #isThrottled(): boolean {
    return this.#throttle !== undefined && !this.#throttle.take();
  }

  /** OS8. */
  #way(bytes: number): Readonly<{ holdUntilUs?: (arrivalUs: number) => number }> {
    const rate = this.#bytesPerSecond;
    if (rate === undefined || bytes === 0) return {};
    const lastUs = this.#options.scheduler.nowUs + LATE_EFFECT_MS_MAX * 1_000;
    const takesUs = Math.ceil((bytes * 1_000_000) / rate);
    return { holdUntilUs: (arrivalUs) => Math.min(lastUs, arrivalUs + takesUs) };
  }
}
