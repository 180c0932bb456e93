/**
 * Reads the id of a type back into its structure, as it was declared when something was written.
 *
 *   type    = leaf | one "<" type ">" | "map<" type "," type ">" | "tuple<" type ("," type)* ">"
 *           | "literal(" text ("|" text)* ")" | "custom(" text ")"
 *           | "record{" [field ("," field)*] "}" | "union(" name "){" field ("," field)* "}"
 *   one     = "list" | "set" | "optional" | "nullable"
 *   field   = name ":" type
 *   name    = letters and digits, or a text        text = a JSON string
 *   leaf    = letters and digits: int, string, generic, and so on
 *
 * Ids come out of snapshots, so a broken one is an error value, and depth has a bound.
 */
import { err, ok, type Result } from "../core/result.ts";

type ParsedField = Readonly<{ name: string; type: ParsedType }>;
export type ParsedRecord = Readonly<{ kind: "record"; id: string; fields: readonly ParsedField[] }>;

export type ParsedType = Readonly<
  | { kind: "leaf"; id: string }
  | { kind: "list" | "set" | "optional" | "nullable"; id: string; part: ParsedType }
  | { kind: "map"; id: string; key: ParsedType; value: ParsedType }
  | { kind: "tuple"; id: string; parts: readonly ParsedType[] }
  | { kind: "literal"; id: string; values: readonly string[] }
  | ParsedRecord
  | {
      kind: "union";
      id: string;
      tag: string;
      members: readonly Readonly<{ name: string; record: ParsedRecord }>[];
    }
>;

/** How a name of a field stands in an id. */
export const nameText = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);

const DEPTH_MAX = 500;

/** The structure of the type with this id, or what is wrong with the text. */
export function parseType(id: string): Result<ParsedType, string> {
  const cursor = new Cursor(id);
  try {
    const parsed = parse(cursor, 0);
    if (!cursor.ended) cursor.expected("the end");
    return ok(parsed);
  } catch (error) {
    if (error instanceof Unreadable) return err(error.message);
    throw error;
  }
}

class Unreadable extends Error {}

class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get ended(): boolean {
    return this.at === this.text.length;
  }

  expected(what: string): never {
    throw new Unreadable(
      `${JSON.stringify(this.text)} is no id of a type: ${what} expected at character ${this.at}`,
    );
  }

  /** Goes past `mark` if it stands here. */
  skip(mark: string): boolean {
    if (!this.text.startsWith(mark, this.at)) return false;
    this.at += mark.length;
    return true;
  }

  take(mark: string): void {
    if (!this.skip(mark)) this.expected(JSON.stringify(mark));
  }

  word(): string {
    return this.#match(/[A-Za-z_$][\w$]*/y) ?? this.expected("a name");
  }

  quoted(): string {
    const from = this.at;
    const text = this.#match(/"(?:[^"\\]|\\.)*"/y) ?? this.expected("a text in quotes");
    try {
      return JSON.parse(text) as string;
    } catch {
      this.at = from;
      return this.expected("a text in quotes");
    }
  }

  /** A word, or any text in quotes. */
  name(): string {
    return this.text[this.at] === '"' ? this.quoted() : this.word();
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

function parse(cursor: Cursor, depth: number): ParsedType {
  if (depth > DEPTH_MAX) cursor.expected(`at most ${DEPTH_MAX} levels`);
  const start = cursor.at;
  const word = cursor.word();
  const id = (): string => cursor.text.slice(start, cursor.at);
  switch (word) {
    case "list":
    case "set":
    case "optional":
    case "nullable": {
      const [part, ...more] = parseParts(cursor, depth);
      if (more.length > 0) cursor.expected(`one type for the ${word} that ends`);
      return { kind: word, part: part!, id: id() };
    }
    case "map": {
      const [key, value, ...more] = parseParts(cursor, depth);
      if (value === undefined || more.length > 0)
        cursor.expected("two types for the map that ends");
      return { kind: word, key: key!, value, id: id() };
    }
    case "tuple":
      return { kind: word, parts: parseParts(cursor, depth), id: id() };
    case "literal":
      return { kind: word, values: parseTexts(cursor), id: id() };
    case "custom":
      parseTexts(cursor);
      return { kind: "leaf", id: id() };
    case "record":
      return { kind: word, fields: parseFields(cursor, depth), id: id() };
    case "union": {
      cursor.take("(");
      const tag = cursor.name();
      cursor.take(")");
      const members = parseFields(cursor, depth).map(({ name, type }) => {
        if (type.kind !== "record") cursor.expected(`a record for ${name} in the union that ends`);
        return { name, record: type };
      });
      return { kind: word, tag, members, id: id() };
    }
    default:
      return { kind: "leaf", id: word };
  }
}

/** "<" type ("," type)* ">" */
function parseParts(cursor: Cursor, depth: number): ParsedType[] {
  cursor.take("<");
  const parts = [parse(cursor, depth + 1)];
  while (cursor.skip(",")) parts.push(parse(cursor, depth + 1));
  cursor.take(">");
  return parts;
}

/** "(" text ("|" text)* ")" */
function parseTexts(cursor: Cursor): string[] {
  cursor.take("(");
  const texts = [cursor.quoted()];
  while (cursor.skip("|")) texts.push(cursor.quoted());
  cursor.take(")");
  return texts;
}

/** "{" [name ":" type ("," name ":" type)*] "}" */
function parseFields(cursor: Cursor, depth: number): ParsedField[] {
  const fields = new Map<string, ParsedField>();
  cursor.take("{");
  while (!cursor.skip("}")) {
    if (fields.size > 0) cursor.take(",");
    const name = cursor.name();
    if (fields.has(name)) cursor.expected(`another name than ${JSON.stringify(name)}`);
    cursor.take(":");
    fields.set(name, { name, type: parse(cursor, depth + 1) });
  }
  return [...fields.values()];
}
