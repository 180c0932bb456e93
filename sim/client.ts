/**
 * The owner of the job: may have it cancelled, and asks of it what the story's actions say.
 *
 *   moment --asked, and again--> answered --> the next action, once its own moment has come
 *   a stop that was answered --resumeAfterMs--> resume asked, and again --> answered
 *
 * Control messages get lost and job managers die, so it asks until it is answered; a request has an id,
 * and is the same request however often it arrives. To cancel is asked until the run is over: nobody
 * answers that, and a job that has ended does not mind.
 *
 * OC1  One action is under way at a time; the next is asked for when the one before is answered.
 * OC2  A stop that was refused is not resumed from.
 *
 * Not here: when a moment has come (`world.ts`), what a job manager makes of it (`src/runtime/`).
 */
import {
  assert,
  decodeMessage,
  encodeMessage,
  present,
  unreachable,
  type Host,
  type Message,
  type Process,
  type ProcessId,
} from "../src/index.ts";
import type { WorldNote } from "./history.ts";
import type { Moment } from "./moment.ts";
import type { Action } from "./scenario.ts";

const ASK_AGAIN_MS = 500;

/** How far the owner has come, between two requests. */
export type ClientImage = Readonly<{ next: number; stopped: boolean }>;

export type ClientOptions = Readonly<{
  /** Whoever of them leads answers. */
  jobManagers: readonly ProcessId[];
  job: string;
  /** Absent: it never asks. */
  cancelAtMs: number | undefined;
  /** Carried out one after the other. */
  actions?: readonly Action[];
  /** Absent: nothing was asked yet. */
  image?: ClientImage;
  /** Calls back once, when that moment of the run comes. */
  at(when: Moment, then: () => void): void;
  note(note: WorldNote): void;
}>;

/** What is asked for until it is answered. */
type Request = Readonly<{ id: string; message: Message; onDone: () => void }>;

export class Client implements Process {
  readonly #host: Host;
  readonly #options: ClientOptions;
  readonly #actions: readonly Action[];
  /** By action: whether its moment has come. */
  readonly #due: boolean[];
  #next: number;
  #request: Request | undefined;
  /** A stop was answered, and the job is to go on later. */
  #resting = false;
  #stopped: boolean;

  constructor(host: Host, options: ClientOptions) {
    this.#host = host;
    this.#options = options;
    this.#actions = options.actions ?? [];
    this.#due = this.#actions.map(() => false);
    this.#next = options.image?.next ?? 0;
    this.#stopped = options.image?.stopped ?? false;
  }

  image(): ClientImage {
    assert(!this.isBusy, () => "an owner who waits for an answer is between two requests");
    return { next: this.#next, stopped: this.#stopped };
  }

  /** Something is asked of the job, or will be though it may have ended. */
  get isBusy(): boolean {
    return this.#request !== undefined || this.#resting;
  }

  /** The job was stopped at its owner's wish, and has not been resumed since. */
  get hasStopped(): boolean {
    return this.#stopped;
  }

  start(): void {
    const { cancelAtMs, at } = this.#options;
    if (cancelAtMs !== undefined) {
      this.#host.setTimer(Math.max(0, cancelAtMs * 1_000 - this.#host.nowUs()), () => {
        this.#options.note({ kind: "cancel-requested" });
        this.#cancel();
      });
    }
    this.#actions.forEach(({ when }, index) => {
      if (index < this.#next) return;
      at(when, () => {
        this.#due[index] = true;
        this.#proceed();
      });
    });
  }

  onMessage(_from: ProcessId, bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    assert(message.kind === "answer", () => `a client was sent a message "${message.kind}"`);
    const request = this.#request;
    if (request === undefined || message.id !== request.id) return;
    this.#request = undefined;
    const { id, done, why } = message;
    this.#options.note({ kind: "action-answered", id, done, why });
    if (done) request.onDone();
    this.#proceed();
  }

  #cancel(): void {
    this.#send({ kind: "cancel-job", job: this.#options.job });
    this.#host.setTimer(ASK_AGAIN_MS * 1_000, () => this.#cancel());
  }

  /** OC1. */
  #proceed(): void {
    if (this.isBusy || this.#due[this.#next] !== true) return;
    const index = this.#next++;
    const action = present(this.#actions[index], () => `no action ${index}`);
    this.#begin(this.#requestOf(action, `${action.kind}-${index + 1}`));
  }

  #begin(request: Request): void {
    this.#request = request;
    this.#options.note({ kind: "action-requested", id: request.id });
    this.#ask(request);
  }

  #ask(request: Request): void {
    if (this.#request !== request) return;
    this.#send(request.message);
    this.#host.setTimer(ASK_AGAIN_MS * 1_000, () => this.#ask(request));
  }

  #requestOf(action: Action, id: string): Request {
    const { job } = this.#options;
    switch (action.kind) {
      case "savepoint": {
        const { form } = action;
        return { id, message: { kind: "savepoint-job", job, id, form }, onDone: () => undefined };
      }
      case "stop": {
        const { form, drain } = action;
        const message: Message = { kind: "stop-job", job, id, form, drain };
        return { id, message, onDone: () => this.#onStopped(action, id) };
      }
      case "rescale": {
        const parallelism = Object.entries(action.parallelism).map(([uid, count]) => {
          return { uid, parallelism: count };
        });
        const message: Message = { kind: "rescale-job", job, id, parallelism };
        return { id, message, onDone: () => undefined };
      }
      default:
        return unreachable(action);
    }
  }

  #onStopped(
    { resumeAfterMs, claim = false }: Extract<Action, { kind: "stop" }>,
    savepoint: string,
  ): void {
    this.#stopped = true;
    if (resumeAfterMs === undefined) return;
    this.#resting = true;
    const id = `resume-${savepoint}`;
    const message: Message = {
      ...{ kind: "resume-job", job: this.#options.job, id, savepoint, claim },
      allowNonRestoredState: false,
    };
    this.#host.setTimer(resumeAfterMs * 1_000, () => {
      this.#resting = false;
      this.#begin({ id, message, onDone: () => void (this.#stopped = false) });
    });
  }

  #send(message: Message): void {
    for (const jobManager of this.#options.jobManagers) {
      this.#host.send(jobManager, encodeMessage(message));
    }
  }
}
