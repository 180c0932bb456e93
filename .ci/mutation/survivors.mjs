/**
 * What a report comes to: a line per file, and what no test noticed.
 *
 *   node .ci/mutation/survivors.mjs REPORT      status 1 when a mutant survived
 *
 * A mutant that made a run endless is killed: a test would not have ended. One that no test ran at all
 * has survived like any other.
 */
import { readFileSync } from "node:fs";

const KILLED = ["Killed", "Timeout"];
const SURVIVED = ["Survived", "NoCoverage"];

/** As much of a text as says what it is, on one line. */
function short(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

/** The mutated place alone; positions count from 1, and `end` is behind the last character. */
function original(source, { start, end }) {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  lines.push(lines.pop().slice(0, end.column - 1));
  lines[0] = lines[0].slice(start.column - 1);
  return lines.join("\n");
}

/** @returns how many survived */
function printFile(path, { source, mutants }) {
  const count = (statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const killed = count(KILLED);
  const survived = count(SURVIVED);
  const all = killed + survived;
  const score = all === 0 ? "nothing to kill" : `${((100 * killed) / all).toFixed(1)} %`;
  console.log(`${path}: ${killed} of ${all} killed, ${survived} survived (${score})`);
  for (const { status, location, mutatorName, replacement } of mutants) {
    if (!SURVIVED.includes(status)) continue;
    const { line, column } = location.start;
    console.log(
      `  ${path}:${line}:${column} ${mutatorName}${status === "NoCoverage" ? ", never run" : ""}`,
    );
    console.log(`    - ${short(original(source, location))}`);
    console.log(`    + ${short(replacement)}`);
  }
  return survived;
}

const { files } = JSON.parse(readFileSync(process.argv[2], "utf8"));
let survived = 0;
for (const [path, file] of Object.entries(files)) survived += printFile(path, file);
console.log(`${survived} survived`);
process.exitCode = survived === 0 ? 0 : 1;
