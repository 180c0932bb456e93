/** Every kind of fault there is; a plan that names another is refused when it is read. */
import type { FaultKind } from "../plan.ts";
import { crashFault } from "./crash.ts";
import { cutLinkFault } from "./cut-link.ts";
import { expireSessionFault } from "./expire-session.ts";
import type { FaultHandler } from "./fault.ts";
import { loseControlFault } from "./lose-control.ts";
import { loseDiskFault } from "./lose-disk.ts";
import { pauseFault } from "./pause.ts";
import { serviceTimeoutsFault, serviceUnavailableFault } from "./request-service-faults.ts";
import {
  ledgerExpiresFault,
  ledgerTimeoutsFault,
  storeTimeoutsFault,
  storeUnavailableFault,
} from "./service-faults.ts";
import { slowLinkFault } from "./slow-link.ts";
import { stepClockFault } from "./step-clock.ts";

export const faultHandlers: { readonly [K in FaultKind]: FaultHandler<K> } = {
  crash: crashFault,
  "lose-disk": loseDiskFault,
  pause: pauseFault,
  "step-clock": stepClockFault,
  "cut-link": cutLinkFault,
  "slow-link": slowLinkFault,
  "lose-control": loseControlFault,
  "store-timeouts": storeTimeoutsFault,
  "store-unavailable": storeUnavailableFault,
  "ledger-timeouts": ledgerTimeoutsFault,
  "ledger-expires": ledgerExpiresFault,
  "service-timeouts": serviceTimeoutsFault,
  "service-unavailable": serviceUnavailableFault,
  "expire-session": expireSessionFault,
};
