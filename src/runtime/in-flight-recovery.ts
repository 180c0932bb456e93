/**
 * Who gets the records that were under way when a checkpoint was taken.
 *
 * Of each channel there were, the receiver's part and then the sender's are one stream of whole elements,
 * and the receivers of today read it, before anything new. Where the parallelism of the receivers is what
 * it was, a stream belongs to the subtask it was for. Otherwise it is cut into its elements, everybody
 * reads all of them, and keeps the share that is its own: by key or by the user's partitioner, as senders
 * would choose today, and in turn where any subtask will do.
 *
 * NR1  Every record is kept by exactly one subtask (C21), or by each of a broadcast.
 * NR2  Records of one channel keep their order.
 * NR3  Watermarks are kept only where the channel is the same one still: those of several channels mixed
 *      would promise too much. Statuses never are: whoever sends begins as active, and does not say so.
 * NR4  What a receiver has read by its own checkpoint is not delivered again out of its sender's log, and
 *      nothing behind it is left out.
 *
 * State has no part in this: an operator without any has its records restored all the same (A13).
 *
 * Source: in Flink, StateAssignmentOperation and RecoveredChannelStateHandler. We differ: the sender's
 * part goes to the receiver as well, so a sender never has to send again what is not its own any more.
 * Not here: which files a subtask reads (`checkpoint/restore-needs.ts`).
 */
import { assert, present } from "../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { TAG_RECORD, TAG_WATERMARK } from "../core/element.ts";
import type { SubtaskIndex } from "../core/ids.ts";
import { compareNumbers } from "../core/ordered.ts";
import type { ChannelOrigin, InFlightChannel, InFlightFile } from "../checkpoint/in-flight-file.ts";
import { inputChannels } from "../graph/build-plan.ts";
import type { Edge, PhysicalPlan, Vertex } from "../graph/physical-plan.ts";
import type { TypeSerializer } from "../types/type.ts";
import { edgeOriginOf, sentType } from "./channel-origin.ts";
import { createOwner } from "./partitioner.ts";
import { elementLength, HEADER_BYTES, TAG_AT } from "./wire.ts";

/** What one input channel of the gate begins with: whole elements. */
export type RecoveredChannel = Readonly<{ channel: number; bytes: Uint8Array; records: number }>;

/** All that was under way on one channel of the job as it was. */
type Stream = Readonly<{ origin: ChannelOrigin; bytes: Uint8Array }>;

/**
 * @param files those of the senders' and of the receivers' subtasks, in any order
 * @throws Error when records were under way on an edge that the job no longer has
 * @throws DecodeError when the parts of a channel do not fit together
 */
export function recoverInFlight(
  plan: PhysicalPlan,
  vertex: Vertex,
  subtask: SubtaskIndex,
  files: readonly InFlightFile[],
): readonly RecoveredChannel[] {
  const head = vertex.chain[0]?.uid;
  const { parallelism } = vertex;
  // Of what was for others, the receivers' parts are not here: there is nothing to be made of the rest.
  const theirs = files.flatMap(({ channels }) =>
    channels.filter(
      ({ origin: { to, receiver, receivers } }) =>
        to === head && (receivers !== parallelism || receiver === subtask),
    ),
  );
  if (theirs.length === 0) return [];
  const edges = vertex.inputs.map((edge) => ({ edge, name: edgeOriginOf(plan, edge) }));
  const gate = inputChannels(plan, vertex, subtask);
  const gathered = gate.map(() => ({ out: new ByteWriter(256), records: 0 }));
  for (const { origin, bytes } of streamsOf(theirs)) {
    const found = edges.find(({ name }) => isEdge(name, origin));
    if (found === undefined) throw new Error(lostText(origin));
    const { edge } = found;
    const senders = present(plan.vertices[edge.from], () => `no vertex ${edge.from}`).parallelism;
    const same = origin.senders === senders && origin.receivers === parallelism;
    const wanted = shareOf(plan, edge, vertex, subtask, origin);
    const own = gate.flatMap((channel, index) => (channel.edge === edge ? [index] : []));
    const index = present(
      own.find((at) => same && gate[at]!.fromSubtask === origin.sender) ??
        own[origin.sender % own.length],
      () => `${lostText(origin)}; subtask ${subtask} has no channel of that edge`,
    );
    const target = gathered[index]!;
    target.records += copyElements(bytes, target.out, wanted, same);
  }
  return gathered.flatMap(({ out, records }, channel) =>
    out.length === 0 ? [] : [{ channel, bytes: out.toBytes(), records }],
  );
}

