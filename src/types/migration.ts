/**
 * Reads what was written under an earlier declaration of a type as a value of the one declared now.
 *
 * A job is changed while its state lives on. The id stored beside the bytes says how they were
 * written; the type at hand says what is wanted. Both are walked together, once, and out of them
 * comes a reader, or every reason why there can be none.
 *
 *   written           now                 comes as
 *   T                 T                   itself: the plain read
 *   int, long         a wider number      the number (int, then long, then double)
 *   T                 optional, nullable  a value that is there
 *   record            record              fields by name, or by a former name (`renamed`); a field that
 *                                         is gone is skipped; a new one is its default, or missing if
 *                                         optional or nullable; order does not count
 *   literal, union    one with more       the same constant or member, found by name
 *   tuple             a longer one        the new elements are missing: each optional or nullable
 *   list, map, ...    the same kind       each part read by these rules
 *
 * All else is refused: narrowing, another kind, other keys of a map or members of a set (their order
 * and identity hang on their bytes), anything to or from `generic`, a custom type under a new id.
 *
 * MG1  A reader consumes exactly the bytes of the written value, whatever has become of its parts.
 * MG2  What it gives is a value of the type now declared: written again, it has that type's bytes, and
 *      a later generation may read those in turn.
 * MG3  A change that would lose or guess at a value is refused, with the place and what to do.
 *
 * MG2 holds only if whoever restores writes with the new type from then on, and says so in the next
 * snapshot: bytes and id go together.
 *
 * Not here: the text of an id (`parse-type.ts`), and who keeps it beside state (the state backends).
 */
import type { ByteReader } from "../core/bytes.ts";
import { DecodeError } from "../core/bytes.ts";
import { err, ok, type Result } from "../core/result.ts";
import { readCount } from "./collections.ts";
import { parseType, type ParsedRecord, type ParsedType } from "./parse-type.ts";
import { readerOfLeaf, skipperOf, type Reader } from "./skip-type.ts";
import type { FieldShape, RecordShape, TypeSerializer, TypeShape } from "./type.ts";

type AnyType = TypeSerializer<unknown>;
type ShapeOf<Kind extends TypeShape["kind"]> = Extract<TypeShape, { kind: Kind }>;
type ParsedOf<Kind extends ParsedType["kind"]> = Extract<ParsedType, { kind: Kind }>;

/** Where in the value, from outside in, and what was found wrong so far. */
type Place = Readonly<{ path: string; problems: string[] }>;

/**
 * How to read bytes that were written under `writtenId` as a value of `type`.
 *
 * The reader takes one value and leaves the input behind its last byte. Make it once for each state
 * that is restored, not for each value.
 *
 * @param writtenId the id that was stored beside the bytes
 * @param type      as it is declared now
 * @returns the reader; or, for people, which field of which record cannot be read and what to do
 */
export function readerOf<T>(
  writtenId: string,
  type: TypeSerializer<T>,
): Result<(input: ByteReader) => T, string> {
  if (writtenId === type.id) return ok((input) => type.read(input));
  const parsed = parseType(writtenId);
  if (!parsed.ok) return parsed;
  const problems: string[] = [];
  const read = plan(parsed.value, type, { path: "", problems });
  if (problems.length === 0) return ok(read as (input: ByteReader) => T);
  return err(`${writtenId} cannot be read as ${type.id}: ${problems.join("; ")}`);
}

const at = ({ path, problems }: Place, step: string): Place => ({ path: path + step, problems });

/** Notes what is wrong; the reader it answers with is never used. */
function refuse({ path, problems }: Place, what: string): Reader {
  const place = path.startsWith(".") ? `field "${path.slice(1)}"` : path;
  problems.push(place === "" ? what : `${place}: ${what}`);
  return () => undefined;
}

