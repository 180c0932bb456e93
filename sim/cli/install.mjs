/**
 * Installs what `package.json` names and is not there. Also run by itself, before `npm start` and
 * `npm test`, where the development tools are needed too.
 *
 * Packages are looked for in every node_modules upwards, as Node does: a copy of the project inside
 * the checkout (a mutant's) uses those of the checkout.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NODE_OLDEST = [20, 19];

/** What is wrong with this version of Node; undefined when nothing is. */
export function nodeProblem(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = NODE_OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `needs Node ${NODE_OLDEST.join(".")} or newer, and this is ${version}; install a newer one from https://nodejs.org`;
}

function installedVersion(name) {
  for (let folder = ROOT; ; folder = dirname(folder)) {
    const manifest = join(folder, "node_modules", name, "package.json");
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, "utf8")).version;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Names of packages that are absent, or not of the version pinned here. */
export function missingPackages({ dev }) {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const wanted = { ...manifest.dependencies, ...(dev ? manifest.devDependencies : {}) };
  return Object.keys(wanted).filter((name) => {
    const version = installedVersion(name);
    const pinned = /^\d+\.\d+\.\d+$/.test(wanted[name]);
    return version === undefined || (pinned && version !== wanted[name]);
  });
}

/** Runs `npm ci`, whose output goes to standard error; false when packages are still missing. */
export function installMissing({ dev }) {
  const names = missingPackages({ dev });
  const some = names.slice(0, 4).join(", ");
  const more = names.length > 4 ? ` and ${names.length - 4} more` : "";
  process.stderr.write(`millrace: installing missing packages (${some}${more}): npm ci\n`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const ended = spawnSync(npm, ["ci"], {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (ended.error === undefined && ended.status === 0 && missingPackages({ dev }).length === 0) {
    return true;
  }
  const why = ended.error === undefined ? `status ${ended.status}` : ended.error.message;
  process.stderr.write(
    `millrace: npm ci failed (${why}). It needs the network, or a filled npm cache: run "npm ci" in\n` +
      `  ${ROOT}\n  where the registry can be reached, and try again.\n`,
  );
  return false;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dev = !(process.env.npm_config_omit ?? "").split(/[\s,]+/).includes("dev");
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) {
    process.stderr.write(`millrace: ${problem}\n`);
    process.exitCode = 2;
  } else if (missingPackages({ dev }).length > 0 && !installMissing({ dev })) {
    process.exitCode = 2;
  }
}
