import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PendingInput, PendingQueue, type Marker, type Order } from "./pending-queue.ts";

class Named extends PendingInput {
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
}

const nameOf = (standing: Named | Marker): string => {
  if (standing.kind === "input") return standing.name;
  if (standing.kind === "watermark") return `~${standing.watermarkMs}`;
  return standing.idle ? "idle" : "active";
};

/** "a" comes, "a!" is settled, "~5", "idle" and "active" come; "?" takes all that may leave. */
function play(order: Order, script: string) {
  const queue = new PendingQueue<Named>(order);
  const inputs = new Map<string, Named>();
  const left: string[] = [];
  for (const word of script.split(" ")) {
    if (word === "?") for (let at = queue.take(); at; at = queue.take()) left.push(nameOf(at));
    else if (word === "idle" || word === "active") queue.addStatus(word === "idle");
    else if (word.startsWith("~")) queue.addWatermark(Number(word.slice(1)));
    else if (word.endsWith("!")) queue.settle(inputs.get(word.slice(0, -1))!);
    else {
      const input = new Named(word);
      inputs.set(word, input);
      queue.add(input);
    }
  }
  const held = [...queue.held()].map(({ name }) => name);
  return { left: left.join(" "), held: held.join(" "), queue };
}

describe("[PQ1] ordered", () => {
  test.each([
    ["a b b! ?", "", "a b"],
    ["a b b! a! ?", "a b", ""],
    ["a ~5 b b! ? a! ?", "a ~5 b", ""],
    ["~5 a idle ? a! ?", "~5 a idle", ""],
  ])("%s", (script, left, held) => {
    expect(play("ordered", script)).toMatchObject({ left, held });
  });
});

describe("[PQ2] unordered", () => {
  test.each([
    ["a b b! ?", "b", "a"],
    ["a b b! a! ?", "b a", ""],
    ["a ~5 b c c! b! ? a! ?", "a ~5 c b", ""],
    ["a ~5 b ~6 c c! b! a! ?", "a ~5 b ~6 c", ""],
    ["a ~5 b b! a! ? c d d! ?", "a ~5 b d", "c"],
    ["a idle active b b! ?", "b", "a"],
    ["a ~5 idle active ~6 b b! ? a! ?", "a ~6 b", ""],
    ["a idle b active c c! b! a! ?", "a idle b active c", ""],
  ])("%s", (script, left, held) => {
    expect(play("unordered", script)).toMatchObject({ left, held });
  });
});

test("of markers with nothing in between only what they come to is kept", () => {
  expect(play("ordered", "a ~1 ~2 ~3 idle active ~4 idle a! ?").left).toBe("a ~4 idle");
});

test("[C112] what is settled twice is our mistake", () => {
  expect(() => play("ordered", "a a! a!")).toThrow("C112 an input is settled twice");
});

test("counts inputs, and is empty without markers alone", () => {
  const { queue } = play("ordered", "a ~5 b a! ?");
  expect([queue.inputs, queue.empty, queue.hasNext]).toEqual([1, false, false]);
  expect(play("unordered", "a ~5 b a! b! ?").queue.empty).toBe(true);
  expect(play("ordered", "~5").queue).toMatchObject({ empty: false, hasNext: true, inputs: 0 });
});

type Step = Readonly<{ kind: "come" | "settle" | "take" | "mark"; pick: number }>;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("come", "come", "settle", "settle", "take", "mark"),
    pick: fc.nat(1_000),
  }),
  { maxLength: 80 },
);

/** The same by definition: a list, searched from the front each time. */
function model(order: Order) {
  const line: { name: string; settled: number; marker: boolean }[] = [];
  return {
    line,
    take(): string | undefined {
      const end = line.findIndex(({ marker }) => marker);
      const before = end < 0 ? line : line.slice(0, end);
      if (before.length === 0) return line.shift()?.name;
      const ready = before.filter(({ settled }) => settled > 0);
      const next =
        order === "ordered" ? before[0]! : ready.sort((a, b) => a.settled - b.settled)[0];
      if (next === undefined || next.settled === 0) return undefined;
      line.splice(line.indexOf(next), 1);
      return next.name;
    },
  };
}

test.each<Order>(["ordered", "unordered"])(
  "[PQ1] [PQ2] [PQ3] [C111] %s: whatever comes and settles, it leaves as it should, once",
  (order) => {
    fc.assert(
      fc.property(steps, (script) => {
        const queue = new PendingQueue<Named>(order);
        const plain = model(order);
        const open: Named[] = [];
        let count = 0;
        for (const { kind, pick } of script) {
          if (kind === "come") {
            const input = new Named(`i${count++}`);
            open.push(input);
            queue.add(input);
            plain.line.push({ name: input.name, settled: 0, marker: false });
          } else if (kind === "mark" && plain.line.at(-1)?.marker !== true) {
            queue.addWatermark(count);
            plain.line.push({ name: `~${count}`, settled: 0, marker: true });
          } else if (kind === "settle" && open.length > 0) {
            const [input] = open.splice(pick % open.length, 1);
            queue.settle(input!);
            plain.line.find(({ name }) => name === input!.name)!.settled = ++count;
          } else if (kind === "take") {
            const taken = queue.take();
            expect(taken && nameOf(taken)).toBe(plain.take());
          }
          const inputs = plain.line.filter(({ marker }) => !marker);
          expect([...queue.held()].map(({ name }) => name)).toEqual(inputs.map(({ name }) => name));
          expect([queue.inputs, queue.empty]).toEqual([inputs.length, plain.line.length === 0]);
        }
      }),
      { seed: 31, numRuns: 300 },
    );
  },
);
