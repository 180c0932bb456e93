/** Faults of the wires between processes. */
import type { FaultTarget, Moment } from "../../moment.ts";

export type NetworkFault = Readonly<
  /** Control messages are lost both ways, data connections break. */
  | { kind: "cut-link"; from: FaultTarget; to: string; when: Moment; forMs: number }
  | {
      kind: "slow-link";
      from: FaultTarget;
      to: string;
      when: Moment;
      forMs: number;
      extraMs: number;
    }
  /** The next `count` control messages from one to the other are lost. */
  | { kind: "lose-control"; from: FaultTarget; to: string; when: Moment; count: number }
>;
