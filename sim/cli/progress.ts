/**
 * How far a sweep is, on standard error: one line that is rewritten on a terminal, elsewhere a plain
 * line every tenth of the way or every ten seconds, whichever comes first.
 */
import type { Io } from "./io.ts";

export type ProgressState = Readonly<{
  /** Of what; absent: seeds. */
  what?: string;
  done: number;
  /** Unknown when only time bounds the sweep. */
  total: number | undefined;
  violations: number;
  elapsedMs: number;
  /** Real time the sweep may take; undefined without a limit. */
  limitMs: number | undefined;
}>;

const REDRAW_MS = 100;
const LINE_EVERY_MS = 10_000;
const LINES_A_SWEEP = 10;
const CLEAR_LINE = "\r\u001b[2K";

/** "4m10s", "12s", "1h02m". */
export function shortDuration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3_600)}h${two(Math.floor((seconds % 3_600) / 60))}m`;
}

const rateOf = ({ done, elapsedMs }: ProgressState): number =>
  elapsedMs <= 0 ? 0 : (done * 1_000) / elapsedMs;

export const rateText = (perSecond: number): string =>
  perSecond >= 10 || perSecond === 0 ? String(Math.round(perSecond)) : perSecond.toFixed(1);

/** Until the seeds or the time run out, whichever comes first. */
function msLeft(state: ProgressState): number | undefined {
  const left: number[] = [];
  const rate = rateOf(state);
  if (state.total !== undefined && rate > 0) {
    left.push(((state.total - state.done) * 1_000) / rate);
  }
  if (state.limitMs !== undefined) left.push(Math.max(0, state.limitMs - state.elapsedMs));
  return left.length === 0 ? undefined : Math.min(...left);
}

/** The most important first: what does not fit is cut from the end. */
export function statusLine(state: ProgressState, columns: number): string {
  const { what = "seeds" } = state;
  const of = state.total === undefined ? "" : `/${state.total}`;
  const left = msLeft(state);
  const line = [
    `${state.done}${of} ${what}`,
    `${state.violations} violated`,
    `${rateText(rateOf(state))} ${what}/s`,
    ...(left === undefined ? [] : [`${shortDuration(left)} left`]),
  ].join("  ");
  return line.length < columns ? line : line.slice(0, Math.max(0, columns - 1));
}

export type Progress = Readonly<{ update(state: ProgressState): void; end(): void }>;

function liveProgress(io: Io): Progress {
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  return {
    update(state) {
      if (io.nowMs() - drawnAtMs < REDRAW_MS) return;
      drawnAtMs = io.nowMs();
      io.err(`${CLEAR_LINE}${statusLine(state, io.columns)}`);
    },
    end() {
      if (drawnAtMs !== Number.NEGATIVE_INFINITY) io.err(CLEAR_LINE);
    },
  };
}

function plainProgress(io: Io): Progress {
  let printedAtMs = io.nowMs();
  let printedTenth = 0;
  return {
    update(state) {
      const { done, total } = state;
      const tenth = total === undefined ? 0 : Math.floor((done * LINES_A_SWEEP) / total);
      const late = io.nowMs() - printedAtMs >= LINE_EVERY_MS;
      if (tenth === printedTenth && !late) return;
      printedTenth = tenth;
      printedAtMs = io.nowMs();
      io.err(`${statusLine(state, Number.POSITIVE_INFINITY)}\n`);
    },
    end: () => undefined,
  };
}

export function createProgress(io: Io): Progress {
  const live = io.stderrIsTerminal && (io.env["CI"] ?? "") === "" && io.env["TERM"] !== "dumb";
  return live ? liveProgress(io) : plainProgress(io);
}
