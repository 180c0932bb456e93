/** What a job says of its calls to a service outside: whom, how many at once, in which order, how long. */
import type { TypeSerializer } from "../../types/type.ts";
import type { Collector } from "../functions.ts";

/** A request/response service. */
export type ServiceSpec<Q = unknown, A = unknown> = Readonly<{
  name: string;
  request: TypeSerializer<Q>;
  response: TypeSerializer<A>;
  /**
   * What the service answers to what: a simulated world runs it, and the reference asks it. Equal
   * requests must have equal answers.
   */
  answer: (request: Q) => A;
}>;

export type AsyncRetry = Readonly<{
  /** After the first: 0 or more. */
  attemptsMax: number;
  delayMs: number;
}>;

export type AsyncSpec<I = unknown, Q = unknown, A = unknown, O = unknown> = Readonly<{
  service: ServiceSpec<Q, A>;
  /** "ordered": results in order of input. "unordered": as they come, never across a watermark. */
  order: "ordered" | "unordered";
  /** Requests under way at once, 1 or more; input waits beyond that. */
  capacity: number;
  /** From the input on, over all retries. */
  timeoutMs: number;
  retry: AsyncRetry;
  request: (value: I) => Q;
  result: (value: I, response: A, out: Collector<O>) => void;
  /** Absent: a time-out fails the task. */
  onTimeout?: ((value: I, out: Collector<O>) => void) | undefined;
  /** Of the input, for what is under way at a snapshot. */
  type: TypeSerializer<I>;
}>;

/** What is wrong with it; `where` names the operator. */
export function checkAsync(where: string, spec: AsyncSpec): string[] {
  const { service, order, capacity, timeoutMs, retry } = spec;
  const problems: string[] = [];
  const expect = (name: string, value: number, min: number): void => {
    if (Number.isSafeInteger(value) && value >= min) return;
    problems.push(`${where}: ${name} is ${value}; give an integer from ${min} up`);
  };
  if (service.name === "") problems.push(`${where}: the name of its service is empty; give one`);
  if (order !== "ordered" && order !== "unordered") {
    problems.push(`${where}: order is "${String(order)}"; say "ordered" or "unordered"`);
  }
  expect("capacity", capacity, 1);
  expect("timeoutMs", timeoutMs, 1);
  expect("retry.attemptsMax", retry.attemptsMax, 0);
  expect("retry.delayMs", retry.delayMs, 0);
  return problems;
}
