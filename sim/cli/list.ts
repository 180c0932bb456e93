/** `list`: what there is to play, to judge by, and to break. */
import type { Command } from "commander";
import { BUGGIFY_POINTS, compareText, type BuggifyPoint } from "../../src/index.ts";
import { ALL_POINTS } from "../buggify.ts";
import { describeLegality } from "../faults/legality.ts";
import { faultHandlers } from "../faults/registry.ts";
import { EXIT } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import type { Done, Io } from "./io.ts";
import { printJson } from "./judge.ts";
import { allScenarios } from "./scenarios.ts";
import { definitions } from "./wrap.ts";

type ListFlags = Readonly<{ json?: boolean; faults?: boolean }>;
type Listed = Readonly<{
  scenarios: readonly Readonly<{ name: string; why: string; rules: readonly string[] }>[];
  rules: readonly Readonly<{ id: string; rule: string }>[];
  faults: readonly Readonly<{
    kind: string;
    does: string;
    models: string;
    survives: string;
    legality: string;
  }>[];
  points: readonly Readonly<{ point: BuggifyPoint; why: string }>[];
}>;

async function listed(io: Io): Promise<Listed> {
  const found = await allScenarios(io);
  const rules = new Map<string, string>();
  for (const { scenario } of found) {
    for (const { id, rule } of scenario.properties) rules.set(id, rule);
  }
  return {
    scenarios: found.map(({ scenario }) => ({
      name: scenario.name,
      why: scenario.why.replace(/\s+/g, " ").trim(),
      rules: scenario.properties.map(({ id }) => id),
    })),
    rules: [...rules].sort((a, b) => compareText(a[0], b[0])).map(([id, rule]) => ({ id, rule })),
    faults: Object.values(faultHandlers).map(({ kind, does, models, survives }) => ({
      kind,
      does,
      models,
      survives,
      legality: describeLegality(kind),
    })),
    points: ALL_POINTS.map((point) => ({ point, why: BUGGIFY_POINTS[point] })),
  };
}

const storiesText = ({ scenarios }: Listed, { columns }: Io): string =>
  definitions(
    ["scenario", "why"],
    scenarios.map(({ name, why }) => [name, why]),
    columns,
  );

const rulesText = ({ rules }: Listed, { columns }: Io): string =>
  definitions(
    ["rule", "what must be true"],
    rules.map(({ id, rule }) => [id, rule]),
    columns,
  );

const faultsText = ({ faults }: Listed, { columns }: Io): string =>
  definitions(
    ["fault", "what it does"],
    faults.map(({ kind, does, models, survives, legality }) => [
      kind,
      `${does}. Stands for: ${models}. Must survive it: ${survives}. Legal: ${legality}.`,
    ]),
    columns,
  );

const pointsText = ({ points }: Listed, { columns }: Io): string =>
  definitions(
    ["buggify point", "what it does, and why that is legal"],
    points.map(({ point, why }) => [point, `${why}.`]),
    columns,
  );

async function list(io: Io, flags: ListFlags): Promise<ExitStatus> {
  const all = await listed(io);
  if (flags.json === true) {
    printJson(io, all);
    return EXIT.held;
  }
  const parts = [
    ...(flags.faults === true ? [] : [storiesText(all, io), rulesText(all, io)]),
    faultsText(all, io),
    ...(flags.faults === true ? [] : [pointsText(all, io)]),
  ];
  io.out(parts.join("\n"));
  return EXIT.held;
}

export function addList(program: Command, io: Io, done: Done): void {
  program
    .command("list")
    .description("scenarios, rules, faults and buggify points")
    .option("--faults", "faults only: what they do, and which are legal")
    .option("--json", "one JSON document on standard output")
    .action(async (flags: ListFlags) => done(await list(io, flags)));
}
