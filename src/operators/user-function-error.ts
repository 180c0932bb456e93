/**
 * What a user's function threw, with the place where it happened: the operator, and the key or record
 * in hand. The subtask that drives the chain fails on it; the job manager decides what follows.
 *
 * An error passes through every chained function above the one that threw it, since output is
 * handed on by calling. It is wrapped once, where it arose. `InvariantError` is ours, not the user's,
 * and passes untouched.
 */
import { InvariantError } from "../core/assert.ts";
import type { OperatorUid } from "../core/ids.ts";

export class UserFunctionError extends Error {
  override readonly name = "UserFunctionError";
  readonly uid: OperatorUid;

  constructor(uid: OperatorUid, message: string, cause: unknown) {
    super(message, { cause });
    this.uid = uid;
  }
}

/** Throws `error` as the failure of operator `uid` while it was `doing` something with `value`. */
export function rethrow(error: unknown, uid: OperatorUid, doing: string, value: unknown): never {
  if (error instanceof UserFunctionError || error instanceof InvariantError) throw error;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : abbreviate(error);
  const message = `operator "${uid}" failed ${doing} ${abbreviate(value)}: ${what}`;
  throw new UserFunctionError(uid, message, error);
}

const TEXT_LENGTH_MAX = 80;
const DEPTH_MAX = 3;
const ITEMS_MAX = 5;

/** Any value in at most a line; equal values give equal text on every machine. */
export function abbreviate(value: unknown): string {
  const text = describe(value, 0);
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX - 3)}...`;
}

function describe(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, TEXT_LENGTH_MAX));
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (depth === DEPTH_MAX) return "...";
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map((item: unknown) => describe(item, depth + 1));
    return `[${items.join(", ")}${value.length > ITEMS_MAX ? ", ..." : ""}]`;
  }
  const entries = Object.entries(value);
  const fields = entries.slice(0, ITEMS_MAX);
  const texts = fields.map(([name, field]) => `${name}: ${describe(field, depth + 1)}`);
  return `{${texts.join(", ")}${entries.length > ITEMS_MAX ? ", ..." : ""}}`;
}
