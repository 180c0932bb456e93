/**
 * Keyed state over a log-structured merge tree, wherever the files of its runs lie.
 *
 *   handles --> tables --> tree --> runs          declared: of the types that were declared
 *   restored, not asked for: in the tree as well  unread: of the types they were written with (SB3)
 *
 * No log and no manifest is kept on the disk: a process that dies leaves nothing that anybody reads, as
 * checkpoints are what survives. A native snapshot consists of the runs themselves; those that were stored
 * for the base of a checkpoint are not stored again (C64).
 *
 * LB2  What was restored from several snapshots is one tree, and each hides what was not its own (C58).
 * LB3  A declared state has no entry of another type: what there was has been written anew (A47).
 *
 * A change in place counts as stored until the key changes; memory, whose objects are the state, is more
 * lenient. Source: Flink, RocksDBKeyedStateBackend, which knows no changes in place at all.
 * Not here: where files lie (disk-backend.ts, ../remote), what a handle does (the tables).
 */
import type { KeyGroupSnapshot, NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import { assert } from "../../core/assert.ts";
import { ByteWriter, DecodeError } from "../../core/bytes.ts";
import type { ByteReader } from "../../core/bytes.ts";
import type { CheckpointId, KeyGroup } from "../../core/ids.ts";
import type { Result } from "../../core/result.ts";
import type { StoredFile } from "../../core/stored-file.ts";
import type { BuggifyPoint } from "../../host/buggify.ts";
import { createKeyCodec } from "../../types/keys.ts";
import { otherKeys } from "../column.ts";
import { DeclaredStates } from "../declared-states.ts";
import type { PlainTables } from "../declared-states.ts";
import { decodeKeyGroup, readEntries } from "../key-group-format.ts";
import type { StateHeader, StateSection } from "../key-group-format.ts";
import { rangeHolds } from "../key-groups.ts";
import { narrowed } from "../lsm/entry.ts";
import type { Entry } from "../lsm/entry.ts";
import { LsmTree } from "../lsm/lsm-tree.ts";
import type { FilesAway, LsmOptions } from "../lsm/lsm-tree.ts";
import { Run } from "../lsm/run.ts";
import type { RunFile, RunFiles } from "../lsm/run.ts";
import type {
  KeyedBackendConfig,
  KeyedStateBackend,
  PendingSnapshot,
  SnapshotRequest,
} from "../state-backend.ts";
import type {
  AggregatingState,
  AggregatingStateDescriptor,
  ListState,
  ListStateDescriptor,
  MapState,
  MapStateDescriptor,
  ReducingState,
  ReducingStateDescriptor,
  ValueState,
  ValueStateDescriptor,
} from "../state.ts";
import { LsmListTable, LsmValueTable } from "./cell-table.ts";
import { LsmScope, nameBytes, nameOfEntry, writeGroup } from "./lsm-scope.ts";
import type { KeepOf } from "./canonical-groups.ts";
import { canonicalSnapshot, nativeSnapshot } from "./lsm-snapshot.ts";
import type { LsmMoment } from "./lsm-snapshot.ts";
import type { LsmTable } from "./lsm-table.ts";
import { LsmMapTable } from "./map-table.ts";
import { migrate } from "./migrate.ts";
import { boundsOf, contentsOf, decodeManifest } from "./native-form.ts";
import { UnreadParts } from "./stored-parts.ts";
import type { PartRange } from "./stored-parts.ts";
import { StoredRuns } from "./stored-runs.ts";

/** Files of which some may be in the store only. */
export interface AwayFiles extends RunFiles {
  readonly away: FilesAway;
  /** These are in the store, and stay there while the tree or a checkpoint under way refers to them. */
  stored(files: ReadonlyMap<string, StoredFile>): void;
  /**
   * Brings files and keeps them at hand until the function it returns is called.
   * @param done once; from inside the call when nothing is missing
   */
  bring(names: readonly string[], done: (result: Result<undefined, string>) => void): () => void;
}

export type LsmStatesOptions = Readonly<{ tree: LsmOptions; files: RunFiles | AwayFiles }>;

/** Of what is due of merging, when it is not waited for: as with a few puts, and not without end. */
const PIECES_MAX = 64;
const PIECE_ENTRIES = 128;

export class LsmStates<K> implements KeyedStateBackend<K> {
  readonly #config: KeyedBackendConfig<K>;
  readonly #files: RunFiles;
  readonly #away: AwayFiles | undefined;
  readonly #tree: LsmTree;
  readonly #scope: LsmScope<K>;
  readonly #declared: DeclaredStates;
  readonly #tables = new Map<string, LsmTable>();
  readonly #unread = new UnreadParts();
  readonly #stored = new StoredRuns();
  readonly #prefix = new ByteWriter(64);
  #names = 0;

  constructor(config: KeyedBackendConfig<K>, { tree, files }: LsmStatesOptions) {
    this.#config = config;
    this.#files = files;
    this.#away = "away" in files ? files : undefined;
    this.#tree = new LsmTree(tree, {
      files,
      ...("away" in files && { away: files.away }),
      nextName: () => this.#nextName(),
      isOut: (entry) => this.#isOut(entry),
      hurries: () => this.#isAsked("flush-memtable"),
    });
    this.#scope = new LsmScope(config, createKeyCodec(config.keyType), this.#tree);
    this.#declared = new DeclaredStates(this.#plainTables(), config.nowMs);
  }

  setCurrentKey(key: K, keyGroup: KeyGroup): void {
    this.#scope.enter(key, keyGroup);
  }

  currentKey(): K {
    const { epoch, key } = this.#scope;
    assert(epoch > 0, () => "the current key is asked for before the first record");
    return key as K;
  }

  getState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T> {
    return this.#declared.getState(descriptor);
  }

  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#declared.getListState(descriptor);
  }

  getMapState<MK, MV>(descriptor: MapStateDescriptor<MK, MV>): MapState<MK, MV> {
    return this.#declared.getMapState(descriptor);
  }

  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T> {
    return this.#declared.getReducingState(descriptor);
  }

  getAggregatingState<I, A, O>(
    descriptor: AggregatingStateDescriptor<I, A, O>,
  ): AggregatingState<I, O> {
    return this.#declared.getAggregatingState(descriptor);
  }

  snapshot(request?: SnapshotRequest): PendingSnapshot {
    this.#scope.writeBack();
    const isNative = request?.form === "native";
    // Runs that are stored once need not be stored with every checkpoint; a memtable would be.
    if (isNative) this.#tree.flush();
    if (this.#isAsked("compact-now")) this.#compact();
    const moment = { view: this.#tree.snapshot(), parts: this.#parts(), config: this.#config };
    if (isNative) return this.#native(moment, request);
    const takenMs = this.#config.nowMs();
    const forgetful = new Map([...this.#tables].filter(([, { forgets }]) => forgets));
    const keepOf: KeepOf = (name, value) => {
      const table = forgetful.get(name);
      return table === undefined ? value : table.stillAt(value, takenMs);
    };
    return canonicalSnapshot(moment, keepOf, this.#away);
  }

  #isAsked(point: BuggifyPoint): boolean {
    return this.#config.storage?.buggify(point) === true;
  }

  /** What is due, without waiting for puts. */
  #compact(): void {
    for (let piece = 0; piece < PIECES_MAX; piece++) {
      if (!this.#tree.compactSome(PIECE_ENTRIES)) return;
    }
  }

  restore({ keyGroup, bytes }: KeyGroupSnapshot): void {
    const { range, keyType } = this.#config;
    assert(
      rangeHolds(range, keyGroup),
      () => `SB4 key group ${keyGroup} restored where ${range.first} to ${range.last} are at home`,
    );
    const content = decodeKeyGroup(bytes);
    if (content.keyType !== keyType.id) throw otherKeys(content.keyType, keyType.id);
    for (const section of content.sections) this.#takeIn(keyGroup, section);
  }

  restoreNative(snapshot: NativeKeyedSnapshot, checkpointId: CheckpointId): void {
    const { range, keyType } = this.#config;
    const manifest = decodeManifest(snapshot);
    if (manifest.keyType !== keyType.id) throw otherKeys(manifest.keyType, keyType.id);
    const own = {
      first: Math.max(range.first, snapshot.range.first),
      last: Math.min(range.last, snapshot.range.last),
    };
    if (own.first > own.last) return;
    const files = this.#takeFiles(snapshot, checkpointId);
    const bounds = boundsOf(own);
    const levels = manifest.levels.map((runs) =>
      runs
        .map((run) => new Run(files[run.id]!, narrowed(run.bounds, bounds)))
        .filter((run) => run.overlaps(bounds.from!, bounds.to!)),
    );
    this.#tree.adopt(levels);
    for (const file of files) file.release();
    for (const part of manifest.parts) this.#takePart(part, own);
  }

  close(): void {
    this.#tree.close();
  }

  /** The files that hold what there is of a key. What is in hand is stored: its files may go. */
  protected filesFor(key: K, keyGroup: KeyGroup): readonly RunFile[] {
    this.#scope.writeBack();
    const prefix = this.#prefix;
    prefix.reset();
    writeGroup(prefix, keyGroup);
    this.#config.keyType.write(key, prefix);
    return this.#tree.filesFor(prefix.bytes.subarray(0, prefix.length));
  }

  #native(moment: LsmMoment, request: SnapshotRequest): PendingSnapshot {
    const known = this.#stored.basedOn(request.base);
    // What has to be written anew under other types is read when its state is asked for, all at once.
    if (request.base > 0 && this.#unread.isEmpty) this.#away?.stored(known);
    return nativeSnapshot(moment, request, { known, stored: this.#stored, away: this.#away });
  }

  #nextName(): string {
    return `${++this.#names}.run`;
  }

  /** The files of a snapshot, each held once by whoever asks. */
  #takeFiles(snapshot: NativeKeyedSnapshot, checkpointId: CheckpointId): readonly RunFile[] {
    return contentsOf(snapshot).map((bytes, i) => {
      const name = this.#nextName();
      this.#files.write(name, bytes);
      this.#stored.add(checkpointId, name, snapshot.files[i]!);
      const file = this.#tree.fileOf(name, bytes.length, bytes);
      file.retain();
      return file;
    });
  }

  #takePart(part: PartRange, own: Readonly<{ first: number; last: number }>): void {
    const first = Math.max(part.first, own.first);
    const last = Math.min(part.last, own.last);
    if (first > last) return;
    const table = this.#tables.get(part.header.name);
    if (table !== undefined) {
      migrate(this.#tree, table, [{ ...part, first, last }]);
      return;
    }
    for (let keyGroup = first; keyGroup <= last; keyGroup++) {
      this.#unread.add(keyGroup as KeyGroup, part);
    }
  }

  #takeIn(keyGroup: KeyGroup, section: StateSection): void {
    const { header } = section;
    const table = this.#tables.get(header.name);
    const read = table?.readerOf(header);
    if (table === undefined) {
      this.#unread.add(keyGroup, { header, isPacked: header.kind === "map" });
    }
    const name = nameBytes(header.name);
    readEntries(section, (key, payload) => {
      const owner = this.#ownerOf(keyGroup, key);
      const at = Uint8Array.of(...owner, ...name);
      const isNew = this.#tree.scan(at, owner.length, 1).length === 0;
      assert(isNew, () => `SB4 a key of group ${keyGroup} restored twice in "${header.name}"`);
      if (table !== undefined && read !== undefined) table.absorb(owner, payload, read);
      else this.#tree.put(at, owner.length, payload.raw(payload.remaining).slice());
    });
  }

  /** The prefix of a key that was read back. */
  #ownerOf(keyGroup: KeyGroup, key: ByteReader): Uint8Array {
    const { keyType } = this.#config;
    const start = key.position;
    const value = keyType.read(key);
    this.#scope.assertHome(value, keyGroup);
    const out = new ByteWriter(2 + key.position - start);
    writeGroup(out, keyGroup);
    out.raw(key.bytes, start, key.position);
    return out.toBytes();
  }

  #plainTables(): PlainTables {
    const scope = this.#scope;
    return {
      value: (header, column) =>
        this.#table(header, () => new LsmValueTable(header, column, scope)),
      list: (header, column) => this.#table(header, () => new LsmListTable(header, column, scope)),
      map: (header, key, column) =>
        this.#table(header, () => new LsmMapTable(header, key, column, scope)),
    };
  }

  /** The table of a name: the one there is, or a new one with what was restored for it. */
  #table<S extends LsmTable>({ name }: StateHeader, make: () => S): S {
    const existing = this.#tables.get(name);
    // DS1: kind and type ids agree, and they decide the class of the table and its type parameters.
    if (existing !== undefined) return existing as S;
    const table = make();
    migrate(this.#tree, table, this.#unread.of(name));
    this.#unread.forget(name);
    this.#tables.set(name, table);
    return table;
  }

  #parts(): readonly PartRange[] {
    const { first, last } = this.#config.range;
    const declared = [...this.#tables.values()].map(({ header }) => ({
      ...{ header, isPacked: false, first, last },
    }));
    return [...declared, ...this.#unread.list()];
  }

  /**
   * For compactions: whether all of an entry has run out (C95). They also come by entries that a newer one
   * hides, of a type that was migrated since: what becomes of those does not matter.
   */
  #isOut(entry: Entry): boolean {
    const table = this.#tables.get(nameOfEntry(entry));
    if (table?.forgets !== true) return false;
    try {
      return table.stillAt(entry.value!, this.#config.nowMs()) === undefined;
    } catch (error) {
      if (error instanceof DecodeError) return false;
      throw error;
    }
  }
}
