/** Where the jobs over numbered lines begin: a stream of words that know where they stand. */
import {
  WatermarkStrategy,
  logSource,
  types,
  type Collector,
  type OperatorStream,
  type StreamEnvironment,
} from "../../src/index.ts";
import { LINES_OUT_OF_ORDER_MS_MAX, LINES_TOPIC, wordsOf } from "./word-count.ts";

/** `atMs` is the event time, for those who have the value only. */
export type NumberedLine = Readonly<{ line: number; atMs: number; text: string }>;
export type PlacedWord = Readonly<{ line: number; position: number; atMs: number; word: string }>;

const numberedLineType = types.record({ line: types.int, atMs: types.long, text: types.string });

const placedWordType = types.record({
  line: types.int,
  position: types.int,
  atMs: types.long,
  word: types.string,
});

export const placedWords = (env: StreamEnvironment): OperatorStream<PlacedWord> =>
  env
    .fromSource(
      logSource({
        topic: LINES_TOPIC,
        type: numberedLineType,
      }),
      WatermarkStrategy.forBoundedOutOfOrderness(LINES_OUT_OF_ORDER_MS_MAX),
      "lines",
    )
    .uid("lines")
    .flatMap(({ line, atMs, text }: NumberedLine, out: Collector<PlacedWord>) =>
      wordsOf(text).forEach((word, position) => out.collect({ line, position, atMs, word })),
    )
    .returns(placedWordType)
    .uid("words");
