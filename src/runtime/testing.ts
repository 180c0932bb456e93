/**
 * A whole host for tests of the runtime: time moves when told to, messages wait to be read, channels
 * loop back, and an object store does its work, or does not, as the test says.
 *
 * Not here: the simulated world, which draws its misbehaviour; here every mishap is chosen.
 */
import type { Channels, ProducerEndpoint, WireBuffer } from "../host/channels.ts";
import type { Disk, DiskError } from "../host/disk.ts";
import type { CostProfile, Host, TimerHandle } from "../host/host.ts";
import type { ObjectPart, ObjectStore, StoreDone, StoreError } from "../host/object-store.ts";
import { TestHost } from "../host/testing.ts";
import { asProcessId, type ProcessId } from "../core/ids.ts";
import { compareText } from "../core/ordered.ts";
import { err, ok, type Result } from "../core/result.ts";
import { FakeCoordination } from "./fake-coordination.ts";
import { decodeMessage, type Message, type MessageKind, type MessageOf } from "./messages.ts";
import type { RuntimeOptions } from "./options.ts";

/**
 * What becomes of a request: refused at once, timed out without effect, timed out though it took
 * effect, or carried out and not answered until `release`.
 */
export type Mishap = "unavailable" | "lost" | "late" | "held";

const ANSWER_US = 1_000;

type Planned = { mishap: Mishap; times: number; only: RegExp };

export class FakeStore implements ObjectStore {
  readonly objects = new Map<string, Uint8Array>();
  /** Requests as text: "put a/b", "put-new a/b", "get a/b", "get a/b from 12", "list a/", "delete a/b". */
  readonly asked: string[] = [];
  /** What one read brings at the most. */
  partBytesMax = Number.POSITIVE_INFINITY;
  readonly #host: TestHost;
  readonly #planned: Planned[] = [];
  readonly #held: (() => void)[] = [];

  constructor(host: TestHost) {
    this.#host = host;
  }

  /** The next `times` requests whose text fits `only`; they may be as many as there will ever be. */
  misbehave(mishap: Mishap, times = 1, only = /./): void {
    this.#planned.push({ mishap, times, only });
  }

  /** From now on all is well, for requests to come. */
  behave(): void {
    this.#planned.length = 0;
  }

  release(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  get paths(): readonly string[] {
    return [...this.objects.keys()].sort(compareText);
  }

  /** What was asked since the last call. */
  take(): string[] {
    return this.asked.splice(0);
  }

  put(path: string, bytes: Uint8Array, ifAbsent: boolean, done: StoreDone<undefined>): void {
    const copy = bytes.slice();
    this.#ask(`${ifAbsent ? "put-new" : "put"} ${path}`, path, done, () => {
      if (ifAbsent && this.objects.has(path)) return err({ kind: "exists", path });
      this.objects.set(path, copy);
      return ok(undefined);
    });
  }

  get(path: string, offset: number, done: StoreDone<ObjectPart>): void {
    this.#ask(`get ${path}${offset === 0 ? "" : ` from ${offset}`}`, path, done, () => {
      const bytes = this.objects.get(path);
      if (bytes === undefined) return err({ kind: "not-found", path });
      return ok({ bytes: bytes.slice(offset, offset + this.partBytesMax), size: bytes.length });
    });
  }

  list(prefix: string, done: StoreDone<readonly string[]>): void {
    this.#ask(`list ${prefix}`, prefix, done, () =>
      ok(this.paths.filter((path) => path.startsWith(prefix))),
    );
  }

  listLate(prefix: string, done: StoreDone<readonly string[]>): void {
    this.list(prefix, done);
  }

  delete(path: string, done: StoreDone<undefined>): void {
    this.#ask(`delete ${path}`, path, done, () => {
      this.objects.delete(path);
      return ok(undefined);
    });
  }

  #ask<T>(
    text: string,
    path: string,
    done: StoreDone<T>,
    effect: () => Result<T, StoreError>,
  ): void {
    this.asked.push(text);
    const planned = this.#planned.find(({ times, only }) => times > 0 && only.test(text));
    if (planned !== undefined) planned.times--;
    const answer = (result: Result<T, StoreError>): void => {
      this.#host.setTimer(ANSWER_US, () => done(result));
    };
    switch (planned?.mishap) {
      case "unavailable":
        answer(err({ kind: "unavailable", path }));
        return;
      case "lost":
        answer(err({ kind: "timeout", path }));
        return;
      case "late":
        effect();
        answer(err({ kind: "timeout", path }));
        return;
      case "held": {
        const result = effect();
        this.#held.push(() => done(result));
        return;
      }
      case undefined:
        answer(effect());
    }
  }
}

/** Both ends in one process; a buffer arrives in an event of its own, after 1 us. */
export class LoopbackChannels implements Channels {
  readonly listening = new Map<string, ProducerEndpoint>();
  /** Names that were connected, in order. */
  readonly connected: string[] = [];
  readonly #host: TestHost;

  constructor(host: TestHost) {
    this.#host = host;
  }

  listen(name: string, endpoint: ProducerEndpoint): void {
    this.listening.set(name, endpoint);
  }

