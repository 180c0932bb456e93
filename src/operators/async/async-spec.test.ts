import { expect, test } from "vitest";
import { TEXT_SPEC } from "./async.fixture.ts";
import { checkAsync, type AsyncSpec } from "./async-spec.ts";

test("a job says what cannot be", () => {
  const wrong = {
    ...TEXT_SPEC,
    service: { ...TEXT_SPEC.service, name: "" },
    order: "sorted",
    capacity: 0,
    timeoutMs: 0.5,
    retry: { attemptsMax: -1, delayMs: Number.NaN },
  } as unknown as AsyncSpec;
  expect(checkAsync('operator "x"', wrong)).toEqual([
    'operator "x": the name of its service is empty; give one',
    'operator "x": order is "sorted"; say "ordered" or "unordered"',
    'operator "x": capacity is 0; give an integer from 1 up',
    'operator "x": timeoutMs is 0.5; give an integer from 1 up',
    'operator "x": retry.attemptsMax is -1; give an integer from 0 up',
    'operator "x": retry.delayMs is NaN; give an integer from 0 up',
  ]);
  expect(checkAsync('operator "x"', TEXT_SPEC as unknown as AsyncSpec)).toEqual([]);
});
