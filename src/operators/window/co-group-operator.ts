/**
 * Two streams in the windows of a key: what of both sides falls into one window comes out together.
 *
 *   left  --\
 *            one stream of records with their side --> window operator --> apply(lefts, rights)
 *   right --/
 *
 * It is the window operator over both; there is nothing else to keep, to snapshot or to fire.
 *
 * CG1  Both sides of a key share its windows, one trigger and one clean-up; sides are told apart again
 *      when a window fires, each in order of arrival.
 *
 * Source: Flink, CoGroupedStreams. Not here: windows (`window-operator.ts`), joins over them
 * (`graph/logic.ts`: every pair of what comes out together).
 */
import { DecodeError } from "../../core/bytes.ts";
import type { CheckpointId } from "../../core/ids.ts";
import type { Result } from "../../core/result.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import type { SnapshotRequest } from "../../state/state-backend.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { BaseOperator } from "../base-operator.ts";
import type { StateGate } from "../keyed-core.ts";
import type { KeySelector } from "../functions.ts";
import type {
  OperatorContext,
  Output,
  PendingOperatorSnapshot,
  TwoInputOperator,
} from "../operator.ts";
import { WindowOperator } from "./window-operator.ts";
import type {
  CoGroupSpec,
  Trigger,
  WindowAssigner,
  WindowSpec,
  WindowTrigger,
} from "./window-spec.ts";

export type CoGroupConfig<K, L, R, O> = Readonly<{
  keys: readonly [KeySelector<L, K>, KeySelector<R, K>];
  keyType: TypeSerializer<K>;
  spec: CoGroupSpec<K, L, R, O>;
}>;

type Sided<L, R> = Readonly<{ side: "left"; value: L } | { side: "right"; value: R }>;

export class CoGroupOperator<K, L, R, O>
  extends BaseOperator<L, O>
  implements TwoInputOperator<L, R>
{
  readonly #windows: WindowOperator<K, Sided<L, R>, O>;

  constructor({ keys, keyType, spec }: CoGroupConfig<K, L, R, O>, output: Output<O>) {
    super(output);
    const [leftKey, rightKey] = keys;
    const key = (sided: Sided<L, R>): K =>
      sided.side === "left" ? leftKey(sided.value) : rightKey(sided.value);
    this.#windows = new WindowOperator({ key, keyType, spec: windowSpecOf(spec) }, output);
  }

  get gate(): StateGate<K> {
    return this.#windows.gate;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#windows.open(context, state);
  }

  override processElement(value: L, timestampMs: number): void {
    this.#windows.processElement({ side: "left", value }, timestampMs);
  }

  processSecond(value: R, timestampMs: number): void {
    this.#windows.processElement({ side: "right", value }, timestampMs);
  }

  override processWatermark(watermarkMs: number): void {
    this.#windows.processWatermark(watermarkMs);
  }

  override advanceProcessingTime(nowMs: number): number | undefined {
    return this.#windows.advanceProcessingTime(nowMs);
  }

  override snapshot(
    checkpointId: CheckpointId,
    done: (result: Result<undefined, string>) => void,
    request?: SnapshotRequest,
  ): PendingOperatorSnapshot {
    return this.#windows.snapshot(checkpointId, done, request);
  }

  override close(): void {
    this.#windows.close();
  }
}

function windowSpecOf<K, L, R, O>(spec: CoGroupSpec<K, L, R, O>): WindowSpec<K, Sided<L, R>, O> {
  const { assigner, trigger, allowedLatenessMs, types, apply } = spec;
  const type = sidedType(...types);
  return {
    assigner: sidedAssigner(assigner),
    trigger: trigger && sidedTrigger(trigger, type),
    allowedLatenessMs,
    type,
    computation: {
      kind: "process",
      create: () => ({
        process(context, records, out) {
          const lefts: L[] = [];
          const rights: R[] = [];
          for (const record of records) {
            if (record.side === "left") lefts.push(record.value);
            else rights.push(record.value);
          }
          apply(lefts, rights, context, out);
        },
      }),
    },
  };
}

/** What the job says of windows and triggers is about records, not about their sides. */
const sidedAssigner = <L, R>(assigner: WindowAssigner<unknown>): WindowAssigner<Sided<L, R>> => {
  if (assigner.kind !== "session" || typeof assigner.gapMs === "number") {
    return assigner as WindowAssigner<Sided<L, R>>;
  }
  const { gapMs } = assigner;
  return { ...assigner, gapMs: ({ value }) => gapMs(value) };
};

function sidedTrigger<L, R>(
  trigger: Trigger<unknown>,
  type: TypeSerializer<Sided<L, R>>,
): Trigger<Sided<L, R>> {
  switch (trigger.kind) {
    case "delta": {
      const { threshold, delta } = trigger;
      return { kind: "delta", threshold, type, delta: (from, to) => delta(from.value, to.value) };
    }
    case "purging":
      return { kind: "purging", of: sidedTrigger(trigger.of, type) };
    case "custom":
      return { kind: "custom", create: () => sidedCustom(trigger.create()) };
    default:
      return trigger;
  }
}

const sidedCustom = <L, R>(trigger: WindowTrigger<unknown>): WindowTrigger<Sided<L, R>> => ({
  onElement: ({ value }, timestampMs, context) => trigger.onElement(value, timestampMs, context),
  onEventTime: (timeMs, context) => trigger.onEventTime(timeMs, context),
  onProcessingTime: (timeMs, context) => trigger.onProcessingTime(timeMs, context),
  onMerge: (context, merged) => trigger.onMerge?.(context, merged),
  clear: (context) => trigger.clear(context),
});

const LEFT = 0;
const RIGHT = 1;

const sidedType = <L, R>(
  left: TypeSerializer<L>,
  right: TypeSerializer<R>,
): TypeSerializer<Sided<L, R>> => ({
  id: `either<${left.id},${right.id}>`,
  immutable: left.immutable && right.immutable,
  write(record, out) {
    if (record.side === "left") {
      out.u8(LEFT);
      left.write(record.value, out);
    } else {
      out.u8(RIGHT);
      right.write(record.value, out);
    }
  },
  read(input) {
    const side = input.u8();
    if (side === LEFT) return { side: "left", value: left.read(input) };
    if (side === RIGHT) return { side: "right", value: right.read(input) };
    throw new DecodeError(`side ${side} of two`, input.position);
  },
  copy: (record) =>
    record.side === "left"
      ? { side: "left", value: left.copy(record.value) }
      : { side: "right", value: right.copy(record.value) },
});
