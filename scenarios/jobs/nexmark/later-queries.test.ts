/** What q12 to q23 answer, worked out by hand, as for those before (`queries.test.ts`). */
import { describe, expect, test } from "vitest";
import { referenceOutput } from "../../../properties/index.ts";
import type { Bid } from "../../data/nexmark.ts";
import { evaluateQ12 } from "./batch/q12.ts";
import { evaluateQ13 } from "./batch/q13.ts";
import { evaluateQ14 } from "./batch/q14.ts";
import { evaluateQ15 } from "./batch/q15.ts";
import { evaluateQ16 } from "./batch/q16.ts";
import { evaluateQ17 } from "./batch/q17.ts";
import { evaluateQ18 } from "./batch/q18.ts";
import { evaluateQ19 } from "./batch/q19.ts";
import { evaluateQ20 } from "./batch/q20.ts";
import { evaluateQ21 } from "./batch/q21.ts";
import { evaluateQ22 } from "./batch/q22.ts";
import { evaluateQ23 } from "./batch/q23.ts";
import { q12, type BidCount } from "./q12.ts";
import { q13 } from "./q13.ts";
import { q14 } from "./q14.ts";
import { q15 } from "./q15.ts";
import { q16 } from "./q16.ts";
import { q17 } from "./q17.ts";
import { q18 } from "./q18.ts";
import { q19 } from "./q19.ts";
import { q20 } from "./q20.ts";
import { q21 } from "./q21.ts";
import { q22 } from "./q22.ts";
import { q23 } from "./q23.ts";
import {
  auction,
  bid,
  expectAgreement,
  expectRows,
  person,
  tableOf,
  type Query,
} from "./queries.fixture.ts";
import { RESULTS } from "./streams.ts";

const oneByOne = (counts: readonly unknown[]): readonly unknown[] =>
  (counts as readonly BidCount[]).flatMap(({ bidder, bids, startMs, endMs }) =>
    Array.from({ length: bids }, () => ({ bidder, windowMs: endMs - startMs })),
  );

const topics = ["bids"] as const;
const view = tableOf;
const QUERIES = {
  q12: { job: q12, evaluate: evaluateQ12, topics, view: oneByOne },
  q13: { job: q13, evaluate: evaluateQ13, topics },
  q14: { job: q14, evaluate: evaluateQ14, topics },
  q15: { job: q15, evaluate: evaluateQ15, topics, view },
  q16: { job: q16, evaluate: evaluateQ16, topics, view },
  q17: { job: q17, evaluate: evaluateQ17, topics, view },
  q18: { job: q18, evaluate: evaluateQ18, topics, view },
  q19: { job: q19, evaluate: evaluateQ19, topics, view },
  q20: { job: q20, evaluate: evaluateQ20, topics: ["auctions", "bids"] },
  q21: { job: q21, evaluate: evaluateQ21, topics },
  q22: { job: q22, evaluate: evaluateQ22, topics },
  q23: { job: q23, evaluate: evaluateQ23, topics: ["persons", "auctions", "bids"] },
} satisfies Readonly<Record<string, Query>>;

const HOUR = 3_600;
const counts = (total: number, rank1: number, rank2: number, rank3: number) => ({
  ...{ total, rank1, rank2, rank3 },
});

describe("q12", () => {
  test("counts each bid in a second of the clock, the last ones at the end", () => {
    const times = [100, 998, 1_000, 1_200, 5_000];
    const records = times.map((ms, i) => ({
      value: bid(11, i === 3 ? 8 : 7, 1, i),
      timestampMs: i * 1_000,
      availableAtMs: ms,
    }));
    const rows = referenceOutput(q12(), new Map([["bids", [records]]])).get(RESULTS);
    expect(rows).toEqual([
      { bidder: 7, bids: 2, startMs: 0, endMs: 1_000 },
      { bidder: 7, bids: 1, startMs: 1_000, endMs: 2_000 },
      { bidder: 8, bids: 1, startMs: 1_000, endMs: 2_000 },
      { bidder: 7, bids: 1, startMs: 5_000, endMs: 6_000 },
    ]);
  });

  test("counts no bid twice, and none for another bidder", () => {
    const bids = [bid(11, 7, 1, 1), bid(11, 8, 1, 2), bid(12, 7, 1, 3)];
    const counted = [7, 7, 8].map((bidder) => ({ bidder, windowMs: 1_000 }));
    expectRows(QUERIES.q12, { bids }, counted);
  });
});

