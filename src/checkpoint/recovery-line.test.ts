import fc from "fast-check";
import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { newestLine, type Flow, type Reach } from "./recovery-line.ts";

const flow = (sender: number, receiver: number, logged = true): Flow => ({
  ...{ sender, sentAt: receiver, receiver, receivedAt: sender, logged },
});

/** A world of members that send to one another, and take checkpoints when they like. */
type Act = Readonly<{ kind: "send" | "receive" | "checkpoint"; a: number; b: number }>;
const MEMBERS = 4;

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom("send", "send", "receive", "receive", "checkpoint"),
  a: fc.nat({ max: MEMBERS - 1 }),
  b: fc.nat({ max: MEMBERS - 1 }),
});

const zeros = (): number[] => new Array<number>(MEMBERS).fill(0);

/** Each begins with a checkpoint of its own, before anything was sent. */
function play(acts: readonly Act[]): Reach[][] {
  const sent = Array.from({ length: MEMBERS }, zeros);
  const received = Array.from({ length: MEMBERS }, zeros);
  const reaches: Reach[][] = sent.map(() => []);
  const cut = (member: number): void => {
    const id = asCheckpointId(reaches[member]!.length + 1);
    reaches[member]!.push({ id, sent: [...sent[member]!], received: [...received[member]!] });
  };
  for (let member = 0; member < MEMBERS; member++) cut(member);
  for (const { kind, a, b } of acts) {
    if (kind === "checkpoint") cut(a);
    else if (a === b) continue;
    else if (kind === "send") sent[a]![b]!++;
    else if (received[b]![a]! < sent[a]![b]!) received[b]![a]!++;
  }
  return reaches;
}

function flowsBetween(logged: (sender: number, receiver: number) => boolean): Flow[] {
  const flows: Flow[] = [];
  for (let a = 0; a < MEMBERS; a++) {
    for (let b = 0; b < MEMBERS; b++) if (a !== b) flows.push(flow(a, b, logged(a, b)));
  }
  return flows;
}

const isSound = (flows: readonly Flow[], line: readonly Reach[]): boolean =>
  flows.every(({ sender, sentAt, receiver, receivedAt, logged }) => {
    const sent = line[sender]!.sent[sentAt]!;
    const received = line[receiver]!.received[receivedAt]!;
    return logged ? received <= sent : received === sent;
  });

/** All there are, sound or not. */
function linesOf(reaches: readonly (readonly Reach[])[]): Reach[][] {
  let lines: Reach[][] = [[]];
  for (const own of reaches) lines = lines.flatMap((line) => own.map((reach) => [...line, reach]));
  return lines;
}

const anyLogged = fc.array(fc.boolean(), { minLength: 16, maxLength: 16 });

test("[RL1] [RL2] [RL3] the line is sound, and every sound one is nowhere newer", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), anyLogged, (acts, logged) => {
      const flows = flowsBetween((a, b) => logged[a * MEMBERS + b]!);
      const reaches = play(acts).map((own) => own.slice(-5));
      const sound = linesOf(reaches).filter((line) => isSound(flows, line));
      const newest = newestLine(flows, reaches);
      if (newest === undefined) {
        expect(sound).toEqual([]);
        return;
      }
      expect(isSound(flows, newest.members)).toBe(true);
      for (const line of sound) {
        line.forEach(({ id }, i) => expect(id).toBeLessThanOrEqual(newest.members[i]!.id));
      }
    }),
    { seed: 7, numRuns: 150 },
  );
});

test("[RL3] with one checkpoint more, no member's place in the line is older", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const flows = flowsBetween(() => true);
      let before: readonly Reach[] | undefined;
      for (let count = 0; count <= acts.length; count++) {
        if (count > 0 && acts[count - 1]!.kind !== "checkpoint") continue;
        const line = newestLine(flows, play(acts.slice(0, count)))!.members;
        line.forEach(({ id }, i) => expect(id).toBeGreaterThanOrEqual(before?.[i]?.id ?? 0));
        before = line;
      }
    }),
    { seed: 8, numRuns: 60 },
  );
});

const reach = (id: number, sent: readonly number[], received: readonly number[]): Reach => ({
  ...{ id: asCheckpointId(id), sent, received },
});

test("[RL1] domino: two that answer each other between checkpoints fall back to the beginning", () => {
  const flows = [flow(0, 1), flow(1, 0)];
  // Each checkpoint of one lies between what it has got and its answer, so one always lacks the other's.
  const a = [0, 1, 2, 3].map((n) => reach(n + 1, [0, n], [0, n]));
  const b = [0, 1, 2, 3].map((n) => reach(n + 1, [Math.max(0, n - 1), 0], [n + 1, 0]));
  expect(newestLine(flows, [a, b])).toBeUndefined();
  const start = reach(0, [0, 0], [0, 0]);
  const line = newestLine(flows, [
    [start, ...a],
    [start, ...b],
  ]);
  expect(line?.members.map(({ id }) => id)).toEqual([1, 0]);
  expect(line?.behind).toEqual([3, 4]);
});

test("[RL1] what a sender has not sent at its checkpoint takes its receiver back, and those behind it", () => {
  const flows = [flow(0, 1), flow(1, 2)];
  const source = [reach(1, [0, 10], []), reach(2, [0, 20], [])];
  const middle = [reach(1, [0, 0, 9], [9]), reach(2, [0, 0, 25], [25])];
  const sink = [reach(1, [], [0, 5]), reach(2, [], [0, 12])];
  const line = newestLine(flows, [source, middle, sink]);
  expect(line?.members.map(({ id }) => id)).toEqual([2, 1, 1]);
  expect(line?.behind).toEqual([0, 1, 1]);
});

test("[RL2] what no log holds takes its sender back", () => {
  const sender = [reach(1, [0, 2], []), reach(2, [0, 3], [])];
  const receiver = [reach(1, [], [2]), reach(2, [], [2])];
  expect(newestLine([flow(0, 1)], [sender, receiver])?.members.map(({ id }) => id)).toEqual([2, 2]);
  expect(newestLine([flow(0, 1, false)], [sender, receiver])?.members.map(({ id }) => id)).toEqual([
    1, 2,
  ]);
});

test("[RL3] a member without a checkpoint stands in nobody's line", () => {
  expect(newestLine([], [[reach(1, [], [])], []])).toBeUndefined();
});

test("[RL1] a channel without a count, or with one that counts nothing, is an error", () => {
  const one = [reach(1, [0, 4], [4, 4])];
  const two = [reach(1, [4], [4])];
  const missing = "RL1 a checkpoint without a count of channel";
  expect(() => newestLine([flow(1, 0)], [one, [reach(1, [], [])]])).toThrow(`${missing} 0`);
  expect(() => newestLine([flow(0, 2)], [[reach(1, [0, 0, 4], [])], two])).toThrow(`${missing} 0`);
  expect(() => newestLine([flow(2, 1)], [one, two])).toThrow(`${missing} 1`);
  expect(() => newestLine([flow(0, 1)], [one, [reach(1, [], [-1])]])).toThrow(
    "count of a channel -1 is not an integer",
  );
});
