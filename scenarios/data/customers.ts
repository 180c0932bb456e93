/** Customers who move and whose limits change, and who order and think better of it. */
import type { Random } from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import {
  ORDER_CHANGES_TOPIC,
  OUT_OF_ORDER_MS_MAX,
  PROFILES_TOPIC,
  type CustomerOrder,
} from "../jobs/customer-table.ts";
import { arrivals } from "./arrivals.ts";
import { heldUp, type Timed } from "./held-up.ts";

const CUSTOMERS = ["ada", "bob", "cy", "dee", "eve", "flo", "gus"];
const CITIES = ["Bath", "Cork", "Deal"];
const ITEMS = ["hat", "pen", "mug"];
const PRICES_MAX = 6;
const OVER_MS = 12_000;
const STEP_MS = 500;

export const drawCustomers = (random: Random): Input =>
  new Map([
    [PROFILES_TOPIC, shown(drawProfiles(random.fork("profiles")), random.fork("shown-profiles"))],
    [ORDER_CHANGES_TOPIC, shown(drawChanges(random.fork("orders")), random.fork("shown-orders"))],
  ]);

/** A customer's profiles come by any partition, in any order within bounds; each has its own time. */
function drawProfiles(random: Random): Timed[][] {
  const partitions = Array.from({ length: random.integer(1, 3) }, (): Timed[] => []);
  const count = random.integer(40, 80);
  for (let i = 0; i < count; i++) {
    const value = {
      customer: random.pick(CUSTOMERS),
      city: random.pick(CITIES),
      limitCents: random.integer(0, PRICES_MAX) * 100,
    };
    random.pick(partitions).push({ value, timestampMs: i * STEP_MS });
  }
  return partitions.map((partition) => heldUp(random, partition, OUT_OF_ORDER_MS_MAX, STEP_MS));
}

/** Of a row that is there a customer may call off one; all of that in one partition, in order. */
function drawChanges(random: Random): Timed[][] {
  const partitions = Array.from({ length: random.integer(1, 3) }, (): Timed[] => []);
  const partitionOf = new Map(CUSTOMERS.map((customer) => [customer, random.pick(partitions)]));
  const placed: CustomerOrder[] = [];
  const count = random.integer(60, 120);
  for (let i = 0; i < count; i++) {
    const calledOff = placed.length > 0 && random.chance(350);
    const row = calledOff ? random.pick(placed) : drawOrder(random);
    if (calledOff) placed.splice(placed.indexOf(row), 1);
    else placed.push(row);
    const value = { op: calledOff ? "delete" : "insert", row };
    partitionOf.get(row.customer)?.push({ value, timestampMs: i * STEP_MS });
  }
  return partitions;
}

const drawOrder = (random: Random): CustomerOrder => ({
  customer: random.pick(CUSTOMERS),
  item: random.pick(ITEMS),
  cents: random.integer(1, PRICES_MAX) * 100,
});

const shown = (partitions: readonly Timed[][], random: Random): InputRecord[][] =>
  partitions.map((partition, i) => {
    const times = arrivals(random.fork(`partition-${i}`), partition.length, OVER_MS);
    return partition.map((row, n) => ({ ...row, availableAtMs: times[n]! }));
  });
