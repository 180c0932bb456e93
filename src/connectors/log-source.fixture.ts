/** A log source by itself, for its tests: splits as text ("0@5"), and answers of the log by hand. */
import { ok } from "../core/result.ts";
import { logBatch, TestHost } from "../host/testing.ts";
import type { OperatorContext, SplitAssignment } from "../operators/operator.ts";
import { RecordingOutput, stored, testContext } from "../operators/testing.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { WatermarkStrategy, type WatermarkSpec } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { LogSource } from "./log-source.ts";
import { restoredSplits, splitsState } from "./source-state.ts";

export type Records = readonly (readonly [string, number])[];
type Setup = Readonly<{
  context?: Partial<OperatorContext>;
  state?: readonly OperatorSnapshot[];
  watermarks?: WatermarkSpec<string>;
  recordsPerSecondMax?: number;
}>;

/** "0@5": partition 0 from offset 5. */
export const splitsOf = (text: string): SplitAssignment["splits"] =>
  text
    .split(" ")
    .filter((part) => part !== "")
    .map((part) => {
      const [partition, offset] = part.split("@").map(Number);
      return { partition: partition!, offset: offset! };
    });

export function openSource(setup: Setup = {}) {
  const { watermarks = WatermarkStrategy.forMonotonousTimestamps<string>() } = setup;
  const host = new TestHost();
  const context = testContext(host, setup.context);
  const output = new RecordingOutput();
  const source = new LogSource({
    topic: "lines",
    type: types.string,
    watermarks,
    recordsPerSecondMax: setup.recordsPerSecondMax,
  });
  source.open(context, setup.state ?? [], output);
  return {
    host,
    context,
    output,
    source,
    assign: (splits: string) => source.assign({ splits: splitsOf(splits), noMore: false }),
    assignLast: (splits: string) => source.assign({ splits: splitsOf(splits), noMore: true }),
    batch: (firstOffset: number, records: Records, end = false, offsets?: readonly number[]) =>
      host.answer(ok(logBatch(types.string, firstOffset, records, end, offsets))),
    splits: () =>
      restoredSplits([stored(source.snapshot())]).map(
        ({ partition, offset, index, ended }) =>
          `${partition}@${offset}${index > 0 ? `+${index}` : ""}${ended ? " ended" : ""}`,
      ),
    /** Polls until nothing comes, in small helpings. */
    drain: () => {
      while (source.poll(2) > 0);
      return output.take();
    },
  };
}

/** Of a subtask that has read its splits as far as the text says: "0@5". */
export const stateOf = (text: string): OperatorSnapshot => {
  const splits = splitsOf(text).map((split) => ({ ...split, index: 0, ended: false }));
  return stored({ keyed: undefined, timers: [], operatorState: [splitsState(splits)] });
};
