/** How a subtask ends whose head still waits for something, and how it takes input when it is full. */
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { WATERMARK_MAX } from "../core/element.ts";
import { ok } from "../core/result.ts";
import { AsyncOperator } from "../operators/async/async-operator.ts";
import type { AsyncSpec } from "../operators/async/async-spec.ts";
import type { Operator } from "../operators/operator.ts";
import type { SubtaskSnapshot } from "../state/operator-snapshot.ts";
import { decodeSubtaskSnapshot } from "../state/snapshot-file.ts";
import { types } from "../types/serializers.ts";
import { subtaskStage } from "./subtask.fixture.ts";

const left = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith(">"));

describe("[C117] the end of a chain whose head holds back", () => {
  test("nobody behind it hears of the end, and it is not told downstream, until it is done", () => {
    const { subtask, host, first, run, endOfInput, acknowledged, step } = subtaskStage();
    first.finishes = false;
    run();
    endOfInput(0);
    subtask.wakeUp();
    expect([step(), step(), subtask.state]).toEqual([[], [], "running"]);
    first.finishes = true;
    subtask.wakeUp();
    expect(step()).toEqual([
      "a finish",
      "b last of a@0",
      "b finish",
      "> last of a",
      "> last of b",
      "> <end-of-input>",
      "+ ended",
    ]);
    expect([host.takeNotes(), acknowledged]).toEqual([["task-ended"], []]);
  });

  test("[ST3] [C114] checkpoints meanwhile say that it has not ended, and pass its end by", () => {
    const { subtask, first, run, endOfInput, barrier, acknowledged, step } = subtaskStage();
    first.finishes = false;
    run();
    endOfInput(0);
    barrier(0, 1);
    expect(left(step(100))).toEqual(["> <barrier 1>"]);
    barrier(0, 2);
    first.finishes = true;
    subtask.wakeUp();
    expect(left(step(100))).toEqual([
      "> <barrier 2>",
      "> last of a",
      "> last of b",
      "> <end-of-input>",
    ]);
    barrier(0, 3);
    expect(left(step(100))).toEqual(["> <barrier 3>"]);
    expect(acknowledged).toEqual([false, false, true]);
  });

  test("a source waits for it like any other", () => {
    const { subtask, source, first, run, step } = subtaskStage({ inputs: 0 });
    first.finishes = false;
    run();
    source.endsWhenEmpty = true;
    subtask.wakeUp();
    expect([left(step()), subtask.state]).toEqual([[], "running"]);
    first.finishes = true;
    subtask.wakeUp();
    expect(left(step())).toEqual(["> last of a", "> last of b", "> <end-of-input>"]);
  });

  test("an operator that holds back behind another one is our mistake", () => {
    const { host, second, run, endOfInput } = subtaskStage();
    second.finishes = false;
    run();
    endOfInput(0);
    expect(() => host.advanceMs(1)).toThrow('C117 "b" holds back at the end, and is not the head');
  });

  test("cancelled meanwhile, it ends no more", () => {
    const { subtask, first, run, endOfInput, step } = subtaskStage();
    first.finishes = false;
    run();
    endOfInput(0);
    step();
    subtask.close();
    step();
    first.finishes = true;
    subtask.wakeUp();
    expect(step()).toEqual([]);
  });
});

describe("a head that takes no more input", () => {
  test("is offered none, and asked again when it has become free within a step", () => {
    const { subtask, first, run, records, step } = subtaskStage();
    run();
    first.available = false;
    records(0, "x");
    expect(step(10)).toEqual([]);
    first.dueMs = 0;
    first.onTimer = () => {
      first.available = true;
    };
    subtask.wakeUp();
    expect(step()).toEqual(["a timer 0", "a x@1", "b x@1", "> x"]);
  });

  test("stops in the middle of a buffer, and goes on there", () => {
    const { subtask, first, run, records, step } = subtaskStage();
    run();
    first.onElement = () => {
      first.available = false;
    };
    records(0, "x", "y");
    expect(left(step(10))).toEqual(["> x"]);
    first.available = true;
    subtask.wakeUp();
    expect(left(step(10))).toEqual(["> y"]);
  });
});

