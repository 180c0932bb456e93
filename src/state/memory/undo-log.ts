/**
 * Snapshots of live tables at no cost for the tables: remember what changes, when it changes.
 *
 * Taking a snapshot only notes a number. The first change of an entry after that puts its old value
 * into the log of the newest pending snapshot, together with the number the entry carried before. A
 * snapshot is then what is live and unchanged since, plus what the logs from its own on have kept:
 *
 *   snapshots      1        2        3          entry x: changed under 1, and again under 3
 *   log of x       (x0, v0)          (x1, v1)   1 sees x0; 2 and 3 see x1: v1 is 1, not below 1
 *
 * UL1  An entry of version v was last changed when v was the newest snapshot ever taken: it is
 *      unchanged since every snapshot above v.
 * UL2  For every pending snapshot and every entry that existed then and has changed since, exactly
 *      one kept value has a previous version below the snapshot and lies in its log or a newer
 *      one's.
 * UL3  While no snapshot is pending nothing is kept, and a change costs one comparison.
 *
 * An entry that came into being after a snapshot carries at least its number, so it is seen by none
 * before; that is why creation is not logged.
 *
 * Source: our own; the versions are those of Flink's CopyOnWriteStateMap, which copies chains of
 * entries where we keep a log. Not here: what an entry is (entry-table.ts, map-table.ts).
 */
import { assert } from "../../core/assert.ts";

/** The snapshots of one backend: which are pending, and which is the newest. */
export class SnapshotClock {
  /** The newest snapshot ever taken; 0 before the first. New and changed entries carry it. */
  latest = 0;
  /** The newest one that is still pending; 0 when none is. */
  newestPending = 0;
  /** Rising. */
  readonly #pending: number[] = [];

  open(): number {
    this.latest++;
    this.newestPending = this.latest;
    this.#pending.push(this.latest);
    return this.latest;
  }

  /** The next older pending snapshot, which inherits the log; 0 when there is none. */
  close(snapshot: number): number {
    const index = this.#pending.indexOf(snapshot);
    assert(index >= 0, () => `snapshot ${snapshot} is not pending`);
    this.#pending.splice(index, 1);
    this.newestPending = this.#pending.at(-1) ?? 0;
    return this.#pending[index - 1] ?? 0;
  }
}

/** What a log keeps old values of. */
export interface Versioned {
  /** See UL1. */
  version: number;
}

/** Three parallel arrays, so that keeping a value allocates nothing of its own. */
type Log<E, V> = { entries: E[]; values: V[]; versions: number[] };

/** The logs of one table, one for each pending snapshot under which something has changed. */
export class UndoLog<E extends Versioned, V> {
  readonly #clock: SnapshotClock;
  readonly #logs = new Map<number, Log<E, V>>();

  constructor(clock: SnapshotClock) {
    this.#clock = clock;
  }

  /** True when a pending snapshot needs the entry as it is now: `keep` it before it changes. */
  needs(entry: E): boolean {
    return entry.version < this.#clock.newestPending;
  }

  /** @param old as the snapshot shall see it: shared with nothing that can still be changed */
  keep(entry: E, old: V): void {
    const log = this.#logOf(this.#clock.newestPending);
    log.entries.push(entry);
    log.values.push(old);
    log.versions.push(entry.version);
    entry.version = this.#clock.latest;
  }

  /** Calls back with every entry that has changed since the snapshot, and what it was then. */
  changedSince(snapshot: number, visit: (entry: E, old: V) => void): void {
    for (const [owner, { entries, values, versions }] of this.#logs) {
      if (owner < snapshot) continue;
      for (let i = 0; i < entries.length; i++) {
        if (versions[i]! < snapshot) visit(entries[i]!, values[i]!);
      }
    }
  }

  /**
   * The snapshot is over; `older`, if not 0, is the pending one before it, which may need its log.
   */
  release(snapshot: number, older: number): void {
    const log = this.#logs.get(snapshot);
    if (log === undefined) return;
    this.#logs.delete(snapshot);
    if (older === 0) return;
    const heir = this.#logOf(older);
    for (let i = 0; i < log.entries.length; i++) {
      const version = log.versions[i]!;
      // UL2: from `older` on, the entry was changed before: its own log has it already.
      if (version >= older) continue;
      heir.entries.push(log.entries[i]!);
      heir.values.push(log.values[i]!);
      heir.versions.push(version);
    }
  }

  /** How many old values are kept. */
  get size(): number {
    let size = 0;
    for (const log of this.#logs.values()) size += log.entries.length;
    return size;
  }

  #logOf(snapshot: number): Log<E, V> {
    let log = this.#logs.get(snapshot);
    if (log === undefined) {
      log = { entries: [], values: [], versions: [] };
      this.#logs.set(snapshot, log);
    }
    return log;
  }
}
