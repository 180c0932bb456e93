import { expect, test } from "vitest";
import { asCheckpointId, asProcessId } from "../core/ids.ts";
import { ok } from "../core/result.ts";
import { encodeMessage } from "./messages.ts";
import { TermHost } from "./term-host.ts";
import { RuntimeHost } from "./testing.ts";

const TM = asProcessId("tm-0");
const HEARTBEAT = encodeMessage({ kind: "heartbeat", epoch: 1 });
const BYTES = Uint8Array.of(1);

function stage() {
  const host = new RuntimeHost("jm");
  const term = { over: false };
  const inTerm = new TermHost(host, () => term.over);
  const heard: string[] = [];
  /** All that a leader may do, each once. */
  const doAll = (): void => {
    const hears = (what: string) => (): void => void heard.push(what);
    inTerm.setTimer(5_000, hears("timer"));
    inTerm.send(TM, HEARTBEAT);
    inTerm.note({ kind: "checkpoint-triggered", checkpointId: asCheckpointId(1) });
    inTerm.objectStore.put("a", BYTES, false, hears("put"));
    inTerm.objectStore.get("a", 0, hears("get"));
    inTerm.objectStore.list("", hears("list"));
    inTerm.objectStore.delete("b", hears("delete"));
    inTerm.log.partitions("t", hears("partitions"));
    inTerm.log.offsets("t", [0], { kind: "earliest" }, hears("offsets"));
    inTerm.log.read("t", 0, 0, 1, hears("read"));
    inTerm.log.acknowledge("t", "r", []);
  };
  const settle = (): void => {
    host.advanceMs(10);
    while (host.world.openRequests.length > 0) host.world.answer(ok([]));
  };
  return { host, term, inTerm, heard, doAll, settle };
}

test("as long as the term lasts it is the host of the process", () => {
  const { host, inTerm, heard, doAll, settle } = stage();
  doAll();
  settle();
  expect([...heard].sort()).toEqual(
    ["delete", "get", "list", "offsets", "partitions", "put", "read", "timer"].sort(),
  );
  expect(host.takeSent()).toHaveLength(1);
  expect(host.takeNotes()).toEqual(["checkpoint-triggered"]);
  expect(host.world.acknowledged).toHaveLength(1);
  expect([inTerm.processId, inTerm.nowUs(), inTerm.wallMs()]).toEqual([
    ...["jm", host.nowUs(), host.wallMs()],
  ]);
  const handle = inTerm.setTimer(1_000, () => heard.push("cancelled"));
  inTerm.cancelTimer(handle);
  host.advanceMs(10);
  expect(heard).not.toContain("cancelled");
});

test("[TO1] [C122] once it is over, nothing is sent, asked for or noted", () => {
  const { host, term, heard, doAll, settle } = stage();
  term.over = true;
  doAll();
  settle();
  expect([heard, host.takeSent(), host.takeNotes()]).toEqual([[], [], []]);
  expect([host.objectStore.asked, host.world.asked(), host.world.acknowledged]).toEqual([
    ...[[], [], []],
  ]);
});

test("[TO1] [C123] what was asked for before happens, and is not heard of", () => {
  const { host, term, heard, doAll, settle } = stage();
  doAll();
  term.over = true;
  settle();
  expect(heard).toEqual([]);
  expect(host.objectStore.paths).toEqual(["a"]);
});

test("what does work on records is not a leader's to ask for", () => {
  const { inTerm } = stage();
  for (const service of [
    ...(["channels", "disk", "ledger", "tables", "services", "coordination"] as const),
  ]) {
    expect(() => inTerm[service]).toThrow("a leader asks for");
  }
});