  unlisten(name: string): void {
    this.listening.delete(name);
  }

  connect(...[, name, consumer]: Parameters<Channels["connect"]>): ReturnType<Channels["connect"]> {
    const soon = (body: () => void): unknown => this.#host.setTimer(1, body);
    const producer = this.listening.get(name);
    this.connected.push(name);
    let open = producer !== undefined;
    const whileOpen = (body: () => void): void => {
      soon(() => {
        if (open) body();
      });
    };
    const closeFor = (other: (() => void) | undefined): void => {
      if (!open) return;
      open = false;
      if (other !== undefined) soon(other);
    };
    if (producer === undefined) soon(() => consumer.onBroken("refused"));
    whileOpen(() =>
      producer?.onConnected({
        send: (buffer: WireBuffer) => whileOpen(() => consumer.onBuffer(buffer)),
        close: () => closeFor(() => consumer.onBroken("closed")),
      }),
    );
    return {
      grantCredit: (count) => whileOpen(() => producer?.onCredit(count)),
      close: () => closeFor(() => producer?.onBroken("closed")),
    };
  }
}

type Sent = Readonly<{ to: ProcessId; message: Message }>;

/** A disk on which all is durable at once. */
export class FakeDisk implements Disk {
  readonly files = new Map<string, Uint8Array>();

  write(path: string, bytes: Uint8Array): Result<undefined, DiskError> {
    this.files.set(path, bytes.slice());
    return ok(undefined);
  }

  append(path: string, bytes: Uint8Array): Result<undefined, DiskError> {
    const before = this.files.get(path) ?? new Uint8Array(0);
    return this.write(path, Uint8Array.of(...before, ...bytes));
  }

  read(path: string): Result<Uint8Array, DiskError> {
    const bytes = this.files.get(path);
    return bytes === undefined ? err({ kind: "not-found", path }) : ok(bytes.slice());
  }

  readRange(path: string, start: number, end: number): Result<Uint8Array, DiskError> {
    const bytes = this.read(path);
    return bytes.ok ? ok(bytes.value.subarray(start, end)) : bytes;
  }

  sync(path: string): Result<undefined, DiskError> {
    return this.files.has(path) ? ok(undefined) : err({ kind: "not-found", path });
  }

  rename(from: string, to: string): Result<undefined, DiskError> {
    const bytes = this.read(from);
    if (!bytes.ok) return bytes;
    this.files.delete(from);
    return this.write(to, bytes.value);
  }

  delete(path: string): Result<undefined, DiskError> {
    this.files.delete(path);
    return ok(undefined);
  }

  list(prefix: string): readonly string[] {
    return [...this.files.keys()].filter((path) => path.startsWith(prefix)).sort(compareText);
  }

  syncDirectory(): void {}

  doneAtUs(): number {
    return 0;
  }
}

export class RuntimeHost implements Host {
  readonly disk = new FakeDisk();
  readonly processId: ProcessId;
  /** Time, notes, the log and the ledger. */
  readonly world = new TestHost();
  readonly objectStore = new FakeStore(this.world);
  readonly channels = new LoopbackChannels(this.world);
  readonly random = this.world.random;
  readonly cost: CostProfile = { stepUs: 10, recordUs: 1, snapshotUsPerKilobyte: 100 };
  readonly log = this.world.log;
  readonly ledger = this.world.ledger;
  readonly tables = this.world.tables;
  readonly services = this.world.services;
  readonly coordination = new FakeCoordination();
  readonly #sent: Sent[] = [];

  constructor(id = "tm-0") {
    this.processId = asProcessId(id);
  }

  nowUs(): number {
    return this.world.nowUs();
  }

  buggify(): boolean {
    return false;
  }

  wallMs(): number {
    return this.world.wallMs();
  }

  setTimer(delayUs: number, callback: () => void): TimerHandle {
    return this.world.setTimer(delayUs, callback);
  }

  cancelTimer(handle: TimerHandle): void {
    this.world.cancelTimer(handle);
  }

  send(to: ProcessId, bytes: Uint8Array): void {
    this.#sent.push({ to, message: decodeMessage(bytes) });
  }

  note(note: Parameters<Host["note"]>[0]): void {
    this.world.note(note);
  }

  /** All that was sent since the last call. */
  takeSent(): readonly Sent[] {
    return this.#sent.splice(0);
  }

  /** The last of this kind that was sent since messages were last taken. */
  lastSent<K extends MessageKind>(kind: K): MessageOf<K> | undefined {
    return this.#sent.map(({ message }) => message).findLast((m) => m.kind === kind) as
      MessageOf<K> | undefined;
  }

  /** Kinds of notes since the last call, in order. */
  takeNotes(): string[] {
    return this.world.notes.splice(0).map(({ kind }) => kind);
  }

  advanceMs(ms: number): void {
    this.world.advanceMs(ms);
  }
}

export const testOptions: RuntimeOptions = {
  slots: 2,
  bufferBytes: 32,
  creditsPerChannel: 2,
  stepElementsMax: 8,
  bufferTimeoutMs: 5,
  heartbeatMs: 100,
  heartbeatTimeoutMs: 400,
  guardRecords: true,
};
