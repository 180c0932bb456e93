/**
 * Asks a service outside about each record, many at once, and puts out what comes of it.
 *
 *   record --> called --answer--------------------> settled --its turn, in a step--> put out
 *                \--failure--> pause --> called       /
 *                 \--time-out------------------------/
 *
 * Answers and time-outs come in events of their own and do no more than settle an input; user code
 * runs, and output leaves, only when the subtask runs a step and there is room downstream. So an input
 * may be settled long before it is put out, and nothing that comes meanwhile may change how.
 *
 * AO1  Of result, failure and time-out the first settles an input; whatever comes later for it is
 *      dropped: answers that come twice, or behind the time-out, or a time-out behind the answer (C112).
 * AO2  Whatever has not been put out is in the snapshot, and is asked for again after a restore, in
 *      the order in which it came (C110). Watermarks in between are not (C85).
 * AO3  At most `capacity` inputs are under way; more than that can only come from a snapshot, and wait.
 * AO4  After `close` nothing is called and nothing is settled.
 *
 * Time runs from the moment at which an input is first called for in this attempt, on the monotonic clock.
 *
 * Source: in Flink, AsyncWaitOperator. We differ: there a queue that is full blocks within the element,
 * here the subtask is told to offer none.
 * Not here: who may leave next (`pending-queue.ts`).
 */
import { assert, present } from "../../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../../core/bytes.ts";
import type { Result } from "../../core/result.ts";
import type { TimerHandle } from "../../host/host.ts";
import type { ServiceError } from "../../host/services.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { BaseOperator } from "../base-operator.ts";
import type { OperatorContext, Output, PendingOperatorSnapshot } from "../operator.ts";
import { OutputCollector } from "../output-collector.ts";
import { abbreviate, rethrow } from "../user-function-error.ts";
import type { AsyncSpec } from "./async-spec.ts";
import { Deadlines } from "./deadlines.ts";
import { PendingInput, PendingQueue, type Marker } from "./pending-queue.ts";
import { decodePending, encodePending } from "./pending-state.ts";

/** Inputs put out before the outputs are asked again whether there is room. */
const LEAVING_MAX = 32;

const TIMED_OUT = "timed-out";

/** One input and its calls. */
class Call<I> extends PendingInput {
  readonly value: I;
  readonly timestampMs: number;
  /** Kept for the next try. */
  readonly request: Uint8Array;
  deadlineUs = 0;
  tries = 0;
  /** Set while it waits for the next try. */
  retry: TimerHandle | undefined;
  /** The response, once there is one. */
  outcome: Uint8Array | typeof TIMED_OUT | undefined;

  constructor(value: I, timestampMs: number, request: Uint8Array) {
    super();
    this.value = value;
    this.timestampMs = timestampMs;
    this.request = request;
  }

  get over(): boolean {
    return this.settled > 0;
  }
}

type Opened<I> = Readonly<{ context: OperatorContext; deadlines: Deadlines<Call<I>> }>;

export class AsyncOperator<I, Q, A, O> extends BaseOperator<I, O> {
  readonly #spec: AsyncSpec<I, Q, A, O>;
  readonly #collector: OutputCollector<O>;
  readonly #queue: PendingQueue<Call<I>>;
  readonly #scratch = new ByteWriter();
  readonly #response = new ByteReader(new Uint8Array(0));
  /** Restored beyond capacity: not called yet; those before `#nextWaiting` have been. */
  #waiting: readonly Call<I>[] = [];
  #nextWaiting = 0;
  /** Called for, and not yet put out. */
  #underWay = 0;
  #opened: Opened<I> | undefined;
  #closed = false;

  constructor(spec: AsyncSpec<I, Q, A, O>, output: Output<O>) {
    super(output);
    this.#spec = spec;
    this.#collector = new OutputCollector(output);
    this.#queue = new PendingQueue(spec.order);
  }

  override get available(): boolean {
    return this.#queue.inputs < this.#spec.capacity;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    const deadlines = new Deadlines<Call<I>>(context.host, (call) => this.#onDeadline(call));
    this.#opened = { context, deadlines };
    const { type } = this.#spec;
    const pending = state.flatMap((snapshot) => decodePending(snapshot, type, context.uid));
    this.#waiting = pending.map(({ value, timestampMs }) => this.#add(value, timestampMs));
    this.#callWaiting();
  }

  override processElement(value: I, timestampMs: number): void {
    assert(this.available, () => "AO3 a record for an operator that takes none");
    this.#start(this.#add(value, timestampMs));
  }

