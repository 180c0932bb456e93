/**
 * Makes one subtask from the physical plan: its chain, its gate, its outputs, and their names.
 *
 * A channel's name carries the attempt, so that two attempts never meet on a connection (C119).
 */
import { present } from "../core/assert.ts";
import {
  asSubtaskIndex,
  asVertexIndex,
  attemptText,
  type AttemptId,
  type CheckpointId,
  type OperatorUid,
} from "../core/ids.ts";
import { snapshotPath } from "../checkpoint/checkpoint-metadata.ts";
import { inputChannels, outputChannels } from "../graph/build-plan.ts";
import { createChain, type RecordSharing } from "../graph/chain.ts";
import type { LogicalGraph } from "../graph/logical-graph.ts";
import type { Edge, PhysicalPlan, Vertex } from "../graph/physical-plan.ts";
import type { Host } from "../host/host.ts";
import type { OperatorContext } from "../operators/operator.ts";
import { rangeOf } from "../state/key-groups.ts";
import type { BackendStorage } from "../state/state-backend.ts";
import { SubtaskStorage } from "./backend-storage.ts";
import { barrierHandlerOf } from "./barrier-handlers.ts";
import type { BufferPool } from "./buffer-pool.ts";
import { ChannelLog } from "./channel-log.ts";
import { channelOriginOf, sentType } from "./channel-origin.ts";
import { recoverInFlight } from "./in-flight-recovery.ts";
import { InputGate } from "./input-gate.ts";
import type { RuntimeOptions } from "./options.ts";
import { OutputChannel } from "./output-channel.ts";
import { Outputs } from "./outputs.ts";
import { createPartitioner } from "./partitioner.ts";
import { SubtaskChain } from "./subtask-chain.ts";
import { Subtask, type SubtaskEvents } from "./subtask.ts";

export type SubtaskSpec = Readonly<{
  host: Host;
  plan: PhysicalPlan;
  options: RuntimeOptions;
  pool: BufferPool;
  attempt: AttemptId;
  /** The checkpoint that the attempt comes from; 0: none. */
  restoredFrom: CheckpointId;
  vertex: number;
  subtask: number;
}>;

const channelName = (spec: SubtaskSpec, edge: Edge, from: number, to: number): string =>
  `${spec.plan.graph.name}/${attemptText(spec.attempt)}/${edge.index}/${from}>${to}`;

/** The subtask stands in its first state; its outputs listen, its inputs are not yet connected. */
export function createSubtask(spec: SubtaskSpec, events: SubtaskEvents): Subtask {
  const { plan, host, attempt, options } = spec;
  const vertex = present(plan.vertices[spec.vertex], () => `no vertex ${spec.vertex} in the plan`);
  const index = asSubtaskIndex(spec.subtask);
  const late: { subtask?: Subtask } = {};
  const wakeUp = (): void => late.subtask?.wakeUp();
  const onBroken = (channel: string, reason: string): void =>
    late.subtask?.onChannelBroken(channel, reason);

  const outputs = createOutputs(spec, vertex, { onRelieved: wakeUp, onBroken });
  const fail = (why: string, culprit?: OperatorUid): void => late.subtask?.fail(why, culprit);
  const storage = new SubtaskStorage({
    ...{ host, jobName: plan.graph.name, attempt, subtask: index, wakeUp, fail },
    vertex: asVertexIndex(spec.vertex),
  });
  const chain = createSubtaskChain(spec, vertex, outputs, {
    ...{ fail, report: () => events.onStateChanged(), wakeUp },
    storageOf: (uid) => storage.of(uid),
  });
  const gate = new InputGate(
    inputChannels(plan, vertex, index).map(({ edge, fromSubtask }) => ({
      name: channelName(spec, edge, fromSubtask, index),
      from: { vertex: edge.from, subtask: fromSubtask },
      type: sentType(plan, edge),
      input: edge.input,
      origin: channelOriginOf(plan, edge, fromSubtask, index),
    })),
    options.creditsPerChannel,
    {
      onAvailable: wakeUp,
      onBroken,
      onControl: (channel, buffer) => late.subtask?.onControl(channel, buffer),
    },
  );
  const subtask = new Subtask(
    {
      host,
      vertex: spec.vertex,
      subtask: spec.subtask,
      attempt,
      stepElementsMax: options.stepElementsMax,
      bufferTimeoutUs: options.bufferTimeoutMs * 1_000,
      snapshotPath: (checkpointId, purpose) =>
        snapshotPath(plan.graph.name, checkpointId, attempt, vertex.index, index, purpose),
      storage,
      createBarrierHandler: barrierHandlerOf(plan.graph.checkpoints, () =>
        host.random.fork(`checkpoints/${spec.vertex}/${spec.subtask}/${attemptText(attempt)}`),
      ),
      recoverInFlight: (files) => recoverInFlight(plan, vertex, index, files),
    },
    { chain, gate, outputs },
    events,
  );
  late.subtask = subtask;
  for (const channel of outputs.channels) host.channels.listen(channel.name, channel);
  return subtask;
}

