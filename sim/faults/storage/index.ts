/** Every fault of disks and of the object store. */
import type { FaultHandlers } from "../fault.ts";
import {
  failSyncFault,
  misdirectWritesFault,
  rotDiskFault,
  shortReadsFault,
} from "./disk-damage.ts";
import { fillDiskFault, slowDiskFault } from "./disk-limits.ts";
import {
  storeListsLateFault,
  storeNarrowFault,
  storeThrottlesFault,
  storeTimeoutsFault,
  storeUnavailableFault,
} from "./object-store.ts";
import type { StorageFault } from "./storage-fault.ts";

export const storageFaults: FaultHandlers<StorageFault> = {
  "store-timeouts": storeTimeoutsFault,
  "store-unavailable": storeUnavailableFault,
  "store-throttles": storeThrottlesFault,
  "store-narrow": storeNarrowFault,
  "store-lists-late": storeListsLateFault,
  "fail-sync": failSyncFault,
  "rot-disk": rotDiskFault,
  "misdirect-writes": misdirectWritesFault,
  "short-reads": shortReadsFault,
  "fill-disk": fillDiskFault,
  "slow-disk": slowDiskFault,
};
