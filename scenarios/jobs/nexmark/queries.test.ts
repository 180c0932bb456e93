/**
 * What q0 to q11 answer, worked out by hand for a small auction house: the plain evaluations and the
 * reference of the jobs, which know nothing of each other, both have to find it.
 */
import { describe, test } from "vitest";
import type { Bid, NexmarkEvents } from "../../data/nexmark.ts";
import { evaluateQ0 } from "./batch/q0.ts";
import { evaluateQ1 } from "./batch/q1.ts";
import { evaluateQ10 } from "./batch/q10.ts";
import { evaluateQ11 } from "./batch/q11.ts";
import { evaluateQ2 } from "./batch/q2.ts";
import { evaluateQ3 } from "./batch/q3.ts";
import { evaluateQ4 } from "./batch/q4.ts";
import { evaluateQ5 } from "./batch/q5.ts";
import { evaluateQ6 } from "./batch/q6.ts";
import { evaluateQ7 } from "./batch/q7.ts";
import { evaluateQ8 } from "./batch/q8.ts";
import { evaluateQ9 } from "./batch/q9.ts";
import { q0 } from "./q0.ts";
import { q1 } from "./q1.ts";
import { q10 } from "./q10.ts";
import { q11 } from "./q11.ts";
import { q2 } from "./q2.ts";
import { q3 } from "./q3.ts";
import { q4 } from "./q4.ts";
import { q5 } from "./q5.ts";
import { q6 } from "./q6.ts";
import { q7 } from "./q7.ts";
import { q8 } from "./q8.ts";
import { q9 } from "./q9.ts";
import {
  auction,
  bid,
  expectAgreement,
  expectRows as expectRowsOf,
  person,
  tableOf,
  type Query,
} from "./queries.fixture.ts";

const BIDS = ["bids"] as const;
const QUERIES: Readonly<Record<string, Query>> = {
  q0: { job: q0, evaluate: evaluateQ0, topics: BIDS },
  q1: { job: q1, evaluate: evaluateQ1, topics: BIDS },
  q2: { job: q2, evaluate: evaluateQ2, topics: BIDS },
  q3: { job: q3, evaluate: evaluateQ3, topics: ["persons", "auctions"] },
  q4: { job: q4, evaluate: evaluateQ4, topics: ["auctions", "bids"], view: tableOf },
  q5: { job: q5, evaluate: evaluateQ5, topics: BIDS },
  q6: { job: q6, evaluate: evaluateQ6, topics: ["auctions", "bids"] },
  q7: { job: q7, evaluate: evaluateQ7, topics: BIDS },
  q8: { job: q8, evaluate: evaluateQ8, topics: ["persons", "auctions"] },
  q9: { job: q9, evaluate: evaluateQ9, topics: ["auctions", "bids"] },
  q10: { job: q10, evaluate: evaluateQ10, topics: BIDS },
  q11: { job: q11, evaluate: evaluateQ11, topics: BIDS },
};

const expectRows = (name: string, events: Partial<NexmarkEvents>, rows: readonly unknown[]): void =>
  expectRowsOf(QUERIES[name]!, events, rows);