describe("with calls under way", () => {
  const spec: AsyncSpec<string, string, string, string> = {
    service: {
      name: "echo",
      request: types.string,
      response: types.string,
      answer: (text) => text,
    },
    order: "ordered",
    capacity: 2,
    timeoutMs: 1_000,
    retry: { attemptsMax: 0, delayMs: 0 },
    request: (value) => value,
    result: (value, _response, out) => out.collect(value),
    onTimeout: (value, out) => out.collect(`${value} in vain`),
    type: types.string,
  };

  function calling(credit = 1_000) {
    const stage = subtaskStage({
      credit,
      head: (output) => new AsyncOperator(spec, output) as unknown as Operator<unknown>,
    });
    const { host } = stage;
    const asked = (): string[] =>
      host.world.calls.map(({ request }) => types.string.read(new ByteReader(request)));
    const answer = (value: string): void => {
      const out = new ByteWriter();
      types.string.write(value, out);
      host.world.calls[asked().lastIndexOf(value)]!.done(ok(out.toBytes()));
    };
    const stored = (checkpointId: number): SubtaskSnapshot => {
      const path = `chk/${checkpointId}`;
      const decoded = decodeSubtaskSnapshot(host.objectStore.objects.get(path)!, path);
      if (!decoded.ok) throw new Error(decoded.error.message);
      return decoded.value;
    };
    return { ...stage, asked, answer, stored };
  }

  test("[C110] input beyond capacity waits in its channel until an answer has left", () => {
    const { run, records, asked, answer, step } = calling();
    run();
    records(0, "x", "y", "z");
    step(10);
    expect(asked()).toEqual(["x", "y"]);
    answer("y");
    expect(left(step(10))).toEqual([]);
    answer("x");
    expect(left(step(10))).toEqual(["> x", "> y"]);
    expect(asked()).toEqual(["x", "y", "z"]);
  });

  test("[C112] what was answered in time is put out when there is room, however late that is", () => {
    const { receiver, outputs, run, records, asked, answer, host, step } = calling(0);
    const values = Array.from({ length: 9 }, (_, i) => `a record that is rather long ${i}`);
    run();
    records(0, ...values);
    step(10);
    while (outputs.available) {
      answer(asked().at(-1)!);
      answer(asked().at(-2)!);
      step(10);
    }
    const answered = asked().length;
    asked().forEach(answer);
    host.advanceMs(10 * spec.timeoutMs);
    receiver.channel.onCredit(1_000);
    expect(left(step(10))).toEqual(values.slice(0, answered).map((value) => `> ${value}`));
    expect(answered).toBeLessThan(values.length);
  });

  test("[C110] [C117] [ST3] restored while it drained: it asks again, puts out, and then ends", () => {
    const before = calling();
    before.run();
    before.records(0, "x", "y");
    before.watermark(0, WATERMARK_MAX);
    before.endOfInput(0);
    before.step(10);
    before.answer("x");
    expect(left(before.step(10))).toEqual(["> x"]);
    before.barrier(0, 7);
    expect(left(before.step(100))).toEqual(["> <barrier 7>"]);
    expect(before.acknowledged).toEqual([false]);

    const after = calling();
    after.run([before.stored(7)]);
    expect(after.asked()).toEqual(["y"]);
    after.watermark(0, WATERMARK_MAX);
    after.endOfInput(0);
    expect(left(after.step(10))).toEqual([]);
    after.barrier(0, 8);
    expect(left(after.step(100))).toEqual(["> <barrier 8>"]);
    after.answer("y");
    expect(left(after.step(10))).toEqual([
      "> y",
      `> ~${WATERMARK_MAX}`,
      "> last of b",
      "> <end-of-input>",
    ]);
    after.barrier(0, 9);
    after.step(100);
    expect(after.acknowledged).toEqual([false, true]);
    expect(after.stored(9)).toMatchObject({ ended: true });
  });
});
