/** Faults of what keeps bytes: disks in use, and the object store. */
import type { Moment } from "../../moment.ts";

export type StorageFault = Readonly<
  /** Requests time out; half of them took effect. */
  | { kind: "store-timeouts"; when: Moment; forMs: number; perMille: number }
  | { kind: "store-unavailable"; when: Moment; forMs: number }
>;
