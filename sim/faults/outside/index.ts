/** Every fault of the systems outside. */
import type { FaultHandlers } from "../fault.ts";
import {
  coordinationSlowFault,
  coordinationUnavailableFault,
  delayWatchesFault,
} from "./coordination.ts";
import { expireSessionFault } from "./expire-session.ts";
import {
  ledgerDoublesFault,
  ledgerExpiresFault,
  ledgerReadOnlyFault,
  ledgerRefusesCommitsFault,
  ledgerSlowCommitsFault,
  ledgerTimeoutsFault,
} from "./ledger.ts";
import {
  logLosesFault,
  logRepeatsFault,
  logSlowFault,
  logTimeoutsFault,
  logTrimsFault,
  logUnavailableFault,
} from "./log.ts";
import type { OutsideFault } from "./outside-fault.ts";
import {
  serviceDoublesFault,
  serviceHangsFault,
  serviceSlowFault,
  serviceTimeoutsFault,
  serviceUnavailableFault,
} from "./services.ts";

export const outsideFaults: FaultHandlers<OutsideFault> = {
  "log-timeouts": logTimeoutsFault,
  "log-slow": logSlowFault,
  "log-unavailable": logUnavailableFault,
  "log-repeats": logRepeatsFault,
  "log-trims": logTrimsFault,
  "log-loses": logLosesFault,
  "ledger-timeouts": ledgerTimeoutsFault,
  "ledger-expires": ledgerExpiresFault,
  "ledger-refuses-commits": ledgerRefusesCommitsFault,
  "ledger-slow-commits": ledgerSlowCommitsFault,
  "ledger-read-only": ledgerReadOnlyFault,
  "ledger-doubles": ledgerDoublesFault,
  "service-timeouts": serviceTimeoutsFault,
  "service-unavailable": serviceUnavailableFault,
  "service-hangs": serviceHangsFault,
  "service-slow": serviceSlowFault,
  "service-doubles": serviceDoublesFault,
  "coordination-unavailable": coordinationUnavailableFault,
  "coordination-slow": coordinationSlowFault,
  "delay-watches": delayWatchesFault,
  "expire-session": expireSessionFault,
};
