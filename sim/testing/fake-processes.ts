/** A double of the processes of a world, for the tests of the world's parts. */
import { asProcessId } from "../../src/index.ts";
import type { ProcessId } from "../../src/index.ts";
import type { Processes } from "../processes.ts";

type FakeProcess = { alive: boolean; incarnation: number; resumeAtUs: number };

/** Processes "p-0" to "p-(count - 1)", all alive; a test does to them what it likes. */
export class FakeProcesses implements Processes {
  readonly count: number;
  readonly #processes: FakeProcess[];

  constructor(count: number) {
    this.count = count;
    this.#processes = Array.from({ length: count }, () => {
      return { alive: true, incarnation: 1, resumeAtUs: 0 };
    });
  }

  indexOf(id: ProcessId): number {
    const index = /^p-(\d+)$/.exec(id)?.[1];
    return index !== undefined && Number(index) < this.count ? Number(index) : -1;
  }

  idOf(index: number): ProcessId {
    return asProcessId(`p-${index}`);
  }

  isAlive(index: number): boolean {
    return this.#processes[index]!.alive;
  }

  incarnation(index: number): number {
    return this.#processes[index]!.incarnation;
  }

  resumeAtUs(index: number): number {
    return this.#processes[index]!.resumeAtUs;
  }

  crash(index: number): void {
    this.#processes[index]!.alive = false;
    this.#processes[index]!.resumeAtUs = 0;
  }

  restart(index: number): void {
    this.#processes[index]!.alive = true;
    this.#processes[index]!.incarnation++;
  }

  pauseUntil(index: number, resumeAtUs: number): void {
    this.#processes[index]!.resumeAtUs = resumeAtUs;
  }
}
