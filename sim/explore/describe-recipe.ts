/**
 * A recipe as lines for people: its plain fields on one line, then every item of its lists on a line of
 * its own. What the fields mean is the story's affair.
 */
import type { Recipe } from "../plan.ts";

export function describeRecipe(recipe: Recipe): readonly string[] {
  const plain: string[] = [];
  const items: string[] = [];
  for (const [name, value] of Object.entries(recipe)) {
    if (!Array.isArray(value)) plain.push(`${name} ${textOf(value)}`);
    else value.forEach((item, i) => items.push(`${name} ${i}: ${fieldsOf(item)}`));
  }
  return [plain.join(", "), ...items].filter((line) => line !== "");
}

const fieldsOf = (item: unknown): string =>
  typeof item === "object" && item !== null
    ? Object.entries(item)
        .map(([name, value]) => `${name} ${textOf(value)}`)
        .join(", ")
    : textOf(item);

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);
