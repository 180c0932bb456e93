/**
 * An operator that calls a service, by itself: the test answers its calls by hand, in any order, as
 * often as it likes. Requests and responses are text; the service is asked for "v?" about record "v".
 */
import { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { asCheckpointId } from "../../core/ids.ts";
import { err, ok } from "../../core/result.ts";
import type { ServiceError } from "../../host/services.ts";
import { TestHost } from "../../host/testing.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { types } from "../../types/serializers.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { AsyncOperator } from "./async-operator.ts";
import type { AsyncSpec } from "./async-spec.ts";

export type TextSpec = AsyncSpec<string, string, string, string>;

const bytesOf = (text: string): Uint8Array => {
  const out = new ByteWriter();
  types.string.write(text, out);
  return out.toBytes();
};

export const TEXT_SPEC: TextSpec = {
  service: {
    name: "oracle",
    request: types.string,
    response: types.string,
    answer: (request) => `${request.slice(0, -1)}!`,
  },
  order: "ordered",
  capacity: 10,
  timeoutMs: 100,
  retry: { attemptsMax: 0, delayMs: 0 },
  request: (value) => `${value}?`,
  result: (value, response, out) => out.collect(`${value}=${response}`),
  onTimeout: (value, out) => out.collect(`${value} in vain`),
  type: types.string,
};

export function asyncStage(
  changes: Partial<TextSpec> = {},
  state: readonly OperatorSnapshot[] = [],
) {
  const host = new TestHost();
  const output = new RecordingOutput();
  const context = testContext(host, { restored: state.length > 0 });
  const operator = new AsyncOperator({ ...TEXT_SPEC, ...changes }, output);
  operator.open(context, state);
  let told = 0;
  /** What was asked since the last call, in order. */
  const asked = (): string[] => {
    const texts = host.calls.slice(told).map(({ request }) => textOf(request));
    told = host.calls.length;
    return texts;
  };
  const callOf = (value: string, nth: number) => {
    const calls = host.calls.filter(({ request }) => textOf(request) === `${value}?`);
    const call = calls.at(nth);
    if (call === undefined) throw new Error(`nobody asked about ${value}`);
    return call;
  };
  /** Answers the n-th call about each of these; the last one by default. */
  const answer = (values: string, nth = -1): void => {
    for (const value of values.split(" ")) callOf(value, nth).done(ok(bytesOf(`${value}!`)));
  };
  const refuse = (value: string, error: ServiceError = { kind: "timeout" }, nth = -1): void =>
    callOf(value, nth).done(err(error));
  const give = (values: string, timestampMs = 1): void => {
    for (const value of values.split(" ")) operator.processElement(value, timestampMs);
  };
  /** A step of the subtask: what came out of it. */
  const step = (): string[] => {
    operator.advanceProcessingTime(host.wallMs());
    return output.take();
  };
  const snapshot = () => stored(operator.snapshot(asCheckpointId(1), () => undefined));
  return { host, context, operator, output, asked, answer, refuse, give, step, snapshot };
}

const textOf = (bytes: Uint8Array): string => types.string.read(new ByteReader(bytes));
