/** The ids of types that carry a touch: told apart from all others, and from the types in them. */
const PREFIX = "ttl{";
const SUFFIX = "}";

export const timedId = (id: string): string => PREFIX + id + SUFFIX;

export const isTimedId = (id: string): boolean => id.startsWith(PREFIX) && id.endsWith(SUFFIX);

/** The id of the type that is timed. */
export const untimedId = (id: string): string => id.slice(PREFIX.length, -SUFFIX.length);
