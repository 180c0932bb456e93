/** The valve as transcripts, and against a plain model that looks at every channel every time. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WatermarkValve } from "./watermark-valve.ts";
import type { ValveChange } from "./watermark-valve.ts";

type Call =
  | { kind: "watermark"; channel: number; watermarkMs: number }
  | { kind: "status"; channel: number; becomes: "idle" | "active" | "ended" };

const changeText = (change: ValveChange | undefined): string => {
  if (change === undefined) return "nothing";
  const { watermarkMs, becomes } = change;
  const parts = becomes === "active" ? [becomes, watermarkMs] : [watermarkMs, becomes];
  return parts.filter((part) => part !== undefined).join(", ");
};

function apply(valve: WatermarkValve, call: Call): string {
  if (call.kind === "status") {
    const { channel, becomes } = call;
    if (becomes === "ended") return changeText(valve.onEnded(channel));
    return changeText(becomes === "idle" ? valve.onIdle(channel) : valve.onActive(channel));
  }
  const output = valve.onWatermark(call.channel, call.watermarkMs);
  return changeText(output === undefined ? output : { watermarkMs: output, becomes: undefined });
}

/** "2: 40" is watermark 40 on channel 2; "2: idle", "2: active" and "2: ended" are its status. */
function parse(text: string): Call {
  const [channel, what] = text.split(": ");
  if (what === "idle" || what === "active" || what === "ended") {
    return { kind: "status", channel: Number(channel), becomes: what };
  }
  return { kind: "watermark", channel: Number(channel), watermarkMs: Number(what) };
}

function transcript(channels: number, lines: readonly (readonly [string, string])[]): void {
  const valve = new WatermarkValve(channels);
  for (const [call, change] of lines) {
    expect(`${call} -> ${apply(valve, parse(call))}`).toBe(`${call} -> ${change}`);
  }
}

describe("watermark valve", () => {
  test("[WV2] [C77] nothing comes out before every channel has delivered a watermark", () => {
    transcript(3, [
      ["0: 10", "nothing"],
      ["2: 30", "nothing"],
      ["1: 20", "10"],
      ["0: 25", "20"],
      ["1: 40", "25"],
      ["0: 100", "30"],
      ["2: ended", "40"],
    ]);
  });

  test("[WV1] [C76] one channel: the output follows it, and neither goes back nor is repeated", () => {
    transcript(1, [
      ["0: -5", "-5"],
      ["0: -5", "nothing"],
      ["0: -9", "nothing"],
      ["0: 7", "7"],
      ["0: ended", "Infinity"],
      ["0: ended", "nothing"],
    ]);
  });

  test("[C78] an idle channel holds nothing back", () => {
    transcript(2, [
      ["0: 10", "nothing"],
      ["1: idle", "10"],
      ["1: idle", "nothing"],
      ["0: 20", "20"],
    ]);
  });

  test("[WV3] [C78] the last active channel held it back: the highest watermark, then idle", () => {
    transcript(3, [
      ["0: 30", "nothing"],
      ["1: 10", "nothing"],
      ["2: 50", "10"],
      ["2: idle", "nothing"],
      ["0: idle", "nothing"],
      ["1: idle", "50, idle"],
    ]);
  });

  test("[WV3] [C78] the last active channel was left out already: only idle", () => {
    transcript(2, [
      ["0: 10", "nothing"],
      ["1: idle", "10"],
      ["0: 20", "20"],
      ["1: 5", "nothing"],
      ["1: active", "nothing"],
      ["0: idle", "nothing"],
      ["1: idle", "idle"],
    ]);
  });

  test("[WV2] [C79] a channel that comes back counts once it has reached the last output", () => {
    transcript(2, [
      ["0: 10", "nothing"],
      ["1: idle", "10"],
      ["0: 50", "50"],
      ["1: active", "nothing"],
      ["1: 20", "nothing"],
      ["0: 60", "60"],
      ["1: 59", "nothing"],
      ["1: 60", "nothing"],
      ["0: 80", "nothing"],
      ["1: 70", "70"],
    ]);
  });

  test("[C79] the first channel to come back makes the gate active, before any watermark", () => {
    transcript(2, [
      ["0: 10", "nothing"],
      ["1: 10", "10"],
      ["0: idle", "nothing"],
      ["1: idle", "idle"],
      ["1: 15", "nothing"],
      ["1: active", "active, 15"],
      ["0: active", "nothing"],
      ["1: 30", "30"],
    ]);
  });

  test("[C78] idle from the start, then one channel delivers", () => {
    transcript(2, [
      ["0: idle", "nothing"],
      ["1: idle", "idle"],
      ["0: active", "active"],
      ["0: 5", "5"],
    ]);
  });

  test("[WV4] [C84] plus infinity waits for the last channel, idle ones included", () => {
    transcript(3, [
      ["0: 10", "nothing"],
      ["1: 20", "nothing"],
      ["2: 30", "10"],
      ["1: idle", "nothing"],
      ["0: ended", "30"],
      ["2: ended", "idle"],
      ["1: active", "active"],
      ["1: 25", "nothing"],
      ["1: 40", "40"],
      ["1: ended", "Infinity"],
    ]);
  });

  test("[WV4] what has ended neither goes idle nor comes back", () => {
    transcript(2, [
      ["0: 10", "nothing"],
      ["1: 5", "5"],
      ["1: ended", "10"],
      ["1: idle", "nothing"],
      ["1: active", "nothing"],
      ["1: 50", "nothing"],
      ["0: idle", "idle"],
      ["0: ended", "Infinity"],
    ]);
  });

  test("a channel that the gate does not have is refused", () => {
    const valve = new WatermarkValve(2);
    expect(() => valve.onWatermark(2, 5)).toThrow(/channel 2 of 2/);
    expect(() => valve.onIdle(-1)).toThrow(/-1/);
    expect(() => valve.onWatermark(0, NaN)).toThrow(/NaN/);
    expect(() => valve.onWatermark(0, Infinity)).toThrow(/Infinity/);
    expect(() => new WatermarkValve(0)).toThrow(/channels/);
  });
});

