/**
 * Names a side output: records that leave an operator beside its main output, in a type of their own.
 *
 * A tag is plain data, so the function that emits to it and the job that reads from it can name it
 * apart from each other; equal ids within one operator mean the same side output.
 */
import type { TypeSerializer } from "../types/type.ts";

export type OutputTag<T> = Readonly<{ id: string; type: TypeSerializer<T> }>;

export const outputTag = <T>(id: string, type: TypeSerializer<T>): OutputTag<T> => ({ id, type });
