/** What the jobs that join and rank put out, worked out by hand, and found by the oracle. */
import { expect, test } from "vitest";
import { foldChanges, referenceOutput } from "../../properties/index.ts";
import type { InputRecord } from "../../sim/history.ts";
import { customerTable } from "./customer-table.ts";
import { ordersAndPayments } from "./orders-and-payments.ts";

const record = (value: unknown, seconds: number): InputRecord => ({
  value,
  timestampMs: seconds * 1_000,
  availableAtMs: 0,
});

test("a payment matches the orders of its account around it; late rows would be told", () => {
  const order = (account: string, id: number, cents: number, seconds: number): InputRecord =>
    record({ account, order: id, cents }, seconds);
  const payment = (account: string, id: number, cents: number, seconds: number): InputRecord =>
    record({ account, payment: id, cents }, seconds);
  const orders = [order("ada", 1, 500, 10), order("bob", 2, 100, 12), order("ada", 3, 900, 16)];
  const payments = [
    payment("ada", 1, 700, 5), // five seconds early is just not too early
    payment("ada", 2, 700, 45.999),
    payment("ada", 3, 50, 46), // half a minute behind is too late for either
  ];
  const other = [payment("eve", 4, 100, 12)];
  const output = referenceOutput(
    ordersAndPayments(),
    new Map([
      ["orders", [orders]],
      ["payments", [payments, other]],
    ]),
  );
  expect(new Set(output.get("matches"))).toEqual(
    new Set([
      { account: "ada", order: 1, payment: 1, paid: true },
      { account: "ada", order: 3, payment: 2, paid: false },
    ]),
  );
  expect(output.get("totals")).toEqual([
    { account: "ada", payment: 1, cents: 700 },
    { account: "eve", payment: 4, cents: 100 },
    { account: "ada", payment: 1, cents: 1_400 },
    { account: "ada", payment: 1, cents: 1_450 },
  ]);
  expect(output.get("first-payments")).toEqual([
    { account: "ada", payment: 1, cents: 700 },
    { account: "eve", payment: 4, cents: 100 },
  ]);
});

test("customers meet the orders within their limit, and the dearest are ranked", () => {
  const profile = (customer: string, city: string, limitCents: number, seconds: number) =>
    record({ customer, city, limitCents }, seconds);
  const change = (op: string, item: string, cents: number, seconds: number) =>
    record({ op, row: { customer: "ada", item, cents } }, seconds);
  const output = referenceOutput(
    customerTable(),
    new Map([
      [
        "profiles",
        [
          [profile("ada", "Cork", 300, 3), profile("ada", "Bath", 900, 1)],
          [profile("bob", "", 0, 2)],
        ],
      ],
      [
        "order-changes",
        [
          [
            change("insert", "pen", 100, 1),
            change("insert", "hat", 400, 2),
            change("insert", "mug", 200, 3),
            change("delete", "mug", 200, 4),
            change("insert", "pen", 100, 5),
          ],
        ],
      ],
    ]),
  );
  const table = (sink: string): ReadonlySet<unknown> => {
    const folded = foldChanges(output.get(sink) ?? []);
    if (!folded.ok) throw new Error(folded.error);
    return new Set(folded.value.map(({ value }) => value));
  };
  const ada = { customer: "ada", city: "Cork", limitCents: 300 };
  const pen = { customer: "ada", item: "pen", cents: 100 };
  const hat = { customer: "ada", item: "hat", cents: 400 };
  expect([...table("accounts")]).toHaveLength(4);
  expect(table("accounts")).toEqual(
    new Set([
      { left: ada, right: pen },
      { left: ada, right: { ...pen } },
      { left: undefined, right: hat },
      { left: { customer: "bob", city: "", limitCents: 0 }, right: undefined },
    ]),
  );
  const mug = { customer: "ada", item: "mug", cents: 200 };
  expect(table("dearest")).toEqual(new Set([hat, mug, pen]));
});
