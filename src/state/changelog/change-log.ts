/**
 * The log of changes of one operator's state: an open stretch that changes are appended to, and closed ones
 * that are stored, or on their way.
 *
 *   append -> open --full, or a snapshot--> closed --upload--> stored --cut--> forgotten
 *
 * The sequence number of a change is how many were appended before it. Stretches are closed where a
 * snapshot or a materialization was taken, so that each of those begins with a stretch of its own.
 *
 * LO1  Sequence numbers rise without a gap, and none stands for two changes.
 * LO2  A stretch that is stored never changes, and has one file; one that could not be stored is tried again.
 *
 * Not here: which stretches a snapshot needs, and from where on the log may be cut (lineage.ts).
 */
import { assert } from "../../core/assert.ts";
import { ok, type Result } from "../../core/result.ts";
import type { StoredFile } from "../../core/stored-file.ts";
import type { BackendStorage } from "../state-backend.ts";
import { SegmentWriter } from "./segment-format.ts";

/** After the store has refused a stretch for good; it may be of another mind by then. */
const RETRY_US = 1_000_000;

type Done = (result: Result<undefined, string>) => void;

/** A closed stretch. */
export class Segment {
  readonly firstSequence: number;
  readonly endSequence: number;
  /** Until it is stored. */
  bytes: Uint8Array | undefined;
  file: StoredFile | undefined;
  uploading = false;
  readonly waiting: Done[] = [];

  constructor(firstSequence: number, count: number, bytes: Uint8Array) {
    this.firstSequence = firstSequence;
    this.endSequence = firstSequence + count;
    this.bytes = bytes;
  }
}

export class ChangeLog {
  readonly writer: SegmentWriter;
  readonly #storage: BackendStorage;
  readonly #segmentBytes: number;
  /** In order; the first may be any. */
  #segments: Segment[] = [];
  #closedSequence = 0;
  #closedBytes = 0;
  /** Closed stretches are stored as soon as they are closed. */
  #ahead = false;

  constructor(keyType: string, storage: BackendStorage, segmentBytes: number) {
    this.writer = new SegmentWriter(keyType);
    this.#storage = storage;
    this.#segmentBytes = segmentBytes;
  }

  /** Number of the next change. */
  get sequence(): number {
    return this.#closedSequence + this.writer.count;
  }

  /** Of changes that are nowhere else yet. */
  get bytesInMemory(): number {
    return this.#closedBytes + this.writer.length;
  }

  /** Call after every change. True: a stretch was closed. */
  appended(): boolean {
    if (this.writer.length < this.#segmentBytes) return false;
    this.close();
    return true;
  }

  /** Closes the open stretch, if there is anything in it. */
  close(): void {
    const { count } = this.writer;
    if (count === 0) return;
    const first = this.#closedSequence;
    const segment = new Segment(first, count, this.writer.take(first));
    this.#segments.push(segment);
    this.#closedSequence = segment.endSequence;
    this.#closedBytes += segment.bytes!.length;
    if (this.#ahead) this.#store(segment);
  }

  /** Somebody will need what is in the log: it need not wait for that. */
  storeAhead(): void {
    this.#ahead = true;
    for (const segment of this.#segments) this.#store(segment);
  }

  /** All closed stretches from `sequence` on, where one of them begins. */
  since(sequence: number): readonly Segment[] {
    const segments = this.#segments.filter(({ firstSequence }) => firstSequence >= sequence);
    const begin = segments[0]?.firstSequence ?? this.#closedSequence;
    assert(begin === sequence, () => `LO1 the log from ${sequence} on begins at ${begin}`);
    return segments;
  }

  /** Those before `sequence` are needed no more. */
  cutBelow(sequence: number): void {
    const [cut, kept] = [[] as Segment[], [] as Segment[]];
    for (const segment of this.#segments) {
      (segment.endSequence <= sequence ? cut : kept).push(segment);
    }
    this.#segments = kept;
    for (const { bytes } of cut) this.#closedBytes -= bytes?.length ?? 0;
  }

  /** What is stored of it. */
  get files(): readonly StoredFile[] {
    return this.#segments.flatMap(({ file }) => file ?? []);
  }

  /** Nobody needs any of it: begins anew, with the next number. */
  forget(): void {
    this.close();
    this.#ahead = false;
    this.cutBelow(this.#closedSequence);
  }

  /** Answers once: when all are stored, or when one of them could not be. */
  whenStored(segments: readonly Segment[], done: Done): void {
    const open = segments.filter(({ file }) => file === undefined);
    let [left, over] = [open.length, false];
    if (left === 0) done(ok(undefined));
    for (const segment of open) {
      segment.waiting.push((result) => {
        left--;
        if (over || (result.ok && left > 0)) return;
        over = true;
        done(result);
      });
      this.#store(segment);
    }
  }

  #store(segment: Segment): void {
    const { bytes, firstSequence } = segment;
    if (bytes === undefined || segment.uploading) return;
    segment.uploading = true;
    this.#storage.upload(`log-${firstSequence}`, bytes, (result) => {
      segment.uploading = false;
      if (result.ok) this.#stored(segment, result.value);
      else this.#storage.setTimer(RETRY_US, () => this.#storeAgain(segment));
      const told = result.ok ? ok(undefined) : result;
      for (const waiting of segment.waiting.splice(0)) waiting(told);
    });
  }

  #stored(segment: Segment, file: StoredFile): void {
    const known = this.#segments.includes(segment);
    if (known) this.#closedBytes -= segment.bytes!.length;
    segment.bytes = undefined;
    segment.file = file;
  }

  /** LO2; what has been cut meanwhile nobody waits for. */
  #storeAgain(segment: Segment): void {
    if (this.#segments.includes(segment)) this.#store(segment);
  }
}
