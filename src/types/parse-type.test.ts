/** Ids read back: what was declared, and what is no id at all. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseType, type ParsedType } from "./parse-type.ts";
import { types } from "./serializers.ts";
import { familyOf } from "./types.fixture.ts";

const parsed = (id: string): ParsedType => {
  const result = parseType(id);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

/** The id again, from the structure alone. */
function printed(type: ParsedType): string {
  const name = (text: string): string =>
    /^[A-Za-z_$][\w$]*$/.test(text) ? text : JSON.stringify(text);
  switch (type.kind) {
    case "leaf":
      return type.id;
    case "map":
      return `map<${printed(type.key)},${printed(type.value)}>`;
    case "tuple":
      return `tuple<${type.parts.map(printed).join(",")}>`;
    case "literal":
      return `literal(${type.values.map((value) => JSON.stringify(value)).join("|")})`;
    case "record":
      return `record{${type.fields.map((f) => `${name(f.name)}:${printed(f.type)}`).join(",")}}`;
    case "union": {
      const members = type.members.map((m) => `${name(m.name)}:${printed(m.record)}`);
      return `union(${name(type.tag)}){${members.join(",")}}`;
    }
    default:
      return `${type.kind}<${printed(type.part)}>`;
  }
}

test("the id of any type gives its structure, and every part knows its own id", () => {
  fc.assert(
    fc.property(familyOf(3), ({ type }) => {
      expect(printed(parsed(type.id))).toBe(type.id);
      expect(parsed(type.id).id).toBe(type.id);
    }),
    { seed: 41, numRuns: 500 },
  );
});

test("names and constants come back as they were, quotes and brackets among them", () => {
  const odd = 'a":{<(|,)>}\\\u2028';
  const type = types.record({
    [odd]: types.literal(odd, "b|c"),
    plain: types.custom({
      id: `${odd}")`,
      immutable: true,
      write: () => undefined,
      read: () => 1,
      copy: () => 1,
    }),
  });
  expect(parsed(type.id)).toMatchObject({
    kind: "record",
    fields: [
      { name: odd, type: { kind: "literal", values: [odd, "b|c"] } },
      { name: "plain", type: { kind: "leaf", id: `custom(${JSON.stringify(`${odd}")`)})` } },
    ],
  });
});

test.each([
  ["", "a name expected at character 0"],
  ["list", '"<" expected at character 4'],
  ["list<int", '">" expected at character 8'],
  ["list<int>x", "the end expected at character 9"],
  ["list<int,int>", "one type for the list that ends expected at character 13"],
  ["map<int>", "two types for the map that ends expected at character 8"],
  ["literal()", "a text in quotes expected at character 8"],
  ['literal("a)', "a text in quotes expected at character 8"],
  ['literal("\\x")', "a text in quotes expected at character 8"],
  ["record{a:int,}", "a name expected at character 13"],
  ["record{a:int a:int}", '"," expected at character 12'],
  ["record{a:int,a:int}", 'another name than "a" expected at character 14'],
  ["union(k){a:int}", "a record for a in the union that ends expected at character 15"],
  ["9", "a name expected at character 0"],
])("%j is no id", (id, problem) => {
  const result = parseType(id);
  expect(result).toEqual({
    ok: false,
    error: `${JSON.stringify(id)} is no id of a type: ${problem}`,
  });
});

test("text of any kind is an id or an error, however deep", () => {
  const pieces = fc.constantFrom("list<", "record{", "a:", "int", ">", "}", ",", '"a"', "(", "|");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const result = parseType(parts.join(""));
      if (result.ok) expect(parsed(printed(result.value))).toEqual(result.value);
    }),
    { seed: 42, numRuns: 500 },
  );
  const deep = parseType("list<".repeat(100_000));
  expect(deep.ok ? "" : deep.error.slice(-60)).toContain("at most 500 levels expected");
});
