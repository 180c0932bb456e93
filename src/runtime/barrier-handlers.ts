/** Which way of taking checkpoints a job gets: the only place that knows them all. */
import type { CheckpointConfig } from "../graph/logical-graph.ts";
import { AligningHandler } from "./aligning-handler.ts";
import type { BarrierHandler, BarrierHandlerEvents } from "./barrier-handler.ts";
import { CountingHandler } from "./counting-handler.ts";
import type { InputGate } from "./input-gate.ts";
import { OvertakingHandler } from "./overtaking-handler.ts";

export type CreateBarrierHandler = (
  gate: InputGate,
  nowUs: () => number,
  events: BarrierHandlerEvents,
) => BarrierHandler;

export function barrierHandlerOf({
  mode,
  unaligned,
}: Pick<CheckpointConfig, "mode" | "unaligned">): CreateBarrierHandler {
  if (mode === "at-least-once") {
    return (gate, nowUs, events) => new CountingHandler(gate.channels.length, nowUs, events);
  }
  if (unaligned) return (gate, nowUs, events) => new OvertakingHandler(gate, nowUs, events);
  return (gate, nowUs, events) => new AligningHandler(gate, nowUs, events);
}
