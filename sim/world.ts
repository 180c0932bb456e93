/**
 * The simulated world of one run: processes on hosts, the network between them, the services outside.
 *
 * It carries out what the engine asks of its host, lets processes die and come back, and keeps the
 * notes that a history is made of. A crash is: drop the object, keep what its disk had made durable,
 * construct it again.
 *
 * WO1  A process that has died runs nothing: no timer, no message, no answer of its former life.
 * WO2  A paused process runs nothing until it resumes; then all that came meanwhile, in order.
 */
import {
  asProcessId,
  assert,
  hashBytes,
  hashText,
  INCARNATION_PATH,
  present,
  type EngineNote,
  type Host,
  type TimerHandle,
} from "../src/index.ts";
import { Buggify } from "./buggify.ts";
import { ChannelNetwork } from "./channels.ts";
import { ControlNetwork } from "./control.ts";
import { FaultInjector } from "./faults/injector.ts";
import type { FaultWorld } from "./faults/fault.ts";
import { laneOfTimers } from "./event-lanes.ts";
import type { Note, WorldNote } from "./history.ts";
import { Scheduler, type HandlerId } from "./kernel/scheduler.ts";
import { Links } from "./links.ts";
import type { Machine } from "./machine.ts";
import { counts, NoteWatch } from "./note-watch.ts";
import { createOutside } from "./outside/create-outside.ts";
import type { SimulatedCoordination } from "./outside/coordination.ts";
import type { SimulatedLedger } from "./outside/ledger.ts";
import type { SimulatedLog } from "./outside/log.ts";
import type { SimulatedTables } from "./outside/upsert-tables.ts";
import type { SimulatedRequestServices } from "./outside/request-service.ts";
import type { Leftover, Unsynced } from "./faults/process/process-fault.ts";
import type { Moment, StepMoment } from "./moment.ts";
import { OWNER, type Processes } from "./processes.ts";
import { processStates, type ProcessState } from "./process-state.ts";
import { rackOf } from "./racks.ts";
import { deathsOf, faultOfDeath } from "./deaths.ts";
import { orderOf, type Order } from "./schedule.ts";
import { livesThrough, Steps, type Step, type TakenStep } from "./steps.ts";
import type { SimulatedDisk } from "./storage/disk.ts";
import type { SimulatedObjectStore } from "./storage/object-store.ts";
import type { WorldImage, WorldOptions } from "./world-options.ts";

/** A timer as the heap holds it; cancelling empties it. */
type Timer = { callback: (() => void) | undefined };

export type { ProcessSpec, WorldImage, WorldOptions } from "./world-options.ts";

