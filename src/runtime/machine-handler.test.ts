import { PLAIN_BARRIER, plainBarrier } from "../core/element.ts";
import { expect, test } from "vitest";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import type { ControlEvent } from "../core/element.ts";
import { CHECKPOINT_DEFAULTS } from "../graph/logical-graph.ts";
import { TestHost } from "../host/testing.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import { InputGate } from "./input-gate.ts";
import { barrierHandlerOf } from "./barrier-handlers.ts";

function stage(channelCount: number) {
  const told: string[] = [];
  const tell = (what: string) => (id: CheckpointId) => void told.push(`${what} ${id}`);
  const gate = new InputGate(
    Array.from({ length: channelCount }, (_, subtask) => ({
      name: `c${subtask}`,
      from: { vertex: 0, subtask },
      type: types.string as TypeSerializer<unknown>,
      input: 0,
    })),
    2,
    { onAvailable: () => undefined, onBroken: () => undefined },
  );
  const createHandler = barrierHandlerOf(CHECKPOINT_DEFAULTS, () => new TestHost().random);
  const parts = { gate, outputs: { channels: [] }, assigned: () => 0 };
  const aligner = createHandler(parts, () => 0, {
    onSnapshot: (id) => void told.push(`snapshot ${id}`),
    onCancel: tell("cancel"),
    onOvertaken: tell("decline"),
    after: () => undefined,
    onEndOfInput: (channel) => void told.push(`${channel.name} ended`),
    note: (kind, id) => void told.push(`${kind} ${id}`),
  });
  const send = (index: number, event: ControlEvent): string[] => {
    aligner.onEvent(gate.channels[index]!, event);
    return told.splice(0);
  };
  const barrier = (index: number, id: number) => send(index, plainBarrier(id));
  const cancel = (index: number, id: number) =>
    send(index, { kind: "cancel-barrier", checkpointId: asCheckpointId(id) });
  const abort = (id: number): string[] => {
    aligner.onAbort(asCheckpointId(id));
    return told.splice(0);
  };
  const blocked = (): number[] => gate.channels.flatMap((c) => (c.blocked ? [c.index] : []));
  const end = (index: number) => send(index, { kind: "end-of-input" });
  return { aligner, told, barrier, cancel, abort, end, blocked };
}

test("[BA1] [C1] [C2] channels are blocked for real until the last barrier, then all go on", () => {
  const { barrier, blocked } = stage(3);
  expect([barrier(1, 7), blocked()]).toEqual([["alignment-started 7"], [1]]);
  expect([barrier(0, 7), blocked()]).toEqual([[], [0, 1]]);
  expect([barrier(2, 7), blocked()]).toEqual([["snapshot 7"], []]);
});

test("one channel has nothing to align", () => {
  const { barrier, blocked } = stage(1);
  expect([barrier(0, 7), blocked()]).toEqual([["snapshot 7"], []]);
});

test("[BA3] [BA6] [C5] a newer barrier gives up the older alignment, and says so to everybody", () => {
  const { barrier, blocked } = stage(2);
  barrier(0, 7);
  const told = ["decline 7", "alignment-abandoned 7", "cancel 7", "alignment-started 8"];
  expect([barrier(1, 8), blocked()]).toEqual([told, [1]]);
  expect([barrier(0, 7), blocked()]).toEqual([[], [1]]);
  expect(barrier(0, 8)).toEqual(["snapshot 8"]);
});

test("[C7] an abort lets its own channels go, and touches no other alignment", () => {
  const { barrier, abort, blocked } = stage(2);
  barrier(0, 7);
  expect([abort(6), blocked()]).toEqual([[], [0]]);
  expect([abort(7), blocked()]).toEqual([["alignment-abandoned 7", "cancel 7"], []]);
  expect(barrier(1, 7)).toEqual([]);
});

test("[C8] told of the abort first, it takes no snapshot and cancels downstream", () => {
  const { barrier, abort, blocked } = stage(2);
  abort(7);
  expect([barrier(0, 7), blocked()]).toEqual([["cancel 7"], []]);
  expect(barrier(1, 7)).toEqual([]);
});

test("a marker that cancels ends the alignment it is about", () => {
  const { barrier, cancel, blocked } = stage(2);
  barrier(0, 7);
  expect([cancel(1, 7), blocked()]).toEqual([["alignment-abandoned 7", "cancel 7"], []]);
});

test("[C4] a channel that ends counts as having delivered the barrier that is awaited", () => {
  const { barrier, end } = stage(2);
  barrier(0, 7);
  expect(end(1)).toEqual(["c1 ended", "snapshot 7"]);
  expect(barrier(0, 8)).toEqual(["snapshot 8"]);
});

test("[C6] a source takes one snapshot per id, however often it is asked", () => {
  const { aligner, told } = stage(0);
  expect(aligner.onTrigger(asCheckpointId(7), PLAIN_BARRIER)).toBe(true);
  expect(aligner.onTrigger(asCheckpointId(7), PLAIN_BARRIER)).toBe(false);
  expect(aligner.onTrigger(asCheckpointId(6), PLAIN_BARRIER)).toBe(false);
  expect(told).toEqual(["snapshot 7"]);
});

test("[C8] a source that was told of the abort first cancels downstream instead", () => {
  const { aligner, told, abort } = stage(0);
  abort(7);
  expect(aligner.onTrigger(asCheckpointId(7), PLAIN_BARRIER)).toBe(false);
  expect(told).toEqual(["cancel 7"]);
});
