/** Every fault of the systems outside. */
import type { FaultHandlers } from "../fault.ts";
import { expireSessionFault } from "./expire-session.ts";
import { ledgerExpiresFault, ledgerTimeoutsFault } from "./ledger.ts";
import { serviceTimeoutsFault, serviceUnavailableFault } from "./request-service.ts";
import type { OutsideFault } from "./outside-fault.ts";

export const outsideFaults: FaultHandlers<OutsideFault> = {
  "ledger-timeouts": ledgerTimeoutsFault,
  "ledger-expires": ledgerExpiresFault,
  "service-timeouts": serviceTimeoutsFault,
  "service-unavailable": serviceUnavailableFault,
  "expire-session": expireSessionFault,
};
