/** What the runtime may be told; every bound is named here. */
export type RuntimeOptions = Readonly<{
  /** Task slots of one task manager; a slot runs one subtask of every vertex. */
  slots: number;
  /** 16 to 1_048_576. */
  bufferBytes: number;
  /** Data buffers in flight per channel: 1 or more. */
  creditsPerChannel: number;
  /** Elements a subtask handles before it yields. */
  stepElementsMax: number;
  /** A half-filled buffer of a busy subtask leaves after this long at the latest. */
  bufferTimeoutMs: number;
  heartbeatMs: number;
  /** Silence after which the other side is taken for dead: several heartbeats. */
  heartbeatTimeoutMs: number;
  /** Sees whether functions change records that they share (`graph/guarded-output.ts`); slow. */
  guardRecords: boolean;
}>;
