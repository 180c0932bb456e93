import { expect, test } from "vitest";
import { PLAIN_BARRIER } from "../core/element.ts";
import { asCheckpointId } from "../core/ids.ts";
import { inFlightOf, inFlightText } from "./in-flight.fixture.ts";
import { subtaskStage } from "./subtask.fixture.ts";

const id = asCheckpointId;
const urgent = { mode: "unaligned" } as const;
const limited = { mode: "aligned", alignedTimeoutMs: 50 } as const;

type Stage = ReturnType<typeof subtaskStage>;
/** What checkpoint `n` has stored beside the state. */
const inFlight = ({ host }: Stage, n: number): string[] => {
  const bytes = host.objectStore.objects.get(`chk/${n}-in-flight`);
  return bytes === undefined ? [] : inFlightText(bytes);
};
const about = (what: RegExp, told: readonly string[]): string[] => told.filter((t) => what.test(t));

/** What `records` would send, to be sent in parts. */
function sentBytes({ gate, records }: Stage, at: number, record: string): Uint8Array {
  const sent: Uint8Array[] = [];
  const channel = gate.channels[at]!;
  const onBuffer = channel.onBuffer.bind(channel);
  channel.onBuffer = (buffer) => void sent.push(buffer.bytes);
  records(at, record);
  channel.onBuffer = onBuffer;
  return sent[0]!;
}

test("[C12] [C13] [C16] the first barrier cuts: what is unread or comes before its barrier is stored", () => {
  const stage = subtaskStage({ inputs: 2, unaligned: true });
  const { run, records, barrier, step } = stage;
  run();
  records(0, "a", "b");
  records(1, "c");
  barrier(0, 1, urgent);
  records(0, "behind");
  expect(stage.take().slice(0, 4)).toEqual([
    "a prepare 1",
    "b prepare 1",
    "> <barrier 1>",
    "a snapshot 1",
  ]);
  records(1, "d");
  expect(about(/acknowledge/, step(20))).toEqual([]);
  records(1, "e");
  barrier(1, 1, urgent);
  records(1, "behind too");
  expect(about(/acknowledge/, step(20))).toEqual(["acknowledge 1 at chk/1"]);
  expect(inFlight(stage, 1)).toEqual(["in 0: a b", "in 1: c d e"]);
});

test("[C13] the head of a record that spans buffers is in flight, and so is its rest", () => {
  const stage = subtaskStage({ inputs: 2, unaligned: true });
  const { run, send, barrier, step } = stage;
  run();
  const whole = sentBytes(stage, 1, "spanning");
  send(1, whole.slice(0, 7), false);
  step();
  barrier(0, 1, urgent);
  send(1, whole.slice(7), false);
  barrier(1, 1, urgent);
  expect(about(/^a spanning/, step(20))).toEqual(["a spanning@1"]);
  expect(inFlight(stage, 1)).toEqual(["in 1: spanning"]);
});

test("[C13] [C19] torn by a barrier that overtook, a record is in flight though its channel was read up to there", () => {
  const stage = subtaskStage({ inputs: 2, alwaysAligned: 1, unaligned: true });
  const { run, send, barrier, step } = stage;
  run();
  const whole = sentBytes(stage, 1, "torn");
  send(1, whole.slice(0, 5), false);
  barrier(1, 1, urgent);
  send(1, whole.slice(5), false);
  step();
  barrier(0, 1, urgent);
  expect(about(/^a torn/, step(20))).toEqual(["a torn@1"]);
  expect(inFlight(stage, 1)).toEqual(["in 1: (part)"]);
});