describe("worked out by hand,", () => {
  test("q13 finds what the side input has, and nothing for keys that it lacks", () => {
    const bids = [bid(1_008, 7, 5, 1), bid(1_012, 7, 6, 2), bid(1_020, 8, 7, 3)];
    const row = ({ auction: of, bidder, price, atMs }: Bid, value: string) => ({
      ...{ auction: of, bidder, price, atMs, value },
    });
    // 1012 and 12 go 84 times, and four are left: a fifth key.
    expectRows(QUERIES.q13, { bids }, [row(bids[0]!, "side-0"), row(bids[2]!, "side-0")]);
  });

  test("q14 tells the hours of the day apart, counts letters, and has both bounds outside", () => {
    const at = (hour: number, price: number, extra: string): Bid => ({
      ...bid(11, 7, price, 0),
      ...{ atMs: hour * HOUR * 1_000, extra },
    });
    const hours = [0, 6, 7, 8, 18, 19, 20, 23];
    const bids = [
      ...hours.map((hour) => at(hour, 2_000_000, "cabcCc")),
      at(12, 1_101_321, ""),
      at(12, 1_101_322, ""),
      at(12, 55_066_079, ""),
      at(12, 55_066_080, ""),
    ];
    const names = ["night", "night", "other", "day", "day", "other", "night", "night"];
    expectRows(QUERIES.q14, { bids }, [
      ...hours.map((hour, i) => ({
        ...{ auction: 11, bidder: 7, price: 1_816_000, bidTimeType: `${names[i]}Time` },
        ...{ atMs: hour * HOUR * 1_000, extra: "cabcCc", cCounts: 3 },
      })),
      ...[1_101_322, 55_066_079].map((price) => ({
        ...{ auction: 11, bidder: 7, price: 0.908 * price, bidTimeType: "dayTime" },
        ...{ atMs: 12 * HOUR * 1_000, extra: "", cCounts: 0 },
      })),
    ]);
  });

  test("q15 counts bidders and auctions once a day and rank, bids each time", () => {
    const bids = [
      ...[bid(11, 7, 9_999, 1), bid(11, 7, 1, 2), bid(12, 7, 10_000, 3), bid(12, 8, 999_999, 4)],
      ...[bid(11, 9, 1_000_000, 24 * HOUR - 1), bid(11, 7, 5, 24 * HOUR)],
    ];
    expectRows(QUERIES.q15, { bids }, [
      {
        day: "1970-01-01",
        bids: counts(5, 2, 2, 1),
        bidders: counts(3, 1, 2, 1),
        auctions: counts(2, 1, 1, 1),
      },
      {
        day: "1970-01-02",
        bids: counts(1, 1, 0, 0),
        bidders: counts(1, 1, 0, 0),
        auctions: counts(1, 1, 0, 0),
      },
    ]);
  });

  test("q16 counts by channel, and tells when its last bid of the day was", () => {
    const by = (channel: string, seconds: number): Bid => ({ ...bid(11, 7, 5, seconds), channel });
    const bids = [by("Apple", 61), by("Apple", 3 * HOUR), by("Baidu", 3_599), by("Apple", 62)];
    const one = { bidders: counts(1, 1, 0, 0), auctions: counts(1, 1, 0, 0) };
    const day = "1970-01-01";
    expectRows(QUERIES.q16, { bids }, [
      { channel: "Apple", day, minute: "03-00", bids: counts(3, 3, 0, 0), ...one },
      { channel: "Baidu", day, minute: "00-59", bids: counts(1, 1, 0, 0), ...one },
    ]);
  });

  test("q17 finds the least, the greatest and the average of an auction's prices", () => {
    const bids = [bid(11, 7, 500, 1), bid(11, 8, 20_000, 2), bid(11, 8, 100, 3), bid(12, 8, 3, 3)];
    const day = "1970-01-01";
    expectRows(QUERIES.q17, { bids }, [
      {
        ...{ auction: 11, day, totalBids: 3, rank1Bids: 2, rank2Bids: 1, rank3Bids: 0 },
        ...{ minPrice: 100, maxPrice: 20_000, sumPrice: 20_600, avgPrice: 6_866 },
      },
      {
        ...{ auction: 12, day, totalBids: 1, rank1Bids: 1, rank2Bids: 0, rank3Bids: 0 },
        ...{ minPrice: 3, maxPrice: 3, sumPrice: 3, avgPrice: 3 },
      },
    ]);
  });

  test("q18 keeps the last bid of each bidder in each auction", () => {
    const bids = [bid(11, 7, 9, 1), bid(11, 7, 2, 5), bid(11, 7, 8, 3), bid(11, 8, 1, 2)];
    const elsewhere = bid(12, 7, 1, 1);
    expectRows(QUERIES.q18, { bids: [...bids, elsewhere] }, [bids[1], bids[3], elsewhere]);
  });

  test("q19 keeps ten bids of an auction; of equal ones at the end the earlier stay", () => {
    const bids = Array.from({ length: 12 }, (_, i) => bid(11, 7, i < 9 ? 100 + i : 50, i));
    const few = [bid(12, 7, 1, 1), bid(12, 7, 2, 2)];
    expectRows(QUERIES.q19, { bids: [...bids, ...few] }, [...bids.slice(0, 10), ...few]);
  });

  test("q20 finds the auctions of category 10 for their bids, made before or behind", () => {
    const auctions = [auction(11, 1, 10, [5, 9]), auction(12, 1, 11, [0, 9])];
    const bids = [bid(11, 7, 1, 1), bid(11, 8, 1, 8), bid(12, 7, 1, 2), bid(13, 7, 1, 3)];
    expectRows(QUERIES.q20, { auctions, bids }, [
      { bid: bids[0], auction: auctions[0] },
      { bid: bids[1], auction: auctions[0] },
    ]);
  });

  test("q21 knows four channels, whatever their case, and others by a part of the url", () => {
    const by = (channel: string, url: string): Bid => ({ ...bid(11, 7, 1, 0), channel, url });
    const bids = [
      ...[by("apple", ""), by("Google", "u?a=1&channel_id=9"), by("FACEBOOK", ""), by("Baidu", "")],
      ...[by("x", "u?a=1&channel_id=77&b=2"), by("y", "u?channel_id=5"), by("z", "u?a=1")],
    ];
    const ids = ["0", "1", "2", "3", "77"];
    expectRows(
      QUERIES.q21,
      { bids },
      ids.map((channelId, i) => ({
        ...{ auction: 11, bidder: 7, price: 1, channel: bids[i]!.channel, channelId },
      })),
    );
  });

  test("q22 takes the first three folders of a url", () => {
    const url = "https://www.nexmark.com/ab/c/def/item.htm?query=1";
    const bids = [{ ...bid(11, 7, 1, 0), url }];
    expectRows(QUERIES.q22, { bids }, [
      {
        ...{ auction: 11, bidder: 7, price: 1, channel: "Apple" },
        ...{ dir1: "ab", dir2: "c", dir3: "def" },
      },
    ]);
  });

  test("q23 finds bids of people who sell, with each of their auctions", () => {
    const persons = [person(1, "OR", 5), person(2, "OR", 1)];
    const auctions = [
      ...[auction(11, 1, 10, [1, 9]), auction(12, 1, 10, [6, 9])],
      auction(13, 3, 10, [1, 9]),
    ];
    // The second has sold nothing, the third has not signed up.
    const bids = [bid(13, 1, 5, 2), bid(13, 1, 6, 9), bid(11, 2, 7, 3), bid(11, 3, 7, 3)];
    const pairs = [0, 1].flatMap((of) => [0, 1].map((which) => [bids[which], auctions[of]]));
    expectRows(
      QUERIES.q23,
      { persons, auctions, bids },
      pairs.map(([made, open]) => ({ bid: made, person: persons[0], auction: open })),
    );
  });
});

describe.each(Object.entries(QUERIES))("%s", (name, query) => {
  test("means the same to its job's reference and to its evaluation, on inputs drawn", () => {
    // The rows of q23 are many more than its events.
    expectAgreement(query, name === "q23" ? 300 : 1_000);
  });
});
