/**
 * Keyed state in another backend, with a log of its changes beside it.
 *
 *   change --> inner backend, and the log --closed stretches--> object store, while records flow
 *   checkpoint = newest materialization + stretches since    (nothing but the last stretch is left to store)
 *   now and then: all state of the inner backend, materialized in the background; the log begins anew
 *
 * What a checkpoint has to store and wait for so depends on how much has changed since the last closed
 * stretch, not on how much state there is, and hardly on how much has changed since the last checkpoint.
 * The price is that every change is written twice, and that a restore has to go through the log (replay.ts).
 *
 * A snapshot whose base is not known here is a full one: that of the inner backend, in the canonical form.
 * So are canonical snapshots, which the inner backend gives by itself. There is no log before the first full
 * snapshot, for nothing could refer to it; and none any more once it has become too big to keep, because
 * the store takes nothing: the next snapshot is then a full one again.
 *
 * CB1  A snapshot holds the state at its barrier: everything up to it is in the log, or handed out and not
 *      changed since the log was told (C63; touched.ts).
 * CB2  What is not in memory any more is stored, and listed with every snapshot until it is of no use (C65).
 *
 * Source: Flink, ChangelogKeyedStateBackend. We differ: timers are not logged, each snapshot holds them all,
 * so no replay depends on the order of a queue (A20); and a restore works on bytes, not through the handles.
 * Not here: logged-value.ts and its like (what is logged), change-log.ts (where to), lineage.ts (since when).
 */
