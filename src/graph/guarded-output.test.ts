import { describe, expect, test } from "vitest";
import { TestHost } from "../host/testing.ts";
import type { Collector } from "../operators/functions.ts";
import { RecordingOutput, testContext } from "../operators/testing.ts";
import { asOperatorUid } from "../core/ids.ts";
import { UserFunctionError } from "../operators/user-function-error.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { createChain, type RecordSharing } from "./chain.ts";
import { ledger, logSource } from "./endpoints.ts";
import { job } from "./job.ts";

type Box = { value: string };
const box = types.record({ value: types.string });
type Step = (made: Box, out: Collector<Box>) => void;

const passOn: Step = (made, out) => out.collect(made);

/** boxes -> first -> second -> the outputs of the subtask. */
function chainOf(first: Step, second: Step, sharing: RecordSharing) {
  const graph = job("sharing", (env) => {
    env
      .fromSource(logSource({ topic: "t", type: box }), WatermarkStrategy.none(), "boxes")
      .flatMap<Box>(first, box)
      .uid("first")
      .flatMap<Box>(second, box)
      .uid("second")
      .rebalance()
      .sinkTo(ledger("out"));
  });
  const output = new RecordingOutput();
  const { operators, heads } = createChain(graph.nodes.slice(1, 3), output, sharing);
  operators.forEach((operator, i) => {
    operator.open(testContext(new TestHost(), { uid: graph.nodes[i + 1]!.uid }), []);
  });
  const [head] = heads;
  return {
    emit: (value: string) => head!.emit({ value }, 1),
    watermark: (watermarkMs: number) => head!.emitWatermark(watermarkMs),
    lines: () => output.take(),
  };
}

function failureOf(body: () => void): readonly [uid: string, message: string] {
  try {
    body();
  } catch (error) {
    if (error instanceof UserFunctionError) return [error.uid, error.message];
    throw error;
  }
  return ["nobody", ""];
}

const changing: Step = (made, out) => {
  made.value = "changed";
  out.collect(made);
};

/** Gives the same object again and again. */
const reusing = (): Step => {
  const own: Box = { value: "" };
  return (made, out) => {
    own.value = made.value;
    out.collect(own);
  };
};

/** Keeps what it got, and changes it when the next one comes. */
const keeping = (): Step => {
  let kept: Box | undefined;
  return (made, out) => {
    if (kept !== undefined) kept.value = "changed";
    kept = made;
    out.collect({ value: made.value });
  };
};

describe("under object reuse", () => {
  test("[GO1] who changes what it is given is named, with the record before and after", () => {
    const { emit } = chainOf(passOn, changing, "guarded");
    expect(failureOf(() => emit("as it was"))).toEqual([
      "second",
      'operator "second" changed a record that "first" gave it: it was {value: "as it was"}, and ' +
        'is {value: "changed"}; under object reuse copy a record before changing it, or leave ' +
        "enableObjectReuse() out",
    ]);
  });

  test("[GO1] who changes later what it was given once is named as well", () => {
    const { emit } = chainOf(passOn, keeping(), "guarded");
    expect(failureOf(() => emit("a"))[0]).toBe("nobody");
    expect(failureOf(() => emit("b"))[0]).toBe("second");
  });

  test("[GO2] who changes what it gave is named when the next record comes", () => {
    const { emit } = chainOf(reusing(), passOn, "guarded");
    expect(failureOf(() => emit("a"))[0]).toBe("nobody");
    expect(failureOf(() => emit("b"))).toEqual([
      "first",
      'operator "first" emitted a record that was changed afterwards: it was {value: "a"}, and ' +
        'is {value: "b"}; under object reuse emit a new object each time, and let "second" copy ' +
        "what it keeps",
    ]);
  });

  test("[GO2] or when the next watermark does", () => {
    const given: Box[] = [];
    const { emit, watermark } = chainOf(
      (made, out) => {
        given.push(made);
        out.collect(made);
      },
      passOn,
      "guarded",
    );
    emit("a");
    watermark(1);
    given[0]!.value = "b";
    expect(failureOf(() => watermark(2))[0]).toBe("first");
  });

  test("functions that keep to it are not disturbed, and put out the same", () => {
    const lines = (["copied", "shared", "guarded"] as const).map((sharing) => {
      const { emit, watermark, lines: take } = chainOf(passOn, passOn, sharing);
      for (let i = 0; i < 10; i++) emit(`${i}`);
      watermark(5);
      return take();
    });
    expect(lines[0]).toHaveLength(11);
    expect(lines).toEqual([lines[0], lines[0], lines[0]]);
  });
});

test("without object reuse nobody sees what another changes", () => {
  const steps = [changing, reusing(), keeping()];
  for (const step of steps) {
    const behind = chainOf(passOn, step, "copied");
    const before = chainOf(step, passOn, "copied");
    for (const { emit, lines } of [behind, before]) {
      const values = step === changing ? ["changed", "changed"] : ["a", "b"];
      emit("a");
      emit("b");
      expect(lines()).toEqual(values.map((value) => `{"value":"${value}"}@1`));
    }
  }
});

test("what is no record of the declared type is the giver's fault", () => {
  const { emit } = chainOf((_, out) => out.collect({} as Box), passOn, "guarded");
  const [uid, message] = failureOf(() => emit("a"));
  expect(uid).toBe(asOperatorUid("first"));
  expect(message).toContain("expected a string, but got undefined");
});
