/**
 * The coordination service, and its client in each process.
 *
 *   opened --sign of life--> alive --no sign for the lease--> given up: its latches go to the next in turn
 *                              \--close, or a fault--------->
 *
 * LY1  The tokens of a latch rise, and each is given to one session.
 * LY2  A latch is held by one session at a time, which the service has not given up.
 * LY3  A client counts its lease from when it sent the last sign of life that was confirmed, the service
 *      from when it came: so a process that is not paused knows that its session is over before another
 *      one is elected. Only a fault takes a session away sooner.
 * LY4  A register changes by one version at a time, from the version that its writer has read, and under
 *      no term but the newest.
 * LY5  A watcher hears of terms in their order, and of the last one in the end, however late.
 *
 * Signs of life are requests like all others, and time out as they do. When requests take effect and what
 * their clients hear of it: ../requests.ts.
 */
import { assert, err, ok, present } from "../../src/index.ts";
import type {
  Coordination,
  CoordinationError,
  Leader,
  Random,
  Register,
  RegisterChange,
  Result,
  LeaseSession,
  LeaseOptions,
} from "../../src/index.ts";
import { laneOfLife } from "../event-lanes.ts";
import { drawLatencyUs } from "../kernel/latency.ts";
import type { HandlerId } from "../kernel/scheduler.ts";
import { heldUntilUs } from "../processes.ts";
import { Requests, type ServiceOptions } from "../requests.ts";
import type { Troubles } from "../request-troubles.ts";

/** Signs of life within one lease: some may get lost. */
const SIGNS_PER_LEASE = 4;
/** A request of the client's own is made again this long after it has failed. */
const AGAIN_US = 50_000;

/** A session as the service knows it. */
type Lease = {
  readonly process: number;
  /** The life of the process that opened it: no later one hears of it. */
  readonly incarnation: number;
  readonly options: LeaseOptions;
  readonly client: ClientSession;
  /** Undefined before the first sign of life. */
  expiresUs: number | undefined;
  givenUp: boolean;
};

type Candidate = Readonly<{ lease: Lease; onElected: (token: number) => void }>;

type Latch = {
  /** Of the newest term; 0 before the first. */
  token: number;
  /** The first one holds it. */
  queue: Candidate[];
  readonly watchers: Set<Watcher>;
};

type Watcher = {
  readonly process: number;
  readonly incarnation: number;
  readonly onLeader: (leader: Leader | undefined) => void;
  /** Of the newest term it has heard of, and whether that had an end. */
  told: string | undefined;
  stopped: boolean;
};

/** A session as its own process knows it. */
type ClientSession = {
  confirmedUs: number;
  over: boolean;
};

const NO_END = (): string => "a lease that ends without a sign of life";
const EMPTY: Register = { version: 0, value: new Uint8Array(0) };

