/** What the driver of `checkpoint/unaligned.ts` tells its subtask, and when; decisions are tested there. */
import { expect, test } from "vitest";
import { PLAIN_BARRIER, type BarrierOptions, type ControlEvent } from "../core/element.ts";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import { originOf } from "./in-flight.fixture.ts";
import { BufferPool } from "./buffer-pool.ts";
import { InputGate } from "./input-gate.ts";
import { OutputChannel } from "./output-channel.ts";
import { OvertakingHandler } from "./overtaking-handler.ts";

const URGENT: BarrierOptions = { ...PLAIN_BARRIER, mode: "unaligned" };
const within = (alignedTimeoutMs: number): BarrierOptions => ({
  ...PLAIN_BARRIER,
  alignedTimeoutMs,
});

/**
 * A handler over so many channels, what it has told since, and a clock that is moved by hand.
 *
 * @param waiting an output in which every barrier waits
 */
function stage(channelCount: number, waiting?: OutputChannel) {
  const told: string[] = [];
  const due: { delayUs: number; act: () => void }[] = [];
  const clock = { us: 1_000_000 };
  const inputs = Array.from({ length: channelCount }, (_, subtask) => ({
    name: `c${subtask}`,
    from: { vertex: 0, subtask },
    type: types.string as TypeSerializer<unknown>,
    input: 0 as const,
    origin: originOf("a", subtask),
  }));
  const ignored = { onAvailable() {}, onBroken() {} };
  const gate = new InputGate(inputs, 4, ignored);
  const handler = new OvertakingHandler(gate, () => clock.us, {
    onSnapshot: (id, heard, cut) => {
      const urgent = cut?.kind === "overtaking" && cut.urgent ? " urgently" : "";
      told.push(`snapshot ${id}${urgent}, ${heard.ageMs} ms at ${heard.atUs}`);
      if (cut?.kind !== "overtaking") return;
      if (waiting !== undefined) cut.inFlight.outputWaits(waiting);
      cut.inFlight.whenOver((result) => void told.push(`${id} ${result.ok ? "whole" : "failed"}`));
    },
    onCancel: (id) => void told.push(`cancel ${id}`),
    onOvertaken: (id) => void told.push(`overtaken ${id}`),
    onEndOfInput: ({ name }) => void told.push(`end of ${name}`),
    after: (delayUs, act) => void due.push({ delayUs, act }),
    note: (kind, id) => void told.push(`${kind} ${id}`),
  });
  const barrier = (n: number, options: BarrierOptions, ageMs: number): ControlEvent => ({
    kind: "barrier",
    checkpointId: id(n),
    options,
    ageMs,
  });
  const arrive = (at: number, n: number, options: BarrierOptions, ageMs = 0) =>
    handler.onArrival(gate.channels[at]!, barrier(n, options, ageMs));
  const read = (at: number, n: number, options: BarrierOptions, ageMs = 0) =>
    handler.onEvent(gate.channels[at]!, barrier(n, options, ageMs));
  return { gate, handler, due, clock, arrive, read, take: () => told.splice(0) };
}

const id = (n: number): CheckpointId => asCheckpointId(n);

test("that it begins to align is told once for each checkpoint, and that it was given up", () => {
  const { handler, arrive, read, take } = stage(2);
  arrive(0, 1, PLAIN_BARRIER);
  expect([take(), handler.aligning]).toEqual([[], false]);
  read(0, 1, PLAIN_BARRIER);
  expect([take(), handler.aligning]).toEqual([["alignment-started 1"], true]);
  arrive(1, 1, PLAIN_BARRIER);
  expect(take()).toEqual([]);
  read(1, 2, PLAIN_BARRIER);
  expect(take()).toEqual(["alignment-abandoned 1", "cancel 1", "alignment-started 2"]);
  read(0, 2, PLAIN_BARRIER);
  expect(take()).toEqual(["snapshot 2, 0 ms at 1000000", "2 whole"]);
  expect(handler.aligning).toBe(false);
  arrive(0, 3, URGENT);
  expect(take()).toEqual(["snapshot 3 urgently, 0 ms at 1000000"]);
  arrive(1, 3, URGENT);
  expect(take()).toEqual(["3 whole"]);
});

test("[C20] it waits as long as the checkpoint may still be aligned, by its age when it was first heard of", () => {
  const { due, clock, arrive, take } = stage(2);
  arrive(0, 1, within(50), 30);
  expect(due.map(({ delayUs }) => delayUs)).toEqual([20_000]);
  clock.us += 20_000;
  due[0]!.act();
  expect(take()).toEqual([
    "alignment-started 1",
    "alignment-overtaken 1",
    "snapshot 1 urgently, 30 ms at 1000000",
  ]);
  due[0]!.act();
  expect(take()).toEqual([]);
});

test("[C20] one that is too old by the time it comes does not wait", () => {
  const { due, arrive } = stage(2);
  arrive(0, 1, within(50), 70);
  expect(due.map(({ delayUs }) => delayUs)).toEqual([0]);
});

test("[C20] the first word of a checkpoint counts, whatever comes later of it", () => {
  const { due, clock, arrive, read, take } = stage(2);
  arrive(0, 1, within(50), 10);
  clock.us += 10_000;
  read(0, 1, within(50), 40);
  read(1, 1, within(50), 45);
  expect(due.map(({ delayUs }) => delayUs)).toEqual([40_000]);
  expect(take()).toContain("snapshot 1, 10 ms at 1000000");
});

test("[C22] abandoned while it gathers, it ends what it gathers, and tells whoever waits", () => {
  const { gate, handler, arrive, take } = stage(2);
  arrive(0, 1, URGENT);
  take();
  handler.onAbort(id(1));
  expect(take()).toEqual(["alignment-abandoned 1", "1 failed"]);
  handler.onEvent(gate.channels[1]!, { kind: "cancel-barrier", checkpointId: id(1) });
  expect(take()).toEqual([]);
});

test("[C22] [A10] one that is given up while it aligns takes nothing older with it", () => {
  const events = { onRelieved() {}, onCongested() {}, onBroken() {} };
  const waiting = new OutputChannel("out", new BufferPool(16), events, originOf("b", 0));
  const { handler, read, take } = stage(2, waiting);
  read(0, 1, PLAIN_BARRIER);
  read(1, 1, PLAIN_BARRIER);
  read(0, 2, PLAIN_BARRIER);
  take();
  handler.onAbort(id(2));
  expect(take()).toEqual(["alignment-abandoned 2", "cancel 2"]);
});

test("[C4] the end of a channel is told when it has been read, and ends gathering when it arrives", () => {
  const { gate, handler, arrive, take } = stage(2);
  arrive(0, 1, URGENT);
  take();
  const end = { kind: "end-of-input" } as const;
  handler.onArrival(gate.channels[1]!, end);
  expect(take()).toEqual(["1 whole"]);
  handler.onEvent(gate.channels[1]!, end);
  expect(take()).toEqual(["end of c1"]);
});

test("[C8] a source says whether it has taken a snapshot", () => {
  const { handler, take } = stage(0);
  expect(handler.onTrigger(id(1), URGENT)).toBe(true);
  expect(handler.onTrigger(id(1), URGENT)).toBe(false);
  handler.onAbort(id(2));
  expect(handler.onTrigger(id(2), URGENT)).toBe(false);
  expect(take()).toEqual(["snapshot 1 urgently, 0 ms at 1000000", "1 whole", "cancel 2"]);
});
