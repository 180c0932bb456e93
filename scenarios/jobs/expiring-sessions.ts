/**
 * Counts the visits of each user's session, where a session is nothing but state that expires.
 *
 *   visits --hash(user)--> session (expires), history (does not) --> ledger "sessions"
 *
 * No code says when a session is over: whoever has not come for `SESSION_TTL_MS` of processing time
 * finds nothing of the last one. So rows are determined only if visits of one user come either far
 * sooner than that or far later, whatever delays them; the input has to see to it.
 *
 * How often a user has ever seen a page is kept in a state of that page's own, asked for when somebody
 * sees it, as code with plug-ins does.
 */
import {
  WatermarkStrategy,
  aggregatingState,
  job,
  ledger,
  listState,
  logSource,
  mapState,
  memoryBackend,
  reducingState,
  types,
  valueState,
  type AggregatingState,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type ListState,
  type LogicalGraph,
  type MapState,
  type ReducingState,
  type RuntimeContext,
  type StateTtl,
  type ValueState,
} from "../../src/index.ts";

export const PAGES_TOPIC = "page-views";
export const SESSION_TTL_MS = 25_000;

export type PageView = Readonly<{ user: string; page: string }>;

export type Session = Readonly<{
  user: string;
  /** From 1: of this user. */
  session: number;
  /** From 1: within the session. */
  visit: number;
  /** Of the session so far, in order. */
  pages: readonly string[];
  /** How often this page was seen in the session. */
  seen: number;
  /** The longest name of a page in the session. */
  longest: string;
  /** Mean length of the names in the session, in hundredths. */
  meanLength: number;
  /** How often this user has ever seen this page. */
  ever: number;
}>;

export const pageViewType = types.record({ user: types.string, page: types.string });
const sessionType = types.record({
  user: types.string,
  session: types.long,
  visit: types.long,
  pages: types.list(types.string),
  seen: types.long,
  longest: types.string,
  meanLength: types.long,
  ever: types.long,
});

/** The key of a row for rules about order. */
export const sessionUserOf = (row: unknown): string => (row as Session).user;

const ttl: StateTtl = { ttlMs: SESSION_TTL_MS };
const SWEPT: StateTtl = { ...ttl, cleanup: { incrementalEntries: 2 } };
const READ: StateTtl = { ...ttl, update: "on-read-and-write" };
/** Never within a run. */
const LONG: StateTtl = { ttlMs: 600_000, update: "on-read-and-write" };

const longestOf = (a: string, b: string): string => (b.length > a.length ? b : a);
const lengths = types.record({ sum: types.long, count: types.long });
const everSeen = (page: string) => valueState(`ever ${page}`, types.long);

class CountSessions implements KeyedProcessFunction<string, PageView, Session> {
  #context!: RuntimeContext;
  #sessions!: ValueState<number>;
  #visit!: ValueState<number>;
  #pages!: ListState<string>;
  #seen!: MapState<string, number>;
  #longest!: ReducingState<string>;
  #meanLength!: AggregatingState<string, number>;

  open(context: RuntimeContext): void {
    this.#context = context;
    this.#sessions = context.getState(valueState("sessions", types.long, LONG));
    this.#visit = context.getState(valueState("visit", types.long, ttl));
    this.#pages = context.getListState(listState("pages", types.string, SWEPT));
    this.#seen = context.getMapState(mapState("seen", types.string, types.long, READ));
    this.#longest = context.getReducingState(
      reducingState("longest", types.string, longestOf, SWEPT),
    );
    this.#meanLength = context.getAggregatingState(
      aggregatingState(
        "mean-length",
        lengths,
        {
          createAccumulator: () => ({ sum: 0, count: 0 }),
          add(page: string, accumulator) {
            accumulator.sum += page.length;
            accumulator.count++;
            return accumulator;
          },
          result: ({ sum, count }) => Math.round((100 * sum) / count),
        },
        READ,
      ),
    );
  }

  processElement(
    { user, page }: PageView,
    _context: KeyedContext<string>,
    out: Collector<Session>,
  ): void {
    const visit = (this.#visit.value() ?? 0) + 1;
    const session = (this.#sessions.value() ?? 0) + (visit === 1 ? 1 : 0);
    if (visit === 1) this.#sessions.update(session);
    this.#visit.update(visit);
    this.#pages.add(page);
    const seen = (this.#seen.get(page) ?? 0) + 1;
    this.#seen.put(page, seen);
    this.#longest.add(page);
    this.#meanLength.add(page);
    out.collect({
      user,
      session,
      visit,
      pages: this.#pages.get(),
      seen,
      longest: this.#longest.get() ?? "",
      meanLength: this.#meanLength.get() ?? 0,
      ever: this.#countEver(page),
    });
  }

  #countEver(page: string): number {
    const state = this.#context.getState(everSeen(page));
    const ever = (state.value() ?? 0) + 1;
    state.update(ever);
    return ever;
  }
}

export function expiringSessions(): LogicalGraph {
  return job("expiring-sessions", (env) => {
    env.enableCheckpointing({ intervalMs: 1_200 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    env
      .fromSource(
        logSource({ topic: PAGES_TOPIC, type: pageViewType }),
        WatermarkStrategy.none(),
        "page-views",
      )
      .uid("page-views")
      .keyBy(({ user }) => user, types.string)
      .process(() => new CountSessions())
      .returns(sessionType)
      .uid("count")
      .sinkTo(ledger("sessions"))
      .uid("sink");
  });
}
