/** The undo log by hand: who keeps what, who inherits it, and that nothing stays behind. */
import { describe, expect, test } from "vitest";
import { InvariantError } from "../../core/assert.ts";
import { SnapshotClock, UndoLog } from "./undo-log.ts";

class Cell {
  readonly name: string;
  value = 0;
  version: number;
  constructor(name: string, version: number) {
    this.name = name;
    this.version = version;
  }
}

function setup() {
  const clock = new SnapshotClock();
  const log = new UndoLog<Cell, number>(clock);
  const cells: Cell[] = [];
  return {
    clock,
    log,
    make(name: string): Cell {
      const cell = new Cell(name, clock.latest);
      cells.push(cell);
      return cell;
    },
    set(cell: Cell, value: number): void {
      if (log.needs(cell)) log.keep(cell, cell.value);
      cell.value = value;
    },
    /** What a snapshot shows: "a=1 b=2". */
    view(snapshot: number): string {
      const lines = cells
        .filter((cell) => cell.version < snapshot)
        .map(({ name, value }) => `${name}=${value}`);
      log.changedSince(snapshot, ({ name }, old) => lines.push(`${name}=${old}`));
      return lines.sort().join(" ");
    },
    close: (snapshot: number): void => log.release(snapshot, clock.close(snapshot)),
  };
}

describe("undo log", () => {
  test("[UL3] without a pending snapshot nothing is kept", () => {
    const { log, make, set, clock, close } = setup();
    const a = make("a");
    for (let i = 0; i < 10; i++) set(a, i);
    close(clock.open());
    for (let i = 0; i < 10; i++) set(a, i);
    expect(log.size).toBe(0);
  });

  test("[UL2] the first change after a snapshot is kept, later ones are not", () => {
    const { log, make, set, clock, view } = setup();
    const [a, b] = [make("a"), make("b")];
    const snapshot = clock.open();
    for (let i = 1; i < 10; i++) set(a, i);
    expect([log.size, view(snapshot)]).toEqual([1, "a=0 b=0"]);
    set(make("born later"), 5);
    set(b, 7);
    expect([log.size, view(snapshot)]).toEqual([2, "a=0 b=0"]);
  });

  test("[UL2] each of several snapshots has its own view", () => {
    const { make, set, clock, view } = setup();
    const [a, b] = [make("a"), make("b")];
    const one = clock.open();
    set(a, 1);
    const two = clock.open();
    set(b, 2);
    const c = make("c");
    const three = clock.open();
    set(a, 3);
    set(c, 3);
    expect([view(one), view(two), view(three)]).toEqual(["a=0 b=0", "a=1 b=0", "a=1 b=2 c=0"]);
  });

  test("[UL2] a snapshot that is over leaves its log to the one before it, without doubles", () => {
    const { log, make, set, clock, view, close } = setup();
    const [a, b] = [make("a"), make("b")];
    const one = clock.open();
    set(a, 1);
    const two = clock.open();
    set(a, 2);
    set(b, 2);
    const three = clock.open();
    set(b, 3);
    close(two);
    expect([view(one), view(three)]).toEqual(["a=0 b=0", "a=2 b=2"]);
    close(three);
    expect([view(one), log.size]).toEqual(["a=0 b=0", 2]);
    set(a, 9);
    expect([view(one), log.size]).toEqual(["a=0 b=0", 2]);
    close(one);
    expect(log.size).toBe(0);
  });

  test("[UL2] the oldest one being over leaves the newer ones as they were", () => {
    const { log, make, set, clock, view, close } = setup();
    const a = make("a");
    const one = clock.open();
    set(a, 1);
    const two = clock.open();
    set(a, 2);
    close(one);
    expect([view(two), log.size]).toEqual(["a=1", 1]);
    expect(() => clock.close(one)).toThrow(InvariantError);
  });

  test("[UL1] what changes between two snapshots, the older one pending, is kept once", () => {
    const { log, make, set, clock, view, close } = setup();
    const a = make("a");
    const one = clock.open();
    close(clock.open());
    set(a, 1);
    set(a, 2);
    const three = clock.open();
    expect([log.size, view(one), view(three)]).toEqual([1, "a=0", "a=2"]);
  });
});
