/**
 * Looks for stolen cards: some payments of next to nothing, to try the card, then a large one.
 *
 *   payments --hash(card)--> small{2,4}, then large, within a second --> ledger "alerts"
 *                                   \-- small ones that nothing followed --> ledger "trials"
 *
 * What is large is measured by the small ones before it. Payments are matched in order of event time,
 * so the order in which they come shows nowhere.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  outputTag,
  pattern,
  types,
  type Collector,
  type LogicalGraph,
} from "../../src/index.ts";

export const PAYMENTS_TOPIC = "payments";
export const OUT_OF_ORDER_MS_MAX = 400;
export const SMALL_CENTS_MAX = 200;
const WITHIN_MS = 1_000;
/** A large payment is so many times what the small ones came to. */
const LARGE_FACTOR = 100;

export type Payment = Readonly<{ card: string; id: number; cents: number }>;
export type Alert = Readonly<{ card: string; tried: number[]; taken: number }>;
export type Trial = Readonly<{ card: string; tried: number[] }>;

/** The key of a row for rules about order: those of one card come in order. */
export const cardOf = (row: unknown): string => (row as Alert | Trial).card;

const paymentType = types.record({ card: types.string, id: types.long, cents: types.long });
const alertType = types.record({
  card: types.string,
  tried: types.list(types.long),
  taken: types.long,
});
const trialType = types.record({ card: types.string, tried: types.list(types.long) });
const timedOut = outputTag("timed-out", types.list(paymentType));

const { stages } = pattern
  .begin<Payment>("small", ({ cents }) => cents <= SMALL_CENTS_MAX)
  .times(2, 4)
  .followedBy("large", ({ cents }, before) => cents > LARGE_FACTOR * sumOf(before.get("small")));

const sumOf = (payments: readonly Payment[] = []): number =>
  payments.reduce((sum, { cents }) => sum + cents, 0);

const idsOf = (payments: readonly Payment[] = []): number[] => payments.map(({ id }) => id);

function alert(match: ReadonlyMap<string, readonly Payment[]>, out: Collector<Alert>): void {
  const [large] = match.get("large") ?? [];
  if (large === undefined) return;
  out.collect({ card: large.card, tried: idsOf(match.get("small")), taken: large.id });
}

export function fraudPatterns(): LogicalGraph {
  return job("fraud-patterns", (env) => {
    env.enableCheckpointing({ intervalMs: 600 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const matches = env
      .fromSource(
        logSource({ topic: PAYMENTS_TOPIC, type: paymentType }),
        WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX),
        "payments",
      )
      .uid("payments")
      .keyBy(({ card }) => card, types.string)
      .pattern<Alert>({
        stages,
        withinMs: WITHIN_MS,
        skip: { kind: "past-last" },
        select: alert,
        timedOut,
      })
      .returns(alertType)
      .uid("stolen");
    matches.sinkTo(ledger("alerts")).uid("alerts");
    matches
      .sideOutput(timedOut)
      .filter((payments) => payments.length > 1)
      .uid("tried-again")
      .map<Trial>((payments) => ({ card: payments[0]!.card, tried: idsOf(payments) }))
      .returns(trialType)
      .uid("trial")
      .sinkTo(ledger("trials"))
      .uid("trials");
  });
}
