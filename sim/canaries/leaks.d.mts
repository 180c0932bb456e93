/** A function that a job maps its lines with; what it returns is written as text. */
export type Canary = (line: string) => unknown;

/** By kind, then by name. */
export declare const leaks: Readonly<Record<string, Readonly<Record<string, Canary>>>>;
/** By name. */
export declare const harmless: Readonly<Record<string, Canary>>;