function plan(written: ParsedType, type: AnyType, place: Place): Reader {
  if (written.id === type.id) return (input) => type.read(input);
  const { shape } = type;
  if (shape === undefined) return planLeaf(written, type, place);
  if (shape.kind === "optional" || shape.kind === "nullable") {
    if (written.kind !== shape.kind) return plan(written, shape.part, place);
    return planAbsent(plan(written.part, shape.part, place), shape.kind);
  }
  if (shape.kind === "list" && written.kind === "list") {
    return planList(plan(written.part, shape.part, at(place, "[]")));
  }
  if (shape.kind === "map" && written.kind === "map") return planMap(written, shape, place);
  if (shape.kind === "tuple" && written.kind === "tuple") return planTuple(written, shape, place);
  if (shape.kind === "literal" && written.kind === "literal") {
    return planLiteral(written, shape, place);
  }
  if (shape.kind === "record" && written.kind === "record") {
    return planRecord(written, shape, place);
  }
  if (shape.kind === "union" && written.kind === "union") return planUnion(written, shape, place);
  if (shape.kind === "set" && written.kind === "set") {
    return refuse(
      place,
      `the members of a set were ${written.part.id} and are now ${shape.part.id}; members keep ` +
        "their type: declare it as it was, or use a new state",
    );
  }
  return refuseKind(written, type, place);
}

function refuseKind(written: ParsedType, type: AnyType, place: Place): Reader {
  return refuse(
    place,
    `written as ${written.id}, now ${type.id}, which is another kind of value; declare it as it ` +
      "was, and put the new one into an optional field beside it",
  );
}

const NUMBERS: readonly string[] = ["int", "long", "double"];

function planLeaf(written: ParsedType, type: AnyType, place: Place): Reader {
  const from = written.kind === "leaf" ? NUMBERS.indexOf(written.id) : -1;
  const to = NUMBERS.indexOf(type.id);
  if (from < 0 || to < 0) return refuseKind(written, type, place);
  if (from < to) return readerOfLeaf(written.id)!;
  return refuse(
    place,
    `written as ${written.id}, now ${type.id}; numbers can be widened (int, long, double), never ` +
      `narrowed: declare ${written.id} again, or put the new one into an optional field beside it`,
  );
}

function planAbsent(read: Reader, kind: "optional" | "nullable"): Reader {
  const nothing = kind === "optional" ? undefined : null;
  return (input) => {
    const byte = input.u8();
    if (byte > 1) throw new DecodeError(`${kind}: 0 or 1 expected`, input.position - 1);
    return byte === 0 ? nothing : read(input);
  };
}

function planList(read: Reader): Reader {
  return (input) => {
    const count = readCount(input, "list");
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) values.push(read(input));
    return values;
  };
}

function planMap(written: ParsedOf<"map">, shape: ShapeOf<"map">, place: Place): Reader {
  const { key, value } = shape;
  if (written.key.id !== key.id) {
    refuse(
      place,
      `the keys of a map were ${written.key.id} and are now ${key.id}; keys keep their type: ` +
        "declare it as it was, or use a new state",
    );
  }
  const read = plan(written.value, value, at(place, "{}"));
  return (input) => {
    const count = readCount(input, "map");
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < count; i++) {
      const k = key.read(input);
      map.set(k, read(input));
    }
    return map;
  };
}

function planTuple(written: ParsedOf<"tuple">, shape: ShapeOf<"tuple">, place: Place): Reader {
  const { parts } = shape;
  const count = written.parts.length;
  if (count > parts.length) {
    refuse(
      place,
      `a tuple of ${count} elements has ${parts.length} now; elements are told apart by place, so ` +
        "keep them all, or use a record, whose fields can go",
    );
  }
  const reads = written.parts.flatMap((part, i) => {
    const type = parts[i];
    return type === undefined ? [] : [plan(part, type, at(place, `[${i}]`))];
  });
  const added = parts.slice(count).map((type, i) => {
    const kind = type.shape?.kind;
    if (kind === "optional" || kind === "nullable") return kind === "optional" ? undefined : null;
    return refuse(
      at(place, `[${count + i}]`),
      `a new element that must be there; declare it as types.optional(...)`,
    );
  });
  return (input) => [...reads.map((read) => read(input)), ...added];
}

function planLiteral(
  written: ParsedOf<"literal">,
  shape: ShapeOf<"literal">,
  place: Place,
): Reader {
  const gone = written.values.filter((value) => !shape.values.includes(value));
  if (gone.length > 0) {
    const texts = gone.map((value) => JSON.stringify(value)).join(", ");
    refuse(place, `the literal had ${texts}, which may have been written; add it again`);
  }
  return (input) => {
    const start = input.position;
    const index = input.varint();
    const value = written.values[index];
    if (value === undefined) throw new DecodeError(`${written.id}: no constant ${index}`, start);
    return value;
  };
}

