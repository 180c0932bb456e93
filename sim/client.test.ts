import { expect, test } from "vitest";
import { asProcessId, encodeMessage, type Process } from "../src/index.ts";
import { Client } from "./client.ts";
import { smallWorld } from "./testing/small-world.ts";

function stage(cancelAtMs: number | undefined) {
  const requested: number[] = [];
  const clients: Process[] = [];
  const parts = smallWorld({
    start: (host) => {
      if (host.processId !== "p-1") return;
      const client = new Client(host, {
        jobManager: asProcessId("p-0"),
        job: "j",
        cancelAtMs,
        onCancelRequested: () => requested.push(host.wallMs()),
      });
      clients.push(client);
      client.start();
    },
  });
  parts.world.start();
  return { ...parts, requested, clients };
}

test("asks for the job to be cancelled, and again until the run is over", () => {
  const { requested, runUntilMs, take } = stage(50);
  runUntilMs(49);
  expect(take()).toEqual([]);
  runUntilMs(1_100);
  const [kind] = encodeMessage({ kind: "cancel-job", job: "j" });
  expect(take()).toEqual([`p-0 hears ${kind}`, `p-0 hears ${kind}`, `p-0 hears ${kind}`]);
  expect(requested).toEqual([50]);
});

test("never asks when the job is to end by itself, and hears nothing", () => {
  const { requested, runUntilMs, take, clients } = stage(undefined);
  clients[0]!.onMessage(asProcessId("p-0"), Uint8Array.of(1));
  runUntilMs(2_000);
  expect([take(), requested]).toEqual([[], []]);
});