export class SimulatedCoordination {
  readonly #options: ServiceOptions;
  readonly #requests: Requests;
  readonly #delays: Random;
  /** What a fault adds to delays. */
  readonly #extra: Random;
  /** What a process does later: it waits while it is paused, and is forgotten when it dies. */
  readonly #later: HandlerId;
  readonly #leaseEnds: HandlerId;
  readonly #leases = new Set<Lease>();
  readonly #latches = new Map<string, Latch>();
  readonly #registers = new Map<string, Register>();
  /** Of a fault window: how much later news of a latch comes, at most. */
  #newsLaterMs = 0;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#requests = new Requests("coordination", options);
    this.#delays = options.random.fork("delays");
    this.#extra = options.random.fork("extra");
    this.#later = options.scheduler.register(
      "coordination-client",
      (process, incarnation, act) => this.#run(process, incarnation, act as () => void),
      laneOfLife(options.processes),
    );
    this.#leaseEnds = options.scheduler.register("coordination-lease", (_a, _b, lease) =>
      this.#onLeaseEnd(lease as Lease),
    );
  }

  /** The service as one process sees it; the same client serves all its incarnations. */
  client(process: number): Coordination {
    return {
      openSession: (options) => this.#open(process, options),
      watchLeader: (latch, onLeader) => this.#watch(process, latch, onLeader),
      read: (register, done) =>
        this.#issue<Register>(process, () => ok(this.#registerOf(register)), done),
      compareAndSet: (register, change, done) => {
        const copy = { ...change, value: change.value.slice() };
        this.#issue<number>(process, () => this.#set(register, copy), done, true);
      },
    };
  }

  /** A fault: the service gives up every session of a process, which hears of it later. */
  expireSessions(process: number): boolean {
    const own = [...this.#leases].filter((lease) => lease.process === process);
    for (const lease of own) this.#giveUp(lease);
    return own.length > 0;
  }

  setTimeouts(perMille: number): void {
    this.#requests.setTimeouts(perMille);
  }

  setTroubles(troubles: Partial<Troubles>): void {
    this.#requests.setTroubles(troubles);
  }

  /** A fault window: it hears nobody, and goes on counting leases. */
  setUnavailable(unavailable: boolean): void {
    this.#requests.setUnavailable(unavailable);
  }

  /** A fault window: who is elected, and who watches, hears of it later, by so much at most. 0 ends it. */
  delayNews(extraMs: number): void {
    this.#newsLaterMs = extraMs;
  }

  quiet(): void {
    this.#requests.quiet();
    this.#newsLaterMs = 0;
  }

  #issue<T>(
    process: number,
    effect: () => Result<T, CoordinationError>,
    done: (result: Result<T, CoordinationError>) => void,
    lasts = false,
  ): void {
    this.#requests.issue<T, CoordinationError>({
      ...{ process, effect, lasts, done },
      timeout: { kind: "timeout" },
      unavailable: { kind: "unavailable" },
    });
  }

  #open(process: number, options: LeaseOptions): LeaseSession {
    assert(options.leaseMs > 0, () => `a session of ${options.name} with no lease`);
    const client: ClientSession = { confirmedUs: this.#options.scheduler.nowUs, over: false };
    const incarnation = this.#options.processes.incarnation(process);
    const lease: Lease = {
      ...{ process, incarnation, options, client },
      expiresUs: undefined,
      givenUp: false,
    };
    this.#leases.add(lease);
    this.#signOfLife(lease);
    this.#awaitOwnEnd(lease);
    const campaigns = new Set<string>();
    return {
      isOver: () => !this.#livesOn(lease),
      campaign: (latch, onElected) => {
        assert(!campaigns.has(latch), () => `${options.name} campaigns for ${latch} twice`);
        campaigns.add(latch);
        this.#campaign(lease, latch, onElected);
      },
      close: () => {
        client.over = true;
        this.#insist(process, () => {
          this.#giveUp(lease);
          return ok(undefined);
        });
      },
    };
  }

  /** Asks until the service has heard it: what it does may be done more than once, and lasts. */
  #insist(
    process: number,
    effect: () => Result<undefined, CoordinationError>,
    isWanted: () => boolean = () => true,
  ): void {
    const done = (result: Result<undefined, CoordinationError>): void => {
      if (result.ok || !isWanted()) return;
      this.#after(process, AGAIN_US, () => this.#insist(process, effect, isWanted));
    };
    this.#issue(process, effect, done, true);
  }

  #signOfLife(lease: Lease): void {
    const { process, client, options } = lease;
    const sentUs = this.#options.scheduler.nowUs;
    const effect = (): Result<boolean, CoordinationError> => ok(this.#hear(lease));
    this.#issue(process, effect, (result) => {
      if (client.over || !result.ok) return;
      if (result.value) client.confirmedUs = Math.max(client.confirmedUs, sentUs);
      else this.#endOfClient(lease);
    });
    const everyUs = Math.ceil((options.leaseMs * 1_000) / SIGNS_PER_LEASE);
    this.#after(process, everyUs, () => {
      if (!client.over) this.#signOfLife(lease);
    });
  }

  /** False: it was given up before. */
  #hear(lease: Lease): boolean {
    if (lease.givenUp) return false;
    const { scheduler } = this.#options;
    lease.expiresUs = scheduler.nowUs + lease.options.leaseMs * 1_000;
    scheduler.at(lease.expiresUs, this.#leaseEnds, 0, 0, lease);
    return true;
  }

  /** A sign of life since then has put the end off. */
  #onLeaseEnd(lease: Lease): void {
    if (present(lease.expiresUs, NO_END) <= this.#options.scheduler.nowUs) this.#giveUp(lease);
  }

  /** LY3: by its own clock, whatever becomes of messages. */
  #awaitOwnEnd(lease: Lease): void {
    const { client, options, process } = lease;
    const { scheduler } = this.#options;
    const endUs = client.confirmedUs + options.leaseMs * 1_000;
    this.#after(process, Math.max(0, endUs - scheduler.nowUs), () => {
      if (this.#livesOn(lease)) this.#awaitOwnEnd(lease);
    });
  }

  /** By its own clock; says so once when it does not. */
  #livesOn(lease: Lease): boolean {
    const { client, options } = lease;
    const isOver = this.#options.scheduler.nowUs >= client.confirmedUs + options.leaseMs * 1_000;
    if (isOver) this.#endOfClient(lease);
    return !client.over;
  }

  #endOfClient({ client, options }: Lease): void {
    if (client.over) return;
    client.over = true;
    options.onExpired();
  }

  #giveUp(lease: Lease): void {
    if (lease.givenUp) return;
    lease.givenUp = true;
    this.#leases.delete(lease);
    for (const latch of this.#latches.values()) {
      const [holder] = latch.queue;
      latch.queue = latch.queue.filter((candidate) => candidate.lease !== lease);
      if (holder?.lease === lease) this.#elect(latch);
    }
  }

  #latchOf(name: string): Latch {
    const known = this.#latches.get(name);
    if (known !== undefined) return known;
    const latch: Latch = { token: 0, queue: [], watchers: new Set() };
    this.#latches.set(name, latch);
    return latch;
  }

  #campaign(lease: Lease, name: string, onElected: (token: number) => void): void {
    const enter = (): Result<undefined, CoordinationError> => {
      const latch = this.#latchOf(name);
      const isIn = latch.queue.some((candidate) => candidate.lease === lease);
      // A sign of life as well: whoever waits has a lease that ends.
      if (this.#hear(lease) && !isIn) {
        latch.queue.push({ lease, onElected });
        if (latch.queue.length === 1) this.#elect(latch);
      }
      return ok(undefined);
    };
    this.#insist(lease.process, enter, () => !lease.client.over);
  }

  /** A new term for whoever comes first, if anyone does (LY1, LY2). */
  #elect(latch: Latch): void {
    const [holder] = latch.queue;
    if (holder !== undefined) {
      const { lease, onElected } = holder;
      assert(!lease.givenUp, () => `LY2 a session that was given up holds term ${latch.token}`);
      const token = ++latch.token;
      const { process, incarnation } = lease;
      this.#inLife(process, incarnation, this.#newsUs(), () => {
        // LY3: news that was held up while the process stood still may be of a term long over.
        if (this.#livesOn(lease)) onElected(token);
      });
    }
    for (const watcher of latch.watchers) this.#tell(latch, watcher);
  }

  #watch(
    process: number,
    name: string,
    onLeader: (leader: Leader | undefined) => void,
  ): () => void {
    const incarnation = this.#options.processes.incarnation(process);
    const latch = this.#latchOf(name);
    const watcher: Watcher = { process, incarnation, onLeader, told: undefined, stopped: false };
    latch.watchers.add(watcher);
    this.#tell(latch, watcher);
    return () => {
      watcher.stopped = true;
      latch.watchers.delete(watcher);
    };
  }

  /** What it is then, not what it is now: so nothing comes out of order (LY5). */
  #tell(latch: Latch, watcher: Watcher): void {
    const { process, incarnation } = watcher;
    if (this.#options.processes.incarnation(process) !== incarnation) {
      latch.watchers.delete(watcher);
      return;
    }
    this.#after(process, this.#newsUs(), () => {
      const [holder] = latch.queue;
      const state = `${latch.token} ${holder === undefined ? "over" : "held"}`;
      if (watcher.stopped || watcher.told === state) return;
      watcher.told = state;
      watcher.onLeader(
        holder === undefined ? undefined : { token: latch.token, name: holder.lease.options.name },
      );
    });
  }

  #registerOf(name: string): Register {
    return this.#registers.get(name) ?? EMPTY;
  }

  #set(name: string, { version, value, under }: RegisterChange): Result<number, CoordinationError> {
    const before = this.#registerOf(name);
    if (under !== undefined) {
      const { token } = this.#latchOf(under.latch);
      if (under.token < token) return err({ kind: "fenced", token });
    }
    if (before.version !== version) return err({ kind: "changed", version: before.version });
    this.#registers.set(name, { version: version + 1, value });
    return ok(version + 1);
  }

  #delayUs(): number {
    return drawLatencyUs(this.#delays, this.#options.latency);
  }

  #newsUs(): number {
    const delayUs = this.#delayUs();
    if (this.#newsLaterMs === 0) return delayUs;
    return delayUs + this.#extra.integer(0, this.#newsLaterMs * 1_000);
  }

  #after(process: number, delayUs: number, act: () => void): void {
    this.#inLife(process, this.#options.processes.incarnation(process), delayUs, act);
  }

  #inLife(process: number, incarnation: number, delayUs: number, act: () => void): void {
    const { scheduler } = this.#options;
    scheduler.at(scheduler.nowUs + delayUs, this.#later, process, incarnation, act);
  }

  #run(process: number, incarnation: number, act: () => void): void {
    const { processes, scheduler } = this.#options;
    if (!processes.isAlive(process) || processes.incarnation(process) !== incarnation) return;
    const heldUs = heldUntilUs(processes, process, scheduler.nowUs);
    if (heldUs > 0) scheduler.at(heldUs, this.#later, process, incarnation, act);
    else act();
  }
}