function planUnion(written: ParsedOf<"union">, shape: ShapeOf<"union">, place: Place): Reader {
  if (written.tag !== shape.tag) {
    refuse(
      place,
      `the members of the union were told apart by "${written.tag}", now by "${shape.tag}"; ` +
        "keep the field that tells them apart",
    );
  }
  const reads = written.members.map(({ name, record }) => {
    const member = shape.members.find((other) => other.name === name);
    const inside = at(place, `<${name}>`);
    if (member !== undefined) return planRecord(record, member.record, inside);
    return refuse(
      inside,
      "a member of the union that is gone, yet may have been written; add it again",
    );
  });
  return (input) => {
    const start = input.position;
    const index = input.varint();
    const read = reads[index];
    if (read === undefined) throw new DecodeError(`${written.id}: no member ${index}`, start);
    return read(input);
  };
}

/** One written field: where its value goes, -1 for nowhere. */
type FieldReader = Readonly<{ read: Reader; target: number }>;

function planRecord(written: ParsedRecord, shape: RecordShape, place: Place): Reader {
  const { fields, make } = shape;
  const targets = matchFields(written, fields, place);
  const readers = written.fields.map(({ name, type }): FieldReader => {
    const target = targets.get(name);
    const inside = at(place, `.${name}`);
    if (target !== undefined) {
      return { read: plan(type, fields[target]!.type, inside), target };
    }
    const skipped = skipperOf(type);
    if (skipped.ok) return { read: skipped.value, target: -1 };
    const what = `is gone, but nobody else knows how long its ${skipped.error} is; keep the field, as optional`;
    return { read: refuse(inside, what), target: -1 };
  });
  const read = new Set(targets.values());
  const missing = fields.flatMap((field, target) => {
    if (read.has(target)) return [];
    if (field.fallback !== undefined) return [{ target, fallback: field.fallback }];
    refuse(
      at(place, `.${field.name}`),
      `not in what was written, which has ${named(written)}; declare it as types.optional(...), ` +
        "or give it a default, or its former name, in the options of types.record",
    );
    return [];
  });
  return (input) => {
    const values = new Array<unknown>(fields.length);
    for (const reader of readers) {
      const value = reader.read(input);
      if (reader.target >= 0) values[reader.target] = value;
    }
    for (const { target, fallback } of missing) values[target] = fallback();
    return make(values);
  };
}

const named = ({ fields }: ParsedRecord): string =>
  fields.length === 0 ? "no fields" : fields.map(({ name }) => `"${name}"`).join(", ");

/**
 * Which of `fields` each written one has become, by name. A field that was not written under its own
 * name takes the latest of its former ones, and nobody else gets that one.
 */
function matchFields(
  written: ParsedRecord,
  fields: readonly FieldShape[],
  place: Place,
): ReadonlyMap<string, number> {
  const names = new Set(written.fields.map(({ name }) => name));
  const formerNames = ({ formerly }: FieldShape): string[] =>
    formerly.filter((name) => names.has(name));
  const targets = new Map<string, number>();
  // A name in `renamed` says more than a new field that happens to have the old name.
  const order = fields.map((field, target) => ({ field, target }));
  for (const { field, target } of order) {
    const [former] = formerNames(field);
    if (!names.has(field.name) && former !== undefined) targets.set(former, target);
  }
  for (const { field, target } of order) {
    const before = formerNames(field);
    if (!names.has(field.name)) continue;
    if (targets.has(field.name)) {
      // Another field has taken what stood under this name: this one was renamed, or is new.
      const [former] = before.filter((name) => !targets.has(name));
      if (former !== undefined) targets.set(former, target);
      continue;
    }
    targets.set(field.name, target);
    const doubtful = before.find((name) => {
      const heir = fields.find((other) => other.name === name);
      return heir === undefined || formerNames(heir).length > 0;
    });
    if (doubtful === undefined) continue;
    refuse(
      at(place, `.${field.name}`),
      `both it and "${doubtful}", a former name of it, were written; which one is meant? ` +
        "Rename in two steps, with a savepoint in between",
    );
  }
  return targets;
}
