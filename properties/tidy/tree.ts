/**
 * The project's own text, as the rules for code see it: paths to texts, and nothing else. A rule is
 * a pure function over such a tree, so that a bad sample of three lines can stand in for a project.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { compareText } from "../../src/index.ts";

/** Path from the top, with forward slashes, to text. */
export type Tree = ReadonlyMap<string, string>;

/** `check` names each offence with its file, the line where it can, and what to do. */
export type TidyRule = Readonly<{ name: string; check: (tree: Tree) => readonly string[] }>;

/** Not ours, or made by a run. */
const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules", "coverage", ".millrace"]);
const TEXT = /\.(ts|mts|mjs|cjs|js|json|md|yml|yaml|html|css|csv|txt)$/;
/** Text without an extension. */
const PLAIN: ReadonlySet<string> = new Set(["LICENSE", ".npmrc", ".gitignore", "run"]);

export function readTree(top: string): Tree {
  const tree = new Map<string, string>();
  const walk = (folder: string): void => {
    const entries = readdirSync(join(top, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => compareText(a.name, b.name))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (SKIPPED.has(entry.name)) continue;
      if (entry.isDirectory()) walk(path);
      else if (TEXT.test(entry.name) || PLAIN.has(entry.name)) {
        tree.set(path, readFileSync(join(top, path), "utf8"));
      }
    }
  };
  walk("");
  return tree;
}

export const isCode = (path: string): boolean => /\.(ts|mts|mjs|cjs)$/.test(path);
export const isTest = (path: string): boolean => path.endsWith(".test.ts");
/** What tests share: their stage, and suites that several of them run. */
export const isTestPart = (path: string): boolean =>
  /(^|\/)(testing\.ts$|testing\/|contract\/|[^/]+\.(contract|fixture)\.ts$)/.test(path);
/** A suite that several tests run, and its cases. */
export const isSuite = (path: string): boolean =>
  /(\.contract|(^|\/)contract\/[^/]+-cases)\.ts$/.test(path);
/** Of the layers, so without configuration files, tests and what belongs to them. */
export const isLayered = (path: string): boolean =>
  path.endsWith(".ts") && path.includes("/") && !isTest(path) && !isTestPart(path);

export function* codeOf(tree: Tree): Generator<readonly [path: string, text: string]> {
  for (const [path, text] of tree) if (isCode(path)) yield [path, text];
}

export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
}

export type Import = Readonly<{ line: number; specifier: string }>;

/** Static imports, re-exports and dynamic imports of a literal; types as well as values. */
export function importsOf(text: string): readonly Import[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    line: lineAt(text, pos),
    specifier: fileName,
  }));
}

/** The path that a relative import in `from` leads to; undefined for packages and built-ins. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** From 1. */
export const lineAt = (text: string, position: number): number =>
  text.slice(0, position).split("\n").length;
