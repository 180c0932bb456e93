/** Every fault of the wires between processes. */
import type { FaultHandlers } from "../fault.ts";
import { cutLinkFault } from "./cut-link.ts";
import { loseControlFault } from "./lose-control.ts";
import { slowLinkFault } from "./slow-link.ts";
import type { NetworkFault } from "./network-fault.ts";

export const networkFaults: FaultHandlers<NetworkFault> = {
  "cut-link": cutLinkFault,
  "slow-link": slowLinkFault,
  "lose-control": loseControlFault,
};
