/**
 * What a serializer says of a value that is not of its type: the caller is wrong, so the message
 * names the type, the place within the value, what was expected and what was found.
 *
 * Thrown where the value is met, and rewritten on the way out by every type around it, so that the
 * path starts at the value that was handed in.
 */

/** A value does not have the type that was declared for it. */
export class ValueTypeError extends TypeError {
  override readonly name = "ValueTypeError";
  /** The id of the outermost type. */
  readonly typeId: string;
  /** From the value handed in to the wrong one: ".legs[2].price"; empty for the value itself. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;

  constructor(typeId: string, path: string, expected: string, actual: string) {
    const field = path.startsWith(".") ? `, field "${path.slice(1)}"` : "";
    const place = field !== "" || path === "" ? field : `, at ${path}`;
    super(`${typeId}${place}: expected ${expected}, but got ${actual}`);
    this.typeId = typeId;
    this.path = path;
    this.expected = expected;
    this.actual = actual;
  }
}

/** The same error as seen from the type around it; any other error passes as it is. */
export function within(error: unknown, typeId: string, step: string): unknown {
  if (!(error instanceof ValueTypeError)) return error;
  return new ValueTypeError(typeId, step + error.path, error.expected, error.actual);
}

const TEXT_MAX = 40;

/** A value in a few words, for people: `string "abc"`, `array of 3`, `Date`. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `string ${JSON.stringify(value.slice(0, TEXT_MAX))}${more(value)}`;
    case "number":
      return `number ${Object.is(value, -0) ? "-0" : String(value)}`;
    case "bigint":
      return `bigint ${String(value).slice(0, TEXT_MAX)}n`;
    case "boolean":
    case "undefined":
      return String(value);
    case "symbol":
      return "a symbol";
    case "function":
      return `a function ${JSON.stringify(value.name)}`;
    case "object":
      return describeObject(value);
  }
}

const more = (text: string): string => (text.length > TEXT_MAX ? "..." : "");

function describeObject(value: object | null): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `array of ${value.length}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) {
    return `object with ${JSON.stringify(Object.keys(value)).slice(0, TEXT_MAX * 2)}`;
  }
  const maker: unknown = (value as { constructor?: unknown }).constructor;
  return `an instance of ${typeof maker === "function" ? maker.name : "an unnamed class"}`;
}
