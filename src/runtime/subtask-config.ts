/** What a subtask is told of itself, and of the job around it. */
import type { BarrierOptions } from "../core/element.ts";
import type { AttemptId, CheckpointId, ProcessId } from "../core/ids.ts";
import type { InFlightFile } from "../checkpoint/in-flight-file.ts";
import type { Host } from "../host/host.ts";
import type { SubtaskStorage } from "./backend-storage.ts";
import type { CreateBarrierHandler } from "./barrier-handlers.ts";
import type { RecoveredChannel } from "./in-flight-recovery.ts";

export type SubtaskConfig = Readonly<{
  host: Host;
  vertex: number;
  subtask: number;
  attempt: AttemptId;
  stepElementsMax: number;
  bufferTimeoutUs: number;
  snapshotPath(checkpointId: CheckpointId, purpose: BarrierOptions["purpose"]): string;
  /** What backends keep outside; a chain without keyed state needs none. */
  storage?: SubtaskStorage;
  createBarrierHandler: CreateBarrierHandler;
  /** Which records that were under way are its own now, and by which channel they came. */
  recoverInFlight(files: readonly InFlightFile[]): readonly RecoveredChannel[];
}>;

/** Where each subtask of the attempt runs. */
export type TaskLocations = Readonly<{
  processOf(vertex: number, subtask: number): ProcessId | undefined;
}>;
