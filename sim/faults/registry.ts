/** Every kind of fault there is; a plan that names another is refused when it is read. */
import type { Fault } from "../plan.ts";
import type { FaultHandlers } from "./fault.ts";
import { networkFaults } from "./network/index.ts";
import { outsideFaults } from "./outside/index.ts";
import { processFaults } from "./process/index.ts";
import { storageFaults } from "./storage/index.ts";

export const faultHandlers: FaultHandlers<Fault> = {
  ...processFaults,
  ...networkFaults,
  ...storageFaults,
  ...outsideFaults,
};
