/**
 * The disk of a task manager as one of its tasks uses it: with the time until which that task waits.
 *
 * Calls return at once, and what they take is charged to whoever made them: a task whose disk stalls does
 * nothing until it is through, and the others of its process go on.
 */
import type { Disk } from "../host/disk.ts";

export class TaskDisk implements Disk {
  readonly #disk: Disk;
  #doneAtUs = 0;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Of the accesses of this task alone. */
  doneAtUs(): number {
    return this.#doneAtUs;
  }

  write(path: string, bytes: Uint8Array): ReturnType<Disk["write"]> {
    return this.#charged(this.#disk.write(path, bytes));
  }

  append(path: string, bytes: Uint8Array): ReturnType<Disk["append"]> {
    return this.#charged(this.#disk.append(path, bytes));
  }

  read(path: string): ReturnType<Disk["read"]> {
    return this.#charged(this.#disk.read(path));
  }

  readRange(path: string, start: number, end: number): ReturnType<Disk["readRange"]> {
    return this.#charged(this.#disk.readRange(path, start, end));
  }

  sync(path: string): ReturnType<Disk["sync"]> {
    return this.#charged(this.#disk.sync(path));
  }

  rename(from: string, to: string): ReturnType<Disk["rename"]> {
    return this.#disk.rename(from, to);
  }

  delete(path: string): ReturnType<Disk["delete"]> {
    return this.#disk.delete(path);
  }

  list(prefix: string): readonly string[] {
    return this.#disk.list(prefix);
  }

  syncDirectory(): void {
    this.#disk.syncDirectory();
    this.#charged(undefined);
  }

  #charged<T>(answer: T): T {
    this.#doneAtUs = this.#disk.doneAtUs();
    return answer;
  }
}
