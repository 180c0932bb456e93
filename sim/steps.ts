/**
 * A host whose process may die in the middle of what it does.
 *
 * Elsewhere a crash falls between two events. Real ones do not wait for that: a process dies between
 * two requests that one handler makes, or with a message in its hands. So around each step (`StepKind`)
 * somebody is asked, and if the process is dead by then, its code is left through an exception that
 * nothing of it survives; whatever it still tries on the way out is refused in the same way.
 *
 * PD1  Steps are counted from 1, by kind, process and peer, over all lives of a process.
 * PD2  A process that has died within a step takes no further one in that life.
 * PD3  What its code throws on the way out, once it was refused, is no more than its death.
 *
 * Not here: who dies where (`faults/injector.ts`), where these hosts are wanted (`world.ts`).
 */
import {
  decodeMessage,
  hashBytes,
  type Coordination,
  type Host,
  type ProcessId,
} from "../src/index.ts";
import type { StepKind, StepMoment } from "./moment.ts";

export type Step = Omit<StepMoment, "side">;

/**
 * Told right before and right after each step; it may let the process die. Messages of one content are
 * equal byte for byte; other steps have 0.
 */
export type OnStep = (step: Step, side: StepMoment["side"], content: number) => void;

/** Systems outside that keep what a request has done to them. */
export type LastingService = "store" | "ledger" | "tables" | "coordination";

/** One life of a process. */
export type Life = { over: boolean };

/** Leaves the code of a process that has died; whoever runs events catches it. */
class ProcessDied extends Error {
  override readonly name = "ProcessDied";
}

const NEVER = -1;

/** A step, and where in the run it was taken. */
export type TakenStep = Step &
  Readonly<{
    side: StepMoment["side"];
    atUs: number;
    /** Of the event that it is a part of. */
    event: number;
    /** Something on the disk of its process is not durable. */
    dirty: boolean;
    content: number;
    /** Buffers of data that its process has sent by then. */
    flowed: number;
  }>;

/** The steps of all processes of one run. */
export class Steps {
  readonly #onStep: OnStep;
  /** Number of the event that runs. */
  readonly #event: () => number;
  readonly #counts = new Map<string, number>();
  #refusedIn = NEVER;

  constructor(onStep: OnStep, event: () => number) {
    this.#onStep = onStep;
    this.#event = event;
  }

  /** PD3: in this event a process that is dead wanted to go on, and was refused. */
  get isLeaving(): boolean {
    return this.#refusedIn === this.#event();
  }

  /** The same host, each of whose steps is told; one whose life is over does nothing more. */
  host(host: Host, life: Life): Host {
    const as = <T>(kind: StepKind, act: () => T, said?: Said): T => {
      const step = this.#next(kind, host.processId, said?.to);
      return this.#take(step, life, act, said === undefined ? 0 : hashBytes(said.message));
    };
    return steppingHost(host, as, (act) => {
      this.#refuseDead(life);
      return act();
    });
  }

  /** A process hears a message, or dies with it in its hands, or right after. */
  receive(process: string, from: string, message: Uint8Array, life: Life, act: () => void): void {
    const kind = `receive/${decodeMessage(message).kind}` as const;
    this.#take(this.#next(kind, process, from), life, act, hashBytes(message));
  }

  /** A request of a process took effect. */
  effect(service: LastingService, process: string): void {
    this.#onStep(this.#next(`${service}/effect`, process), "after", 0);
  }

  /** Runs `act` as one step of a process, unless it dies before; PD2. */
  #take<T>(step: Step, life: Life, act: () => T, content: number): T {
    this.#refuseDead(life);
    this.#onStep(step, "before", content);
    this.#refuseDead(life);
    const result = act();
    this.#onStep(step, "after", content);
    this.#refuseDead(life);
    return result;
  }

  #refuseDead(life: Life): void {
    if (!life.over) return;
    this.#refusedIn = this.#event();
    throw new ProcessDied("a process died in the middle of an event");
  }

  /** PD1. */
  #next(step: StepKind, process: string, peer?: string): Step {
    const of = peer === undefined ? {} : { peer };
    const key = `${process} ${step} ${peer ?? ""}`;
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    return { step, process, ...of, nth };
  }
}

/** False: a process died in the middle of it. Whatever else is thrown is thrown on. */
export function livesThrough(
  steps: Pick<Steps, "isLeaving"> | undefined,
  act: () => void,
): boolean {
  try {
    act();
    return true;
  } catch (thrown) {
    if (thrown instanceof ProcessDied || steps?.isLeaving === true) return false;
    throw thrown;
  }
}

const DISK_STEPS = ["sync", "rename", "delete", "syncDirectory"] as const;
const STORE_STEPS = ["put", "delete"] as const;
const TABLE_STEPS = ["beginLife", "putEpoch", "put"] as const;
const LEDGER_STEPS = ["fence", "fenceBehind", "write", "preCommit", "commit", "abort"] as const;

const COORDINATION_STEPS = ["openSession", "compareAndSet"] as const;
const SESSION_STEPS = ["campaign", "close"] as const;

type Said = Readonly<{ to: string; message: Uint8Array }>;
type As = <T>(kind: StepKind, act: () => T, said?: Said) => T;

type Alive = <T>(act: () => T) => T;

function steppingHost(host: Host, as: As, alive: Alive): Host {
  return {
    ...host,
    send: (to: ProcessId, message: Uint8Array) =>
      as(`send/${decodeMessage(message).kind}`, () => host.send(to, message), { to, message }),
    disk: stepping(host.disk, DISK_STEPS, (name, act) => as(`disk/${name}`, act), alive),
    objectStore: stepping(
      host.objectStore,
      STORE_STEPS,
      (name, act) => as(`store/${name}`, act),
      alive,
    ),
    ledger: stepping(host.ledger, LEDGER_STEPS, (name, act) => as(`ledger/${name}`, act), alive),
    tables: stepping(host.tables, TABLE_STEPS, (name, act) => as(`tables/${name}`, act), alive),
    coordination: coordinating(host.coordination, as, alive),
    channels: stepping(host.channels, [], (_name, act) => act(), alive),
    note: (note) => alive(() => host.note(note)),
  };
}

/** Its sessions take steps, too. Their signs of life do not: they are no doing of the engine's. */
function coordinating(service: Coordination, as: As, alive: <T>(act: () => T) => T): Coordination {
  const step = <R>(name: string, act: () => R): R => as(`coordination/${name}` as StepKind, act);
  const sessions: Coordination = {
    openSession: (options) => stepping(service.openSession(options), SESSION_STEPS, step, alive),
    watchLeader: (latch, onLeader) => service.watchLeader(latch, onLeader),
    read: (register, done) => service.read(register, done),
    compareAndSet: (register, change, done) => service.compareAndSet(register, change, done),
  };
  return stepping(sessions, COORDINATION_STEPS, step, alive);
}

/** `target`, whose methods of these names are steps, and whose others are for the living only. */
function stepping<T extends object, Name extends string>(
  target: T,
  names: readonly Name[],
  as: <R>(name: Name, act: () => R) => R,
  alive: <R>(act: () => R) => R,
): T {
  return new Proxy(target, {
    get: (_target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      const act = (args: unknown[]): unknown => Reflect.apply(value, target, args) as unknown;
      const name = names.find((known) => known === key);
      return name === undefined
        ? (...args: unknown[]) => alive(() => act(args))
        : (...args: unknown[]) => as(name, () => act(args));
    },
  });
}
