import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../core/bytes.ts";
import { crc32 } from "../core/checksum.ts";
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

test("what was read stays as it was, whatever becomes of the bytes it was read from", () => {
  const [written] = fc.sample(file, { seed: 3, numRuns: 1 });
  const bytes = encodeInFlightFile(written!);
  const read = decodeInFlightFile(bytes, "p");
  bytes.fill(0);
  expect(read).toEqual(ok(written));
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

describe("[NF1] [C52] what is refused, and in which words", () => {
  /** A file whose checksums fit, whatever is in it. */
  function sealed(body: readonly number[], version = 1, length = body.length): Uint8Array {
    const out = new ByteWriter();
    for (const letter of "MILLFLOW") out.u8(letter.charCodeAt(0));
    out.u32(version);
    out.u32(length);
    out.u32(crc32(Uint8Array.from(body)));
    out.u32(crc32(out.bytes, 0, 20));
    out.raw(Uint8Array.from(body), 0, body.length);
    return out.toBytes();
  }
  const refusal = (bytes: Uint8Array): string => {
    const result = decodeInFlightFile(bytes, "p");
    return result.ok ? "none" : result.error;
  };
  const empty = sealed([0]);
  const advice = "; restore a copy, or an older checkpoint";

  test("where nothing is wrong, nothing is", () => {
    expect(decodeInFlightFile(empty, "p")).toEqual(ok({ channels: [] }));
    expect(encodeInFlightFile({ channels: [] })).toEqual(empty);
  });

  test("what is too short for a header, and what is no such file", () => {
    expect(refusal(empty.slice(0, 23))).toBe(
      `in-flight file "p", byte 23: expected a header of 24 bytes, found 23 bytes${advice}`,
    );
    expect(refusal(empty.slice(0, 24))).toContain("byte 12: expected 25 bytes, found 24 bytes");
    const other = Uint8Array.of(78, ...empty.slice(1));
    expect(refusal(other)).toContain('byte 0: expected "MILLFLOW", found "NILLFLOW"');
  });

  test("a version that is not known, and a length that is not its own", () => {
    expect(refusal(sealed([0], 3))).toContain("byte 8: expected format version 1 or 2, found 3");
    expect(refusal(sealed([0], 1, 2))).toContain("byte 12: expected 26 bytes, found 25 bytes");
    expect(refusal(sealed([0], 2))).toBe("none");
  });

  test("a header and a body whose checksums do not fit", () => {
    const flipped = (at: number): Uint8Array =>
      empty.map((byte, i) => (i === at ? byte ^ 1 : byte));
    expect(refusal(flipped(8))).toMatch(
      /byte 0: expected header checksum 0x[0-9a-f]{8}, found 0x[0-9a-f]{8};/,
    );
    expect(refusal(flipped(24))).toMatch(
      /byte 16: expected body checksum 0x[0-9a-f]{8}, found 0x[0-9a-f]{8};/,
    );
  });

  test("checksums in eight digits, small ones as well", () => {
    for (let n = 0; n < 64; n++) {
      const bytes = sealed([0, n]);
      bytes[25] = n + 1;
      expect(refusal(bytes)).toMatch(/expected body checksum 0x[0-9a-f]{8}, found 0x[0-9a-f]{8};/);
    }
  });

  test("a body that no version has written", () => {
    const wrote = "the checksum fits, so it was written like this: run the version that wrote it";
    expect(refusal(sealed([0, 7, 7]))).toContain("2 bytes behind the last channel");
    expect(refusal(sealed([1, ...new Array<number>(9).fill(0), 2, 0]))).toContain(
      "end 2 of a channel, which has two",
    );
    expect(refusal(sealed([9]))).toContain(wrote);
  });
});
