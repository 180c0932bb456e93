/**
 * A coordination service in the hands of a test, which elects and expires whom it likes.
 *
 * Not here: registers and watchers, which nobody in the runtime asks for.
 */
import { present } from "../core/assert.ts";
import type { Coordination, LeaseOptions, LeaseSession } from "../host/coordination.ts";

type FakeSession = {
  readonly options: LeaseOptions;
  onElected: ((token: number) => void) | undefined;
  over: boolean;
};

export class FakeCoordination implements Coordination {
  /** Sessions and campaigns as text: "jm opens for 400 ms", "jm campaigns for jobs/j". */
  readonly asked: string[] = [];
  #session: FakeSession | undefined;

  openSession(options: LeaseOptions): LeaseSession {
    const { name } = options;
    const session: FakeSession = { options, onElected: undefined, over: false };
    this.#session = session;
    this.asked.push(`${name} opens for ${options.leaseMs} ms`);
    return {
      isOver: () => session.over,
      campaign: (latch, onElected) => {
        session.onElected = onElected;
        this.asked.push(`${name} campaigns for ${latch}`);
      },
      close: () => {
        session.over = true;
        this.asked.push(`${name} closes`);
      },
    };
  }

  /** The newest session wins what it campaigned for. */
  elect(token: number): void {
    this.#newest.onElected?.(token);
  }

  /** The newest session is over, and nobody has said so yet. */
  lapse(): () => void {
    const session = this.#newest;
    session.over = true;
    return () => session.options.onExpired();
  }

  watchLeader(): never {
    throw new Error("this coordination service has no watchers");
  }

  read(): never {
    throw new Error("this coordination service has no registers");
  }

  compareAndSet(): never {
    throw new Error("this coordination service has no registers");
  }

  get #newest(): FakeSession {
    return present(this.#session, () => "nobody has opened a session");
  }
}
