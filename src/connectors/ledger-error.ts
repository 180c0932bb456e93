/** What a ledger says no with, for people. */
import { unreachable } from "../core/assert.ts";
import type { LedgerError } from "../host/services.ts";
import type { TableError } from "../host/tables.ts";

/** Nobody knows what became of the request; it is made again. */
export const isOpen = (
  error: LedgerError | TableError,
): error is Readonly<{ kind: "timeout" } | { kind: "unavailable" }> =>
  error.kind === "timeout" || error.kind === "unavailable";

export function ledgerErrorText(error: LedgerError): string {
  switch (error.kind) {
    case "timeout":
    case "unavailable":
      return error.kind;
    case "fenced":
      return `fenced: attempt ${error.attempt} of ${error.producer} is followed by ${error.by}`;
    case "unknown-transaction":
      return `unknown transaction ${error.id}`;
    case "expired":
      return (
        `transaction ${error.id} has expired: the ledger keeps no transaction for so long; ` +
        "give it a longer transaction time-out than the job may ever be down"
      );
    case "wrong-state":
      return `transaction ${error.id} is ${error.state}, expected ${error.expected}`;
    case "incomplete":
      return `transaction ${error.id} has ${error.rows} rows, expected ${error.expected}`;
    default:
      return unreachable(error);
  }
}
