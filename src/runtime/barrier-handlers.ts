/** Which way of taking checkpoints a job gets: the only place that knows them all. */
import {
  countAbort,
  countBarrier,
  countCancel,
  countEnd,
  countTrigger,
  createCount,
  type BarrierCount,
} from "../checkpoint/at-least-once.ts";
import {
  createAligner,
  onAbort,
  onBarrier,
  onCancelBarrier,
  onEndOfInput,
  onTrigger,
  type Aligner,
} from "../checkpoint/barrier-aligner.ts";
import type { CheckpointConfig } from "../graph/logical-graph.ts";
import type { Random } from "../host/random.ts";
import type { BarrierHandler, BarrierHandlerEvents } from "./barrier-handler.ts";
import { LocalHandler, type HandledParts } from "./local-handler.ts";
import { MachineHandler, type BarrierMachine } from "./machine-handler.ts";
import { OvertakingHandler } from "./overtaking-handler.ts";

export type CreateBarrierHandler = (
  parts: HandledParts,
  nowUs: () => number,
  events: BarrierHandlerEvents,
) => BarrierHandler;

const ALIGNING: BarrierMachine<Aligner> = {
  create: createAligner,
  trigger: onTrigger,
  abort: onAbort,
  barrier: onBarrier,
  cancel: onCancelBarrier,
  end: onEndOfInput,
  aligns: ({ aligning, latest }) => (aligning ? latest : undefined),
};

const COUNTING: BarrierMachine<BarrierCount> = {
  create: createCount,
  trigger: countTrigger,
  abort: countAbort,
  barrier: countBarrier,
  cancel: countCancel,
  end: countEnd,
  aligns: () => undefined, // BC1: nobody waits.
};

/** @param createRandom for subtasks that take their snapshots whenever they like */
export function barrierHandlerOf(
  {
    protocol,
    mode,
    unaligned,
    intervalMs,
  }: Pick<CheckpointConfig, "protocol" | "mode" | "unaligned" | "intervalMs">,
  createRandom: () => Random,
): CreateBarrierHandler {
  if (protocol === "uncoordinated") {
    const random = createRandom();
    const delayUs = (): number => random.integer(0, intervalMs) * 1_000;
    return (parts, nowUs, events) => new LocalHandler(parts, delayUs, nowUs, events);
  }
  if (mode === "at-least-once") {
    return ({ gate }, nowUs, events) => new MachineHandler(COUNTING, gate, nowUs, events);
  }
  if (unaligned) return ({ gate }, nowUs, events) => new OvertakingHandler(gate, nowUs, events);
  return ({ gate }, nowUs, events) => new MachineHandler(ALIGNING, gate, nowUs, events);
}
