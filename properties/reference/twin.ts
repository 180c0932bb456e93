/**
 * What the reference asks of each operator: its plain twin, written from the operator's documentation
 * and from nothing of the engine's code.
 *
 * A twin is one instance for the whole job: all keys, no subtasks, no failures, no bytes. The walk
 * around it (`reference.ts`) hands it records one by one, moves its clocks, and passes on what it emits.
 */
import type { LogicalNode, NodeLogic } from "../../src/index.ts";

export type Emit = (value: unknown, timestampMs: number) => void;

/** What a twin needs to know of the run around it, at the moment it asks. */
export type Clocks = Readonly<{ processingTimeMs(): number; watermarkMs(): number }>;

export type TwinContext = Readonly<{
  node: LogicalNode;
  clocks: Clocks;
  emit: Emit;
  /** Into the side output of this id; nobody may read it. */
  emitSide(tag: string, value: unknown, timestampMs: number): void;
}>;

export type Twin = Readonly<{
  /** @param input 0, or 1 for the second of two */
  receive(input: 0 | 1, value: unknown, timestampMs: number): void;
  /**
   * The watermark has come to this, and `clocks` says so: fire what is due. It is passed on
   * afterwards.
   */
  advance?(watermarkMs: number): void;
  /** What it passes on in place of the watermark that came; absent: that very one. */
  outputWatermarkMs?(): number;
  /** When the first processing-time timer is due. */
  nextProcessingMs?(): number | undefined;
  /** Fires one processing-time timer that is due. */
  fireProcessingTime?(nowMs: number): void;
  /** All input has come, the final watermark included. */
  finish?(): void;
  close?(): void;
}>;

/** The logic of nodes of one kind. */
export type LogicOf<Kind extends NodeLogic["kind"]> = Extract<NodeLogic, { kind: Kind }>;
