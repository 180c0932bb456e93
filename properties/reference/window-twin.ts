/**
 * Windows of the reference: for each key a list of windows, each with all of its records.
 *
 * Nothing is folded before a window fires, and nothing is kept of one that is over. Timers are looked
 * for among all windows: what is due fires by time, then by key, then by the window's start.
 */
import type { ProcessWindowFunction, Trigger, WindowContext, WindowTime } from "../../src/index.ts";
import { collectorAt } from "./collector.ts";
import { keyText } from "./key-text.ts";
import { plainTrigger, type PlainTrigger } from "./plain-trigger.ts";
import {
  isPast,
  keep,
  openWindow,
  windowsAt,
  type Bounds,
  type PlainWindow,
} from "./plain-window.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

type Logic = LogicOf<"window">;
type Spec = Logic["spec"];
type Due = Readonly<{ window: PlainWindow; timeMs: number }>;

export function createWindowTwin(logic: Logic, context: TwinContext): Twin {
  const { clocks } = context;
  const { spec } = logic;
  const windows = new PlainWindows(spec, context);
  const fireNext = (time: WindowTime, untilMs: number): boolean => {
    const due = windows.firstDue(time, untilMs);
    if (due !== undefined) windows.onTime(due, time);
    return due !== undefined;
  };
  return {
    receive(_input, value, timestampMs) {
      const key = logic.key(value);
      const text = keyText(logic.keyType, key);
      if (windows.take(key, text, value, timestampMs)) return;
      const { assigner, lateOutput, allowedLatenessMs } = spec;
      if (assigner.kind === "global" || assigner.time === "processing") return;
      if (lateOutput === undefined) return;
      if (!isPast(timestampMs, allowedLatenessMs, clocks.watermarkMs())) return;
      context.emitSide(lateOutput.id, value, timestampMs);
    },
    advance(watermarkMs) {
      while (fireNext("event", watermarkMs)) continue;
    },
    nextProcessingMs: () => windows.firstDue("processing", Number.POSITIVE_INFINITY)?.timeMs,
    fireProcessingTime: (nowMs) => void fireNext("processing", nowMs),
  };
}

class PlainWindows {
  readonly #spec: Spec;
  readonly #context: TwinContext;
  readonly #trigger: PlainTrigger;
  readonly #fire: (window: PlainWindow, values: readonly unknown[]) => void;
  readonly #byKey = new Map<string, PlainWindow[]>();

  constructor(spec: Spec, context: TwinContext) {
    this.#spec = spec;
    this.#context = context;
    this.#trigger = plainTrigger(triggerOf(spec), spec.assigner, context.clocks);
    this.#fire = firing(spec, context);
  }

  /** False when every window of the record was over. */
  take(key: unknown, text: string, value: unknown, timestampMs: number): boolean {
    const { assigner, type } = this.#spec;
    const byClock = assigner.kind !== "global" && assigner.time === "processing";
    const timeMs = byClock ? this.#context.clocks.processingTimeMs() : timestampMs;
    let taken = false;
    for (const bounds of windowsAt(assigner, value, timeMs)) {
      const window =
        assigner.kind === "session"
          ? this.#session(key, text, bounds)
          : this.#window(key, text, bounds);
      if (window === undefined) continue;
      taken = true;
      window.content.push({ value: type.copy(value), timestampMs });
      this.#obey(this.#trigger.onRecord(window, value, timestampMs), window);
    }
    return taken;
  }

  /** By time, then by key, then by the window's start. */
  firstDue(time: WindowTime, untilMs: number): Due | undefined {
    let first: Due | undefined;
    for (const windows of this.#byKey.values()) {
      for (const window of windows) {
        const timers = time === "event" ? window.eventTimers : window.processingTimers;
        const ownMs = this.#endsBy(time) ? this.#overMs(window) : Number.POSITIVE_INFINITY;
        for (const timeMs of [...timers, ownMs]) {
          if (timeMs > untilMs || timeMs === Number.POSITIVE_INFINITY) continue;
          const due = { window, timeMs };
          if (first === undefined || isBefore(due, first)) first = due;
        }
      }
    }
    return first;
  }

  onTime({ window, timeMs }: Due, time: WindowTime): void {
    const timers = time === "event" ? window.eventTimers : window.processingTimers;
    timers.delete(timeMs);
    this.#obey(this.#trigger.onTime(window, time, timeMs), window);
    if (this.#endsBy(time) && timeMs === this.#overMs(window)) this.#remove([window]);
  }

  #endsBy(time: WindowTime): boolean {
    const { assigner } = this.#spec;
    return assigner.kind !== "global" && assigner.time === time;
  }

  #overMs({ endMs }: Bounds): number {
    return endMs - 1 + (this.#endsBy("event") ? this.#spec.allowedLatenessMs : 0);
  }

