/**
 * NexMark's auction house: people sign up, open auctions, and bid in the auctions of others.
 *
 * Of every 50 events one is a person, three are auctions and 46 are bids, as the benchmark has it. Most
 * bids go to one hot auction of the last few and come from one hot bidder; most auctions are of one hot
 * seller. Bids and auctions may name what is yet to come. Events happen one every quarter of a second of
 * event time, and are shown in groups, each out of order within itself. So event times are all different,
 * and no record comes later than `OUT_OF_ORDER_MS_MAX` allows.
 *
 * A seed shows a few hundred events, not millions. Therefore what the benchmark counts in hundreds (how
 * many auctions are in flight, people active, events in a group out of order, and of how many one is
 * hot) is counted in tens here; proportions, ids and the odds of being hot are the public ones. Prices are
 * spread evenly by order of magnitude, by a table: powers may be rounded differently elsewhere.
 *
 * Source: Tucker et al., "NEXMark: a benchmark for queries over data streams"; the generator of Apache
 * Beam, as nexmark-flink has it, with channels and urls. Not here: the queries (`jobs/nexmark/`).
 */
import { types, type Random } from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import { arrivals } from "./arrivals.ts";

export type Person = Readonly<{
  id: number;
  name: string;
  emailAddress: string;
  creditCard: string;
  city: string;
  state: string;
  atMs: number;
  extra: string;
}>;
export type Auction = Readonly<{
  id: number;
  itemName: string;
  description: string;
  initialBid: number;
  reserve: number;
  atMs: number;
  /** Bids count up to and including this time. */
  expiresMs: number;
  /** A person, perhaps one who has not signed up yet. */
  seller: number;
  category: number;
  extra: string;
}>;
export type Bid = Readonly<{
  /** Perhaps one that is not open yet. */
  auction: number;
  bidder: number;
  /** Cents. */
  price: number;
  channel: string;
  url: string;
  atMs: number;
  extra: string;
}>;

export const personType = types.record({
  id: types.int,
  name: types.string,
  emailAddress: types.string,
  creditCard: types.string,
  city: types.string,
  state: types.string,
  atMs: types.long,
  extra: types.string,
});
export const auctionType = types.record({
  id: types.int,
  itemName: types.string,
  description: types.string,
  initialBid: types.int,
  reserve: types.int,
  atMs: types.long,
  expiresMs: types.long,
  seller: types.int,
  category: types.int,
  extra: types.string,
});
export const bidType = types.record({
  auction: types.int,
  bidder: types.int,
  price: types.int,
  channel: types.string,
  url: types.string,
  atMs: types.long,
  extra: types.string,
});

/** All that was said in an input; a topic that the input lacks is empty. Topics are named so, too. */
export type NexmarkEvents = Readonly<{
  persons: readonly Person[];
  auctions: readonly Auction[];
  bids: readonly Bid[];
}>;
export type NexmarkTopic = keyof NexmarkEvents;

/** A minute to midnight, so that queries by the day see two of them: 2015-07-15T23:59:00Z. */
export const BASE_TIME_MS = 1_437_004_740_000;
/** Of event time, from one event to the next. */
export const EVENT_MS = 250;
const GROUP_MAX = 20;
/** The first of a group is always the oldest of it: all others come as far apart as they can. */
export const OUT_OF_ORDER_MS_MAX = (GROUP_MAX - 2) * EVENT_MS;
/** Of the ids of people and of auctions. */
export const FIRST_ID = 1_000;
export const FIRST_CATEGORY = 10;

const EVENTS_PER_EPOCH = 50;
const AUCTIONS_PER_EPOCH = 3;
const CATEGORIES = 5;
/** All but one bid of so many go to the hot auction; likewise for auctions' sellers and for bidders. */
const HOT_AUCTION_ODDS = 2;
const HOT_SELLER_ODDS = 4;
const HOT_BIDDER_ODDS = 4;
/** One auction, one seller and one bidder is hot among so many that follow each other. */
const HOT_AMONG = 10;
const IN_FLIGHT = 10;
const ACTIVE_PEOPLE = 10;
/** How far ids may run ahead of those that are there. */
const LEAD = 3;
const CHANNELS = 100;
const OVER_MS = 12_000;

