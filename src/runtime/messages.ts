/**
 * What job manager and task managers say to each other, and how it becomes bytes.
 *
 * Every message may be late, lost, doubled or overtaken. So each carries what fences it (the leader's
 * epoch, the attempt), none is needed more than once, and reports give levels ("task 3 is running"),
 * not edges: a lost one is made good by the next.
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer, ValueOf } from "../types/type.ts";
import { barrierOptions } from "./barrier-options.ts";

const storedFile = types.record({
  path: types.string,
  length: types.long,
  checksum: types.long,
});
const handle = types.record({
  path: types.string,
  length: types.long,
  checksum: types.long,
  shared: types.boolean,
});
const storedSnapshot = types.record({
  handle,
  inFlight: types.optional(storedFile),
  files: types.list(storedFile),
});

const taskState = types.literal(
  "restoring",
  "initialized",
  "running",
  "ended",
  "finished",
  "failed",
);

const taskReport = types.record({
  vertex: types.int,
  subtask: types.int,
  state: taskState,
  /** Why it failed; empty otherwise. */
  why: types.string,
  /** The operator whose user code threw that; empty where it was something else. */
  culprit: types.string,
  /** Of a source: the number of the last assignment of splits applied; 0 otherwise. */
  assigned: types.long,
  /** Of a source in an alignment group: its watermark; plus infinity while it is idle. */
  levelMs: types.optional(types.double),
  /** The savepoint that it has stopped behind. */
  suspendedBy: types.optional(types.long),
});

const numberedAssignment = types.record({
  number: types.long,
  after: types.long,
  splits: types.list(types.record({ partition: types.int, offset: types.long })),
  noMore: types.boolean,
});

/** Of one source, by subtask: how many assignments come before the barrier. */
const assignmentsDue = types.record({ vertex: types.int, due: types.list(types.long) });

const taskDeployment = types.record({
  vertex: types.int,
  subtask: types.int,
  /** Files with state for it, and whose they are: subtasks of that vertex of the checkpoint. */
  handles: types.list(
    types.record({ vertex: types.int, subtask: types.int, parallelism: types.int, handle }),
  ),
  /** Files with records that were on their way to it (C21). */
  inFlight: types.list(types.record({ vertex: types.int, subtask: types.int, file: storedFile })),
  /** Its input had ended before the checkpoint it is restored from (C116). */
  ended: types.boolean,
});

const location = types.record({
  vertex: types.int,
  subtask: types.int,
  process: types.string,
});

const snapshotForm = types.literal("native", "canonical");

/** Attempts are counted region by region. */
const attempted = { epoch: types.long, region: types.int, attempt: types.long } as const;

const regionReport = types.record({
  region: types.int,
  /** 0 when it has no tasks of the region. */
  attempt: types.long,
  /** No attempt up to this one will ever run here again. */
  cancelledThrough: types.long,
  tasks: types.list(taskReport),
});

const operatorParallelism = types.record({ uid: types.string, parallelism: types.int });