const isEdge = (
  edge: Pick<ChannelOrigin, "from" | "to" | "input" | "tag" | "twin">,
  origin: ChannelOrigin,
): boolean =>
  edge.from === origin.from &&
  edge.to === origin.to &&
  edge.input === origin.input &&
  edge.tag === origin.tag &&
  edge.twin === origin.twin;

const lostText = ({ from, to, tag }: ChannelOrigin): string =>
  `records were under way from "${from}" to "${to}"${tag === "" ? "" : ` by side output "${tag}"`}, ` +
  "which the job no longer connects; connect them as before, or start from a savepoint";

/** Channel by channel, the receiver's part first; in order of edge, sender, receiver. */
function streamsOf(parts: readonly InFlightChannel[]): readonly Stream[] {
  const streams = new Map<string, Stream & Readonly<{ read: number }>>();
  const add = ({ origin, end, at = 0, bytes: all }: InFlightChannel): void => {
    const { from, input, tag, twin, sender, receiver } = origin;
    const name = JSON.stringify([from, input, tag, twin, sender, receiver]);
    const known = streams.get(name);
    const before = known?.bytes ?? new Uint8Array(0);
    const read = end === "receiver" ? at : (known?.read ?? 0);
    const bytes = end === "receiver" ? all : behind(origin, all, at, read);
    const joined = new Uint8Array(before.length + bytes.length);
    joined.set(before);
    joined.set(bytes, before.length);
    streams.set(name, { origin, bytes: joined, read });
  };
  for (const part of parts) if (part.end === "receiver") add(part);
  for (const part of parts) if (part.end === "sender") add(part);
  const all = [...streams].sort(([a, x], [b, y]) => {
    const byPlace =
      compareNumbers(x.origin.sender, y.origin.sender) ||
      compareNumbers(x.origin.receiver, y.origin.receiver);
    return byPlace || (a < b ? -1 : 1);
  });
  return all.map(([, stream]) => stream);
}

/**
 * NR4: of what the sender's log holds, from byte `at` of its stream on, what the receiver has not read.
 */
function behind(
  { from, to, sender, receiver }: ChannelOrigin,
  bytes: Uint8Array,
  at: number,
  read: number,
): Uint8Array {
  if (read >= at && read <= at + bytes.length) return bytes.subarray(read - at);
  const range = `from ${at} to ${at + bytes.length}`;
  throw new DecodeError(
    `"${to}" ${receiver} has read ${read} bytes of "${from}" ${sender}, whose log is ${range}`,
    at,
  );
}

/** Whether a record is the subtask's own: by its value, and by how many stood before it. */
type Share = (value: () => unknown, index: number) => boolean;

function shareOf(
  plan: PhysicalPlan,
  edge: Edge,
  { parallelism, maxParallelism }: Vertex,
  subtask: SubtaskIndex,
  origin: ChannelOrigin,
): (payload: ByteReader, index: number) => boolean {
  if (origin.receivers === parallelism) return () => true;
  const type: TypeSerializer<unknown> = sentType(plan, edge);
  const share = shareByExchange(edge, parallelism, maxParallelism, subtask, origin);
  return (payload, index) => share(() => type.read(payload), index);
}

function shareByExchange(
  { exchange }: Edge,
  parallelism: number,
  maxParallelism: number,
  subtask: SubtaskIndex,
  { sender, receiver }: ChannelOrigin,
): Share {
  switch (exchange.kind) {
    case "broadcast":
      return () => true;
    case "global":
      return () => subtask === 0;
    case "hash":
    case "custom": {
      const ownerOf = createOwner(exchange, parallelism, maxParallelism);
      return (value) => ownerOf(value()) === subtask;
    }
    default:
      return (_, index) => (sender + receiver + index) % parallelism === subtask;
  }
}

/** Copies what is wanted; how many records. */
function copyElements(
  bytes: Uint8Array,
  out: ByteWriter,
  wanted: (payload: ByteReader, index: number) => boolean,
  withWatermarks: boolean,
): number {
  const payload = new ByteReader(bytes);
  let records = 0;
  let index = 0;
  for (let at = 0; at < bytes.length;) {
    const end = at + elementLength(bytes, at);
    if (end > bytes.length) throw new DecodeError("an element in flight without its end", at);
    const tag = bytes[at + TAG_AT];
    payload.over(bytes, at + HEADER_BYTES, end);
    const keep =
      tag === TAG_RECORD
        ? wanted(payload, index++)
        : tag === TAG_WATERMARK && withWatermarks && wanted(payload, index);
    if (keep) {
      out.raw(bytes, at, end);
      if (tag === TAG_RECORD) records++;
    }
    assert(end > at, () => `NR1 an element of no length at byte ${at}`);
    at = end;
  }
  return records;
}
