/**
 * Carries a plan's faults out: waits for their moments, strikes, heals, and calms down in the end.
 *
 * FI1  No fault strikes at or after the quiet point, and every one that struck is healed by then.
 * FI2  A fault at a note strikes right behind it, before anything else of that instant.
 * FI3  A crash at a step strikes within it: before or after what is done, and before anything else is.
 * FI4  A fault at the very beginning strikes before any process is there, if its kind is one to notice.
 * FI5  One that strikes again does so behind each healing, the same processes, and as often as it says.
 */
import { assert, present } from "../../src/index.ts";
import type { HandlerId, Scheduler } from "../kernel/scheduler.ts";
import type { Note, WorldNote } from "../history.ts";
import { NoteWatch } from "../note-watch.ts";
import { NOTING, type StepMoment } from "../moment.ts";
import type { Fault, Plan } from "../plan.ts";
import type { Step } from "../steps.ts";
import type { FaultHandler, FaultWorld, Healing } from "./fault.ts";
import { faultHandlers } from "./registry.ts";

/** A fault about to strike; `noting` is the process whose note it waited for. */
type Strike = Readonly<{
  fault: Fault;
  noting: string;
  /** How often it is to strike once more; absent: as often as it says. */
  left?: number;
}>;

export type InjectorOptions = Readonly<{
  scheduler: Scheduler;
  plan: Plan;
  world: FaultWorld;
  indexOf(process: string): number;
  note(note: WorldNote, process: string): void;
  onQuiet(): void;
}>;

export class FaultInjector {
  readonly #options: InjectorOptions;
  readonly #strikeDue: HandlerId;
  readonly #healDue: HandlerId;
  readonly #waiting = new NoteWatch<Fault>();
  readonly #atSteps: { readonly fault: Fault; readonly moment: StepMoment }[] = [];
  readonly #open = new Map<Healing, Strike>();
  readonly #fromTheStart: Fault[] = [];
  #quiet = false;

  constructor(options: InjectorOptions) {
    this.#options = options;
    const { scheduler, plan } = options;
    this.#strikeDue = scheduler.register("fault", (_a, _b, strike) =>
      this.#strike(strike as Strike),
    );
    this.#healDue = scheduler.register("fault-heal", (_a, _b, healing) =>
      this.#heal(healing as Healing),
    );
    const quietDue = scheduler.register("quiet", () => this.#calm());
    for (const fault of plan.faults) {
      const { when } = fault;
      if ("step" in when) {
        this.#atSteps.push({ fault, moment: when });
      } else if ("note" in when) {
        this.#waiting.wait(when, fault);
      } else if (when.atMs === 0 && faultHandlers[fault.kind].fromTheStart === true) {
        this.#fromTheStart.push(fault);
      } else if (when.atMs < plan.quietAfterMs) {
        scheduler.at(when.atMs * 1_000, this.#strikeDue, 0, 0, { fault, noting: NOTING });
      }
    }
    scheduler.at(plan.quietAfterMs * 1_000, quietDue, 0, 0);
  }

  /** No process is there yet. */
  begin(): void {
    for (const fault of this.#fromTheStart) this.#strike({ fault, noting: NOTING }); // FI4
  }

  /** Every note of the run comes by here. */
  onNote(note: Note): void {
    if (this.#quiet) return;
    const { scheduler } = this.#options;
    this.#waiting.onNote(note, (fault, { afterMs }) => {
      const strike: Strike = { fault, noting: note.process };
      if (afterMs === 0) {
        scheduler.urgent(this.#strikeDue, 0, 0, strike);
      } else {
        scheduler.at(scheduler.nowUs + afterMs * 1_000, this.#strikeDue, 0, 0, strike);
      }
    });
  }

  /** One that no plan has: somebody wants it now, before anything else of this instant. */
  strike(fault: Fault): void {
    this.#options.scheduler.urgent(this.#strikeDue, 0, 0, { fault, noting: NOTING });
  }

  /** Faults strike within steps, so that these have to be told. */
  get minds(): boolean {
    return this.#atSteps.length > 0;
  }

  /** Every step of the run comes by here, if any fault minds. */
  onStep(step: Step, side: StepMoment["side"]): void {
    for (const { fault, moment } of this.#atSteps) {
      if (moment.side !== side || !isStep(moment, step)) continue;
      this.#strike({ fault, noting: step.process }); // FI3
    }
  }

  #strike(strike: Strike): void {
    const { fault, noting } = strike;
    if (this.#quiet) return;
    const { scheduler, world, indexOf, note } = this.#options;
    const resolve = (target: string): number => {
      const name = target === NOTING ? noting : target;
      const index = indexOf(name);
      assert(index >= 0, () => `fault ${fault.kind} names "${name}", and there is no such process`);
      return index;
    };
    const handler = faultHandlers[fault.kind] as FaultHandler<typeof fault.kind>;
    note({ kind: "fault-injected", fault }, noting);
    const healing = handler.inject(fault as never, world, resolve);
    if (healing === undefined) return;
    this.#open.set(healing, strike);
    scheduler.at(scheduler.nowUs + healing.afterMs * 1_000, this.#healDue, 0, 0, healing);
  }

  #heal(healing: Healing): void {
    if (!this.#open.has(healing)) return;
    const strike = present(this.#open.get(healing), () => "a healing without its fault");
    this.#open.delete(healing);
    healing.heal();
    this.#options.note({ kind: "fault-healed", fault: strike.fault }, NOTING);
    this.#again(strike);
  }

  /** [FI5] Behind its healing, as often as it says. */
  #again({ fault, noting, left }: Strike): void {
    if (!("again" in fault)) return;
    const { times, afterMs } = fault.again;
    const remaining = left ?? times;
    if (remaining === 0) return;
    const { scheduler } = this.#options;
    const strike: Strike = { fault, noting, left: remaining - 1 };
    scheduler.at(scheduler.nowUs + afterMs * 1_000, this.#strikeDue, 0, 0, strike);
  }

  #calm(): void {
    this.#quiet = true;
    for (const healing of [...this.#open.keys()]) this.#heal(healing);
    this.#options.onQuiet();
  }
}

const isStep = (moment: StepMoment, { step, process, peer, nth }: Step): boolean =>
  moment.step === step && moment.process === process && moment.peer === peer && moment.nth === nth;
