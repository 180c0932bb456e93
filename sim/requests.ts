/**
 * Requests to a service outside: they take effect after a while, are answered after another, and
 * sometimes nobody can tell whether they took effect at all.
 *
 * One request is one draw of its fate. Well: effect, then answer. Timed out: the answer is `timeout`,
 * and the effect happens or not, late perhaps, even after that answer.
 * Unavailable: no effect, and the answer says so.
 *
 * RQ1  An effect happens once or never, within `LATE_EFFECT_MS_MAX` of the request; only a service
 *      that holds requests back makes that longer, and only a fault makes it happen twice.
 * RQ2  A request is answered once, unless its process died: then never, though the effect still may come.
 *      Only a fault keeps an answer from one that lives.
 * RQ3  A paused process is answered when it resumes.
 *
 * Not here: what requests do (storage/object-store.ts, outside/), what faults do to them besides
 * (request-troubles.ts).
 */
import { LATE_EFFECT_MS_MAX, err } from "../src/index.ts";
import type { Random, Result } from "../src/index.ts";
import { laneOfEffects, laneOfLife } from "./event-lanes.ts";
import { drawLatencyUs } from "./kernel/latency.ts";
import type { HandlerId, Scheduler } from "./kernel/scheduler.ts";
import type { Latency } from "./plan.ts";
import { heldUntilUs } from "./processes.ts";
import type { Processes } from "./processes.ts";
import { RequestTroubles, type Troubles } from "./request-troubles.ts";

/** What each service needs of the world. */
export type ServiceOptions = Readonly<{
  scheduler: Scheduler;
  /** The service's own stream; each client forks its own of it. */
  random: Random;
  processes: Processes;
  latency: Latency;
  timeoutPerMille: number;
  /** Told of each request that lasts right after it took effect, by process. */
  onEffect?: (process: number) => void;
}>;

export type Request<T, E> = Readonly<{
  /** Process index of the client. */
  process: number;
  /** Runs at the service, at the time of the effect. */
  effect: () => Result<T, E>;
  timeout: E;
  /** It may change something. */
  lasts?: boolean;
  /** It makes what was written before visible: some faults strike these alone. */
  commits?: boolean;
  /** Absent: this service is always there. */
  unavailable?: E;
  /** The service may hold a request back: when it takes effect, given when it got there. */
  holdUntilUs?: (arrivalUs: number) => number;
  done: (result: Result<T, E>) => void;
}>;

type Answer = () => void;
type Effect = () => void;

const EFFECT_US_MAX = LATE_EFFECT_MS_MAX * 1_000;
/** How long a client waits before it gives up on an answer. */
const TIMEOUT_US_MIN = 100_000;
const TIMEOUT_US_MAX = 1_000_000;
const TOOK_EFFECT_PER_MILLE = 500;

export class Requests {
  readonly #options: ServiceOptions;
  readonly #effects: HandlerId;
  readonly #answers: HandlerId;
  readonly #streams: Readonly<{ latency: Random; fate: Random }>[] = [];
  readonly #troubles: RequestTroubles;
  #timeoutPerMille: number;
  #faultPerMille = 0;
  #unavailable = false;
  #issued = 0;

  /** @param name of the service, for traces: "store", "ledger", "log" */
  constructor(name: string, options: ServiceOptions) {
    this.#options = options;
    this.#timeoutPerMille = options.timeoutPerMille;
    this.#troubles = new RequestTroubles(options.random, options.processes);
    const { processes, scheduler } = options;
    this.#effects = scheduler.register(
      `${name}-effect`,
      (_process, _number, effect) => (effect as Effect)(),
      laneOfEffects(name, processes),
    );
    this.#answers = scheduler.register(
      `${name}-answer`,
      (process, incarnation, answer) => this.#answer(process, incarnation, answer as Answer),
      laneOfLife(processes),
    );
    for (let i = 0; i < options.processes.count; i++) {
      const stream = options.random.fork(options.processes.idOf(i));
      this.#streams.push({ latency: stream.fork("latency"), fate: stream.fork("fate") });
    }
  }

  /** A fault window: this share of the requests times out, unless more would anyway. 0 ends it. */
  setTimeouts(perMille: number): void {
    this.#faultPerMille = perMille;
  }

  /** A fault window: every request is refused, with that for an answer. */
  setUnavailable(unavailable: boolean): void {
    this.#unavailable = unavailable;
  }

  /** Fault windows of other kinds, each by its own amount; 0 ends it. */
  setTroubles(troubles: Partial<Troubles>): void {
    this.#troubles.set(troubles);
  }

  /** From now on no request times out or is refused; what was issued before still may. */
  quiet(): void {
    this.#troubles.quiet();
    this.#timeoutPerMille = 0;
    this.#faultPerMille = 0;
    this.#unavailable = false;
  }

  issue<T, E>(request: Request<T, E>): void {
    const { latency, processes, scheduler } = this.#options;
    const { process, done } = request;
    const effect = this.#told(request);
    const number = (this.#issued = (this.#issued + 1) | 0);
    const nowUs = scheduler.nowUs;
    const streams = this.#streams[process]!;
    // One request, one set of draws, whatever becomes of it.
    const thereUs = drawLatencyUs(streams.latency, latency);
    const backUs = drawLatencyUs(streams.latency, latency);
    const timedOut = streams.fate.chance(Math.max(this.#timeoutPerMille, this.#faultPerMille));
    const tookEffect = streams.fate.chance(TOOK_EFFECT_PER_MILLE);
    const givesUpUs = streams.fate.integer(TIMEOUT_US_MIN, TIMEOUT_US_MAX);
    const lateUs = streams.fate.integer(1, EFFECT_US_MAX);
    const incarnation = processes.incarnation(process);
    const troubled = this.#troubles.draw(process, request.commits === true);
    const answerAt = (atUs: number, result: Result<T, E>): void => {
      if (troubled?.unanswered === true) return;
      const laterUs = troubled?.laterUs ?? 0;
      scheduler.at(atUs + laterUs, this.#answers, process, incarnation, () => done(result));
    };
    if (troubled?.againUs !== undefined) {
      scheduler.at(nowUs + troubled.againUs, this.#effects, process, number, effect);
    }

    if (timedOut) {
      if (tookEffect) scheduler.at(nowUs + lateUs, this.#effects, process, number, effect);
      answerAt(nowUs + givesUpUs, err(request.timeout));
      return;
    }
    const arrivalUs = nowUs + Math.min(thereUs, EFFECT_US_MAX);
    const effectUs = request.holdUntilUs?.(arrivalUs) ?? arrivalUs;
    scheduler.at(effectUs, this.#effects, process, number, () => {
      const refused = this.#unavailable ? request.unavailable : undefined;
      answerAt(scheduler.nowUs + backUs, refused === undefined ? effect() : err(refused));
    });
  }

  /** The effect of a request that lasts; those that only look are nobody's concern. */
  #told<T, E>({ process, effect, lasts }: Request<T, E>): () => Result<T, E> {
    const { onEffect } = this.#options;
    if (onEffect === undefined || lasts !== true) return effect;
    return () => {
      const result = effect();
      onEffect(process);
      return result;
    };
  }

  #answer(process: number, incarnation: number, answer: Answer): void {
    const { processes, scheduler } = this.#options;
    if (!processes.isAlive(process) || processes.incarnation(process) !== incarnation) return;
    const heldUs = heldUntilUs(processes, process, scheduler.nowUs);
    if (heldUs > 0) scheduler.at(heldUs, this.#answers, process, incarnation, answer);
    else answer();
  }
}
