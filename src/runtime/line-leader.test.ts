/** A leader that finds lines among what tasks have stored by themselves. */
import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { decodeCheckpoint, metadataPath } from "../checkpoint/checkpoint-metadata.ts";
import { attemptNo, jobManagerStage, jobOf } from "./job-manager.fixture.ts";

function stage() {
  const graph = jobOf(100);
  const checkpoints = { ...graph.checkpoints, protocol: "uncoordinated" } as const;
  const parts = jobManagerStage({ ...graph, checkpoints });
  const { host, tell, runFirst, triggered, reportBoth } = parts;
  runFirst();
  reportBoth("running");
  let [splits, known] = [0, 0];
  /** The newest id, once there is a new one. */
  const nextId = (): number => {
    for (let id = known; id === known; id = triggered()) {
      host.takeSent();
      host.advanceMs(10);
    }
    known = triggered();
    splits = host.lastSent("trigger")?.sources[0]?.due[0] ?? 0;
    return known;
  };
  /** The source has sent so much by its checkpoint, or the other has received it by its own. */
  const stored = (vertex: 0 | 1, checkpointId: number, count: number, ended = false): void => {
    const path = `checkpoints/j/${checkpointId}/${vertex}`;
    host.objectStore.objects.set(path, new Uint8Array(1));
    const handle = { path, length: 1, checksum: 1, shared: false };
    const [attempt, subtask] = [attemptNo(1), 0];
    const about = { attempt, checkpointId, vertex, subtask, ended };
    const flows =
      vertex === 0 ? { sent: [count], received: [splits] } : { sent: [], received: [count] };
    tell({
      kind: "acknowledge",
      ...about,
      stored: { handle, inFlight: undefined, files: [] },
      flows,
    });
  };
  const metadata = (id: number) => {
    const path = metadataPath("j", asCheckpointId(id));
    const bytes = host.objectStore.objects.get(path);
    const found = bytes && decodeCheckpoint(path, bytes);
    return found?.ok === true
      ? found.value.vertices.map(({ subtasks }) => subtasks[0]!.stored.handle.path)
      : undefined;
  };
  return { ...parts, nextId, stored, metadata };
}

test("[LE1] [LE2] a line of different ids is stored under the newest, and each task told of its own", () => {
  const { host, nextId, stored, metadata } = stage();
  const first = nextId();
  stored(0, first, 10);
  stored(1, first, 12);
  const second = nextId();
  host.advanceMs(20);
  expect(metadata(second)).toBeUndefined();
  stored(0, second, 15);
  host.objectStore.misbehave("held", 1, /metadata/);
  const third = nextId();
  host.advanceMs(20);
  expect(metadata(third)).toEqual([`checkpoints/j/${second}/0`, `checkpoints/j/${first}/1`]);
  expect(host.lastSent("line")).toBeUndefined();
  host.objectStore.release();
  host.advanceMs(5);
  expect(host.lastSent("line")?.tasks).toEqual([
    { vertex: 0, subtask: 0, checkpointId: second, received: [12] },
    { vertex: 1, subtask: 0, checkpointId: first, received: [] },
  ]);
  const notes = host.takeNotes();
  expect(notes).toContain("recovery-line");
  expect(notes).toContain("checkpoint-completed");
  host.advanceMs(50);
  // Older than the line, and in none.
  expect(host.objectStore.objects.has(`checkpoints/j/${first}/0`)).toBe(false);
  expect(host.objectStore.objects.has(`checkpoints/j/${first}/1`)).toBe(true);
});

test("[LE1] the job finishes behind a line in which every task has ended", () => {
  const { host, nextId, stored } = stage();
  const id = nextId();
  stored(1, id, 5);
  stored(0, id, 5, true);
  const second = nextId();
  host.advanceMs(20);
  stored(1, second, 5, true);
  expect(host.lastSent("finish")).toBeUndefined();
  const last = nextId();
  host.advanceMs(20);
  expect(host.lastSent("finish")).toMatchObject({ checkpointId: last });
});

test("[C34] a task that could not store its own fails no checkpoint", () => {
  const { host, nextId, stored, tell, metadata } = stage();
  const id = nextId();
  const about = { attempt: attemptNo(1), checkpointId: id, vertex: 1, subtask: 0 };
  tell({ kind: "decline", ...about, why: "the store is away", overtaken: false });
  expect(host.takeNotes()).not.toContain("checkpoint-aborted");
  const next = nextId();
  stored(0, next, 5);
  stored(1, next, 5);
  const line = nextId();
  host.advanceMs(20);
  expect(metadata(line)).toHaveLength(2);
});
