import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bareHeapLoop } from "./bare-heap.ts";
import { createRandom } from "./random.ts";
import { Scheduler } from "./scheduler.ts";
import type { EventHandle } from "./scheduler.ts";

type Planned = { timeUs: number; name: number; sequence: number };

const byTimeThenPosting = (a: Planned, b: Planned): number =>
  a.timeUs - b.timeUs || a.sequence - b.sequence;

/** A sorted array with the same interface, slow and obvious. */
class Model {
  readonly ran: string[] = [];
  nowUs = 0;
  #planned: Planned[] = [];
  #sequence = 0;

  at(timeUs: number, name: number): void {
    this.#planned.push({ timeUs, name, sequence: this.#sequence++ });
    this.#planned.sort(byTimeThenPosting);
  }

  cancel(name: number): boolean {
    const at = this.#planned.findIndex((planned) => planned.name === name);
    if (at >= 0) this.#planned.splice(at, 1);
    return at >= 0;
  }

  step(): boolean {
    const next = this.#planned.shift();
    if (next === undefined) return false;
    this.nowUs = next.timeUs;
    this.ran.push(`${next.timeUs} ${next.name}`);
    return true;
  }

  get pending(): number {
    return this.#planned.length;
  }
}

describe("order", () => {
  test("[KE1] [KE2] [KE3] is that of a sorted array, cancels included", () => {
    const command = fc.oneof(
      { weight: 5, arbitrary: fc.record({ post: fc.nat(20) }) },
      { weight: 2, arbitrary: fc.record({ cancel: fc.nat(400) }) },
      { weight: 4, arbitrary: fc.constant({ step: true }) },
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 400 }), (commands) => {
        const scheduler = new Scheduler(undefined, 2);
        const model = new Model();
        const ran: string[] = [];
        const handler = scheduler.register("event", (name, delayUs, payload) => {
          expect(payload).toBe(`payload ${name}`);
          ran.push(`${scheduler.nowUs} ${name}`);
          expect(delayUs).toBe(name % 7);
        });
        const handles: EventHandle[] = [];
        for (const step of commands) {
          if ("post" in step) {
            const timeUs = scheduler.nowUs + step.post;
            const name = handles.length;
            handles.push(scheduler.at(timeUs, handler, name, name % 7, `payload ${name}`));
            model.at(timeUs, name);
          } else if ("cancel" in step) {
            const handle = handles[step.cancel];
            if (handle === undefined) continue;
            expect(scheduler.cancel(handle)).toBe(model.cancel(step.cancel));
          } else {
            expect(scheduler.step()).toBe(model.step());
          }
          expect(scheduler.pending).toBe(model.pending);
          expect(scheduler.nowUs).toBe(model.nowUs);
        }
        while (model.step());
        scheduler.runUntil(Number.POSITIVE_INFINITY);
        expect(ran).toEqual(model.ran);
        expect(scheduler.executed).toBe(ran.length);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("[KE2] holds for events that events post, into the hole that they leave", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(5), { maxLength: 3 }), { maxLength: 60 }), (tree) => {
        const scheduler = new Scheduler(undefined, 2);
        const model = new Model();
        const ran: string[] = [];
        let spent = 0;
        const handler = scheduler.register("event", (name) => {
          ran.push(`${scheduler.nowUs} ${name}`);
          for (const delayUs of tree[spent++] ?? []) post(delayUs);
        });
        let names = 0;
        const post = (delayUs: number): void => {
          scheduler.at(scheduler.nowUs + delayUs, handler, names, 0);
          model.at(scheduler.nowUs + delayUs, names++);
        };
        post(0);
        post(1);
        while (scheduler.step()) expect(model.step()).toBe(true);
        expect(ran).toEqual(model.ran);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  test("[KE1] refuses the past and broken times", () => {
    const scheduler = new Scheduler();
    const handler = scheduler.register("event", () => undefined);
    scheduler.at(10, handler, 0, 0);
    scheduler.step();
    for (const timeUs of [9, 10.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => scheduler.at(timeUs, handler, 0, 0)).toThrow(`KE1 an event for ${timeUs} us`);
    }
    expect(() => scheduler.at(10, handler, 2 ** 31, 0)).toThrow("not of 32 bits");
  });

  test("puts urgent events first, in their own order", () => {
    const { scheduler, ran, handler } = recording();
    scheduler.at(0, handler, 1, 0);
    scheduler.at(0, handler, 2, 0);
    scheduler.urgent(handler, 3, 0);
    scheduler.urgent(handler, 4, 0);
    scheduler.runUntil(0);
    expect(ran).toEqual([3, 4, 1, 2]);
  });
});

describe("ties", () => {
  const orderOf = (seed: string): number[] => {
    const { scheduler, ran, handler } = recording(seed);
    for (let i = 0; i < 20; i++) scheduler.at(5, handler, i, 0);
    scheduler.at(4, handler, 100, 0);
    scheduler.runUntil(10);
    return ran;
  };

  test("run in an order drawn from the seed; different times never mix", () => {
    const one = orderOf("one");
    expect(one).toEqual(orderOf("one"));
    expect(one).not.toEqual(orderOf("two"));
    expect(one[0]).toBe(100);
    const sorted = one.slice(1).sort((a, b) => a - b);
    expect(one.slice(1)).not.toEqual(sorted);
    expect(sorted).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test("never come before what is urgent", () => {
    const { scheduler, ran, handler } = recording("seed");
    for (let i = 0; i < 10; i++) scheduler.at(0, handler, i, 0);
    scheduler.urgent(handler, 77, 0);
    scheduler.urgent(handler, 78, 0);
    scheduler.runUntil(0);
    expect(ran.slice(0, 2)).toEqual([77, 78]);
  });
});

describe("cancelling", () => {
  test("[KE3] a spent handle cancels nothing, though its slot is in use again", () => {
    const { scheduler, ran, handler } = recording(undefined, 1);
    const first = scheduler.at(1, handler, 1, 0);
    expect(scheduler.cancel(first)).toBe(true);
    expect(scheduler.cancel(first)).toBe(false);
    scheduler.runUntil(2);
    const second = scheduler.at(3, handler, 2, 0);
    expect(second).not.toBe(first);
    expect(scheduler.cancel(first)).toBe(false);
    scheduler.runUntil(4);
    expect(ran).toEqual([2]);
    expect(scheduler.cancel(second)).toBe(false);
  });

  test("an event can cancel its neighbour, and not itself", () => {
    const scheduler = new Scheduler();
    const ran: number[] = [];
    const handles: EventHandle[] = [];
    const handler = scheduler.register("event", (name) => {
      ran.push(name);
      expect(scheduler.cancel(handles[name]!)).toBe(false);
      if (name === 0) expect(scheduler.cancel(handles[1]!)).toBe(true);
    });
    for (let i = 0; i < 3; i++) handles.push(scheduler.at(7, handler, i, 0));
    scheduler.runUntil(7);
    expect(ran).toEqual([0, 2]);
  });

  test("timers that are always reset do not pile up", () => {
    const { scheduler, ran, handler } = recording(undefined, 64);
    const far = scheduler.at(2_000_000, handler, -1, 0);
    for (let i = 0; i < 100_000; i++) {
      const timer = scheduler.at(1_000_000 + i, handler, i, 0);
      if (i % 10_000 !== 0) scheduler.cancel(timer);
    }
    expect(scheduler.pending).toBe(11);
    scheduler.runUntil(1_500_000);
    expect(ran).toEqual(Array.from({ length: 10 }, (_, i) => i * 10_000));
    expect(scheduler.cancel(far)).toBe(true);
  });
});

test("[KE2] [KE3] an event may cancel so many others that the heap is packed under it", () => {
  const { scheduler, ran, handler } = recording(undefined, 64);
  const timers = Array.from({ length: 3_000 }, (_, i) => scheduler.at(10 + i, handler, i, 0));
  const purge = scheduler.register("purge", () => {
    timers.forEach((timer, i) => i % 1_000 !== 0 && scheduler.cancel(timer));
    expect(scheduler.pending).toBe(3);
    scheduler.at(5, handler, 7_777, 0);
  });
  scheduler.at(1, purge, 0, 0);
  scheduler.runUntil(10_000);
  expect(ran).toEqual([7_777, 0, 1_000, 2_000]);
  expect(scheduler.pending).toBe(0);
});

describe("runUntil", () => {
  test("runs up to and at a time, and then it is that time", () => {
    const { scheduler, ran, handler } = recording();
    for (const timeUs of [5, 10, 11]) scheduler.at(timeUs, handler, timeUs, 0);
    scheduler.runUntil(10);
    expect([ran, scheduler.nowUs]).toEqual([[5, 10], 10]);
    scheduler.runUntil(Number.POSITIVE_INFINITY);
    expect([ran, scheduler.nowUs]).toEqual([[5, 10, 11], 11]);
  });

  test("ends when a predicate says so, or an event does", () => {
    const { scheduler, ran, handler } = recording();
    for (let i = 0; i < 10; i++) scheduler.at(i, handler, i, 0);
    scheduler.runUntil(() => ran.length === 3);
    expect([ran.length, scheduler.nowUs]).toEqual([3, 2]);
    const last = scheduler.register("last", () => scheduler.stop());
    scheduler.urgent(last, 0, 0);
    scheduler.runUntil(100);
    expect([ran.length, scheduler.nowUs]).toEqual([3, 2]);
  });

  test("cannot be called by an event", () => {
    const scheduler = new Scheduler();
    const handler = scheduler.register("event", () => scheduler.runUntil(5));
    scheduler.at(1, handler, 0, 0);
    expect(() => scheduler.step()).toThrow("an event runs the loop that runs it");
  });
});

describe("digest", () => {
  const digestOf = (change: Partial<Record<"timeUs" | "a" | "b" | "handler", number>>): string => {
    const scheduler = new Scheduler();
    const handlers = [0, 1].map((i) => scheduler.register(`class ${i}`, () => undefined));
    for (let i = 0; i < 5; i++) scheduler.at(i, handlers[0]!, i, i);
    const { timeUs = 50, a = 1, b = 2, handler = 0 } = change;
    scheduler.at(timeUs, handlers[handler]!, a, b);
    for (let i = 60; i < 65; i++) scheduler.at(i, handlers[0]!, i, i);
    scheduler.runUntil(100);
    return scheduler.digestText();
  };

  test("[KE4] has sixteen digits, and sees every part of every event", () => {
    const plain = digestOf({});
    expect(plain).toMatch(/^[0-9a-f]{16}$/);
    expect(digestOf({})).toBe(plain);
    const others = [
      digestOf({ timeUs: 51 }),
      digestOf({ a: 2 }),
      digestOf({ b: 1 }),
      digestOf({ handler: 1 }),
    ];
    expect(new Set([plain, ...others]).size).toBe(5);
  });

  test("[KE4] sees what is mixed in, beyond 32 bits too, but nothing that was cancelled", () => {
    const mixed = (value: number | undefined, cancelled: boolean): string => {
      const { scheduler, handler } = recording();
      scheduler.at(1, handler, 0, 0);
      if (cancelled) scheduler.cancel(scheduler.at(1, handler, 9, 9));
      scheduler.runUntil(2);
      if (value !== undefined) scheduler.mixDigest(value);
      return scheduler.digestText();
    };
    expect(mixed(undefined, true)).toBe(mixed(undefined, false));
    const values = [undefined, 0, 1, 2 ** 32, 2 ** 32 + 1, -1];
    expect(new Set(values.map((value) => mixed(value, false))).size).toBe(values.length);
  });

  test("names the classes of the events that an observer sees", () => {
    const { scheduler, handler } = recording();
    const seen: string[] = [];
    scheduler.observe((of, a, b) => {
      seen.push(`${scheduler.nowUs} ${scheduler.handlerName(of)} ${a} ${b}`);
    });
    scheduler.at(3, handler, 1, 2);
    scheduler.step();
    expect(seen).toEqual(["3 event 1 2"]);
    expect(() => scheduler.register("event", () => undefined)).toThrow("registered already");
  });
});

test("the bare loop is the same work every time", () => {
  expect(bareHeapLoop(10_000, 100)).toBe(bareHeapLoop(10_000, 100));
  expect(bareHeapLoop(10_000, 100)).not.toBe(bareHeapLoop(10_000, 101));
});

function recording(ties?: string, capacity?: number) {
  const random = ties === undefined ? undefined : createRandom(ties);
  const scheduler = new Scheduler(random, capacity);
  const ran: number[] = [];
  const handler = scheduler.register("event", (name) => {
    ran.push(name);
  });
  return { scheduler, ran, handler };
}

test("[KE2] an event that is left by an exception leaves the order of the others", () => {
  const scheduler = new Scheduler();
  const ran: number[] = [];
  const handler = scheduler.register("h", (a) => {
    ran.push(a);
    if (a === 1) throw new Error("left");
  });
  for (const a of [3, 1, 2]) scheduler.at(a * 10, handler, a, 0);
  expect(() => scheduler.runUntil(100)).toThrow("left");
  expect(() => scheduler.runUntil(100)).toThrow("an event runs the loop that runs it");
  scheduler.leaveEvent();
  scheduler.runUntil(100);
  expect([ran, scheduler.nowUs, scheduler.pending]).toEqual([[1, 2, 3], 100, 0]);
});
