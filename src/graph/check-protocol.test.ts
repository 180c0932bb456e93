import { expect, test } from "vitest";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { ledger, logSource } from "./endpoints.ts";
import { job, type CheckpointOptions } from "./job.ts";

const jobWith = (options: Partial<CheckpointOptions>, committer = false) =>
  job("j", (env) => {
    env.enableCheckpointing({ intervalMs: 100, protocol: "uncoordinated", ...options });
    env
      .fromSource(logSource({ topic: "t", type: types.string }), WatermarkStrategy.none(), "lines")
      .sinkTo(ledger("out", committer ? { committer: {} } : {}))
      .uid("out");
  });

test("what barriers are told means nothing without them, and is refused by name", () => {
  expect(jobWith({}).checkpoints.protocol).toBe("uncoordinated");
  const options = {
    unaligned: true,
    minPauseMs: 5,
    maxConcurrent: 2,
    localRecovery: true,
  } as const;
  for (const name of ["unaligned", "minPauseMs", "maxConcurrent", "localRecovery"] as const) {
    expect(() => jobWith({ [name]: options[name] })).toThrow(
      `enableCheckpointing: ${name} is for coordinated checkpoints; leave it out`,
    );
  }
  expect(() => jobWith({ mode: "at-least-once" })).toThrow('mode "at-least-once" is for coordin');
  expect(() => jobWith({ protocol: "coordinated", unaligned: true })).not.toThrow();
});

test("a writer and its committer have to agree on checkpoints", () => {
  expect(() => jobWith({}, true)).toThrow(/a (writer|committer) needs coordinated checkpoints/);
  expect(() => jobWith({ protocol: "coordinated" }, true)).not.toThrow();
});