const HOT_CHANNELS = ["Google", "Facebook", "Baidu", "Apple"];
const STATES = ["AZ", "CA", "ID", "OR", "WA", "WY"];
const CITIES = [
  ...["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland"],
  ...["Bend", "Redmond", "Seattle", "Kent", "Cheyenne"],
];
const FIRST_NAMES = [
  ...["Peter", "Paul", "Luke", "John", "Saul", "Vicky"],
  ...["Kate", "Julie", "Sarah", "Deiter", "Walter"],
];
const LAST_NAMES = [
  ...["Shultz", "Abrams", "Spencer", "White", "Bartels"],
  ...["Walton", "Smith", "Jones", "Noris"],
];
/** A hundred times the powers of ten from 0 to 1, in tenths. */
const PRICE_STEPS = [100, 126, 158, 200, 251, 316, 398, 501, 631, 794];
const MAGNITUDES = [1, 10, 100, 1_000, 10_000, 100_000];

export type NexmarkOptions = Readonly<{
  /** Of all three kinds, whether or not a topic shows them: 400 to 600 by default. */
  eventsMin?: number;
  eventsMax?: number;
}>;

/** An input of these topics, of one to three partitions each. */
export const drawNexmark =
  (topics: readonly NexmarkTopic[], options: NexmarkOptions = {}) =>
  (random: Random): Input => {
    const { eventsMin = 400, eventsMax = 600 } = options;
    const count = random.integer(eventsMin, eventsMax);
    const order = shownOrder(count, random.fork("group").integer(1, GROUP_MAX));
    const times = arrivals(random.fork("arrivals"), count, OVER_MS);
    const input = new Map<string, InputRecord[][]>();
    for (const topic of topics) {
      const values = drawTopic[topic](random.fork(topic), count);
      const dealt = random.fork(`partitions-of-${topic}`);
      const partitions = Array.from({ length: dealt.integer(1, 3) }, (): InputRecord[] => []);
      order.forEach((event, position) => {
        const value = values.get(event);
        if (value === undefined) return;
        const record = { value, timestampMs: value.atMs, availableAtMs: times[position]! };
        dealt.pick(partitions).push(record);
      });
      input.set(topic, partitions);
    }
    return input;
  };

/** What was said, for whoever evaluates a query over all of it at once. */
export const nexmarkEvents = (input: Input): NexmarkEvents => ({
  persons: valuesOf(input, "persons") as Person[],
  auctions: valuesOf(input, "auctions") as Auction[],
  bids: valuesOf(input, "bids") as Bid[],
});

const valuesOf = (input: Input, topic: NexmarkTopic): unknown[] =>
  (input.get(topic) ?? []).flat().map(({ value }) => value);

/** Events by number, in the order in which the log shows them: groups, scrambled within. */
function shownOrder(count: number, group: number): number[] {
  const order: number[] = [];
  for (let base = 0; base < count; base += group) {
    for (let i = base; i < base + group; i++) {
      const event = base + ((i * 953) % group);
      if (event < count) order.push(event);
    }
  }
  return order;
}

const timeOf = (event: number): number => BASE_TIME_MS + event * EVENT_MS;

/** Of each topic its events, by number. */
const drawTopic = {
  persons: (random: Random, count: number): Map<number, Person> => {
    const persons = new Map<number, Person>();
    for (let event = 0; event < count; event += EVENTS_PER_EPOCH) {
      persons.set(event, drawPerson(random, event));
    }
    return persons;
  },
  auctions: (random: Random, count: number): Map<number, Auction> => {
    const auctions = new Map<number, Auction>();
    for (let event = 0; event < count; event++) {
      if (isAuction(event)) auctions.set(event, drawAuction(random, event));
    }
    return auctions;
  },
  bids: (random: Random, count: number): Map<number, Bid> => {
    const bids = new Map<number, Bid>();
    for (let event = 0; event < count; event++) {
      const isPerson = event % EVENTS_PER_EPOCH === 0;
      if (!isPerson && !isAuction(event)) bids.set(event, drawBid(random, event));
    }
    return bids;
  },
} as const;

function isAuction(event: number): boolean {
  const offset = event % EVENTS_PER_EPOCH;
  return offset >= 1 && offset <= AUCTIONS_PER_EPOCH;
}

