/** Which way of taking checkpoints a job gets: the only place that knows them all. */
import type { CheckpointConfig } from "../graph/logical-graph.ts";
import { AligningHandler } from "./aligning-handler.ts";
import type { BarrierHandler, BarrierHandlerEvents } from "./barrier-handler.ts";
import { CountingHandler } from "./counting-handler.ts";
import type { InputGate } from "./input-gate.ts";

export type CreateBarrierHandler = (
  gate: InputGate,
  nowUs: () => number,
  events: BarrierHandlerEvents,
) => BarrierHandler;

export function barrierHandlerOf({ mode }: Pick<CheckpointConfig, "mode">): CreateBarrierHandler {
  if (mode === "at-least-once") {
    return (gate, nowUs, events) => new CountingHandler(gate.channels.length, nowUs, events);
  }
  return (gate, nowUs, events) => new AligningHandler(gate, nowUs, events);
}
