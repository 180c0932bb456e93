/**
 * One subtask: an input gate or a source, a chain of operators, and their outputs.
 *
 * It runs in steps: each handles a bounded number of elements, and stops early when an output has no room,
 * so that back-pressure reaches the source. User code runs inside steps only: timers never interleave (C73).
 *
 *   restoring -> initialized -> running -> ended -> finished
 *        \------------\------------\--------\-----> failed
 *
 * ST2  After `close` nothing runs and nothing is sent.
 * ST3  What had ended before the checkpoint it comes from runs no end-of-input logic again (C116).
 *
 * Not here: how elements get in (`subtask-input.ts`), when and what snapshots are (`subtask-snapshots.ts`).
 */
import { assert, InvariantError } from "../core/assert.ts";
import { WATERMARK_MAX, type BarrierOptions } from "../core/element.ts";
import { attemptText, type CheckpointId, type OperatorUid } from "../core/ids.ts";
import type { InFlightFile } from "../checkpoint/in-flight-file.ts";
import { CHANNEL_CLOSED, type WireBuffer } from "../host/channels.ts";
import { UserFunctionError } from "../operators/user-function-error.ts";
import type { SubtaskSnapshot } from "../state/operator-snapshot.ts";
import { Alarm } from "./alarm.ts";
import type { InputChannel, InputGate } from "./input-gate.ts";
import type { SplitAssignment } from "../operators/operator.ts";
import type { MessageOf, TaskState } from "./messages.ts";
import type { Outputs } from "./outputs.ts";
import type { BarrierHandler, BarrierNote, HeardBarrier, SnapshotCut } from "./barrier-handler.ts";
import type { SubtaskChain } from "./subtask-chain.ts";
import type { SubtaskConfig, TaskLocations } from "./subtask-config.ts";
import { SubtaskInput } from "./subtask-input.ts";
import { connectInputs, recoverInputs } from "./subtask-inputs.ts";
import { SubtaskSnapshots, type SnapshotsEvents } from "./subtask-snapshots.ts";
import { SubtaskSource } from "./subtask-source.ts";
import { SubtaskStop } from "./subtask-stop.ts";
import { decodeEvent } from "./wire.ts";

export type { SubtaskConfig, TaskLocations } from "./subtask-config.ts";

/** Records a source gives before the outputs are asked again whether there is room. */
const SOURCE_POLL_RECORDS_MAX = 32;

export type SubtaskEvents = Readonly<{ onStateChanged(): void }> & SnapshotsEvents;

export class Subtask {
  readonly config: SubtaskConfig;
  state: TaskState = "restoring";
  /** Why it failed; empty otherwise. */
  why = "";
  /** The operator whose user code threw that, if it was user code. */
  culprit: OperatorUid | undefined;
  readonly #events: SubtaskEvents;
  readonly #chain: SubtaskChain;
  readonly #gate: InputGate;
  readonly #outputs: Outputs;
  readonly #input: SubtaskInput;
  readonly #barriers: BarrierHandler;
  readonly #snapshots: SubtaskSnapshots;
  readonly #alarm: Alarm;
  readonly #source: SubtaskSource;
  readonly #stop: SubtaskStop;
  readonly #stepBound = (): void => this.#step();
  /** All input has come; the chain may still hold some of it back. */
  #inputEnded = false;
  #ended = false;
  #finishing = false;
  #scheduled = false;
  #busyUntilUs = 0;
  #lastFlushUs = 0;
  /** Input was left unread since the chain was last told of processing time (C82). */
  #blocked = false;