const drawPerson = (random: Random, event: number): Person => ({
  id: FIRST_ID + lastPerson(event),
  name: `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`,
  emailAddress: `${letters(random, 7)}@${letters(random, 5)}.com`,
  creditCard: Array.from({ length: 4 }, () => random.integer(1_000, 9_999)).join(" "),
  city: random.pick(CITIES),
  state: random.pick(STATES),
  atMs: timeOf(event),
  extra: letters(random, 4),
});

function drawAuction(random: Random, event: number): Auction {
  const initialBid = drawPrice(random);
  // As long, on average, as it takes until as many auctions as are in flight are new ones.
  const meanMs = Math.floor((IN_FLIGHT * EVENTS_PER_EPOCH) / AUCTIONS_PER_EPOCH) * EVENT_MS;
  return {
    id: FIRST_ID + lastAuction(event),
    itemName: letters(random, 8),
    description: letters(random, 12),
    initialBid,
    reserve: initialBid + drawPrice(random),
    atMs: timeOf(event),
    expiresMs: timeOf(event) + random.integer(1, 2 * meanMs),
    seller: FIRST_ID + drawSeller(random, event),
    category: FIRST_CATEGORY + random.integer(0, CATEGORIES - 1),
    extra: letters(random, 4),
  };
}

function drawBid(random: Random, event: number): Bid {
  const auction = FIRST_ID + drawAuctionBidFor(random, event);
  const bidder = FIRST_ID + drawBidder(random, event);
  const price = drawPrice(random);
  const atMs = timeOf(event);
  return { auction, bidder, price, ...drawChannel(random), atMs, extra: letters(random, 4) };
}

/** The newest person when an event happens, from 0. */
const lastPerson = (event: number): number => Math.floor(event / EVENTS_PER_EPOCH);

/** The newest auction when an event happens, which may be the opening of it; from 0. */
function lastAuction(event: number): number {
  const inEpoch = Math.min(event % EVENTS_PER_EPOCH, AUCTIONS_PER_EPOCH);
  return lastPerson(event) * AUCTIONS_PER_EPOCH + inEpoch - 1;
}

/** The first of the newest few. */
const hotAmong = (last: number): number => Math.floor(last / HOT_AMONG) * HOT_AMONG;
const isHot = (random: Random, odds: number): boolean => random.integer(1, odds) > 1;

function drawSeller(random: Random, event: number): number {
  if (isHot(random, HOT_SELLER_ODDS)) return hotAmong(lastPerson(event));
  return drawActivePerson(random, event);
}

/** The hot bidder is never the hot seller. */
function drawBidder(random: Random, event: number): number {
  if (isHot(random, HOT_BIDDER_ODDS)) return hotAmong(lastPerson(event)) + 1;
  return drawActivePerson(random, event);
}

function drawActivePerson(random: Random, event: number): number {
  const people = lastPerson(event) + 1;
  const active = Math.min(people, ACTIVE_PEOPLE);
  return people - active + random.integer(0, active + LEAD - 1);
}

function drawAuctionBidFor(random: Random, event: number): number {
  const last = lastAuction(event);
  if (isHot(random, HOT_AUCTION_ODDS)) return hotAmong(last);
  return random.integer(Math.max(last - IN_FLIGHT, 0), last + LEAD);
}

const drawPrice = (random: Random): number => random.pick(PRICE_STEPS) * random.pick(MAGNITUDES);

/** Half of all bids come by one of the great channels. Each channel has one url, drawn from its name. */
function drawChannel(random: Random): Pick<Bid, "channel" | "url"> {
  const hot = isHot(random, 2);
  const channel = hot ? random.pick(HOT_CHANNELS) : `channel-${random.integer(0, CHANNELS - 1)}`;
  const draws = random.fork(channel);
  const folders = Array.from({ length: 3 }, () => letters(draws, 5)).join("/");
  const url = `https://www.nexmark.com/${folders}/item.htm?query=1`;
  if (hot || draws.integer(1, 10) === 1) return { channel, url };
  return { channel, url: `${url}&channel_id=${draws.integer(0, 999_999_999)}` };
}

/** Up to so many, and at least three. */
const letters = (random: Random, countMax: number): string =>
  String.fromCharCode(
    ...Array.from({ length: random.integer(3, countMax) }, () => random.integer(97, 122)),
  );
