/**
 * Visits of users as sessions: a gap in event time ends one, and how long a gap has to be depends on
 * the page.
 *
 *   topic "visits" --hash(user)--> session windows --> ledger "sessions"
 *
 * A visit may bridge two sessions that came before it, or cover several at once. No visit is later
 * than the watermarks allow for, so a session is complete when it goes out: once, with every visit.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  sessionWindows,
  types,
  type Collector,
  type LogicalGraph,
  type ValueOf,
  type WindowContext,
} from "../../src/index.ts";

export const VISITS_TOPIC = "page-visits";
export const OUT_OF_ORDER_MS_MAX = 400;
/** Sessions stay this long behind their end, for visits that never come. */
const ALLOWED_LATENESS_MS = 150;

export const visitType = types.record({
  user: types.string,
  /** How long the page holds a reader. */
  dwellMs: types.long,
  pages: types.long,
});
export type Visit = ValueOf<typeof visitType>;

const sessionType = types.record({
  user: types.string,
  startMs: types.long,
  endMs: types.long,
  visits: types.long,
  pages: types.long,
  longestMs: types.long,
});
type Session = ValueOf<typeof sessionType>;

const tallyType = types.record({ visits: types.long, pages: types.long, longestMs: types.long });
type Tally = ValueOf<typeof tallyType>;

/** The key of a row for rules about order: a user's sessions end one after the other. */
export const userOf = (row: unknown): string => (row as Session).user;

/** Changes its accumulator in place, as it may. */
const tally = {
  createAccumulator: (): Tally => ({ visits: 0, pages: 0, longestMs: 0 }),
  add(visit: Visit, sum: Tally): Tally {
    sum.visits++;
    sum.pages += visit.pages;
    sum.longestMs = Math.max(sum.longestMs, visit.dwellMs);
    return sum;
  },
  result: (sum: Tally): Tally => sum,
  merge: (left: Tally, right: Tally): Tally => ({
    visits: left.visits + right.visits,
    pages: left.pages + right.pages,
    longestMs: Math.max(left.longestMs, right.longestMs),
  }),
};

const describe = () => ({
  process(
    { key, window }: WindowContext<string>,
    sums: readonly Tally[],
    out: Collector<Session>,
  ): void {
    for (const sum of sums) {
      out.collect({ user: key, startMs: window.startMs, endMs: window.endMs, ...sum });
    }
  },
});

export function sessions(): LogicalGraph {
  return job("sessions", (env) => {
    env.enableCheckpointing({ intervalMs: 600 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    env
      .fromSource(
        logSource({ topic: VISITS_TOPIC, type: visitType }),
        WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX),
        "visits",
      )
      .uid("visits")
      .keyBy(({ user }) => user, types.string)
      .window({
        assigner: sessionWindows({ gapMs: ({ dwellMs }) => dwellMs }),
        allowedLatenessMs: ALLOWED_LATENESS_MS,
        aggregate: tally,
        accumulatorType: tallyType,
        process: describe,
        outputType: sessionType,
      })
      .uid("session")
      .sinkTo(ledger("sessions"))
      .uid("sink");
  });
}