test("[C12] [C15] the barrier goes ahead of what waits in the output, which is stored", () => {
  const stage = subtaskStage({ inputs: 1, credit: 1, bufferBytes: 16, unaligned: true });
  const { run, records, barrier, step, receiver } = stage;
  run();
  records(0, "r1", "r2", "r3", "r4", "r5");
  expect(about(/^>/, step())).toEqual(["> r1"]);
  barrier(0, 1, urgent);
  expect(about(/^>/, step(20))).toEqual(["> <barrier 1>"]);
  expect(inFlight(stage, 1)).toEqual(["in 0: r4 r5", "out 0: r2 r3"]);
  receiver.channel.onCredit(1_000);
  expect(about(/^>/, step(20))).toEqual(["> r2", "> r3", "> r4", "> r5"]);
});

test("[C18] a savepoint aligns, in a job whose checkpoints do not", () => {
  const stage = subtaskStage({ inputs: 2, unaligned: true });
  const { run, records, barrier, step } = stage;
  run();
  barrier(0, 1);
  records(0, "behind");
  records(1, "before");
  expect(about(/^a /, step())).toEqual(["a before@1"]);
  barrier(1, 1);
  expect(about(/^a /, step(20))).toEqual(["a prepare 1", "a snapshot 1", "a behind@1"]);
  expect(inFlight(stage, 1)).toEqual([]);
});

test("[C19] channels that always align are read up to their barrier before the snapshot", () => {
  const stage = subtaskStage({ inputs: 2, alwaysAligned: 1, unaligned: true });
  const { run, records, barrier, step } = stage;
  run();
  barrier(1, 1, urgent);
  records(1, "behind");
  records(0, "before");
  expect(about(/^a /, step())).toEqual(["a before@1"]);
  barrier(0, 1, urgent);
  records(0, "behind too");
  const told = about(/^a /, step(20));
  expect(told.slice(0, 2)).toEqual(["a prepare 1", "a snapshot 1"]);
  expect([...told.slice(2)].sort()).toEqual(["a behind too@1", "a behind@1"]);
  expect(inFlight(stage, 1)).toEqual([]);
});

test("[C20] aligned until it times out; then the barriers that wait are overtaken up to their place", () => {
  const stage = subtaskStage({ inputs: 2, unaligned: true });
  const { host, run, records, barrier, step } = stage;
  run();
  barrier(0, 1, limited);
  records(0, "behind");
  step();
  records(1, "read");
  expect(about(/snapshot/, step(40))).toEqual([]);
  expect(host.takeNotes()).toContain("alignment-started");
  expect(about(/snapshot/, step(10))).toEqual(["a snapshot 1", "b snapshot 1"]);
  records(1, "late");
  barrier(1, 1, limited);
  step(20);
  expect(inFlight(stage, 1)).toEqual(["in 1: late"]);
});

test("[C20] a barrier that waits in an output overtakes once it is too old", () => {
  const stage = subtaskStage({ inputs: 1, credit: 1, bufferBytes: 16, unaligned: true });
  const { run, records, barrier, step, receiver } = stage;
  run();
  records(0, "r1", "r2", "r3");
  expect(about(/^>/, step())).toEqual(["> r1"]);
  barrier(0, 1, limited);
  expect(about(/^>|acknowledge/, step(20))).toEqual([]);
  expect(about(/^>|acknowledge/, step(60))).toEqual(["> <barrier 1>", "acknowledge 1 at chk/1"]);
  expect(inFlight(stage, 1)).toEqual(["out 0: r2 r3"]);
  receiver.channel.onCredit(1_000);
  expect(about(/^>/, step())).toEqual(["> r2", "> r3"]);
});

test("[C20] a barrier that leaves in time overtakes nothing", () => {
  const stage = subtaskStage({ inputs: 1, credit: 1, bufferBytes: 16, unaligned: true });
  const { run, records, barrier, step, receiver } = stage;
  run();
  records(0, "r1", "r2");
  step();
  barrier(0, 1, limited);
  expect(about(/acknowledge/, step(20))).toEqual([]);
  receiver.channel.onCredit(1_000);
  expect(about(/^>|ackn/, step(20))).toEqual(["> r2", "> <barrier 1>", "acknowledge 1 at chk/1"]);
  expect(inFlight(stage, 1)).toEqual([]);
  expect(about(/^>/, step(60))).toEqual([]);
});

