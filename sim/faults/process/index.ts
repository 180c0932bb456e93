/** Every fault of machines and the processes on them. */
import type { FaultHandlers } from "../fault.ts";
import { crashFault } from "./crash.ts";
import { loseDiskFault } from "./lose-disk.ts";
import { pauseFault } from "./pause.ts";
import { stepClockFault } from "./step-clock.ts";
import type { ProcessFault } from "./process-fault.ts";

export const processFaults: FaultHandlers<ProcessFault> = {
  crash: crashFault,
  "lose-disk": loseDiskFault,
  pause: pauseFault,
  "step-clock": stepClockFault,
};