export class World implements FaultWorld {
  readonly scheduler: Scheduler;
  readonly links: Links;
  readonly control: ControlNetwork;
  readonly store: SimulatedObjectStore;
  readonly ledger: SimulatedLedger;
  readonly tables: SimulatedTables;
  readonly log: SimulatedLog;
  readonly services: SimulatedRequestServices;
  readonly coordination: SimulatedCoordination;
  readonly buggify: Buggify;
  readonly notes: Note[];
  readonly #options: WorldOptions;
  readonly #states: readonly ProcessState[];
  readonly #indices: ReadonlyMap<string, number>;
  /** Undefined: by time. */
  readonly #order: Order | undefined;
  readonly #timerDue: HandlerId;
  readonly #channels: ChannelNetwork;
  readonly #injector: FaultInjector;
  readonly #kindHashes = new Map<string, number>();
  readonly #waiting = new NoteWatch<() => void>();
  readonly #momentDue: HandlerId;
  /** Undefined: nobody minds. */
  readonly #steps: Steps | undefined;
  /** Rows of each committed transaction, counted from the ledger's own hook. */
  readonly committedRows: Map<string, number>;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { plan, random, origin } = options;
    this.#order = orderOf(plan.schedule, random.fork("schedule"), {
      deathsOf: (owner) => this.#deathsOf(owner),
      die: (death) => this.#injector.strike(faultOfDeath(death, Math.floor(this.nowUs() / 1_000))),
      onChoice: options.onChoice,
    });
    const ties = plan.options.permuteTies ? random.fork("ties") : undefined;
    this.scheduler = new Scheduler(ties, undefined, this.#order?.lanes);
    this.scheduler.runUntil(origin?.nowUs ?? 0);
    this.notes = [...(origin?.notes ?? [])];
    this.committedRows = new Map(origin?.committedRows);
    this.#states = processStates(options, () => this.scheduler.nowUs);
    this.#indices = new Map(this.#states.map(({ id }, index) => [id, index]));
    const processes = this.#view();
    this.#timerDue = this.scheduler.register(
      "timer",
      (process, incarnation, timer) => this.#fire(process, incarnation, timer as Timer),
      laneOfTimers(processes, (timer) => (timer as Timer).callback === undefined),
    );
    const { wires } = plan.options;
    const lengths = wires === undefined ? undefined : { wires, random: random.fork("wires") };
    this.links = new Links(processes.count, lengths);
    const { scheduler, links } = this;
    const common = { scheduler, processes, links };
    this.control = new ControlNetwork({
      ...common,
      random: random.fork("control"),
      control: plan.options.control,
      deliver: (from, to, message) => this.#deliver(from, to, message),
    });
    this.#channels = new ChannelNetwork({
      ...common,
      random: random.fork("network"),
      latency: plan.options.network,
    });
    const outside = createOutside({
      ...options,
      onEffect: (service, process) => this.#steps?.effect(service, this.#state(process).id),
      scheduler,
      processes,
      committedRows: this.committedRows,
      note: (note, service) => this.note(note, service),
    });
    this.store = outside.store;
    this.ledger = outside.ledger;
    this.tables = outside.tables;
    this.log = outside.log;
    this.services = outside.services;
    this.coordination = outside.coordination;
    this.buggify = new Buggify(plan.options.buggify ?? [], random.fork("buggify"));
    this.#injector = new FaultInjector({
      scheduler,
      plan,
      world: this,
      indexOf: (id) => processes.indexOf(asProcessId(id)),
      note: (note, process) => this.note(note, process),
      onQuiet: () => this.#calm(),
    });
    if (this.#injector.minds || options.onStep !== undefined) this.#steps = this.#createSteps();
    this.#momentDue = scheduler.register("moment", (_a, _b, then) => (then as () => void)());
  }

  #createSteps(): Steps {
    const { onStep } = this.#options;
    return new Steps(
      (step, side, content) => {
        onStep?.(this.#taken(step, side, content));
        this.#injector.onStep(step, side);
      },
      () => this.scheduler.executed,
    );
  }

  /** False: a process died in the middle of it. */
  livesThrough(act: () => void): boolean {
    return livesThrough(this.#steps, act);
  }

  /**
   * Calls back when the moment comes: once at most, and right behind a note if no time lies between; at
   * once if it has been.
   */
  at(when: Moment, then: () => void): void {
    const { scheduler } = this;
    if ("note" in when) {
      const seen = this.notes.filter((note) => counts(when, note)).length;
      if (seen < when.nth) {
        this.#waiting.wait(when, then, seen);
        return;
      }
    }
    const atUs = "atMs" in when ? when.atMs * 1_000 : 0;
    scheduler.at(Math.max(scheduler.nowUs, atUs), this.#momentDue, 0, 0, then);
  }

  /** What would be left if all processes died right now, and their disks with them. */
  image(): WorldImage {
    return {
      nowUs: this.nowUs(),
      notes: this.notes.slice(),
      objects: this.store.image(),
      ledger: this.ledger.image(),
      tables: this.tables.image(),
      committedRows: new Map(this.committedRows),
    };
  }

  #taken(step: Step, side: StepMoment["side"], content: number): TakenStep {
    const { executed, nowUs } = this.scheduler;
    const process = this.#indices.get(step.process)!;
    const { isDirty: dirty } = this.#state(process).disk;
    const flowed = this.#channels.flowed[process]!;
    return { ...step, side, atUs: nowUs, event: executed, dirty, content, flowed };
  }

  /** Of the engine's processes; all else that owns events does not die. */
  #deathsOf(owner: string): readonly string[] {
    const index = this.#indices.get(owner);
    const state = index === undefined ? undefined : this.#states[index];
    if (state?.current === undefined || owner === OWNER) return [];
    return deathsOf(owner, state.disk.isDirty);
  }

  start(): void {
    this.#injector.begin();
    for (const [process, { heldBack }] of this.#states.entries()) {
      if (!heldBack) this.restart(process);
    }
  }

  nowUs(): number {
    return this.scheduler.nowUs;
  }

  note(body: EngineNote | WorldNote, process: string): void {
    const { scheduler } = this;
    const note: Note = { atUs: scheduler.nowUs, process, step: scheduler.executed, ...body };
    this.notes.push(note);
    scheduler.mixDigest(this.#kindHash(body.kind));
    if ("checkpointId" in body) scheduler.mixDigest(body.checkpointId);
    if ("path" in body) scheduler.mixDigest(hashText(body.path));
    this.#injector.onNote(note);
    this.#waiting.onNote(note, (then, { afterMs }) => {
      if (afterMs === 0) scheduler.urgent(this.#momentDue, 0, 0, then);
      else scheduler.at(scheduler.nowUs + afterMs * 1_000, this.#momentDue, 0, 0, then);
    });
    this.#options.onNote(note);
  }

  #kindHash(kind: string): number {
    const known = this.#kindHashes.get(kind);
    if (known !== undefined) return known;
    const hash = hashText(kind);
    this.#kindHashes.set(kind, hash);
    return hash;
  }

  crash(process: number, unsynced?: Unsynced): boolean {
    const state = this.#state(process);
    if (state.current === undefined) return false;
    state.life.over = true;
    state.current = undefined;
    state.resumeAtUs = 0;
    state.disk.crash(this.#options.random.fork(`crash/${state.id}/${state.incarnation}`), unsynced);
    this.#channels.processCrashed(process);
    this.note({ kind: "process-crashed" }, state.id);
    return true;
  }

  loseDisk(process: number, left: Leftover): void {
    const { id, incarnation, disk } = this.#state(process);
    disk.lose(left, INCARNATION_PATH, this.#options.random.fork(`lose-disk/${id}/${incarnation}`));
  }

  restart(process: number): void {
    const state = this.#state(process);
    if (state.current !== undefined) return;
    state.incarnation++;
    state.life = { over: false };
    const host = this.#createHost(process, state);
    const current = (state.current = state.create(this.#steps?.host(host, state.life) ?? host));
    this.note({ kind: "process-started" }, state.id);
    this.livesThrough(() => current.start()); // whoever starts several goes on with the next
  }

  /** Not past the quiet point. A paused process stays paused as long as it was: held events keep order. */
  pause(process: number, untilUs: number): void {
    const state = this.#state(process);
    if (state.current === undefined || state.resumeAtUs > this.nowUs()) return;
    state.resumeAtUs = Math.min(untilUs, this.quietUs);
    this.note({ kind: "process-paused" }, state.id);
  }

  resume(process: number): void {
    const state = this.#state(process);
    if (state.resumeAtUs === 0 || state.resumeAtUs > this.nowUs()) return;
    state.resumeAtUs = 0;
    this.note({ kind: "process-resumed" }, state.id);
  }

  disk(process: number): SimulatedDisk {
    return this.#state(process).disk;
  }

  holdBack(process: number): void {
    this.#state(process).heldBack = true;
  }

  machine(process: number): Machine {
    return this.#state(process).machine;
  }

  rackOf(process: number): readonly number[] {
    const names = this.#states.map(({ id }) => id);
    const { racks = 1 } = this.#options.plan.options;
    return rackOf(names[process]!, names, racks).map((name) => this.#indices.get(name)!);
  }

  get quietUs(): number {
    return this.#options.plan.quietAfterMs * 1_000;
  }

  #state(process: number): ProcessState {
    return present(this.#states[process], () => `no process ${process}`);
  }

  #view(): Processes {
    const states = this.#states;
    return {
      count: states.length,
      indexOf: (id) => this.#indices.get(id) ?? -1,
      idOf: (index) => this.#state(index).id,
      isAlive: (index) => states[index]!.current !== undefined,
      incarnation: (index) => states[index]!.incarnation,
      resumeAtUs: (index) => states[index]!.resumeAtUs,
    };
  }

  #createHost(process: number, state: ProcessState): Host {
    const { scheduler, control } = this;
    const { incarnation, machine } = state;
    return {
      processId: state.id,
      nowUs: () => scheduler.nowUs,
      wallMs: () => machine.wallMs(scheduler.nowUs),
      random: this.#options.random.fork(`process/${state.id}/${incarnation}`),
      cost: machine.cost,
      setTimer: (delayUs, callback) => {
        const timer: Timer = { callback };
        const atUs = scheduler.nowUs + Math.max(0, Math.ceil(delayUs)) + machine.lateUs;
        scheduler.at(atUs, this.#timerDue, process, incarnation, timer);
        return timer as unknown as TimerHandle;
      },
      cancelTimer: (handle) => {
        (handle as unknown as Timer).callback = undefined;
      },
      send: (to, message) => {
        const target = this.#indices.get(to);
        assert(target !== undefined, () => `${state.id} sends to ${to}, which is no process`);
        scheduler.mixDigest(hashBytes(message));
        control.send(process, target, message);
      },
      channels: this.#channels.client(process),
      objectStore: this.store.client(process),
      disk: state.disk,
      log: this.log.client(process),
      ledger: this.ledger.client(process),
      tables: this.tables.client(process),
      services: this.services.client(process),
      coordination: this.coordination.client(process),
      note: (note) => this.note(note, state.id),
      buggify: this.buggify.forProcess(`${state.id}/${incarnation}`),
    };
  }

  #fire(process: number, incarnation: number, timer: Timer): void {
    const { callback } = timer;
    const state = this.#states[process]!;
    if (callback === undefined || state.incarnation !== incarnation) return; // WO1
    if (state.current === undefined) return;
    if (state.resumeAtUs > this.scheduler.nowUs) {
      this.scheduler.at(state.resumeAtUs, this.#timerDue, process, incarnation, timer); // WO2
      return;
    }
    timer.callback = undefined;
    callback();
  }

  #deliver(from: number, to: number, message: Uint8Array): void {
    const sender = this.#states[from]!.id;
    const { current, id, life } = this.#states[to]!;
    if (current === undefined) return;
    if (this.#steps === undefined) current.onMessage(sender, message);
    else this.#steps.receive(id, sender, message, life, () => current.onMessage(sender, message));
  }

  /** Everything that chance does to the world stops; latencies stay as they were. */
  #calm(): void {
    this.control.quiet();
    this.store.quiet();
    this.ledger.quiet();
    this.tables.quiet();
    this.log.quiet();
    this.services.quiet();
    this.coordination.quiet();
    this.buggify.quiet();
    this.#order?.quiet();
    for (const [process, state] of this.#states.entries()) {
      state.disk.quiet();
      if (state.current === undefined) this.restart(process);
    }
    this.note({ kind: "quiet" }, "world");
  }
}