  constructor(
    config: SubtaskConfig,
    parts: Readonly<{ chain: SubtaskChain; gate: InputGate; outputs: Outputs }>,
    events: SubtaskEvents,
  ) {
    this.config = config;
    this.#events = events;
    this.#chain = parts.chain;
    this.#gate = parts.gate;
    this.#outputs = parts.outputs;
    this.#input = new SubtaskInput(parts, (channel, buffer) =>
      this.#barriers.onEvent(channel, decodeEvent(buffer)),
    );
    this.#stop = new SubtaskStop({ onResumed: () => this.wakeUp(), onLost: (w) => this.fail(w) });
    this.#alarm = new Alarm(config.host, () => this.wakeUp());
    const onOvertaken = (id: CheckpointId): void =>
      events.onDecline(id, "a newer checkpoint came first", true);
    this.#source = new SubtaskSource({
      onOvertaken,
      onAssigned: (assignment) => this.#onAssigned(assignment),
      onInject: (checkpointId, options) => this.#inject(checkpointId, options),
    });
    this.#snapshots = new SubtaskSnapshots(config, parts, events);
    const handled = { ...parts, assigned: () => this.assigned };
    this.#barriers = config.createBarrierHandler(handled, () => config.host.nowUs(), {
      onSnapshot: (id, heard, cut) => this.#takeSnapshot(id, heard, cut),
      onCancel: (id) => parts.outputs.broadcastEvent({ kind: "cancel-barrier", checkpointId: id }),
      onOvertaken,
      onEndOfInput: (channel) => this.#onEndOfInput(channel),
      after: (delayUs, act) =>
        void config.host.setTimer(config.host.buggify("alignment-timeout") ? 0 : delayUs, () => {
          if (!this.closed) this.#guarded(act);
        }),
      note: (kind, checkpointId) => this.#note(kind, checkpointId),
    });
  }

  get closed(): boolean {
    return this.state === "failed" || this.state === "finished";
  }

  /** Of a source: the number of the last assignment of splits that it has applied. */
  get assigned(): number {
    return this.#source.assigned;
  }

  /** Of a source in an alignment group: how far it has come. */
  get levelMs(): number | undefined {
    return this.#chain.source?.levelMs;
  }

  /** The savepoint that it has stopped behind; undefined while it goes on. */
  get suspendedBy(): CheckpointId | undefined {
    return this.#stop.suspendedBy;
  }

  /** With everything that the checkpoint holds for it; nothing when the job is fresh. */
  open(
    snapshots: readonly SubtaskSnapshot[],
    restored: boolean,
    inFlight: readonly InFlightFile[] = [],
  ): void {
    this.#ended = snapshots.length > 0 && snapshots.every((snapshot) => snapshot.ended);
    this.#inputEnded = this.#ended;
    this.#guarded(() => {
      recoverInputs(this.config, this.#gate, inFlight);
      this.#chain.open(snapshots, restored);
    });
    if (this.state === "restoring") this.#become("initialized");
  }

  connect(locations: TaskLocations): void {
    connectInputs(this.config.host, this.#gate, locations);
  }

  /** A closed channel is no loss once all input has come and nothing is left to send. */
  onChannelBroken(channel: string, reason: string): void {
    const over = this.state === "ended" || this.suspendedBy !== undefined;
    if (over && reason === CHANNEL_CLOSED) return;
    this.fail(`channel ${channel} broke: ${reason}`);
  }

  /** @param stoppedBehind it comes from the savepoint that the job stopped behind, only to commit */
  run(stoppedBehind?: CheckpointId): void {
    if (this.state !== "initialized") return;
    if (stoppedBehind !== undefined) this.#stop.suspend(stoppedBehind);
    this.#become("running");
    if (this.#ended) this.#sendEnd();
    this.wakeUp();
  }

  /** A control event has arrived on a channel, and may be about to overtake what has not been read. */
  onControl(channel: InputChannel, buffer: WireBuffer): void {
    if (this.#barriers.onArrival === undefined) return;
    if (this.state !== "running" && this.state !== "ended") return;
    this.#guarded(() => this.#barriers.onArrival?.(channel, decodeEvent(buffer)));
  }

  /** There may be something to do: input, room, a fetch, a timer. */
  wakeUp(): void {
    if (this.#scheduled || (this.state !== "running" && this.state !== "ended")) return;
    this.#scheduled = true;
    const { host } = this.config;
    host.setTimer(Math.max(0, this.#busyUntilUs - host.nowUs()), this.#stepBound);
  }

  /** A source injects it behind so many assignments; others are told where there are no barriers (C6). */
  trigger(checkpointId: CheckpointId, options: BarrierOptions, due: number): void {
    if (options.mode !== "uncoordinated") this.#assertSource("triggered");
    if (this.state !== "running" && this.state !== "ended") return;
    this.#guarded(() => {
      this.#stop.onTriggered(checkpointId);
      if (this.#chain.source === undefined) this.#inject(checkpointId, options);
      else this.#source.trigger(checkpointId, options, due);
    });
  }

  /** Only sources are told. Those that do not run yet are told again. */
  assign(items: MessageOf<"assign">["items"]): void {
    this.#assertSource("given splits");
    if (this.state !== "running" && this.state !== "ended") return;
    this.#guarded(() => this.#source.assign(items));
  }

  /** Told again, should it not run yet. */
  align(limitMs: number): void {
    if (this.state === "running") this.#chain.source?.align(limitMs);
  }

  checkpointCompleted(checkpointId: CheckpointId): void {
    if (this.closed || this.state === "restoring") return;
    this.#guarded(() => {
      this.#source.checkpointOver(checkpointId);
      this.#chain.checkpointCompleted(checkpointId, () => undefined);
    });
  }

  /** By output channel: what of its log nobody will want again. */
  received(counts: readonly number[]): void {
    if (!this.closed) this.#outputs.trimLogs(counts);
  }

  checkpointAborted(checkpointId: CheckpointId): void {
    if (this.closed || this.state === "restoring") return;
    this.#snapshots.abort(checkpointId);
    this.#guarded(() => {
      this.#source.checkpointOver(checkpointId);
      this.#barriers.onAbort(checkpointId);
      this.#chain.checkpointAborted(checkpointId);
      this.#stop.onGivenUp(checkpointId);
    });
  }

  /** The job is over: commit what the last checkpoint covers, then let go. */
  finish(checkpointId: CheckpointId): void {
    const over = this.state === "ended" || this.suspendedBy === checkpointId;
    if (!over || this.closed || this.#finishing) return;
    this.#finishing = true;
    this.#guarded(() =>
      this.#chain.checkpointCompleted(checkpointId, () => {
        if (this.closed) return;
        this.#release();
        this.#become("finished");
      }),
    );
  }

  fail(why: string, culprit?: OperatorUid): void {
    if (this.closed) return;
    this.why = why;
    this.culprit = culprit;
    this.#release();
    this.#become("failed");
    const { host, vertex, subtask, attempt } = this.config;
    host.note({ kind: "task-failed", vertex, subtask, attempt, why });
  }

  /** Cancelled: nothing is told to anybody any more. */
  close(): void {
    if (this.closed) return;
    this.#release();
    this.state = "failed";
    this.why = "cancelled";
  }

  #release(): void {
    this.#snapshots.close();
    this.#alarm.set(Number.POSITIVE_INFINITY);
    const { host, vertex, subtask } = this.config;
    for (const why of this.#chain.close()) {
      host.note({ kind: "task-close-failed", vertex, subtask, why });
    }
    this.config.storage?.close();
    this.#gate.close();
    for (const channel of this.#outputs.channels) host.channels.unlisten(channel.name);
    this.#outputs.close();
  }

  #become(state: TaskState): void {
    this.state = state;
    this.#events.onStateChanged();
  }

  #assertSource(what: string): void {
    const { subtask, attempt } = this.config;
    const who = `${this.#chain.name} ${subtask} (${attemptText(attempt)})`;
    assert(this.#chain.source !== undefined, () => `${who} is no source, yet ${what}`);
  }

  #note(kind: BarrierNote | "barrier-injected", checkpointId: CheckpointId): void {
    const { host, vertex, subtask } = this.config;
    host.note({ kind, checkpointId, vertex, subtask });
  }

  /** What user code or the world's bytes throw fails the task; what we assert does not stop here. */
  #guarded(body: () => void): void {
    try {
      body();
    } catch (error) {
      if (error instanceof InvariantError) throw error;
      const culprit = error instanceof UserFunctionError ? error.uid : undefined;
      this.fail(error instanceof Error ? error.message : String(error), culprit);
    }
  }

  /** Counts as scheduled until it is over: what comes up within a step is within its bound and cost. */
  #step(): void {
    if (this.state !== "running" && this.state !== "ended") return;
    if (this.suspendedBy !== undefined) return void (this.#scheduled = false); // HL1
    this.#guarded(() => {
      const { host, storage, stepElementsMax, bufferTimeoutUs } = this.config;
      const elementsMax = host.buggify("one-element-step") ? 1 : stepElementsMax;
      const handled =
        this.#chain.source === undefined
          ? this.#input.read(elementsMax)
          : this.#pollSource(elementsMax);
      const refused = !this.#chain.available;
      this.#advanceProcessingTime();
      if (this.#inputEnded && !this.#ended && !this.closed) this.#endInput();
      const nowUs = host.nowUs();
      const workedUs = host.cost.stepUs + handled * host.cost.recordUs;
      this.#busyUntilUs = Math.max(nowUs + workedUs, storage?.diskDoneAtUs ?? 0);
      const idle = handled < elementsMax;
      if (idle || nowUs - this.#lastFlushUs >= bufferTimeoutUs || host.buggify("flush-early")) {
        this.#lastFlushUs = nowUs;
        this.#outputs.flush();
      }
      this.#scheduled = false;
      // Input that the head refused has announced itself already: nobody else wakes this subtask.
      const again = !idle || (refused && this.#chain.available);
      if (again || host.buggify("wake-for-nothing")) this.wakeUp();
    });
  }

  #pollSource(budget: number): number {
    const source = this.#chain.source!;
    let handled = 0;
    if (this.#inputEnded) return 0;
    while (handled < budget && this.#outputs.available) {
      const count = source.poll(Math.min(SOURCE_POLL_RECORDS_MAX, budget - handled));
      if (count === 0) break;
      handled += count;
    }
    if (!this.#outputs.available) source.blocked();
    if (source.ended && !this.closed) this.#endInput();
    return handled;
  }

  #onAssigned(assignment: SplitAssignment): void {
    if (!this.#ended) this.#chain.source?.assign(assignment);
    this.wakeUp();
  }

  #inject(checkpointId: CheckpointId, options: BarrierOptions): void {
    if (options.stop === "drain" && !this.#inputEnded) this.#drain(checkpointId);
    if (this.#barriers.onTrigger(checkpointId, options))
      this.#note("barrier-injected", checkpointId);
  }

  #drain(checkpointId: CheckpointId): void {
    this.#stop.drain(checkpointId);
    this.#inputEnded = true;
    this.#chain.first.emitWatermark(WATERMARK_MAX);
    this.wakeUp();
  }

  #onEndOfInput(channel: InputChannel): void {
    assert(!channel.ended, () => `the input of ${channel.name} ended twice`);
    channel.ended = true;
    if (this.#gate.allEnded && !this.#ended) this.#endInput();
  }

  /** Called again on every step until the chain has given all it held back. */
  #endInput(): void {
    this.#inputEnded = true;
    if (!this.#chain.finish() || this.closed) return;
    this.#ended = true;
    this.#announceEnd();
    this.#stop.onEnded();
  }

  #takeSnapshot(checkpointId: CheckpointId, heard: HeardBarrier, cut?: SnapshotCut): void {
    const again = (): void => this.#takeSnapshot(checkpointId, heard, cut);
    if (heard.options.stop === "drain" && !this.#ended) return this.#stop.atEnd(again); // HL2
    this.#snapshots.take(checkpointId, heard, this.#ended, cut);
    if (heard.options.stop !== "none") this.#stop.suspend(checkpointId);
  }

  /** Restored as ended: what follows must still learn that nothing will come (ST3). */
  #sendEnd(): void {
    this.#outputs.emitWatermark(WATERMARK_MAX);
    this.#announceEnd();
  }

  #announceEnd(): void {
    this.#outputs.broadcastEvent({ kind: "end-of-input" });
    const { host, vertex, subtask } = this.config;
    host.note({ kind: "task-ended", vertex, subtask });
    this.#become("ended");
  }

  /** Fires due processing-time timers, and sees that the next one wakes this subtask. */
  #advanceProcessingTime(): void {
    this.#blocked ||= !this.#outputs.available || this.#barriers.aligning;
    if (this.#ended || !this.#outputs.available || this.suspendedBy !== undefined) return;
    this.#alarm.set(this.#chain.advanceProcessingTime(this.config.host.wallMs(), this.#blocked));
    this.#blocked = false;
  }
}
