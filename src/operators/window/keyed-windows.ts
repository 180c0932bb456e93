/**
 * The windows of the key in hand: takes records in, fires, purges and forgets.
 *
 *   record -> its windows -> content -> trigger: continue, fire, purge
 *   timer  -> its window  -> trigger; at the window's end plus lateness: everything of it goes
 *
 * KW1  A window that is late for a record stops nothing: its other windows take the record.
 * KW2  When a window is over, its content, its trigger's memory, its timers and its session go, and
 *      the key keeps nothing of it (C88).
 * KW3  Windows share no record that could be changed in place: a change in one shows in no other.
 * KW4  A timer that a trigger left behind is ignored once its window is over.
 *
 * Source: Flink, WindowOperator and EvictingWindowOperator. We differ in KW4 for windows that do not
 * merge, and a window function never sees an empty content.
 *
 * Not here: which windows (`assign-windows.ts`), how sessions merge (`sessions.ts`), when they fire
 * (`create-trigger.ts`), what they hold (`window-contents.ts`).
 */
import { NO_TIMESTAMP } from "../../core/element.ts";
import { mapState, type MapState } from "../../state/state.ts";
import type { KeyedCore } from "../keyed-core.ts";
import type { OutputCollector } from "../output-collector.ts";
import { createAssigner, type AssignWindows } from "./assign-windows.ts";
import { createTrigger, defaultTrigger } from "./create-trigger.ts";
import { CurrentWindow } from "./current-window.ts";
import { LastFired } from "./last-fired.ts";
import { placeInSession, type Placement } from "./sessions.ts";
import { createContents, type See, type WindowContents } from "./window-contents.ts";
import type {
  TimeWindow,
  TriggerResult,
  WindowComputation,
  WindowSpec,
  WindowTime,
  WindowTrigger,
} from "./window-spec.ts";
import { lastMsOf, windowType, type WindowOfKey } from "./window-type.ts";

/** Beyond the last time that a timer can be set for: never. */
const TIME_MS_MAX = 2 ** 52 - 1;

export class KeyedWindows<K, T, O> {
  readonly #core: KeyedCore<K, WindowOfKey<K>>;
  readonly #spec: WindowSpec<K, T, O>;
  /** Of what windows are made; undefined: there is one, and for ever. */
  readonly #time: WindowTime | undefined;
  readonly #assign: AssignWindows<T>;
  readonly #contents: WindowContents<T>;
  readonly #current: CurrentWindow<K>;
  readonly #trigger: WindowTrigger<T>;
  readonly #lastFired: LastFired<T>;
  /** Undefined where windows do not merge. */
  readonly #sessions: MapState<TimeWindow, TimeWindow> | undefined;
  readonly #collector: OutputCollector<O>;
  readonly #see: See;

  constructor(
    core: KeyedCore<K, WindowOfKey<K>>,
    spec: WindowSpec<K, T, O>,
    collector: OutputCollector<O>,
  ) {
    const { assigner, trigger = defaultTrigger(assigner) } = spec;
    const { keyed } = core;
    this.#core = core;
    this.#spec = spec;
    this.#time = assigner.kind === "global" ? undefined : assigner.time;
    this.#assign = createAssigner(assigner);
    this.#contents = createContents(spec, keyed);
    this.#current = new CurrentWindow(core, keyed);
    this.#lastFired = new LastFired(trigger, keyed);
    this.#trigger = createTrigger(trigger, assigner, this.#lastFired);
    this.#sessions =
      assigner.kind === "session"
        ? keyed.getMapState(mapState("window-sessions", windowType, windowType))
        : undefined;
    this.#collector = collector;
    this.#see = seeing(spec.computation, this.#current, collector);
  }

