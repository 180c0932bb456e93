/**
 * The host of a leader, for as long as its term lasts. When that is over nothing is done in its name any
 * more and nothing is heard: to the leader it is as if its process had died, while the process lives on.
 *
 * A leader waits for answers and timers in many places. Were each of them to ask whether it still leads,
 * one would forget to; here none can (C122).
 *
 * TO1  A term that is over sends, asks for and is told nothing; what it had asked for may still happen
 *      (C123).
 *
 * Not here: when a term is over (`candidate.ts`), and what the next leader waits for before it reads.
 */
import { assert } from "../core/assert.ts";
import type { ProcessId } from "../core/ids.ts";
import type { BuggifyPoint } from "../host/buggify.ts";
import type { CostProfile, Host, TimerHandle } from "../host/host.ts";
import type { EngineNote } from "../host/note.ts";
import type { ObjectStore } from "../host/object-store.ts";
import type { Random } from "../host/random.ts";
import type { PartitionedLog } from "../host/services.ts";

export class TermHost implements Host {
  readonly processId: ProcessId;
  readonly random: Random;
  readonly cost: CostProfile;
  readonly objectStore: ObjectStore;
  readonly log: PartitionedLog;
  readonly #host: Host;
  readonly #isOver: () => boolean;

  /** @param isOver once true, true for ever */
  constructor(host: Host, isOver: () => boolean) {
    this.#host = host;
    this.#isOver = isOver;
    this.processId = host.processId;
    this.random = host.random;
    this.cost = host.cost;
    this.objectStore = this.#createStore(host.objectStore);
    this.log = this.#createLog(host.log);
  }

  nowUs(): number {
    return this.#host.nowUs();
  }

  wallMs(): number {
    return this.#host.wallMs();
  }

  setTimer(delayUs: number, callback: () => void): TimerHandle {
    return this.#host.setTimer(delayUs, this.#inTerm(callback));
  }

  cancelTimer(handle: TimerHandle): void {
    this.#host.cancelTimer(handle);
  }

  send(to: ProcessId, message: Uint8Array): void {
    if (!this.#isOver()) this.#host.send(to, message);
  }

  note(note: EngineNote): void {
    if (!this.#isOver()) this.#host.note(note);
  }

  buggify(point: BuggifyPoint): boolean {
    return this.#host.buggify(point);
  }

  get channels(): never {
    return unused("channels");
  }

  get disk(): never {
    return unused("a disk");
  }

  get ledger(): never {
    return unused("a ledger");
  }

  get tables(): never {
    return unused("tables");
  }

  get services(): never {
    return unused("services");
  }

  get coordination(): never {
    return unused("the service that has elected it");
  }

  /** TO1. */
  #inTerm<A extends readonly unknown[]>(callback: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      if (!this.#isOver()) callback(...args);
    };
  }

  #createStore(store: ObjectStore): ObjectStore {
    return {
      put: this.#inTerm((path, bytes, ifAbsent, done) =>
        store.put(path, bytes, ifAbsent, this.#inTerm(done)),
      ),
      get: this.#inTerm((path, offset, done) => store.get(path, offset, this.#inTerm(done))),
      list: this.#inTerm((prefix, done) => store.list(prefix, this.#inTerm(done))),
      listLate: this.#inTerm((prefix, done) => store.listLate(prefix, this.#inTerm(done))),
      delete: this.#inTerm((path, done) => store.delete(path, this.#inTerm(done))),
    };
  }

  #createLog(log: PartitionedLog): PartitionedLog {
    return {
      partitions: this.#inTerm((topic, done) => log.partitions(topic, this.#inTerm(done))),
      offsets: this.#inTerm((topic, partitions, start, done) =>
        log.offsets(topic, partitions, start, this.#inTerm(done)),
      ),
      read: this.#inTerm((topic, partition, offset, recordsMax, done) =>
        log.read(topic, partition, offset, recordsMax, this.#inTerm(done)),
      ),
      acknowledge: this.#inTerm((topic, reader, positions) =>
        log.acknowledge(topic, reader, positions),
      ),
    };
  }
}

/** It leads, and does no work on records: what it may do without has no way past the end of its term. */
function unused(what: string): never {
  assert(false, () => `a leader asks for ${what}`);
}
