/** The ways for a process to die that exploring every order chooses among, each by its words. */
import { assert } from "../src/index.ts";
import type { ProcessFault } from "./faults/process/process-fault.ts";

/** Somebody has to notice, and to wait for it; longer would only be quieter. */
const RESTART_AFTER_MS = 300;
const UNSYNCED = ["kept", "lost"] as const;

/** The ways to die, in words; what is not durable yet may be there afterwards, or not. */
export const deathsOf = (process: string, isDirty: boolean): readonly string[] =>
  isDirty
    ? UNSYNCED.map((unsynced) => `crash ${process}, unsynced ${unsynced}`)
    : [`crash ${process}`];

/** What strikes when one of them is chosen. */
export function faultOfDeath(death: string, atMs: number): ProcessFault {
  const [, process, left] = /^crash ([^ ,]+)(?:, unsynced (.*))?$/.exec(death) ?? [];
  assert(process !== undefined, () => `"${death}" is no way to die`);
  const unsynced = UNSYNCED.find((known) => known === left);
  const fault = {
    kind: "crash",
    process,
    when: { atMs },
    restartAfterMs: RESTART_AFTER_MS,
  } as const;
  return unsynced === undefined ? fault : { ...fault, unsynced };
}
