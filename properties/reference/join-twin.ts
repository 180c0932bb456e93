/**
 * The join of two tables that change, made anew from all rows of the key at every change; what differs
 * from the table before is what goes out.
 */
import type { Change, Joined } from "../../src/index.ts";
import { asChanges, type TableRow } from "./as-changes.ts";
import { keyText } from "./key-text.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

/** The rows of one key on one side, in order of arrival. */
type Tables = Readonly<{ sides: readonly [TableRow[], TableRow[]] }>;

export function createJoinTwin(
  { keys, keyType, spec }: LogicOf<"join">,
  { node, emit }: TwinContext,
): Twin {
  const tables = new Map<string, Tables>();
  return {
    receive(input, value, timestampMs) {
      const key = keyText(keyType, keys[input](value));
      const { sides } = tables.get(key) ?? { sides: [[], []] };
      tables.set(key, { sides });
      const before = joined(spec, sides);
      const { op, row } = value as Change<unknown>;
      const text = keyText(spec.types[input], row);
      if (op === "insert") sides[input].push({ text, row });
      else takeOut(node.uid, sides[input], text);
      for (const change of asChanges(before, joined(spec, sides))) emit(change, timestampMs);
    },
  };
}

function takeOut(uid: string, rows: TableRow[], text: string): void {
  const index = rows.findIndex((row) => row.text === text);
  if (index < 0) {
    throw new Error(
      `operator "${uid}" is to delete a row that was never inserted: ${JSON.stringify(text)}; ` +
        "its input is no changelog",
    );
  }
  rows.splice(index, 1);
}

function joined(
  { kind, on }: LogicOf<"join">["spec"],
  [lefts, rights]: Tables["sides"],
): readonly TableRow[] {
  const rows: TableRow[] = [];
  const matched = new Set<TableRow>();
  for (const left of lefts) {
    for (const right of rights) {
      if (on !== undefined && !on(left.row, right.row)) continue;
      rows.push(rowOf(left, right));
      matched.add(left).add(right);
    }
  }
  if (kind === "left" || kind === "full") {
    for (const left of lefts) if (!matched.has(left)) rows.push(rowOf(left, undefined));
  }
  if (kind === "right" || kind === "full") {
    for (const right of rights) if (!matched.has(right)) rows.push(rowOf(undefined, right));
  }
  return rows;
}

function rowOf(left: TableRow | undefined, right: TableRow | undefined): TableRow {
  const row: Joined<unknown, unknown> = { left: left?.row, right: right?.row };
  return { text: JSON.stringify([left?.text ?? null, right?.text ?? null]), row };
}
