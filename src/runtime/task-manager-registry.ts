/**
 * What a job manager knows of its task managers: who is there, with what, and since when silent.
 *
 * Reports are levels: each says how everything is at one task manager. One that was overtaken is known
 * by its sequence number and dropped, and what comes late from an incarnation that was followed by
 * another is no news either: incarnations rise. A new one means the old one died, with all its tasks.
 */
import { present } from "../core/assert.ts";
import { compareText, ordered } from "../core/ordered.ts";
import { asProcessId, type AttemptId, type ProcessId } from "../core/ids.ts";
import type { Vertex } from "../graph/physical-plan.ts";
import type { MessageOf, RegionReport, TaskLocation } from "./messages.ts";

type Report = MessageOf<"report">;

export type TaskManagerEntry = Readonly<{ process: ProcessId; report: Report; heardUs: number }>;

/** What a report says of one region; of what it has never heard of it has nothing. */
export const ofRegion = ({ regions }: Report, region: number): RegionReport =>
  regions.find((one) => one.region === region) ?? {
    ...{ region, attempt: 0, cancelledThrough: 0 },
    tasks: [],
  };

/** What a report tells that was not known: nothing, a newcomer, or one that came back as another. */
export type Heard = "overtaken" | "known" | "registered" | "restarted";

/** A lost task manager that is silent for this long will not come back with tasks. */
const PRESUMED_DEAD_US = 120_000_000;

export class TaskManagerRegistry {
  readonly #live = new Map<string, TaskManagerEntry>();
  /** Silent for too long: what they last said may be all they will ever say. */
  readonly #lost = new Map<string, TaskManagerEntry>();

  hear(process: ProcessId, report: Report, nowUs: number): Heard {
    const live = this.#live.has(process);
    const last = this.#live.get(process) ?? this.#lost.get(process);
    const before = last?.report.incarnation ?? report.incarnation;
    if (report.incarnation < before) return "overtaken";
    const restarted = report.incarnation > before;
    if (!restarted && last !== undefined && report.sequence <= last.report.sequence) {
      return "overtaken";
    }
    this.#lost.delete(process);
    this.#live.set(process, { process, report, heardUs: nowUs });
    if (!live) return "registered";
    return restarted ? "restarted" : "known";
  }

  /** Those not heard of for too long; each is told once, and must register anew. */
  takeSilent(nowUs: number, timeoutUs: number): readonly ProcessId[] {
    const silent = this.all().filter((entry) => nowUs - entry.heardUs > timeoutUs);
    for (const entry of silent) {
      this.#live.delete(entry.process);
      this.#lost.set(entry.process, entry);
    }
    return silent.map((entry) => entry.process);
  }

  get(process: ProcessId): TaskManagerEntry | undefined {
    return this.#live.get(process);
  }

  /** In order of the process's name. */
  all(): readonly TaskManagerEntry[] {
    return ordered(this.#live).map(([, entry]) => entry);
  }

  /**
   * True when no process ever heard of can be running, or come back running, `attempt` or older of any
   * region.
   */
  isIdle(attempt: AttemptId, regions: number, nowUs: number): boolean {
    const idle = ({ report, heardUs }: TaskManagerEntry): boolean =>
      isRid(report, attempt, regions) || nowUs - heardUs > PRESUMED_DEAD_US;
    return [...this.#live.values()].every(idle) && [...this.#lost.values()].every(idle);
  }

  /** True when all tasks of `attempt` at these processes have ended, by their reports. */
  allEnded(region: number, attempt: AttemptId, processes: ReadonlySet<ProcessId>): boolean {
    return [...processes].every((process) => {
      const entry = this.get(process);
      const told = entry && ofRegion(entry.report, region);
      return told?.attempt === attempt && told.tasks.every(({ state }) => state === "ended");
    });
  }

  /**
   * A place for every subtask, or undefined while there are too few slots. Slot i runs the i-th subtask
   * of every vertex; slots are taken from the task managers in turn, so that load is spread.
   *
   * @param before where tasks were: as many of them as can go back there (C69)
   */
  place(
    vertices: readonly Vertex[],
    before: readonly TaskLocation[] = [],
  ): readonly TaskLocation[] | undefined {
    const slotsNeeded = Math.max(...vertices.map((vertex) => vertex.parallelism));
    const slots = this.#slotsFor(slotsNeeded, before);
    if (slots === undefined) return undefined;
    return vertices.flatMap((vertex) =>
      slots.slice(0, vertex.parallelism).map((process, subtask) => ({
        vertex: vertex.index,
        subtask,
        process,
      })),
    );
  }

  #slotsFor(count: number, before: readonly TaskLocation[]): readonly ProcessId[] | undefined {
    const free = [...this.#slotsInTurn()];
    if (free.length < count) return undefined;
    const kept = Array.from({ length: count }, (_, subtask) => {
      const process = before.find((location) => location.subtask === subtask)?.process;
      const at = free.findIndex((slot) => slot === process);
      return at < 0 ? undefined : free.splice(at, 1)[0];
    });
    return kept.map((slot) => slot ?? present(free.shift(), () => `fewer than ${count} slots`));
  }

  #slotsInTurn(): readonly ProcessId[] {
    const offers = this.all().flatMap(({ process, report }) =>
      Array.from({ length: report.slots }, (_, turn) => ({ process, turn })),
    );
    offers.sort((a, b) => a.turn - b.turn || compareText(a.process, b.process));
    return offers.map(({ process }) => asProcessId(process));
  }
}

/** It has no tasks, and of none of the first `regions` regions it will ever run `attempt` or older. */
export function isRid(report: Report, attempt: AttemptId, regions: number): boolean {
  for (let region = 0; region < regions; region++) {
    const told = ofRegion(report, region);
    if (told.attempt !== 0 || told.cancelledThrough < attempt) return false;
  }
  return true;
}
