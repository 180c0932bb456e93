/** Every fault of disks and of the object store. */
import type { FaultHandlers } from "../fault.ts";
import { storeTimeoutsFault, storeUnavailableFault } from "./object-store.ts";
import type { StorageFault } from "./storage-fault.ts";

export const storageFaults: FaultHandlers<StorageFault> = {
  "store-timeouts": storeTimeoutsFault,
  "store-unavailable": storeUnavailableFault,
};
