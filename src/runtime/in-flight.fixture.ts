/** Records in flight, written down and read back as text, for tests of one subtask. */
import {
  decodeInFlightFile,
  type ChannelOrigin,
  type InFlightFile,
} from "../checkpoint/in-flight-file.ts";
import { ByteWriter } from "../core/bytes.ts";
import { TAG_RECORD } from "../core/element.ts";
import { asOperatorUid } from "../core/ids.ts";
import { types } from "../types/serializers.ts";
import { ElementReader, ElementWriter } from "./wire.ts";

/** "a" is where channels lead in, and "b" where one leads out. */
export const originOf = (uid: "a" | "b", sender: number): ChannelOrigin => ({
  from: asOperatorUid(uid === "a" ? "upstream" : "b"),
  to: asOperatorUid(uid === "a" ? "a" : "downstream"),
  input: 0,
  tag: "",
  twin: 0,
  sender,
  receiver: 0,
  senders: 2,
  receivers: 1,
});

/** The records in an in-flight file: "in 0: x y", "out 0: z". */
export function inFlightText(bytes: Uint8Array): string[] {
  const file = decodeInFlightFile(bytes, "test");
  if (!file.ok) return [file.error];
  return file.value.channels.map(({ origin, end, bytes: data }) => {
    const reader = new ElementReader();
    reader.feed({ bytes: data, start: 0, end: data.length, event: false });
    const words: string[] = [];
    for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
      words.push(tag === TAG_RECORD ? types.string.read(reader.payload) : `~${reader.timeMs}`);
    }
    if (reader.midElement) words.push("(part)");
    return `${end === "receiver" ? "in" : "out"} ${origin.sender}: ${words.join(" ")}`;
  });
}

/** Records that were under way on channels "a". */
export function inFlightOf(...channels: readonly (readonly string[])[]): InFlightFile {
  const writer = new ElementWriter();
  return {
    channels: channels.map((values, sender) => {
      const out = new ByteWriter();
      for (const value of values) {
        writer.record(value, 1, types.string);
        out.raw(writer.scratch.bytes, 0, writer.scratch.length);
      }
      return { origin: originOf("a", sender), end: "receiver", bytes: out.toBytes() };
    }),
  };
}
