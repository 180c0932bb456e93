/**
 * Which machines stand in one rack, and so may lose their power together. They are dealt to the racks in
 * turn, by their number: `jm` and `tm-0` in the first, `jm-1` and `tm-1` in the second.
 */
import { OWNER } from "./processes.ts";

/** The processes that share a rack with this one, itself included; the owner of the job shares none. */
export function rackOf(
  process: string,
  processes: readonly string[],
  racks: number,
): readonly string[] {
  const rack = numberOf(process) % racks;
  return processes.filter((other) => other !== OWNER && numberOf(other) % racks === rack);
}

const numberOf = (process: string): number => Number(/-(\d+)$/.exec(process)?.[1] ?? 0);