const tailOf = (vertex: Vertex): Vertex["chain"][number] =>
  present(vertex.chain.at(-1), () => `vertex ${vertex.index} has an empty chain`);

function createOutputs(
  spec: SubtaskSpec,
  vertex: Vertex,
  events: Readonly<{ onRelieved(): void; onBroken(channel: string, reason: string): void }>,
): Outputs {
  const { plan, subtask, pool, host, attempt } = spec;
  return new Outputs(tailOf(vertex).outputType, events, (channelEvents) =>
    vertex.outputs.map((edge) => {
      const targets = outputChannels(plan, edge, asSubtaskIndex(subtask));
      const { maxParallelism } = present(plan.vertices[edge.to], () => `no vertex ${edge.to}`);
      return {
        channels: targets.map(
          (to) =>
            new OutputChannel(
              channelName(spec, edge, subtask, to),
              pool,
              channelEvents,
              channelOriginOf(plan, edge, subtask, to),
              plan.graph.checkpoints.protocol === "uncoordinated" ? new ChannelLog() : undefined,
            ),
        ),
        partition: createPartitioner(edge.exchange, {
          channelCount: targets.length,
          maxParallelism,
          firstChannel: subtask,
          random: host.random.fork(`shuffle/${edge.index}/${subtask}/${attemptText(attempt)}`),
        }),
        tag: edge.tag,
      };
    }),
  );
}

function createSubtaskChain(
  spec: SubtaskSpec,
  vertex: Vertex,
  outputs: Outputs,
  {
    storageOf,
    ...signals
  }: Pick<OperatorContext, "fail" | "report" | "wakeUp"> &
    Readonly<{ storageOf(uid: OperatorUid): BackendStorage }>,
): SubtaskChain {
  const { plan, host, attempt, restoredFrom } = spec;
  const subtask = asSubtaskIndex(spec.subtask);
  const { parallelism, maxParallelism } = vertex;
  const first = present(vertex.chain[0], () => `vertex ${vertex.index} has an empty chain`);
  const { source, operators, heads } = createChain(
    vertex.chain,
    outputs,
    sharingOf(plan.graph, spec.options),
    plan.graph.backend.mayBeAway,
  );
  const nodes = source === undefined ? vertex.chain : vertex.chain.slice(1);
  return new SubtaskChain({
    name: vertex.chain.map((node) => node.uid).join(" -> "),
    source: source === undefined ? undefined : { uid: first.uid, operator: source },
    operators: nodes.map((node, i) => ({
      uid: node.uid,
      operator: present(operators[i], () => `operator ${node.uid} was not made`),
    })),
    heads,
    contextOf: (uid, restored) => ({
      host,
      jobName: plan.graph.name,
      uid,
      subtask,
      parallelism,
      maxParallelism,
      keyGroups: rangeOf(subtask, parallelism, maxParallelism),
      attempt,
      backend: plan.graph.backend,
      storage: storageOf(uid),
      restoredFrom,
      restored,
      ...signals,
    }),
  });
}

/** Who forgoes the copies may be watched. */
function sharingOf({ objectReuse }: LogicalGraph, { guardRecords }: RuntimeOptions): RecordSharing {
  if (!objectReuse) return "copied";
  return guardRecords ? "guarded" : "shared";
}
