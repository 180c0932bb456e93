/**
 * A few combinations in which every two levels of different factors meet.
 *
 * All combinations of seven factors are hundreds; yet most bugs that need a combination need one of two
 * (Kuhn et al. 2004). So rows are added until every pair of levels stands in one of them, each row the
 * one that brings the most new pairs: greedy, and therefore not the smallest there is, but small.
 *
 * MC1  Every two levels of two factors stand together in a row.
 * MC2  The same factors give the same rows; nothing is drawn.
 */
import { assert } from "../../src/index.ts";

export type Factors = Readonly<Record<string, readonly string[]>>;
/** One level of each factor. */
export type CellOf<F extends Factors> = { readonly [K in keyof F]: F[K][number] };

const pairText = (a: string, one: string, b: string, other: string): string =>
  `${a}=${one} ${b}=${other}`;

/** Every pair of levels, by the text of it. */
export function pairsOf(factors: Factors): ReadonlySet<string> {
  const names = Object.keys(factors);
  const pairs = new Set<string>();
  names.forEach((a, i) => {
    for (const b of names.slice(i + 1)) {
      for (const one of factors[a]!)
        for (const other of factors[b]!) pairs.add(pairText(a, one, b, other));
    }
  });
  return pairs;
}

/** The pairs of levels that stand together in a row, or in the part of it that is there. */
export function pairsIn(row: Readonly<Record<string, string>>, names: readonly string[]): string[] {
  return names.flatMap((a, i) =>
    names.slice(i + 1).flatMap((b) => {
      const [one, other] = [row[a], row[b]];
      return one === undefined || other === undefined ? [] : [pairText(a, one, b, other)];
    }),
  );
}

export function coveringRows<F extends Factors>(factors: F): readonly CellOf<F>[] {
  const names = Object.keys(factors);
  const missing = new Set(pairsOf(factors));
  const rows: CellOf<F>[] = [];
  while (missing.size > 0) {
    const row = bestRow(factors, names, missing);
    const covered = pairsIn(row, names).filter((pair) => missing.delete(pair));
    assert(covered.length > 0, () => `MC1 a row without a new pair: ${JSON.stringify(row)}`);
    rows.push(row as CellOf<F>);
  }
  return rows;
}

/** Begins with a pair that is missing, and gives each factor the level that brings the most. */
function bestRow(
  factors: Factors,
  names: readonly string[],
  missing: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  const [first] = missing;
  const row: Record<string, string> = Object.fromEntries(
    (first ?? "").split(" ").map((level) => level.split("=") as [string, string]),
  );
  for (const name of names) {
    if (row[name] !== undefined) continue;
    let best = { level: "", gained: -1 };
    for (const level of factors[name]!) {
      const pairs = pairsIn({ ...row, [name]: level }, names);
      const gained = pairs.filter((pair) => missing.has(pair)).length;
      if (gained > best.gained) best = { level, gained };
    }
    row[name] = best.level;
  }
  return row;
}
