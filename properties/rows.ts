/**
 * Rows, compared: as multisets, and per key in order.
 *
 * Rows meet here from two sides: decoded from what a sink committed, and straight out of a user
 * function. They are equal when their canonical texts are: fields in order of their names, absent
 * and undefined fields alike, 0 and -0 alike (an integer serializer knows but one zero), every NaN
 * alike. The texts do not come from the job's serializers, so a serializer that loses a field shows.
 */
import { compareText } from "../src/index.ts";

/** Rows per sink, as the reference gives them. */
export type RowsOfSinks = ReadonlyMap<string, readonly unknown[]>;

/** A row beside its text, so that a text is made once however many rules compare it. */
export type TextedRow = Readonly<{ value: unknown; text: string }>;
export type TextedRows = ReadonlyMap<string, readonly TextedRow[]>;

/** Names the key that a row belongs to; rows of one key have an order that is worth judging. */
export type RowKey = (value: unknown, sink: string) => string;

const DIFFERENCES_SHOWN = 3;
const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/;
/** Anything but printable ASCII without quotes and backslashes. */
const NEEDS_ESCAPE = /[^ !#-[\]-~]/;

/** Rows per sink with their texts. */
export function withTexts(rows: RowsOfSinks): TextedRows {
  const texted = new Map<string, readonly TextedRow[]>();
  for (const [sink, values] of rows) {
    const texter = new RowTexter();
    texted.set(
      sink,
      values.map((value) => ({ value, text: texter.textOf(value) })),
    );
  }
  return texted;
}

export function rowCount(rows: ReadonlyMap<string, readonly unknown[]>): number {
  let count = 0;
  for (const ofSink of rows.values()) count += ofSink.length;
  return count;
}

/** The canonical text of a value: equal values have equal texts, and others do not. */
export const rowText = (value: unknown): string => new RowTexter().textOf(value);

/** Fields of one shape of object: in order of their names, each with the text before its value. */
type Shape = Readonly<{
  names: readonly string[];
  fields: readonly Readonly<{ name: string; prefix: string }>[];
}>;

/** Rows of one sink mostly have one shape, which is worth remembering. */
class RowTexter {
  #shape: Shape = { names: [], fields: [] };

  textOf(value: unknown): string {
    switch (typeof value) {
      case "string":
        return stringText(value);
      case "number":
        return String(value === 0 ? 0 : value);
      case "bigint":
        return `${value}n`;
      case "object":
        return value === null ? "null" : this.#objectText(value);
      case "boolean":
      case "undefined":
        return String(value);
      case "symbol":
      case "function":
        throw new Error(`a row holds a ${typeof value}, which no serializer can have written`);
    }
  }

  #objectText(value: object): string {
    const textOf = (item: unknown): string => this.textOf(item);
    if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
    if (value instanceof Uint8Array) {
      return `bytes(${[...value].map((byte) => byte.toString(16).padStart(2, "0")).join("")})`;
    }
    if (value instanceof Date) return `date(${value.getTime()})`;
    if (value instanceof Set) return `set(${[...value].map(textOf).sort(compareText).join(", ")})`;
    if (value instanceof Map) {
      const entries = [...value].map(([key, item]) => `${textOf(key)} => ${textOf(item)}`);
      return `map(${entries.sort(compareText).join(", ")})`;
    }
    const record = value as Readonly<Record<string, unknown>>;
    const { fields } = this.#shapeOf(record);
    let text = "{";
    for (const { name, prefix } of fields) {
      const item = record[name];
      if (item === undefined) continue;
      text += (text === "{" ? "" : ", ") + prefix + this.textOf(item);
    }
    return `${text}}`;
  }

  #shapeOf(record: Readonly<Record<string, unknown>>): Shape {
    const names = Object.keys(record);
    const known = this.#shape.names;
    if (names.length === known.length && names.every((name, i) => name === known[i])) {
      return this.#shape;
    }
    const fields = [...names]
      .sort(compareText)
      .map((name) => ({ name, prefix: `${fieldText(name)}: ` }));
    this.#shape = { names, fields };
    return this.#shape;
  }
}

const fieldText = (name: string): string => (PLAIN_NAME.test(name) ? name : JSON.stringify(name));

const stringText = (value: string): string =>
  NEEDS_ESCAPE.test(value) ? JSON.stringify(value) : `"${value}"`;

/** How two sides differ as multisets. `text` shows the first few rows, and is empty when equal. */
export type Difference = Readonly<{ missing: number; extra: number; text: string }>;

/** `found` against `expected`, sink by sink, whatever the order. */
export function difference(expected: TextedRows, found: TextedRows): Difference {
  let missing = 0;
  let extra = 0;
  const differing: string[] = [];
  for (const sink of sinksOf(expected, found)) {
    const surplus = surplusOf(expected.get(sink) ?? [], found.get(sink) ?? []);
    for (const text of [...surplus.keys()].sort(compareText)) {
      const have = count(found.get(sink) ?? [], text);
      const want = have - surplus.get(text)!;
      missing += Math.max(0, want - have);
      extra += Math.max(0, have - want);
      differing.push(`${sink}: ${text} expected ${want}, committed ${have}`);
    }
  }
  const shown = differing.slice(0, DIFFERENCES_SHOWN);
  if (differing.length > shown.length) shown.push(`and ${differing.length - shown.length} more`);
  return { missing, extra, text: shown.join("; ") };
}

/** How many rows of `found` have been compared, or the first that is not where it should be. */
export type PrefixCheck = Readonly<{ rows: number; keys: number; wrong: string | undefined }>;

/** Whether, key by key, the rows of `found` are the first of those in `expected`, in their order. */
export function prefixPerKey(expected: TextedRows, found: TextedRows, rowKey: RowKey): PrefixCheck {
  let rows = 0;
  let keys = 0;
  for (const sink of sinksOf(expected, found)) {
    const wanted = groupByKey(sink, expected.get(sink) ?? [], rowKey);
    const got = groupByKey(sink, found.get(sink) ?? [], rowKey);
    for (const key of [...got.keys()].sort(compareText)) {
      const have = got.get(key) ?? [];
      const want = wanted.get(key) ?? [];
      const at = have.findIndex((text, index) => text !== want[index]);
      if (at >= 0) {
        const due = want[at] ?? "no further row";
        const wrong = `${sink}: key ${key}, row ${at}: expected ${due}, committed ${have[at]}`;
        return { rows, keys, wrong };
      }
      keys++;
      rows += have.length;
    }
  }
  return { rows, keys, wrong: undefined };
}

function sinksOf(a: TextedRows, b: TextedRows): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort(compareText);
}

/** How many more of each row there are than expected, below 0 for fewer; equal ones are left out. */
function surplusOf(
  expected: readonly TextedRow[],
  found: readonly TextedRow[],
): ReadonlyMap<string, number> {
  const surplus = new Map<string, number>();
  for (const { text } of found) surplus.set(text, (surplus.get(text) ?? 0) + 1);
  for (const { text } of expected) {
    const left = (surplus.get(text) ?? 0) - 1;
    if (left === 0) surplus.delete(text);
    else surplus.set(text, left);
  }
  return surplus;
}

const count = (rows: readonly TextedRow[], wanted: string): number =>
  rows.reduce((sum, { text }) => (text === wanted ? sum + 1 : sum), 0);

function groupByKey(
  sink: string,
  rows: readonly TextedRow[],
  rowKey: RowKey,
): Map<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { value, text } of rows) {
    const key = rowKey(value, sink);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [text]);
    else group.push(text);
  }
  return groups;
}
