/** Faults of the wires between processes. */
import type { Again } from "../again.ts";
import type { FaultTarget, Moment } from "../../moment.ts";

export type NetworkFault = Readonly<
  /** Control messages are lost both ways, data connections break. */
  | {
      kind: "cut-link";
      from: FaultTarget;
      to: string;
      when: Moment;
      forMs: number;
      again?: Again;
    }
  /** Who is on one side cannot reach who is on another; who is on none reaches all. */
  | {
      kind: "partition";
      sides: readonly (readonly FaultTarget[])[];
      when: Moment;
      forMs: number;
      /** What the first sides send to later ones is lost; what those send comes. */
      oneWay?: boolean;
      again?: Again;
    }
  /** Data connections are gone at once; `from` hears of it when this is over, `to` right away. */
  | { kind: "reset-connection"; from: FaultTarget; to: string; when: Moment; forMs: number }
  /** Of what one sends to the other, no more than so many bytes get through in a millisecond. */
  | {
      kind: "narrow-link";
      from: FaultTarget;
      to: string;
      when: Moment;
      forMs: number;
      bytesPerMs: number;
    }
  /** Nothing gets to or from these, one after the other; what was sent arrives when it is over. */
  | {
      kind: "swizzle-clog";
      /** In the order in which they stop. */
      processes: readonly FaultTarget[];
      /** The same ones, in the order in which they go on. */
      restored: readonly FaultTarget[];
      when: Moment;
      /** From the first to stop to the last to go on. */
      forMs: number;
    }
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
