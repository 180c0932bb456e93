import fc from "fast-check";
import { expect, test } from "vitest";
import { asOperatorUid } from "../core/ids.ts";
import { ok } from "../core/result.ts";
import { decodeInFlightFile, encodeInFlightFile, type InFlightFile } from "./in-flight-file.ts";

const count = fc.nat(5);
const channel = fc.record({
  origin: fc.record({
    from: fc.string().map(asOperatorUid),
    to: fc.string().map(asOperatorUid),
    input: fc.nat(1),
    tag: fc.string(),
    twin: count,
    sender: count,
    receiver: count,
    senders: count,
    receivers: count,
  }),
  end: fc.constantFrom("receiver" as const, "sender" as const),
  bytes: fc.uint8Array({ maxLength: 40 }),
});
const file: fc.Arbitrary<InFlightFile> = fc.record({
  channels: fc.array(channel, { maxLength: 4 }),
});

test("[NF2] what is read is what was written, and equal files have equal bytes", () => {
  fc.assert(
    fc.property(file, (written) => {
      const bytes = encodeInFlightFile(written);
      expect(decodeInFlightFile(bytes, "p")).toEqual(ok(written));
      expect(encodeInFlightFile(written)).toEqual(bytes);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("[NF1] [C52] every change of a byte and every truncation is refused, and says where", () => {
  const [written] = fc.sample(file, { seed: 3, numRuns: 1 });
  const bytes = encodeInFlightFile(written!);
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at] = changed[at]! ^ 0x10;
    const result = decodeInFlightFile(changed, "chk/7-in-flight");
    expect(result.ok, `byte ${at}`).toBe(false);
    if (!result.ok) expect(result.error).toMatch(/"chk\/7-in-flight", byte \d+: expected .* found/);
    expect(decodeInFlightFile(bytes.slice(0, at), "p").ok, `cut at ${at}`).toBe(false);
  }
});

test("[NF2] where a log begins, and how far it was read, are written only where there is one", () => {
  const [plain] = fc.sample(file, { seed: 3, numRuns: 1 });
  const logged = {
    channels: plain!.channels.map((one, i) => ({ ...one, at: i === 0 ? 300 : 0 })),
  };
  const bytes = encodeInFlightFile(logged);
  expect(decodeInFlightFile(bytes, "p")).toEqual(ok(logged));
  expect(bytes[8]).toBe(2);
  expect(encodeInFlightFile(plain!)[8]).toBe(1);
});
