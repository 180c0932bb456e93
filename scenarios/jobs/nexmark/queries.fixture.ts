/** What tests of NexMark's queries share: a small auction house, and two ways to answer for it. */
import { expect } from "vitest";
import { foldChanges, referenceOutput, rowText } from "../../../properties/index.ts";
import type { LogicalGraph } from "../../../src/index.ts";
import type { Input, InputRecord } from "../../../sim/history.ts";
import { createRandom } from "../../../sim/kernel/random.ts";
import {
  drawNexmark,
  nexmarkEvents,
  type Auction,
  type Bid,
  type NexmarkEvents,
  type NexmarkTopic,
  type Person,
} from "../../data/nexmark.ts";
import { RESULTS } from "./streams.ts";

export type Query = Readonly<{
  job: () => LogicalGraph;
  evaluate: (events: NexmarkEvents) => readonly unknown[];
  topics: readonly NexmarkTopic[];
  /** What rows are compared as, such as the table that changes amount to; as they are if it is absent. */
  view?: (rows: readonly unknown[]) => readonly unknown[];
}>;

export function tableOf(changes: readonly unknown[]): readonly unknown[] {
  const table = foldChanges(changes);
  if (!table.ok) throw new Error(table.error);
  return table.value.map(({ value }) => value);
}

/** Both the evaluation and the reference of the job have to find these rows. */
export function expectRows(
  query: Query,
  events: Partial<NexmarkEvents>,
  rows: readonly unknown[],
): void {
  const all: NexmarkEvents = { persons: [], auctions: [], bids: [], ...events };
  expect(texts(query.evaluate(all)), "evaluated").toEqual(texts(rows));
  expect(texts(referenceOf(query, inputOf(all, query.topics))), "reference").toEqual(texts(rows));
}

export function expectAgreement(query: Query, eventsMax: number): void {
  for (let seed = 1; seed <= 8; seed++) {
    const input = drawNexmark(query.topics, { eventsMin: 200, eventsMax })(
      createRandom(`0x${seed.toString(16)}`),
    );
    const evaluated = query.evaluate(nexmarkEvents(input));
    expect(texts(referenceOf(query, input)), `seed ${seed}`).toEqual(texts(evaluated));
  }
}

export const person = (id: number, state: string, seconds: number): Person => ({
  ...{ id, name: `P${id}`, emailAddress: "", creditCard: "", city: "Bend", state },
  ...{ atMs: seconds * 1_000, extra: "" },
});

export const auction = (
  id: number,
  seller: number,
  category: number,
  [fromSeconds, toSeconds]: readonly [number, number],
): Auction => ({
  ...{ id, itemName: "", description: "", initialBid: 1, reserve: 2, seller, category },
  ...{ atMs: fromSeconds * 1_000, expiresMs: toSeconds * 1_000, extra: "" },
});

export const bid = (of: number, bidder: number, price: number, seconds: number): Bid => ({
  ...{ auction: of, bidder, price, channel: "Apple", url: "" },
  ...{ atMs: seconds * 1_000, extra: "x" },
});

const texts = (rows: readonly unknown[]): string[] => rows.map(rowText).sort();

function referenceOf({ job, view }: Query, input: Input): readonly unknown[] {
  const rows = referenceOutput(job(), input).get(RESULTS) ?? [];
  return view === undefined ? rows : view(rows);
}

/** Each topic in two partitions, its records dealt in turn, in order of event time. */
function inputOf(events: NexmarkEvents, topics: readonly NexmarkTopic[]): Input {
  const input = new Map<string, InputRecord[][]>();
  for (const topic of topics) {
    const inOrder = [...events[topic]].sort((a, b) => a.atMs - b.atMs);
    const records = inOrder.map((value) => ({ value, timestampMs: value.atMs, availableAtMs: 0 }));
    input.set(
      topic,
      [0, 1].map((partition) => records.filter((_, i) => i % 2 === partition)),
    );
  }
  return input;
}
