/**
 * The host of an operator that is measured by itself: no time passes, no timer comes due, and a service
 * answers every request with that request, at once, which is as soon as it is let.
 *
 * Not here: the simulated world. What no operator asks for throws.
 */
import {
  asProcessId,
  ok,
  type CostProfile,
  type Host,
  type RequestServices,
  type ServiceDone,
  type TimerHandle,
} from "../../../../src/index.ts";
import { ToolError } from "../../exit.ts";

type Call = Readonly<{ request: Uint8Array; done: ServiceDone }>;

const HANDLE: TimerHandle = {};

export class BenchHost implements Host {
  readonly processId = asProcessId("bench");
  readonly cost: CostProfile = { stepUs: 0, recordUs: 0, snapshotUsPerKilobyte: 0 };
  #calls: Call[] = [];
  readonly services: RequestServices = {
    call: (_service, request, done) => void this.#calls.push({ request, done }),
  };

  /** Not from inside the call: answers come in events of their own. False: nothing was asked. */
  answerCalls(): boolean {
    if (this.#calls.length === 0) return false;
    const calls = this.#calls;
    this.#calls = [];
    for (const { request, done } of calls) done(ok(request));
    return true;
  }

  nowUs(): number {
    return 0;
  }

  buggify(): boolean {
    return false;
  }

  wallMs(): number {
    return 0;
  }

  setTimer(): TimerHandle {
    return HANDLE;
  }

  cancelTimer(): void {}

  note(): void {}

  send(): never {
    throw unused("messages");
  }

  get random(): never {
    throw unused("random numbers");
  }

  get channels(): never {
    throw unused("channels");
  }

  get objectStore(): never {
    throw unused("an object store");
  }

  get disk(): never {
    throw unused("a disk");
  }

  get log(): never {
    throw unused("a log");
  }

  get ledger(): never {
    throw unused("a ledger");
  }

  get tables(): never {
    throw unused("tables");
  }

  get coordination(): never {
    throw unused("a coordination service");
  }
}

const unused = (what: string): ToolError => new ToolError(`an operator here asks for ${what}`);