  /** Puts a record into its windows; false when all of them are over. */
  take(value: T, timestampMs: number): boolean {
    const timeMs =
      this.#time === "processing" ? this.#current.currentProcessingTime() : timestampMs;
    if (this.#time === "event" && timeMs === NO_TIMESTAMP) throw withoutTimestamp();
    const windows = this.#assign(value, timeMs);
    const last = windows.length - 1;
    let taken = false;
    for (let i = 0; i <= last; i++) {
      // KW3: the last one comes after all that could change the record.
      const own = i === last ? value : this.#spec.type.copy(value);
      if (this.#takeInto(windows[i]!, own, timestampMs)) taken = true;
    }
    return taken;
  }

  /** Too late for any window that a record of this time could be in (C89). */
  isLate(timestampMs: number): boolean {
    return this.#time === "event" && this.#isPast(timestampMs);
  }

  onTimer(window: TimeWindow, timeMs: number, time: WindowTime): void {
    const stateWindow = this.#stateWindowOf(window, timeMs, time);
    if (stateWindow === undefined) return;
    this.#current.window = window;
    const result =
      time === "event"
        ? this.#trigger.onEventTime(timeMs, this.#current)
        : this.#trigger.onProcessingTime(timeMs, this.#current);
    this.#obey(result, stateWindow);
    if (time === this.#time && timeMs === this.#cleanUpMs(window)) {
      this.#contents.clear(stateWindow);
      this.#sessions?.remove(window);
      this.#forget(window);
    }
  }

  #takeInto(window: TimeWindow, value: T, timestampMs: number): boolean {
    if (this.#sessions === undefined) {
      if (this.#isOver(window)) return false;
      if (this.#contents.add(window, value, timestampMs)) this.#registerCleanUp(window);
      this.#onElement(window, window, value, timestampMs);
      return true;
    }
    const placement = placeInSession(this.#sessions.entries(), window);
    if (this.#isOver(placement.window)) return false;
    if (!this.#sessions.has(placement.window)) this.#openSession(placement, this.#sessions);
    this.#contents.add(placement.stateWindow, value, timestampMs);
    this.#onElement(placement.window, placement.stateWindow, value, timestampMs);
    return true;
  }

  #onElement(window: TimeWindow, stateWindow: TimeWindow, value: T, timestampMs: number): void {
    this.#current.window = window;
    this.#obey(this.#trigger.onElement(value, timestampMs, this.#current), stateWindow);
  }

  /** A session that is new, or has come of others that are no more (C90). */
  #openSession(
    { window, stateWindow, merged }: Placement,
    sessions: MapState<TimeWindow, TimeWindow>,
  ): void {
    // The new one first: a key without a session would be let go of, and taken in anew.
    sessions.put(window, stateWindow);
    for (const [old] of merged) sessions.remove(old);
    this.#registerCleanUp(window);
    if (merged.length === 0) return;
    const current = this.#current;
    current.window = window;
    this.#trigger.onMerge?.(
      current,
      merged.map(([old]) => current.numbersOf(old)),
    );
    for (const [old] of merged) {
      this.#forget(old);
      this.#deleteCleanUp(old);
    }
    // One that only grew has its content where it was.
    if (merged.length === 1) return;
    this.#contents.merge(
      stateWindow,
      merged.slice(1).map(([, source]) => source),
    );
  }

  /** All that the trigger keeps for a window: timers and memory. */
  #forget(window: TimeWindow): void {
    this.#current.window = window;
    this.#trigger.clear(this.#current);
    this.#current.forget(window);
    this.#lastFired.forget(window);
  }

  /** PURGE takes the content and leaves the trigger its memory (C92). */
  #obey(result: TriggerResult, stateWindow: TimeWindow): void {
    if (result === "continue") return;
    if (result !== "purge") {
      const { endMs } = this.#current.window;
      this.#collector.timestampMs = endMs === Infinity ? NO_TIMESTAMP : endMs - 1;
      this.#contents.fire(stateWindow, this.#see);
    }
    if (result !== "fire") this.#contents.clear(stateWindow);
  }

  /** Where the content of a window lies; undefined once the window is over (KW4). */
  #stateWindowOf(window: TimeWindow, timeMs: number, time: WindowTime): TimeWindow | undefined {
    if (this.#sessions !== undefined) return this.#sessions.get(window);
    return this.#isGone(window, timeMs, time) ? undefined : window;
  }

  /** Whether it was over when the timer came due: earlier ones of the same kind fire before it. */
  #isGone(window: TimeWindow, timeMs: number, time: WindowTime): boolean {
    if (this.#time === undefined) return false;
    if (time === this.#time) return timeMs > this.#cleanUpMs(window);
    if (this.#time === "event") return this.#isOver(window);
    // The clock may have passed its end before its timer had a turn: then it still has its content.
    const isPast = lastMsOf(window) < this.#current.currentProcessingTime();
    return isPast && !this.#contents.holds(window);
  }

  /** Too late to take anything (C88). Windows of processing time end by their timer alone. */
  #isOver(window: TimeWindow): boolean {
    return this.#time === "event" && this.#isPast(lastMsOf(window));
  }

  #isPast(timestampMs: number): boolean {
    const untilMs = timestampMs + this.#spec.allowedLatenessMs;
    return untilMs <= TIME_MS_MAX && untilMs <= this.#core.watermarkMs;
  }

  #cleanUpMs(window: TimeWindow): number {
    const lastMs = lastMsOf(window);
    return this.#time === "event" ? lastMs + this.#spec.allowedLatenessMs : lastMs;
  }

  #registerCleanUp(window: TimeWindow): void {
    const atMs = this.#cleanUpMs(window);
    if (atMs > TIME_MS_MAX) return;
    this.#current.window = window;
    if (this.#time === "event") this.#current.registerEventTimeTimer(atMs);
    else this.#current.registerProcessingTimeTimer(atMs);
  }

  #deleteCleanUp(window: TimeWindow): void {
    this.#current.window = window;
    if (this.#time === "event") this.#current.deleteEventTimeTimer(this.#cleanUpMs(window));
    else this.#current.deleteProcessingTimeTimer(this.#cleanUpMs(window));
  }
}

function seeing<K, T, O>(
  computation: WindowComputation<K, T, O>,
  current: CurrentWindow<K>,
  collector: OutputCollector<O>,
): See {
  const create = computation.kind === "process" ? computation.create : computation.process;
  if (create === undefined) {
    // Without a window function the one folded value is the output.
    return (values) => values.forEach((value) => collector.collect(value as O));
  }
  const fn = create();
  return (values) => fn.process(current, values as never[], collector);
}

const withoutTimestamp = (): Error =>
  new Error(
    "it has no timestamp, yet its windows are of event time; give the stream timestamps " +
      "(assignTimestampsAndWatermarks), or use windows of processing time",
  );
