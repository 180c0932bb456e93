/** Every fault of the wires between processes. */
import type { FaultHandlers } from "../fault.ts";
import { cutLinkFault } from "./cut-link.ts";
import { loseControlFault } from "./lose-control.ts";
import { narrowLinkFault } from "./narrow-link.ts";
import { partitionFault } from "./partition.ts";
import { resetConnectionFault } from "./reset-connection.ts";
import { slowLinkFault } from "./slow-link.ts";
import { swizzleClogFault } from "./swizzle-clog.ts";
import type { NetworkFault } from "./network-fault.ts";

export const networkFaults: FaultHandlers<NetworkFault> = {
  "cut-link": cutLinkFault,
  partition: partitionFault,
  "reset-connection": resetConnectionFault,
  "slow-link": slowLinkFault,
  "narrow-link": narrowLinkFault,
  "swizzle-clog": swizzleClogFault,
  "lose-control": loseControlFault,
};
