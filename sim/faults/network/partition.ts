/** The processes fall apart into groups, of which none hears of another; or one hears and is not heard. */
import { grouped } from "../../grouped.ts";
import { describeAgain, drawAgain, lastsAgainMs } from "../again.ts";
import type { DrawContext, FaultHandler } from "../fault.ts";

const CUT_MS_MIN = 50;
const CUT_MS_MAX = 5_000;
/** Who is on no side reaches all: a partial partition. */
const BETWEEN_PER_MILLE = 250;

/** Two sides at least, each with somebody on it. */
function drawSides({ random, processes }: DrawContext): string[][] {
  const count = processes.length > 3 && random.chance(250) ? 3 : 2;
  const first = random.integer(0, processes.length - 1);
  const sides: string[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i < processes.length; i++) {
    const process = processes[(first + i) % processes.length]!;
    const side = random.integer(0, count - 1);
    const isBetween = random.chance(BETWEEN_PER_MILLE);
    if (i < count) sides[i]!.push(process);
    else if (!isBetween) sides[side]!.push(process);
  }
  return sides;
}

const without = <T>(items: readonly T[], index: number): readonly T[] =>
  items.filter((_, i) => i !== index);

/** Each two that are on different sides, the one on the earlier side first. */
function* acrossSides(sides: readonly (readonly number[])[]): Generator<[number, number]> {
  for (const [index, side] of sides.entries()) {
    for (const from of side) {
      for (const to of sides.slice(index + 1).flat()) if (from !== to) yield [from, to];
    }
  }
}

export const partitionFault: FaultHandler<"partition"> = {
  kind: "partition",
  does: "groups of processes cannot reach each other, or only one way; connections between them break",
  models:
    "a switch or a route that fails for some and not for others: partitions of all three forms, complete, " +
    "partial and one-way, are behind failures of 25 systems (Alquraan et al., OSDI 2018); Cloudflare, " +
    "November 2020, where a switch kept some of three machines apart",
  survives: "all processes, and every way between two that are not on different sides",
  legality: {
    strikes: "cluster",
    lastsMs: { field: "forMs", min: 1, dwellMs: CUT_MS_MIN },
    survivors: ["processes", "files", "object store", "ledger"],
  },
  describe: ({ sides, oneWay, forMs, again }) => {
    const groups = sides.map((side) => side.join("+"));
    const how = oneWay === true ? groups.join(" unheard by ") : groups.join(" from ");
    return `partition ${how} for ${grouped(forMs)} ms${describeAgain(again)}`;
  },
  draw: (context) => {
    const { random, lastsMsMax } = context;
    const forMs = random.integer(CUT_MS_MIN, CUT_MS_MAX);
    const oneWay = random.chance(400) ? { oneWay: true } : {};
    const sides = drawSides(context);
    const again = drawAgain(random.fork("again"), forMs, lastsMsMax);
    const when = context.moment(lastsAgainMs(forMs, again.again));
    return { kind: "partition", sides, when, forMs, ...oneWay, ...again };
  },
  simpler: ({ sides, ...rest }) => [
    ...(sides.length > 2 ? sides.map((_, i) => ({ ...rest, sides: without(sides, i) })) : []),
    ...sides.flatMap((side, i) =>
      side.length > 1
        ? side.map((_, j) => ({ ...rest, sides: sides.with(i, without(side, j)) }))
        : [],
    ),
  ],
  inject: ({ sides, oneWay, forMs }, world, resolve) => {
    const { links } = world;
    const pairs = [...acrossSides(sides.map((side) => side.map(resolve)))];
    for (const [from, to] of pairs) {
      if (oneWay === true) links.cutWay(from, to);
      else links.cut(from, to);
    }
    const heal = (): void => {
      for (const [from, to] of pairs) {
        if (oneWay === true) links.healWay(from, to);
        else links.heal(from, to);
      }
    };
    return { afterMs: forMs, heal };
  },
};
