/**
 * What becomes of visits that come behind the watermark: a window that still stays takes them and goes
 * out again; those that no window takes go their own way.
 *
 *   topic "late-visits" --hash(user)--> sessions that stay a while -----> ledger "sessions"
 *                      \                                      \-late----> ledger "late"
 *                       \--hash(user)--> sliding windows, fired at once -> ledger "windows"
 *                                                             \-late----> ledger "late"
 *
 * Which visits are late is decided by where the watermark stands, and so by nothing that may differ
 * from run to run: one partition, read by one subtask; and between visits that raise the watermark
 * and visits that come behind it there is time enough for every watermark to arrive.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  outputTag,
  sessionWindows,
  slidingWindows,
  types,
  type Collector,
  type LogicalGraph,
  type ValueOf,
  type WatermarkGenerator,
  type WindowContext,
} from "../../src/index.ts";
import { visitType, type Visit } from "./sessions.ts";

export const LATE_VISITS_TOPIC = "late-visits";
export const ALLOWED_LATENESS_MS = 300;

const paneType = types.record({
  user: types.string,
  startMs: types.long,
  endMs: types.long,
  visits: types.long,
  pages: types.long,
});

const lateForSessions = outputTag("late-for-sessions", visitType);
const lateForWindows = outputTag("late-for-windows", visitType);

/** Nothing older to come than the newest that came; those that come all the same are late. */
const hasty = (): WatermarkGenerator<Visit> => {
  let newestMs = Number.NEGATIVE_INFINITY;
  return {
    onRecord(_visit, timestampMs) {
      newestMs = Math.max(newestMs, timestampMs);
    },
    onPeriodicEmit: (out) => out.emitWatermark(newestMs - 1),
  };
};

const panes = () => ({
  process(
    { key, window: { startMs, endMs } }: WindowContext<string>,
    visits: readonly Visit[],
    out: Collector<ValueOf<typeof paneType>>,
  ): void {
    const pages = visits.reduce((sum, visit) => sum + visit.pages, 0);
    out.collect({ user: key, startMs, endMs, visits: visits.length, pages });
  },
});

export function lateVisits(): LogicalGraph {
  return job("late-visits", (env) => {
    env.enableCheckpointing({ intervalMs: 700 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const byUser = env
      .fromSource(
        logSource({ topic: LATE_VISITS_TOPIC, type: visitType }),
        WatermarkStrategy.forGenerator(hasty),
        "visits",
      )
      .uid("visits")
      .setParallelism(1)
      .keyBy(({ user }) => user, types.string);
    const sessions = byUser
      .window({
        assigner: sessionWindows({ gapMs: ({ dwellMs }) => dwellMs }),
        allowedLatenessMs: ALLOWED_LATENESS_MS,
        lateOutput: lateForSessions,
        process: panes,
        outputType: paneType,
      })
      .uid("session");
    const windows = byUser
      .window({
        assigner: slidingWindows({ sizeMs: 200, slideMs: 80 }),
        lateOutput: lateForWindows,
        process: panes,
        outputType: paneType,
      })
      .uid("window");
    sessions.sinkTo(ledger("sessions")).uid("sessions");
    windows.sinkTo(ledger("windows")).uid("windows");
    sessions.sideOutput(lateForSessions).sinkTo(ledger("late-for-sessions")).uid("late-sessions");
    windows.sideOutput(lateForWindows).sinkTo(ledger("late-for-windows")).uid("late-windows");
  });
}
