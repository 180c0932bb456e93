/**
 * Announces every departure once event time has passed it by a second, and passes notices on.
 *
 *   departures --hash(line)--\
 *                             announce --> ledger "board"
 *   notices ----hash(line)---/
 *
 * Notices are rare, and idle most of the time: then departures alone say how late it is. What is
 * announced depends on no watermark, only when: a departure that comes behind one is announced with
 * the next.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  type Collector,
  type KeyedCoProcessFunction,
  type KeyedContext,
  type LogicalGraph,
} from "../../src/index.ts";

export const DEPARTURES_TOPIC = "departures";
export const NOTICES_TOPIC = "notices";
/** From a departure to its announcement, event time. */
export const ANNOUNCED_AFTER_MS = 1_000;
export const IDLE_AFTER_MS = 600;

/** Of one line no two leave at the same time. */
export type Departure = Readonly<{ line: string; atMs: number }>;
export type Notice = Readonly<{ line: string; text: string }>;
export type Announcement = Readonly<{ line: string; text: string }>;

const departureType = types.record({ line: types.string, atMs: types.long });
const noticeType = types.record({ line: types.string, text: types.string });

/** A timer is all that remembers a departure. */
class Announce implements KeyedCoProcessFunction<string, Departure, Notice, Announcement> {
  processFirst({ atMs }: Departure, { timers }: KeyedContext<string>): void {
    timers.registerEventTimeTimer(atMs + ANNOUNCED_AFTER_MS);
  }

  processSecond(
    notice: Notice,
    _context: KeyedContext<string>,
    out: Collector<Announcement>,
  ): void {
    out.collect(notice);
  }

  onEventTimeTimer(
    timestampMs: number,
    { key: line }: KeyedContext<string>,
    out: Collector<Announcement>,
  ): void {
    out.collect({ line, text: `left at ${timestampMs - ANNOUNCED_AFTER_MS}` });
  }
}

export function quietSide(): LogicalGraph {
  return job("quiet-side", (env) => {
    env.enableCheckpointing({ intervalMs: 700 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const watermarks = WatermarkStrategy.forMonotonousTimestamps({ idleAfterMs: IDLE_AFTER_MS });
    const departures = env
      .fromSource(
        logSource({ topic: DEPARTURES_TOPIC, type: departureType }),
        watermarks,
        "departures",
      )
      .uid("departures")
      .keyBy(({ line }) => line, types.string);
    const notices = env
      .fromSource(logSource({ topic: NOTICES_TOPIC, type: noticeType }), watermarks, "notices")
      .uid("notices")
      .keyBy(({ line }) => line, types.string);
    departures
      .coProcess(notices, () => new Announce(), noticeType)
      .uid("announce")
      .sinkTo(ledger("board"))
      .uid("board");
  });
}