test("[C22] [A10] the abort of one checkpoint leaves what the next one gathers alone", () => {
  const stage = subtaskStage({ inputs: 2, unaligned: true });
  const { subtask, run, records, barrier, step } = stage;
  run();
  barrier(0, 1, urgent);
  step();
  barrier(0, 2, urgent);
  step();
  subtask.checkpointAborted(id(1));
  records(1, "of both");
  barrier(1, 1, urgent);
  records(1, "of two");
  barrier(1, 2, urgent);
  expect(about(/acknowledge/, step(20))).toEqual(["acknowledge 2 at chk/2"]);
  expect(inFlight(stage, 2)).toEqual(["in 1: of both of two"]);
});

test("[C22] what was cancelled upstream is declined, and stored by nobody", () => {
  const stage = subtaskStage({ inputs: 2, unaligned: true });
  const { run, barrier, cancelBarrier, step } = stage;
  run();
  barrier(0, 1, urgent);
  step();
  cancelBarrier(1, 1);
  const told = step(20);
  expect(about(/decline/, told)).toEqual([
    "decline 1: what was in flight for checkpoint 1 was given up",
  ]);
  expect(stage.host.objectStore.paths).toEqual([]);
});

test("[C4] the end of a channel ends what is gathered of it", () => {
  const stage = subtaskStage({ inputs: 2, unaligned: true });
  const { run, records, barrier, endOfInput, step } = stage;
  run();
  barrier(0, 1, urgent);
  records(1, "last");
  endOfInput(1);
  expect(about(/acknowledge/, step(20))).toEqual(["acknowledge 1 at chk/1"]);
  expect(inFlight(stage, 1)).toEqual(["in 1: last"]);
});

test("[IG2] [C17] what was in flight is read before anything new, on whatever channel", () => {
  const stage = subtaskStage({ inputs: 2, unaligned: true });
  const { host, subtask, records, step } = stage;
  subtask.open([], true, [inFlightOf([], ["old", "older"])]);
  records(0, "new");
  records(1, "new too");
  subtask.run();
  expect(about(/^a .*@/, step())).toEqual(["a old@1", "a older@1", "a new@1", "a new too@1"]);
  expect(host.takeNotes()).toEqual(["in-flight-restored"]);
});

test("[C17] recovered and unread at the next barrier, it is in flight again", () => {
  const stage = subtaskStage({ inputs: 2, unaligned: true });
  const { subtask, barrier, step } = stage;
  subtask.open([], true, [inFlightOf(["x", "y"], ["z"])]);
  subtask.run();
  barrier(1, 1, urgent);
  barrier(0, 1, urgent);
  expect(about(/^a .*@/, step(20))).toEqual(["a x@1", "a y@1", "a z@1"]);
  expect(inFlight(stage, 1)).toEqual(["in 0: x y", "in 1: z"]);
});

test("[IG1] what was recovered owes no credit", () => {
  const granted: number[] = [];
  const stage = subtaskStage({ inputs: 1, unaligned: true });
  stage.subtask.open([], true, [inFlightOf(["x", "y"])]);
  stage.gate.channels[0]!.attach({
    grantCredit: (count) => void granted.push(count),
    close: () => undefined,
  });
  stage.subtask.run();
  stage.step();
  expect(granted).toEqual([2]);
});

test("[C20] [C18] a source in no haste sends barriers that never overtake", () => {
  const stage = subtaskStage({ inputs: 0, credit: 0, unaligned: true });
  const { subtask, source, run, step } = stage;
  run();
  source.records.push("one");
  subtask.wakeUp();
  step();
  subtask.trigger(id(1), { ...PLAIN_BARRIER, purpose: "savepoint" }, 0);
  expect(about(/^>/, step(100))).toEqual([]);
  subtask.trigger(id(2), { ...PLAIN_BARRIER, ...urgent }, 0);
  expect(about(/^>/, step(100))).toEqual(["> <barrier 2>"]);
});
