import { expect, test } from "vitest";
import type { LedgerError } from "../host/services.ts";
import type { TableError } from "../host/tables.ts";
import { isOpen, ledgerErrorText } from "./ledger-error.ts";

const OPEN: readonly (LedgerError | TableError)[] = [{ kind: "timeout" }, { kind: "unavailable" }];
const FINAL: readonly LedgerError[] = [
  { kind: "fenced", producer: "j/sink/0", attempt: 1, by: 2 },
  { kind: "unknown-transaction", id: "x" },
  { kind: "expired", id: "x" },
  { kind: "wrong-state", id: "x", state: "open", expected: "pre-committed" },
  { kind: "incomplete", id: "x", rows: 1, expected: 2 },
];

test("[C97] only what may have happened all the same is asked for again", () => {
  expect(OPEN.map(isOpen)).toEqual([true, true]);
  expect([...FINAL, { kind: "refused", why: "no" } as const].map(isOpen)).toEqual(
    [...FINAL, 0].map(() => false),
  );
});

test("every refusal says what it is about", () => {
  expect(new Set(FINAL.map(ledgerErrorText)).size).toBe(FINAL.length);
  for (const error of FINAL) expect(ledgerErrorText(error)).toMatch(/x|j\/sink\/0/);
});
