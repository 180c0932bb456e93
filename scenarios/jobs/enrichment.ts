/**
 * Asks a service about every word, in two ways.
 *
 *   words --> ask, in order ------------------------------------------> ledger "annotated"
 *        \--> ask, as answers come --hash(syllables)--> windowed sum --> ledger "rhythm"
 *
 * The first way has no answer of its own: a service that fails fails the task. The second knows the
 * answer as well when time runs out, so it makes no difference which of both takes effect, but a word
 * for which both do, or neither, makes a sum wrong. So does one that a watermark overtakes.
 */
import {
  job,
  ledger,
  memoryBackend,
  types,
  type LogicalGraph,
  type ServiceSpec,
} from "../../src/index.ts";
import { placedWords, type PlacedWord } from "./numbered-lines.ts";
import { countedType, windowSumType, WindowedSum, type Counted } from "./windowed-sum.ts";

export type AnnotatedWord = Omit<PlacedWord, "atMs"> & Readonly<{ syllables: number }>;

/** Counts groups of vowels: close enough, and the same for the same word. */
export const syllablesOf = (word: string): number =>
  Math.max(1, word.match(/[aeiouy]+/g)?.length ?? 0);

export const syllables: ServiceSpec<string, number> = {
  name: "syllables",
  request: types.string,
  response: types.int,
  answer: syllablesOf,
};

/** More than leave in one step, once the first of them has its answer. */
const CAPACITY = 64;

const annotatedType = types.record({
  line: types.int,
  position: types.int,
  word: types.string,
  syllables: types.int,
});

/** The key of a row for rules about order: the words of a line, and the windows of a name. */
export function orderOf(row: unknown): string {
  const { line, name } = row as { line?: number; name?: string };
  return line === undefined ? `name ${name}` : `line ${line}`;
}

const annotated = ({ line, position, word }: PlacedWord, count: number): AnnotatedWord => ({
  line,
  position,
  word,
  syllables: count,
});
const counted = (count: number): Counted => ({ name: `${count} syllables`, count: 1 });
const ask = { service: syllables, request: ({ word }: PlacedWord) => word } as const;

export function enrichment(name = "enrichment"): LogicalGraph {
  return job(name, (env) => {
    env.enableCheckpointing({ intervalMs: 600 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const words = placedWords(env);
    words
      .async<string, number, AnnotatedWord>({
        ...ask,
        capacity: CAPACITY,
        timeoutMs: 3_000,
        retry: { attemptsMax: 4, delayMs: 100 },
        result: (word, count, out) => out.collect(annotated(word, count)),
        outputType: annotatedType,
      })
      .uid("annotate")
      .sinkTo(ledger("annotated"))
      .uid("annotated");
    words
      .async<string, number, Counted>({
        ...ask,
        order: "unordered",
        capacity: 10,
        timeoutMs: 400,
        retry: { attemptsMax: 1_000, delayMs: 20 },
        result: (_, count, out) => out.collect(counted(count)),
        onTimeout: ({ word }, out) => out.collect(counted(syllablesOf(word))),
        outputType: countedType,
      })
      .uid("count-syllables")
      .keyBy(({ name }) => name, types.string)
      .process(() => new WindowedSum(), windowSumType)
      .uid("sum")
      .sinkTo(ledger("rhythm"))
      .uid("rhythm");
  });
}

/** What no service has ever answered. */
export const IN_VAIN = -1;

/** One way only, in order; time that has run out shows in the row. */
export function patientEnrichment(timeoutMs: number): LogicalGraph {
  return job("patient-enrichment", (env) => {
    env.enableCheckpointing({ intervalMs: 600 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    placedWords(env)
      .async<string, number, AnnotatedWord>({
        ...ask,
        capacity: CAPACITY,
        timeoutMs,
        result: (word, count, out) => out.collect(annotated(word, count)),
        onTimeout: (word, out) => out.collect(annotated(word, IN_VAIN)),
        outputType: annotatedType,
      })
      .uid("annotate")
      .keyBy(({ line }) => line, types.int)
      .process<AnnotatedWord>(() => ({ processElement: (word, _, out) => out.collect(word) }))
      .returns(annotatedType)
      .uid("by-line")
      .sinkTo(ledger("annotated"))
      .uid("annotated");
  });
}