describe("worked out by hand,", () => {
  test("q0 to q2 look at one bid at a time", () => {
    const bids = [bid(1_020, 7, 1_000, 1), bid(1_021, 7, 2_500, 2), bid(1_008, 8, 126, 3)];
    expectRows("q0", { bids }, bids);
    const euros = { bidder: 7, extra: "x" };
    expectRows("q1", { bids }, [
      { auction: 1_020, price: 908, atMs: 1_000, ...euros },
      { auction: 1_021, price: 2_270, atMs: 2_000, ...euros },
      { auction: 1_008, price: 114.408, atMs: 3_000, ...euros, bidder: 8 },
    ]);
    expectRows("q2", { bids }, [
      { auction: 1_020, price: 1_000 },
      { auction: 1_008, price: 126 },
    ]);
  });

  test("q3 finds sellers whichever of the two comes first, and only where both fit", () => {
    const persons = [person(1, "OR", 5), person(2, "WA", 1), person(3, "CA", 2)];
    const at = [1, 9] as const;
    const auctions = [
      auction(11, 1, 10, at),
      auction(12, 1, 10, [7, 9]),
      auction(13, 1, 11, at),
      auction(14, 2, 10, at),
      auction(15, 4, 10, at),
    ];
    const seller = { name: "P1", city: "Bend", state: "OR" };
    expectRows("q3", { persons, auctions }, [
      { ...seller, auction: 11 },
      { ...seller, auction: 12 },
    ]);
  });

  test("q4, q6 and q9 count bids from the opening to the expiry, both included", () => {
    const auctions = [
      auction(11, 1, 10, [10, 20]),
      auction(12, 1, 10, [5, 30]),
      auction(13, 2, 10, [5, 15]),
      auction(14, 2, 11, [5, 15]),
      auction(15, 2, 11, [5, 15]),
    ];
    const bids = [
      bid(11, 7, 900, 9), // not open yet
      bid(11, 7, 300, 10),
      bid(11, 8, 300, 12), // as dear, but later
      bid(11, 7, 950, 21), // over
      bid(12, 7, 100, 29),
      bid(12, 7, 200, 30),
      bid(13, 7, 501, 6),
      bid(15, 9, 40, 15),
      bid(16, 9, 40, 15), // no such auction
    ];
    expectRows("q9", { auctions, bids }, [
      { auction: auctions[0], bid: bids[1] },
      { auction: auctions[1], bid: bids[5] },
      { auction: auctions[2], bid: bids[6] },
      { auction: auctions[4], bid: bids[7] },
    ]);
    expectRows("q4", { auctions, bids }, [
      { category: 10, sales: 3, total: 1_001, average: 333 },
      { category: 11, sales: 1, total: 40, average: 40 },
    ]);
    expectRows("q6", { auctions, bids }, [
      { seller: 1, auction: 11, average: 300 },
      { seller: 1, auction: 12, average: 250 },
      { seller: 2, auction: 13, average: 501 },
      { seller: 2, auction: 15, average: 270 },
    ]);
  });

  test("q6 forgets the first of eleven sales", () => {
    const auctions = Array.from({ length: 11 }, (_, i) => auction(11 + i, 1, 10, [0, 50 - i]));
    const bids = auctions.map(({ id }, i) => bid(id, 7, (i + 1) * 100, 1));
    // They close from the last to the first: 1100, 1000, 900, ...
    const averages = [1_100, 1_050, 1_000, 950, 900, 850, 800, 750, 700, 650, 550];
    expectRows(
      "q6",
      { auctions, bids },
      averages.map((average, i) => ({ seller: 1, auction: 21 - i, average })),
    );
  });

  test("q5 names all that are hottest, in each of the windows that a bid is in", () => {
    const bids = [bid(11, 7, 1, 1), bid(12, 7, 1, 3), bid(11, 8, 1, 9)];
    const row = (of: number, count: number, endSeconds: number) => ({
      ...{ auction: of, bids: count, endMs: endSeconds * 1_000 },
    });
    expectRows("q5", { bids }, [
      row(11, 1, 2),
      row(11, 1, 4),
      row(12, 1, 4),
      row(11, 1, 6),
      row(12, 1, 6),
      row(11, 1, 8),
      row(12, 1, 8),
      row(11, 2, 10),
      row(11, 1, 12),
      row(12, 1, 12),
      row(11, 1, 14),
      row(11, 1, 16),
      row(11, 1, 18),
    ]);
  });

  test("q7 names all that are dearest in their ten seconds", () => {
    const bids = [
      ...[bid(11, 7, 300, 0), bid(12, 8, 300, 9.999), bid(11, 7, 200, 5)],
      ...[bid(11, 7, 300, 11), bid(11, 7, 400, 10), bid(12, 7, 100, 35)],
    ];
    expectRows("q7", { bids }, [bids[0], bids[1], bids[4], bids[5]]);
  });

  test("q8 names sellers who are new in the window that they sell in, once", () => {
    const persons = [person(1, "OR", 9), person(2, "OR", 9), person(3, "OR", 12)];
    const auctions = [
      auction(11, 1, 10, [1, 90]),
      auction(12, 1, 10, [9.999, 90]),
      auction(13, 2, 10, [10, 90]),
      auction(14, 3, 10, [19, 90]),
    ];
    expectRows("q8", { persons, auctions }, [
      { id: 1, name: "P1", startMs: 0 },
      { id: 3, name: "P3", startMs: 10_000 },
    ]);
  });

  test("q10 writes lines in order, into files by the minute", () => {
    const bids = [bid(12, 7, 1, 61), bid(12, 8, 2, 59), bid(11, 7, 3, 60), bid(14, 7, 4, 119.999)];
    const line = (
      { url: _url, channel: _channel, ...rest }: Bid,
      file: string,
      number: number,
    ) => ({
      ...{ ...rest, file: `1970-01-01/${file}`, line: number },
    });
    expectRows("q10", { bids }, [
      line(bids[1]!, "00-00/part-0", 1),
      line(bids[2]!, "00-01/part-1", 1),
      line(bids[0]!, "00-01/part-0", 1),
      line(bids[3]!, "00-01/part-0", 2),
    ]);
  });

  test("q11 ends a session behind ten seconds and a bit without bids", () => {
    const bids = [bid(11, 7, 1, 20.001), bid(12, 7, 1, 0), bid(11, 7, 1, 10), bid(11, 8, 1, 10)];
    expectRows("q11", { bids }, [
      { bidder: 7, bids: 2, startMs: 0, endMs: 20_000 },
      { bidder: 7, bids: 1, startMs: 20_001, endMs: 30_001 },
      { bidder: 8, bids: 1, startMs: 10_000, endMs: 20_000 },
    ]);
  });
});

describe.each(Object.entries(QUERIES))("%s", (_name, query) => {
  test("means the same to its job's reference and to its evaluation, on inputs drawn", () => {
    expectAgreement(query, 1_000);
  });
});