  override processWatermark(watermarkMs: number): void {
    if (this.#queue.empty) this.output.emitWatermark(watermarkMs);
    else this.#queue.addWatermark(watermarkMs);
  }

  override processStatus(idle: boolean): void {
    if (this.#queue.empty) this.output.emitStatus(idle);
    else this.#queue.addStatus(idle);
  }

  /** Puts out what may leave; what is left of it is due at once. */
  override advanceProcessingTime(nowMs: number): number | undefined {
    for (let left = 0; left < LEAVING_MAX && !this.#closed; left++) {
      const next = this.#queue.take();
      if (next === undefined) return undefined;
      if (next.kind === "input") this.#putOut(next);
      else this.#pass(next);
    }
    return this.#queue.hasNext && !this.#closed ? nowMs : undefined;
  }

  protected override takeSnapshot(): PendingOperatorSnapshot {
    const pending = encodePending(this.#queue.held(), this.#spec.type);
    return { keyed: undefined, timers: [], operatorState: [pending] };
  }

  override finish(): boolean {
    return this.#queue.empty;
  }

  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const opened = this.#opened;
    if (opened === undefined) return;
    opened.deadlines.close();
    for (const call of this.#queue.held()) this.#cancelRetry(call);
  }

  #ready(): Opened<I> {
    return present(
      this.#opened,
      () => "an operator that calls a service is used before it is open",
    );
  }

  #add(value: I, timestampMs: number): Call<I> {
    const { service, request } = this.#spec;
    const scratch = this.#scratch;
    scratch.reset();
    try {
      service.request.write(request(value), scratch);
    } catch (error) {
      rethrow(error, this.#ready().context.uid, "asking about record", value);
    }
    const call = new Call(value, timestampMs, scratch.toBytes());
    this.#queue.add(call);
    return call;
  }

  #callWaiting(): void {
    const waiting = this.#waiting;
    while (this.#nextWaiting < waiting.length && this.#underWay < this.#spec.capacity) {
      this.#start(waiting[this.#nextWaiting++]!);
    }
    if (this.#nextWaiting < waiting.length) return;
    this.#waiting = [];
    this.#nextWaiting = 0;
  }

  #start(call: Call<I>): void {
    const { context, deadlines } = this.#ready();
    this.#underWay++;
    call.deadlineUs = context.host.nowUs() + this.#spec.timeoutMs * 1_000;
    deadlines.add(call);
    this.#call(call);
  }

  #call(call: Call<I>): void {
    const { services } = this.#ready().context.host;
    const number = ++call.tries;
    services.call(this.#spec.service.name, call.request, (answer) =>
      this.#onAnswer(call, number, answer),
    );
  }

  #onAnswer(call: Call<I>, number: number, answer: Result<Uint8Array, ServiceError>): void {
    if (this.#closed || call.over) return;
    if (answer.ok) {
      this.#settle(call, answer.value);
      return;
    }
    // A failure that comes twice, or from a try before the last one, is no news.
    if (number < call.tries || call.retry !== undefined) return;
    const { attemptsMax, delayMs } = this.#spec.retry;
    if (number > attemptsMax) {
      this.#fail(call, `${errorText(answer.error)}, after ${triesText(number)}`);
      return;
    }
    call.retry = this.#ready().context.host.setTimer(delayMs * 1_000, () => {
      call.retry = undefined;
      this.#call(call);
    });
  }

  #onDeadline(call: Call<I>): void {
    if (this.#closed || call.over) return;
    if (this.#spec.onTimeout !== undefined) this.#settle(call, TIMED_OUT);
    else this.#fail(call, `no answer within ${this.#spec.timeoutMs} ms, and there is no onTimeout`);
  }

  #settle(call: Call<I>, outcome: Uint8Array | typeof TIMED_OUT): void {
    this.#cancelRetry(call);
    call.outcome = outcome;
    this.#queue.settle(call);
    if (this.#queue.hasNext) this.#ready().context.wakeUp();
  }

  #fail(call: Call<I>, why: string): void {
    const { context } = this.#ready();
    const { service } = this.#spec;
    context.fail(
      `operator "${context.uid}": service "${service.name}" failed on record ` +
        `${abbreviate(call.value)}: ${why}`,
    );
  }

  #cancelRetry(call: Call<I>): void {
    if (call.retry === undefined) return;
    this.#ready().context.host.cancelTimer(call.retry);
    call.retry = undefined;
  }

  #pass(marker: Marker): void {
    if (marker.kind === "watermark") this.output.emitWatermark(marker.watermarkMs);
    else this.output.emitStatus(marker.idle);
  }

  #putOut(call: Call<I>): void {
    const { value, timestampMs, outcome } = call;
    const { result, onTimeout } = this.#spec;
    this.#underWay--;
    this.#collector.timestampMs = timestampMs;
    try {
      if (outcome instanceof Uint8Array) result(value, this.#read(outcome), this.#collector);
      else onTimeout?.(value, this.#collector);
    } catch (error) {
      const what = outcome === TIMED_OUT ? "time-out" : "answer";
      rethrow(error, this.#ready().context.uid, `on the ${what} for record`, value);
    }
    if (!this.#closed) this.#callWaiting();
  }

  #read(bytes: Uint8Array): A {
    const input = this.#response;
    input.over(bytes, 0, bytes.length);
    const response = this.#spec.service.response.read(input);
    if (input.remaining === 0) return response;
    throw new DecodeError(`a response with ${input.remaining} bytes too many`, input.position);
  }
}

const triesText = (count: number): string => (count === 1 ? "1 try" : `${count} tries`);

const errorText = (error: ServiceError): string =>
  error.kind === "timeout" ? "no answer" : error.why;
