import { expect, test } from "vitest";
import { acknowledgedTasks, ATTEMPT, copyingPlan, running, serve } from "./task-manager.fixture.ts";

test("[C69] what was stored here is not fetched again, unless the copy is not what it was", () => {
  const { host, checkpoint, deploy } = running(copyingPlan);
  serve(host, ["whale"]);
  host.takeSent();
  checkpoint("trigger", 4);
  serve(host, []);
  const tasks = acknowledgedTasks(host);
  const paths = tasks.map(({ handles }) => `get ${handles[0]!.handle.path}`);
  checkpoint("completed", 4);
  const asked = (attempt: number): string[] => {
    host.objectStore.take();
    host.takeNotes();
    deploy(attempt, { checkpointId: 4, tasks });
    serve(host, []);
    expect(host.takeNotes().filter((kind) => kind === "task-restored")).toHaveLength(2);
    return host.objectStore.take().filter((request) => request.startsWith("get"));
  };
  expect(asked(ATTEMPT + 1)).toEqual([]);
  const copy = host.disk.list("copies/")[1]!;
  host.disk.write(copy, new Uint8Array(host.disk.files.get(copy)!.length));
  expect(asked(ATTEMPT + 2)).toEqual([paths[1]]);
  for (const path of host.disk.list("copies/")) host.disk.delete(path);
  expect(asked(ATTEMPT + 3)).toEqual(paths);
});

test("[C69] a job that does without leaves no copies", () => {
  const { host, checkpoint } = running();
  serve(host, ["whale"]);
  checkpoint("trigger", 4);
  serve(host, []);
  expect(host.disk.list("copies/")).toEqual([]);
});