/** The statements C76 to C79 as they read, with a scan over every channel in every step. */
class PlainValve {
  readonly channels: { watermark: number; idle: boolean; counted: boolean; ended: boolean }[];
  output = -Infinity;
  constructor(channels: number) {
    this.channels = Array.from({ length: channels }, () => ({
      watermark: -Infinity,
      idle: false,
      counted: true,
      ended: false,
    }));
  }
  apply(call: Call): string {
    const channel = this.channels[call.channel]!;
    const wasIdle = this.channels.every(({ idle }) => idle);
    if (channel.ended) return changeText(undefined);
    if (call.kind === "watermark") {
      channel.watermark = Math.max(channel.watermark, call.watermarkMs);
    } else {
      channel.idle = call.becomes !== "active";
      channel.ended = call.becomes === "ended";
    }
    if (this.channels.every(({ ended }) => ended)) {
      this.output = Infinity;
      return changeText({ watermarkMs: Infinity, becomes: undefined });
    }
    if (channel.idle) channel.counted = false;
    else if (channel.watermark >= this.output) channel.counted = true;
    const nowIdle = this.channels.every(({ idle }) => idle);
    const held = nowIdle && !wasIdle && channel.watermark === this.output;
    const seen = this.channels.filter(({ counted }) => held || counted);
    const marks = seen.map(({ watermark }) => watermark);
    const next = held ? Math.max(...marks) : marks.length === 0 ? -Infinity : Math.min(...marks);
    const watermarkMs = next > this.output ? next : undefined;
    this.output = watermarkMs ?? this.output;
    const becomes = nowIdle === wasIdle ? undefined : nowIdle ? "idle" : "active";
    return changeText(
      watermarkMs === undefined && becomes === undefined ? undefined : { watermarkMs, becomes },
    );
  }
}

describe("watermark valve against the plain rule", () => {
  const calls = (channels: number): fc.Arbitrary<Call[]> => {
    const channel = fc.nat({ max: channels - 1 });
    const watermark = fc.record({
      kind: fc.constant("watermark" as const),
      channel,
      watermarkMs: fc.integer({ min: -20, max: 200 }),
    });
    const changes = (...becomes: Extract<Call, { kind: "status" }>["becomes"][]) =>
      fc.record({
        kind: fc.constant("status" as const),
        channel,
        becomes: fc.constantFrom(...becomes),
      });
    const call = fc.oneof(
      { weight: 60, arbitrary: watermark },
      { weight: 40, arbitrary: changes("idle", "active") },
      { weight: 3, arbitrary: changes("ended") },
    );
    // A watermark for each channel first, as nothing happens before.
    const first = fc.tuple(
      ...Array.from({ length: channels }, (_, channel) =>
        fc.record({
          kind: fc.constant("watermark" as const),
          channel: fc.constant(channel),
          watermarkMs: fc.integer({ min: -20, max: 200 }),
        }),
      ),
    );
    const later = fc.array(call, { size: "max", maxLength: 3 * channels + 60 });
    return fc.tuple(first, later).map(([opening, rest]) => [...opening, ...rest]);
  };

  test.each([1, 2, 3, 7, 40])(
    "[WV1] [WV2] [WV3] [WV4] [C76] [C77] [C78] [C79] with %i channels",
    (channels) => {
      const property = fc.property(calls(channels), (sequence) => {
        const valve = new WatermarkValve(channels);
        const plain = new PlainValve(channels);
        for (const call of sequence) {
          expect(apply(valve, call)).toBe(plain.apply(call));
          expect(valve.output).toBe(plain.output);
          expect(valve.idle).toBe(plain.channels.every(({ idle }) => idle));
        }
      });
      fc.assert(property, { seed: 76, numRuns: 150 });
    },
  );
});