/** To a task manager. */
const kinds = {
  /** "I lead": keeps the task manager's faith in the leader alive. */
  heartbeat: types.record({ epoch: types.long }),
  deploy: types.record({
    ...attempted,
    checkpointId: types.long,
    /** The job has stopped behind this checkpoint: nothing is left to do but to commit it. */
    stopped: types.boolean,
    /** Of operators that have been rescaled; the others have what the job says. */
    parallelism: types.list(operatorParallelism),
    tasks: types.list(taskDeployment),
    locations: types.list(location),
  }),
  run: types.record(attempted),
  cancel: types.record(attempted),
  trigger: types.record({
    ...attempted,
    checkpointId: types.long,
    options: barrierOptions,
    sources: types.list(assignmentsDue),
  }),
  /** All that one source subtask is not known to have been given. */
  assign: types.record({
    ...attempted,
    vertex: types.int,
    subtask: types.int,
    items: types.list(numberedAssignment),
  }),
  /** How far one source subtask may go ahead; of several limits the highest counts. */
  align: types.record({
    ...attempted,
    vertex: types.int,
    subtask: types.int,
    limitMs: types.double,
  }),
  completed: types.record({ ...attempted, checkpointId: types.long }),
  aborted: types.record({ ...attempted, checkpointId: types.long }),
  finish: types.record({ ...attempted, checkpointId: types.long }),
  /** To a job manager: who I am, and how each of my tasks is. */
  report: types.record({
    /** Rises with every start of the process: a new one means that all its tasks are gone. */
    incarnation: types.long,
    slots: types.int,
    /** Rises with every report of one incarnation: an overtaken one is known by it. */
    sequence: types.long,
    /** Those it has ever heard of, ascending. */
    regions: types.list(regionReport),
  }),
  acknowledge: types.record({
    attempt: types.long,
    checkpointId: types.long,
    vertex: types.int,
    subtask: types.int,
    stored: storedSnapshot,
    ended: types.boolean,
    /** Of a snapshot that no barrier has cut: how far its channels had come. */
    flows: types.optional(
      types.record({ sent: types.list(types.long), received: types.list(types.long) }),
    ),
  }),
  decline: types.record({
    attempt: types.long,
    checkpointId: types.long,
    vertex: types.int,
    subtask: types.int,
    why: types.string,
    /** By a newer checkpoint, which is nobody's fault. */
    overtaken: types.boolean,
  }),
  /** From a client. */
  "cancel-job": types.record({ job: types.string }),
  /** Requests of a client carry an id: sent again they are the same request, and get the same answer. */
  "savepoint-job": types.record({ job: types.string, id: types.string, form: snapshotForm }),
  /** A savepoint, behind which the job ends. */
  "stop-job": types.record({
    ...{ job: types.string, id: types.string, form: snapshotForm },
    drain: types.boolean,
  }),
  /** Operators that are not named keep their parallelism. */
  "rescale-job": types.record({
    ...{ job: types.string, id: types.string },
    parallelism: types.list(operatorParallelism),
  }),
  /** A job that has ended runs again, from the savepoint of that request. */
  "resume-job": types.record({
    ...{ job: types.string, id: types.string, savepoint: types.string },
    claim: types.boolean,
    allowNonRestoredState: types.boolean,
  }),
  /** To a client: the request is done, or refused. */
  answer: types.record({ id: types.string, done: types.boolean, why: types.string }),
  /** To a task manager: a line is durable. Of each task, its own checkpoint there. */
  line: types.record({
    ...attempted,
    tasks: types.list(
      types.record({
        vertex: types.int,
        subtask: types.int,
        checkpointId: types.long,
        /** By output channel: what its receiver has by then. */
        received: types.list(types.long),
      }),
    ),
  }),
} as const;

type Kinds = typeof kinds;
export type MessageKind = keyof Kinds;
export type Message = {
  [K in MessageKind]: Readonly<{ kind: K }> & Readonly<ValueOf<Kinds[K]>>;
}[MessageKind];
export type MessageOf<K extends MessageKind> = Extract<Message, { kind: K }>;
export type TaskState = ValueOf<typeof taskState>;
export type RegionReport = ValueOf<typeof regionReport>;
export type TaskReport = ValueOf<typeof taskReport>;
export type TaskLocation = ValueOf<typeof location>;
export type AssignmentsDue = ValueOf<typeof assignmentsDue>;

const names = Object.keys(kinds) as readonly MessageKind[];

export function encodeMessage(message: Message): Uint8Array {
  const out = new ByteWriter(64);
  out.u8(names.indexOf(message.kind));
  (kinds[message.kind] as TypeSerializer<Message>).write(message, out);
  return out.toBytes();
}

/** @throws DecodeError when the bytes are no message of this version */
export function decodeMessage(bytes: Uint8Array): Message {
  const input = new ByteReader(bytes);
  const kind = names[input.u8()];
  if (kind === undefined) throw new DecodeError("a message of unknown kind", 0);
  const body = (kinds[kind] as TypeSerializer<object>).read(input);
  return { kind, ...body } as Message;
}