  #isOver({ endMs }: Bounds): boolean {
    const { clocks } = this.#context;
    if (!this.#endsBy("event")) return false;
    return isPast(endMs - 1, this.#spec.allowedLatenessMs, clocks.watermarkMs());
  }

  #window(key: unknown, text: string, bounds: Bounds): PlainWindow | undefined {
    if (this.#isOver(bounds)) return undefined;
    const open = this.#of(text).find(({ startMs }) => startMs === bounds.startMs);
    return open ?? this.#open(key, text, bounds);
  }

  /** All that overlaps or touches becomes one. */
  #session(key: unknown, text: string, bounds: Bounds): PlainWindow | undefined {
    const near = this.#of(text).filter(
      ({ startMs, endMs }) => startMs <= bounds.endMs && endMs >= bounds.startMs,
    );
    const startMs = Math.min(bounds.startMs, ...near.map((window) => window.startMs));
    const endMs = Math.max(bounds.endMs, ...near.map((window) => window.endMs));
    if (this.#isOver({ startMs, endMs })) return undefined;
    const same = near.find((window) => window.startMs === startMs && window.endMs === endMs);
    if (same !== undefined) return same;
    this.#remove(near);
    const window = this.#open(key, text, { startMs, endMs });
    if (near.length === 0) return window;
    near.sort((a, b) => a.startMs - b.startMs);
    for (const { content } of near) window.content.push(...content);
    this.#trigger.onMerge(window, near);
    return window;
  }

  #obey(result: ReturnType<PlainTrigger["onRecord"]>, window: PlainWindow): void {
    const { content } = window;
    const { evictor, type } = this.#spec;
    const show = (): void => {
      if (content.length === 0) return;
      this.#fire(
        window,
        content.map(({ value }) => type.copy(value)),
      );
    };
    if (result === "fire" || result === "fire-and-purge") {
      const evict = (): void => {
        if (evictor !== undefined) content.splice(0, content.length, ...keep(content, evictor));
      };
      if (evictor?.when !== "after") evict();
      show();
      if (evictor?.when === "after") evict();
    }
    if (result === "purge" || result === "fire-and-purge") content.length = 0;
  }

  #of(text: string): PlainWindow[] {
    return this.#byKey.get(text) ?? [];
  }

  #open(key: unknown, text: string, bounds: Bounds): PlainWindow {
    const window = openWindow(key, text, bounds);
    this.#byKey.set(text, [...this.#of(text), window]);
    return window;
  }

  #remove(over: readonly PlainWindow[]): void {
    for (const { keyText: text } of over) {
      const left = this.#of(text).filter((window) => !over.includes(window));
      if (left.length === 0) this.#byKey.delete(text);
      else this.#byKey.set(text, left);
    }
  }
}

function isBefore(a: Due, b: Due): boolean {
  if (a.timeMs !== b.timeMs) return a.timeMs < b.timeMs;
  if (a.window.keyText !== b.window.keyText) return a.window.keyText < b.window.keyText;
  return a.window.startMs < b.window.startMs;
}

function triggerOf({ trigger, assigner }: Spec): Trigger<unknown> {
  if (trigger !== undefined) return trigger;
  if (assigner.kind === "global") return { kind: "never" };
  return assigner.time === "event" ? { kind: "event-time" } : { kind: "processing-time" };
}

/** What comes of the values of a window, with the window's last ms for a timestamp. */
function firing({ computation }: Spec, context: TwinContext) {
  let emitMs = 0;
  const out = collectorAt(context, () => emitMs);
  const create = computation.kind === "process" ? computation.create : computation.process;
  const user: ProcessWindowFunction<unknown, unknown, unknown> = create?.() ?? {
    process: (_window, values) => values.forEach((value) => out.collect(value)),
  };
  return (window: PlainWindow, values: readonly unknown[]): void => {
    emitMs = window.endMs === Infinity ? Number.NEGATIVE_INFINITY : window.endMs - 1;
    const seen: WindowContext<unknown> = {
      key: window.key,
      window: { startMs: window.startMs, endMs: window.endMs },
      currentWatermark: context.clocks.watermarkMs,
      currentProcessingTime: context.clocks.processingTimeMs,
    };
    user.process(seen, folded(computation, values), out);
  };
}

function folded(computation: Spec["computation"], values: readonly unknown[]): readonly unknown[] {
  if (computation.kind === "process") return values;
  if (computation.kind === "reduce") {
    return [values.reduce((left, right) => computation.reduce(left, right))];
  }
  const { aggregate } = computation;
  return [
    aggregate.result(
      values.reduce(
        (accumulator, value) => aggregate.add(value, accumulator),
        aggregate.createAccumulator(),
      ),
    ),
  ];
}
