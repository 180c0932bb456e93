/** What unit tests of windows share: an operator on a stage, and records written as text. */
import { asCheckpointId } from "../../core/ids.ts";
import { TestHost } from "../../host/testing.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { types } from "../../types/serializers.ts";
import type { OperatorContext } from "../operator.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { tumblingWindows } from "./assigners.ts";
import { WindowOperator } from "./window-operator.ts";
import type { WindowComputation, WindowSpec } from "./window-spec.ts";

export type TextSpec = WindowSpec<string, string, string>;

/** Puts out "key[start,end) values". */
export const listing: WindowComputation<string, string, string> = {
  kind: "process",
  create: () => ({
    process: ({ key, window }, values, out) =>
      out.collect(`${key}[${window.startMs},${window.endMs}) ${values.join(" ")}`),
  }),
};

/** Folds text by writing one behind the other. */
export const joining: WindowComputation<string, string, string> = {
  kind: "reduce",
  reduce: (left, right) => `${left}+${right}`,
};

/** Records are text; the key is the first letter. Tumbling windows of 10 ms unless said otherwise. */
export const textSpec = (over: Partial<TextSpec> = {}): TextSpec => ({
  assigner: tumblingWindows({ sizeMs: 10 }),
  allowedLatenessMs: 0,
  computation: listing,
  type: types.string,
  ...over,
});

export function openWindows(
  spec: TextSpec,
  overrides: Partial<OperatorContext> = {},
  state: readonly OperatorSnapshot[] = [],
) {
  const host = new TestHost();
  const context = testContext(host, overrides);
  const output = new RecordingOutput();
  const operator = new WindowOperator<string, string, string>(
    { key: (value) => value.slice(0, 1), keyType: types.string, spec },
    output,
  );
  operator.open(context, state);
  const snapshot = (): OperatorSnapshot =>
    stored(operator.snapshot(asCheckpointId(1), () => undefined));
  /** "a1@3" is a record with a timestamp, "~5" a watermark, "=7" the clock at 7 ms. */
  const say = (line: string): string => {
    if (line.startsWith("~")) {
      operator.processWatermark(line === "~end" ? Infinity : Number(line.slice(1)));
    } else if (line.startsWith("=")) {
      host.advanceMs(Number(line.slice(1)) - host.wallMs());
      operator.advanceProcessingTime(host.wallMs());
    } else {
      const [value, time] = line.split("@");
      operator.processElement(value!, time === "-" ? -Infinity : Number(time));
    }
    return output.take().join(", ");
  };
  const transcript = (lines: readonly (readonly [string, string])[]): void => {
    for (const [line, expected] of lines) {
      const found = `${line} -> ${say(line)}`;
      if (found !== `${line} -> ${expected}`) {
        throw new Error(`expected  ${line} -> ${expected}\nfound     ${found}`);
      }
    }
  };
  return { host, context, output, operator, snapshot, say, transcript };
}

/** Nothing is left of any key: neither state nor a timer. */
export const isEmpty = ({ keyed, timers }: OperatorSnapshot): boolean =>
  keyed.length === 0 && timers.length === 0;
