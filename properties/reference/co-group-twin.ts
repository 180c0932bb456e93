/**
 * Two streams in the windows of a key: the twin of windows over both, with a side to every record.
 */
import type { Trigger, TypeSerializer, WindowAssigner, WindowTrigger } from "../../src/index.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";
import { createWindowTwin } from "./window-twin.ts";

type Sided = Readonly<{ side: 0 | 1; value: unknown }>;

export function createCoGroupTwin(
  { keys, keyType, spec }: LogicOf<"co-group">,
  context: TwinContext,
): Twin {
  const { assigner, trigger, allowedLatenessMs, apply } = spec;
  const valueOf = (sided: unknown): unknown => (sided as Sided).value;
  const ofSide = (records: readonly unknown[], side: 0 | 1): unknown[] =>
    records.filter((record) => (record as Sided).side === side).map(valueOf);
  const type = sidedType(spec.types);
  const twin = createWindowTwin(
    {
      kind: "window",
      key: (sided) => keys[(sided as Sided).side](valueOf(sided)),
      keyType,
      spec: {
        assigner: assignerOf(assigner, valueOf),
        trigger: trigger && triggerOf(trigger, valueOf, type),
        allowedLatenessMs,
        type,
        computation: {
          kind: "process",
          create: () => ({
            process: (window, records, out) =>
              apply(ofSide(records, 0), ofSide(records, 1), window, out),
          }),
        },
      },
    },
    context,
  );
  return {
    ...twin,
    receive: (side, value, timestampMs) => twin.receive(0, { side, value }, timestampMs),
  };
}

type ValueOf = (sided: unknown) => unknown;

function assignerOf(assigner: WindowAssigner<unknown>, valueOf: ValueOf): WindowAssigner<unknown> {
  if (assigner.kind !== "session" || typeof assigner.gapMs === "number") return assigner;
  const { gapMs } = assigner;
  return { ...assigner, gapMs: (sided) => gapMs(valueOf(sided)) };
}

function triggerOf(
  trigger: Trigger<unknown>,
  valueOf: ValueOf,
  type: TypeSerializer<unknown>,
): Trigger<unknown> {
  if (trigger.kind === "purging") {
    return { kind: "purging", of: triggerOf(trigger.of, valueOf, type) };
  }
  if (trigger.kind === "delta") {
    return { ...trigger, type, delta: (from, to) => trigger.delta(valueOf(from), valueOf(to)) };
  }
  if (trigger.kind !== "custom") return trigger;
  const create = (): WindowTrigger<unknown> => {
    const user = trigger.create();
    return {
      onElement: (sided, timestampMs, context) =>
        user.onElement(valueOf(sided), timestampMs, context),
      onEventTime: (timeMs, context) => user.onEventTime(timeMs, context),
      onProcessingTime: (timeMs, context) => user.onProcessingTime(timeMs, context),
      onMerge: (context, merged) => user.onMerge?.(context, merged),
      clear: (context) => user.clear(context),
    };
  };
  return { kind: "custom", create };
}

/** The reference copies records, and writes none. */
function sidedType(types: LogicOf<"co-group">["spec"]["types"]): TypeSerializer<unknown> {
  const refuse = (): never => {
    throw new Error("the reference keeps records as they are, not as bytes");
  };
  return {
    id: "sided",
    immutable: false,
    write: refuse,
    read: refuse,
    copy(sided) {
      const { side, value } = sided as Sided;
      return { side, value: types[side].copy(value) };
    },
  };
}
