/** A subtask that takes its checkpoints in its own time, and logs what it sends. */
import { expect, test } from "vitest";
import { PLAIN_BARRIER } from "../core/element.ts";
import { asCheckpointId } from "../core/ids.ts";
import { ok } from "../core/result.ts";
import { decodeInFlightFile } from "../checkpoint/in-flight-file.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { SnapshotCut } from "./barrier-handler.ts";
import { BufferPool } from "./buffer-pool.ts";
import { ChannelLog } from "./channel-log.ts";
import { inFlightOf, inFlightText, originOf } from "./in-flight.fixture.ts";
import { InputGate } from "./input-gate.ts";
import { LocalHandler } from "./local-handler.ts";
import { OutputChannel } from "./output-channel.ts";
import { subtaskStage } from "./subtask.fixture.ts";

const LOCAL = { ...PLAIN_BARRIER, form: "canonical", mode: "uncoordinated" } as const;
const id = asCheckpointId;
const TEXT = types.string as TypeSerializer<unknown>;

type Stage = ReturnType<typeof subtaskStage>;
const bytesOf = ({ host }: Stage, n: number) => host.objectStore.objects.get(`chk/${n}-in-flight`)!;
const filed = (stage: Stage, n: number): string[] => inFlightText(bytesOf(stage, n));
/** Where each channel's part begins, or how far it was read. */
function positions(stage: Stage, n: number): (number | undefined)[] {
  const file = decodeInFlightFile(bytesOf(stage, n), "test");
  return file.ok ? file.value.channels.map(({ at }) => at) : [];
}
const about = (what: RegExp, told: readonly string[]): string[] => told.filter((t) => what.test(t));
const trigger = ({ subtask }: Stage, n: number): void => subtask.trigger(id(n), LOCAL, 0);
const opened = (inputs = 2) => subtaskStage({ inputs, protocol: "uncoordinated" });

test("[LH2] a trigger is all it takes: nothing is sent, nothing held back, and the log is filed", () => {
  const stage = opened();
  const { run, records, step } = stage;
  run();
  records(0, "one", "two");
  step();
  trigger(stage, 1);
  const told = step(20);
  expect(about(/snapshot|barrier|acknowledge/, told)).toEqual([
    "a snapshot 1",
    "b snapshot 1",
    "acknowledge 1 at chk/1",
  ]);
  records(1, "three");
  expect(about(/^a .*@/, step())).toEqual(["a three@1"]);
  expect(filed(stage, 1)).toEqual(["in 0: ", "out 0: one two"]);
});

test("[CL2] a receiver's part says how far it has read; the log begins where it is still needed", () => {
  const stage = opened(1);
  const { subtask, run, records, step } = stage;
  run();
  records(0, "one");
  step();
  trigger(stage, 1);
  step(20);
  const [read] = positions(stage, 1);
  expect(read).toBeGreaterThan(0);
  expect(filed(stage, 1)).toEqual(["in 0: ", "out 0: one"]);
  subtask.received([read!]);
  records(0, "two");
  step();
  trigger(stage, 2);
  step(20);
  expect(filed(stage, 2)).toEqual(["in 0: ", "out 0: two"]);
  expect(positions(stage, 2)).toEqual([2 * read!, read]);
});

test("[CL3] what is sent while a checkpoint is being stored is no part of its log", () => {
  const stage = opened(1);
  const { first, run, records, step } = stage;
  run();
  records(0, "one");
  step();
  first.confirms = false;
  trigger(stage, 1);
  step(20);
  first.confirms = true;
  records(0, "two");
  step();
  first.confirmations[0]!(ok(undefined));
  step(20);
  expect(filed(stage, 1)).toEqual(["in 0: ", "out 0: one"]);
  trigger(stage, 2);
  step(20);
  expect(filed(stage, 2)).toEqual(["in 0: ", "out 0: one two"]);
});

test("[LH1] ids of snapshots rise: one that is not new is nothing to it", () => {
  const stage = opened(1);
  const { run, step } = stage;
  run();
  trigger(stage, 5);
  trigger(stage, 4);
  trigger(stage, 5);
  expect(about(/^a snapshot/, step(20))).toEqual(["a snapshot 5"]);
});

test("[C17] what it began with and has not read is its own part of its next checkpoint", () => {
  const stage = subtaskStage({ inputs: 2, protocol: "uncoordinated", stepElementsMax: 1 });
  const { subtask, records, step } = stage;
  subtask.open([], true, [inFlightOf(["x"], ["y"])]);
  records(0, "new");
  subtask.run();
  trigger(stage, 1);
  expect(about(/^a .*@/, step(20))).toEqual(["a x@1", "a y@1", "a new@1"]);
  expect(filed(stage, 1)).toEqual(["in 1: y", "out 0: x"]);
  trigger(stage, 2);
  step(20);
  expect(filed(stage, 2)).toEqual(["in 0: ", "out 0: x y new"]);
});

test("[C116] the end of a channel counts as sent, and as received", () => {
  const gate = new InputGate(
    [
      {
        name: "in-0",
        from: { vertex: 0, subtask: 0 },
        type: TEXT,
        input: 0,
        origin: originOf("a", 0),
      },
      {
        name: "in-1",
        from: { vertex: 0, subtask: 1 },
        type: TEXT,
        input: 0,
        origin: originOf("a", 1),
      },
    ],
    2,
    { onAvailable: () => undefined, onBroken: () => undefined },
  );
  const events = { onRelieved: () => undefined, onCongested: () => undefined };
  const pool = new BufferPool(16);
  const out = new OutputChannel(
    ...(["out", pool, { ...events, onBroken: () => undefined }, originOf("b", 0)] as const),
    new ChannelLog(),
  );
  out.append(new Uint8Array(20), 20);
  gate.channels[1]!.ended = true;
  const cuts: SnapshotCut[] = [];
  const parts = { gate, outputs: { channels: [out] }, assigned: () => 0 };
  const handler = new LocalHandler(
    parts,
    () => 0,
    () => 0,
    {
      onSnapshot: (_id, _heard, cut) => void cuts.push(cut!),
      onCancel: () => undefined,
      onOvertaken: () => undefined,
      onEndOfInput: () => undefined,
      after: (_delayUs, act) => act(),
      note: () => undefined,
    },
  );
  handler.onTrigger(id(1), LOCAL);
  const [cut] = cuts;
  if (cut?.kind !== "local") throw new Error("a subtask in its own time has no barriers");
  expect(cut.take(false).flows).toEqual({ sent: [20], received: [0, 1] });
  expect(cut.take(true).flows).toEqual({ sent: [21], received: [0, 1] });
});
