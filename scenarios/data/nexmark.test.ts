import { describe, expect, test } from "vitest";
import { createRandom } from "../../sim/kernel/random.ts";
import {
  BASE_TIME_MS,
  EVENT_MS,
  FIRST_CATEGORY,
  FIRST_ID,
  OUT_OF_ORDER_MS_MAX,
  drawNexmark,
  nexmarkEvents,
  type NexmarkTopic,
} from "./nexmark.ts";

const ALL: readonly NexmarkTopic[] = ["persons", "auctions", "bids"];
const SEEDS = ["0x1", "0x2", "0x3", "0xfeed"];
const many = { eventsMin: 5_000, eventsMax: 5_000 };
const drawn = (seed: string, topics = ALL, options = {}) =>
  drawNexmark(topics, options)(createRandom(seed));
const share = (part: number, whole: number): number => Math.round((part * 100) / whole);

describe("NexMark's events", () => {
  test("are one person, three auctions and 46 bids of every fifty", () => {
    const { persons, auctions, bids } = nexmarkEvents(drawn("0x1", ALL, many));
    expect([persons.length, auctions.length, bids.length]).toEqual([100, 300, 4_600]);
  });

  test("have ids from 1000 on in order of event time, which no two share", () => {
    for (const seed of SEEDS) {
      const { persons, auctions, bids } = nexmarkEvents(drawn(seed));
      for (const events of [persons, auctions]) {
        const inOrder = [...events].sort((a, b) => a.atMs - b.atMs);
        expect(inOrder.map(({ id }) => id)).toEqual(inOrder.map((_, i) => FIRST_ID + i));
      }
      const times = [...persons, ...auctions, ...bids].map(({ atMs }) => atMs);
      expect(new Set(times).size).toBe(times.length);
      const lastMs = BASE_TIME_MS + (times.length - 1) * EVENT_MS;
      expect([Math.min(...times), Math.max(...times)]).toEqual([BASE_TIME_MS, lastMs]);
    }
  });

  test("are mostly of what is hot: one bid in two, three in four bidders and sellers", () => {
    const { auctions, bids } = nexmarkEvents(drawn("0x1", ALL, many));
    const hotAuctions = bids.filter(({ auction }) => auction % 10 === 0).length;
    const hotBidders = bids.filter(({ bidder }) => bidder % 10 === 1).length;
    const hotSellers = auctions.filter(({ seller }) => seller % 10 === 0).length;
    const hotChannels = bids.filter(({ channel }) => !channel.startsWith("channel-")).length;
    // A cold draw hits a hot one now and then.
    expect(share(hotAuctions, bids.length)).toBeGreaterThanOrEqual(52);
    expect(share(hotAuctions, bids.length)).toBeLessThanOrEqual(58);
    expect(share(hotBidders, bids.length)).toBeGreaterThanOrEqual(75);
    expect(share(hotBidders, bids.length)).toBeLessThanOrEqual(80);
    expect(share(hotSellers, auctions.length)).toBeGreaterThanOrEqual(70);
    expect(share(hotSellers, auctions.length)).toBeLessThanOrEqual(84);
    expect(share(hotChannels, bids.length)).toBeGreaterThanOrEqual(47);
    expect(share(hotChannels, bids.length)).toBeLessThanOrEqual(53);
  });

  test("name what is near: nothing long gone, and little that is yet to come", () => {
    const { persons, auctions, bids } = nexmarkEvents(drawn("0x2", ALL, many));
    const newest = (events: readonly { id: number; atMs: number }[], atMs: number): number =>
      events.reduce((last, event) => (event.atMs <= atMs ? Math.max(last, event.id) : last), 0);
    let ahead = 0;
    for (const { auction, bidder, atMs } of bids) {
      const [lastAuction, lastPerson] = [newest(auctions, atMs), newest(persons, atMs)];
      expect(auction).toBeGreaterThanOrEqual(Math.max(lastAuction - 10, FIRST_ID));
      expect(auction).toBeLessThanOrEqual(lastAuction + 3);
      expect(bidder).toBeGreaterThanOrEqual(Math.max(lastPerson - 9, FIRST_ID));
      expect(bidder).toBeLessThanOrEqual(lastPerson + 3);
      if (auction > lastAuction) ahead++;
    }
    expect(ahead).toBeGreaterThan(100);
    for (const { category, reserve, initialBid, atMs, expiresMs } of auctions) {
      expect(category).toBeGreaterThanOrEqual(FIRST_CATEGORY);
      expect(category).toBeLessThan(FIRST_CATEGORY + 5);
      expect(reserve).toBeGreaterThan(initialBid);
      expect(expiresMs).toBeGreaterThan(atMs);
    }
  });

  test("have prices that are spread by order of magnitude, from one dollar to a million", () => {
    const { bids } = nexmarkEvents(drawn("0x3", ALL, many));
    for (let magnitude = 100; magnitude < 100_000_000; magnitude *= 10) {
      const within = bids.filter(({ price }) => price >= magnitude && price < 10 * magnitude);
      expect(Math.abs(share(within.length, bids.length) - 17)).toBeLessThanOrEqual(2);
    }
    expect(bids.every(({ price }) => price >= 100 && price <= 79_400_000)).toBe(true);
  });

  test("come out of order, by as much as watermarks allow for and no more", () => {
    let farthestMs = 0;
    for (let seed = 1; seed <= 60; seed++) {
      for (const partition of [...drawn(`0x${seed.toString(16)}`).values()].flat()) {
        let newestMs = -Infinity;
        for (const { timestampMs } of partition) {
          newestMs = Math.max(newestMs, timestampMs);
          farthestMs = Math.max(farthestMs, newestMs - timestampMs);
        }
      }
    }
    expect(farthestMs).toBe(OUT_OF_ORDER_MS_MAX);
  });

  test("of one topic are the same whichever others are shown", () => {
    const alone = drawn("0x5", ["bids"]).get("bids");
    expect(alone).toEqual(drawn("0x5").get("bids"));
    expect([...drawn("0x5", ["bids"]).keys()]).toEqual(["bids"]);
  });

  test("of one channel have one url", () => {
    const { bids } = nexmarkEvents(drawn("0x1", ALL, many));
    const urls = new Map(bids.map(({ channel, url }) => [channel, url]));
    expect(bids.filter(({ channel, url }) => urls.get(channel) !== url)).toEqual([]);
    const withId = [...urls.values()].filter((url) => url.includes("&channel_id="));
    expect(urls.size).toBe(104);
    expect(withId.length).toBeGreaterThan(80);
    expect(urls.get("Apple")).toMatch(
      /^https:\/\/www\.nexmark\.com\/\w+\/\w+\/\w+\/item\.htm\?query=1$/,
    );
  });
});
