/** Every fault of machines and the processes on them. */
import type { FaultHandlers } from "../fault.ts";
import { crashFault } from "./crash.ts";
import { crashRackFault } from "./crash-rack.ts";
import { driftClockFault } from "./drift-clock.ts";
import { joinLateFault } from "./join-late.ts";
import { loseDiskFault } from "./lose-disk.ts";
import { pauseFault } from "./pause.ts";
import { slowCpuFault } from "./slow-cpu.ts";
import { stepClockFault } from "./step-clock.ts";
import type { ProcessFault } from "./process-fault.ts";

export const processFaults: FaultHandlers<ProcessFault> = {
  crash: crashFault,
  "crash-rack": crashRackFault,
  "lose-disk": loseDiskFault,
  "join-late": joinLateFault,
  pause: pauseFault,
  "slow-cpu": slowCpuFault,
  "step-clock": stepClockFault,
  "drift-clock": driftClockFault,
};