import type { KeyGroupRange, KeyGroupSnapshot, NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import { InvariantError, present } from "../../core/assert.ts";
import type { CheckpointId, KeyGroup } from "../../core/ids.ts";
import type { StoredFile } from "../../core/stored-file.ts";
import type { TimerHandle } from "../../host/host.ts";
import { DeclaredStates, type PlainTables } from "../declared-states.ts";
import { decodeKeyGroup, sameType, type StateHeader } from "../key-group-format.ts";
import { rangeHolds } from "../key-groups.ts";
import type {
  BackendStorage,
  KeyedBackendConfig,
  KeyedStateBackend,
  PendingNativeSnapshot,
  PendingSnapshot,
  SnapshotRequest,
  StateBackend,
} from "../state-backend.ts";
import { ChangeLog, type Segment } from "./change-log.ts";
import { Lineage, type StoredState } from "./lineage.ts";
import {
  CHANGELOG_FORMAT,
  clipped,
  decodeParts,
  encodeManifest,
  encodeMaterialization,
  filesOf,
  type Part,
} from "./log-snapshot.ts";
import { LogScope } from "./log-scope.ts";
import { LoggedTables } from "./logged-tables.ts";
import { changelogGroups } from "./replay.ts";

export type ChangelogOptions = Readonly<{
  /** The open stretch of the log is closed, and stored, when it has this many bytes; 16 KiB by default. */
  segmentBytes?: number;
  /** Between two materializations; a minute by default. */
  materializeMs?: number;
  /** What of the log may wait in memory to be stored; 64 MiB by default. */
  waitingBytesMax?: number;
}>;

/**
 * @param inner keeps the state; one that brings it from afar when it is asked for cannot be logged
 * @throws RangeError for sizes and times below 1
 * @throws TypeError for a backend that cannot be logged
 */
export function changelogBackend(
  inner: StateBackend,
  options: ChangelogOptions = {},
): StateBackend {
  const { segmentBytes = 16_384, materializeMs = 60_000, waitingBytesMax = 67_108_864 } = options;
  const resolved = { segmentBytes, materializeMs, waitingBytesMax };
  for (const [name, value] of Object.entries(resolved)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new RangeError(`changelogBackend: ${name} is ${value}; expected an integer from 1 on`);
  }
  return {
    name: `changelog(${inner.name})`,
    readsFormats: [CHANGELOG_FORMAT],
    create: (config) => new ChangelogBackend(config, inner, resolved),
  };
}

class ChangelogBackend<K> implements KeyedStateBackend<K> {
  readonly #config: KeyedBackendConfig<K>;
  readonly #options: Required<ChangelogOptions>;
  readonly #inner: KeyedStateBackend<K>;
  readonly #scope: LogScope<K>;
  readonly #tables: LoggedTables<K>;
  readonly #declared: DeclaredStates;
  readonly #log: ChangeLog | undefined;
  readonly #lineage = new Lineage();
  /** How the states of the checkpoint were declared, by name; not all parts of it need agree. */
  readonly #restored = new Map<string, StateHeader[]>();
  #inherited: Part<StoredFile>[] = [];
  /** Something was restored that is in no file to refer to. */
  #unfiled = false;
  #materializing: TimerHandle | undefined;
  /** Of a materialization under way; a newer one means that its log is gone. */
  #generation = 0;

  constructor(
    config: KeyedBackendConfig<K>,
    inner: StateBackend,
    options: Required<ChangelogOptions>,
  ) {
    const { keyType, nowMs, storage } = config;
    this.#config = config;
    this.#options = options;
    this.#inner = inner.create(config);
    this.#scope = new LogScope(keyType, this.#inner, () => this.#boundLog());
    const tables = plainTablesOf(this.#inner, inner.name);
    this.#tables = new LoggedTables(tables, this.#scope, (header) => this.#onDeclared(header));
    this.#declared = new DeclaredStates(this.#tables, nowMs);
    this.#log = storage && new ChangeLog(keyType.id, storage, options.segmentBytes);
  }

  setCurrentKey(key: K, keyGroup: KeyGroup): void {
    this.#scope.enter(key, keyGroup);
  }

  currentKey(): K {
    return this.#inner.currentKey();
  }

  getState: KeyedStateBackend<K>["getState"] = (descriptor) => this.#declared.getState(descriptor);
  getListState: KeyedStateBackend<K>["getListState"] = (descriptor) =>
    this.#declared.getListState(descriptor);
  getMapState: KeyedStateBackend<K>["getMapState"] = (descriptor) =>
    this.#declared.getMapState(descriptor);
  getReducingState: KeyedStateBackend<K>["getReducingState"] = (descriptor) =>
    this.#declared.getReducingState(descriptor);
  getAggregatingState: KeyedStateBackend<K>["getAggregatingState"] = (descriptor) =>
    this.#declared.getAggregatingState(descriptor);

  snapshot(request?: SnapshotRequest): PendingSnapshot {
    const log = this.#log;
    if (request?.form !== "native" || log === undefined) return this.#inner.snapshot();
    const { checkpointId, base } = request;
    const state = this.#lineage.confirm(base);
    log.cutBelow(this.#lineage.neededFrom ?? log.sequence);
    this.#tables.flush();
    log.close();
    const pending =
      state === undefined || this.#scope.log === undefined
        ? this.#full(checkpointId, log)
        : this.#onLog(checkpointId, state, log);
    const discard = (): void => {
      this.#lineage.ended(checkpointId);
      pending.discard();
    };
    return { ...pending, discard };
  }

  restore(group: KeyGroupSnapshot): void {
    this.#inner.restore(group);
    this.#unfiled = true;
    this.#forgetLog();
  }

  restoreNative(snapshot: NativeKeyedSnapshot, checkpointId: CheckpointId): void {
    const { range } = this.#config;
    for (const group of changelogGroups(snapshot)) {
      if (!rangeHolds(range, group.keyGroup)) continue;
      for (const { header } of decodeKeyGroup(group.bytes).sections) this.#noteRestored(header);
      this.#inner.restore(group);
    }
    if (checkpointId === 0 || this.#unfiled || this.#log === undefined) return;
    this.#inherited.push(...clipped(decodeParts(snapshot), range));
    this.#lineage.inherit(checkpointId, { sequence: 0, parts: this.#inherited });
    this.#scope.log = this.#log;
  }

  close(): void {
    if (this.#materializing !== undefined) this.#storage.cancelTimer(this.#materializing);
    this.#inner.close?.();
  }

  get #storage(): BackendStorage {
    return present(this.#config.storage, () => "a log without a place to go");
  }

  /** All state that there is, in one file; if there is no log, it begins here. */
  #full(checkpointId: CheckpointId, log: ChangeLog): PendingSnapshot {
    const { sequence } = log;
    const { range } = this.#config;
    const pending = this.#inner.snapshot();
    this.#scope.log = log;
    this.#lineage.begun(checkpointId, sequence);
    const name = `full-${checkpointId}`;
    const native: PendingNativeSnapshot = {
      write: () => ({
        format: CHANGELOG_FORMAT,
        range,
        manifest: encodeManifest([materialized<string>(range, sequence, name)]),
        files: [{ kind: "new", name, bytes: encodeMaterialization(pending.write()) }],
      }),
      stored: ([file]) => {
        const whole = present(file, () => `${name} is stored, yet has no file`);
        const parts = [materialized(range, sequence, whole)];
        this.#lineage.stored(checkpointId, { sequence, parts });
      },
      alsoKept: () => this.#kept(),
    };
    return { ...pendingOf(native), discard: () => pending.discard() };
  }

  /** What is stored already, and the log since. */
  #onLog(checkpointId: CheckpointId, state: StoredState, log: ChangeLog): PendingSnapshot {
    const { range } = this.#config;
    const segments = log.since(state.sequence);
    const since = { range, materialization: undefined, firstSequence: state.sequence };
    log.storeAhead();
    this.#materializeLater();
    this.#lineage.begun(checkpointId, state.sequence);
    return pendingOf({
      prepare: (done) => log.whenStored(segments, done),
      write: () => {
        const parts = [...state.parts, { ...since, segments: segments.map(fileOf) }];
        const files = filesOf(parts).map((file) => ({ kind: "known", file }) as const);
        return { format: CHANGELOG_FORMAT, range, manifest: encodeManifest(parts), files };
      },
      stored: () => this.#lineage.stored(checkpointId, state),
      alsoKept: () => this.#kept(),
    });
  }

  /** CB2 */
  #kept(): readonly StoredFile[] {
    return [...this.#lineage.files, ...(this.#log?.files ?? [])];
  }

  #materializeLater(): void {
    if (this.#materializing !== undefined) return;
    const isDue = this.#storage.buggify("materialize-now");
    const inMs = isDue ? 0 : this.#options.materializeMs;
    this.#materializing = this.#storage.setTimer(inMs * 1_000, () => {
      this.#materializing = undefined;
      this.#materialize();
    });
  }

  /** Takes the state as it is, stores it, and then lets snapshots build on it. */
  #materialize(): void {
    const log = this.#scope.log;
    if (log === undefined) return;
    if (log.sequence === this.#lineage.materializedTo) {
      this.#materializeLater();
      return;
    }
    log.close();
    // What is changed in place from here on is in the materialization as it is now.
    this.#tables.distrust();
    const { sequence } = log;
    const { range } = this.#config;
    const generation = this.#generation;
    const bytes = encodeMaterialization(this.#inner.snapshot().write());
    this.#storage.upload(`state-${sequence}`, bytes, (result) => {
      if (generation !== this.#generation) return;
      this.#materializeLater();
      if (!result.ok) return; // the log holds all of it as well
      const parts = [materialized(range, sequence, result.value)];
      this.#lineage.materialized({ sequence, parts });
    });
  }

  /** A stretch was closed: the store should keep up. */
  #boundLog(): void {
    const { log } = this.#scope;
    if (log !== undefined && log.bytesInMemory > this.#options.waitingBytesMax) this.#forgetLog();
  }

  #forgetLog(): void {
    this.#generation++;
    this.#scope.log = undefined;
    this.#inherited = [];
    this.#lineage.forget();
    this.#log?.forget();
    this.#tables.forget();
  }

  #noteRestored(header: StateHeader): void {
    const before = this.#restored.get(header.name);
    if (before === undefined) this.#restored.set(header.name, [header]);
    else if (!before.some((other) => sameType(other, header))) before.push(header);
  }

  /** Entries of two types cannot stand in one log: the next snapshot is a full one (SC1). */
  #onDeclared(header: StateHeader): void {
    const before = this.#restored.get(header.name) ?? [];
    if (before.some((other) => !sameType(other, header))) this.#forgetLog();
  }
}

const fileOf = ({ file, firstSequence }: Segment): StoredFile =>
  present(file, () => `SU2 the log from ${firstSequence} on is named before it is stored`);

const materialized = <F>(
  range: KeyGroupRange,
  firstSequence: number,
  materialization: F,
): Part<F> => ({ range, materialization, firstSequence, segments: [] });

const pendingOf = (native: PendingNativeSnapshot): PendingSnapshot => ({
  native,
  write() {
    throw new InvariantError("a native snapshot is written in the canonical form");
  },
  discard: () => undefined,
});

function plainTablesOf({ tables }: KeyedStateBackend<unknown>, name: string): PlainTables {
  if (tables !== undefined) return tables;
  throw new TypeError(
    `changelogBackend: the changes of a "${name}" backend cannot be logged; wrap memoryBackend()`,
  );
}
