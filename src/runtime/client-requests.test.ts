import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { metadataPath } from "../checkpoint/checkpoint-paths.ts";
import { attemptNo, jobManagerStage, jobOf, RESTART_DELAY_MS } from "./job-manager.fixture.ts";
import { terminalPath } from "./job-paths.ts";
import { testOptions } from "./testing.ts";

function running() {
  const stage = jobManagerStage();
  stage.runFirst();
  const { host, tell, report } = stage;
  const settle = (through: number): void => {
    for (let i = 0; i < 3; i++) {
      report({ through });
      host.advanceMs(2 * RESTART_DELAY_MS);
    }
  };
  const rescale = (id: string, uid = "copy"): void => {
    const parallelism = [{ uid, parallelism: 1 }];
    tell({ kind: "rescale-job", job: "j", id, parallelism }, "client");
    host.advanceMs(10);
  };
  const stop = (id = "stop"): void => {
    tell({ kind: "stop-job", job: "j", id, form: "native", drain: false }, "client");
    host.advanceMs(10);
  };
  const answer = () => {
    const last = host.lastSent("answer");
    return last && `${last.id} ${last.done ? "done" : last.why}`;
  };
  /** Stopped behind the savepoint of that id; its tasks are told to finish. */
  const stopped = (): number => {
    stop();
    const id = stage.triggered();
    stage.ack(id);
    host.advanceMs(20);
    return id;
  };
  return { ...stage, settle, rescale, stop, stopped, answer };
}

describe("another parallelism", () => {
  test("[CR1] [JS1] [JR4] takes effect once, when the old attempt is gone", () => {
    const { host, rescale, answer, sent, settle, deployed } = running();
    rescale("r1");
    expect(answer()).toBeUndefined();
    expect(sent()).toContain("tm-0 cancel 1.1");
    settle(attemptNo(1));
    expect(answer()).toBe("r1 done");
    expect(deployed()).toMatchObject({
      attempt: attemptNo(2),
      parallelism: [{ uid: "copy", parallelism: 1 }],
    });
    expect(host.takeNotes()).toContain("job-rescaled");
    host.takeSent();
    rescale("r1");
    expect(sent()).toEqual(["client answer "]);
  });

  test("[CR1] [JS1] a successor knows it too", () => {
    const first = running();
    first.rescale("r1");
    first.host.takeSent();
    const second = jobManagerStage(undefined, first.host);
    second.lead();
    second.report({ through: attemptNo(1) });
    expect(second.deployed()?.parallelism).toEqual([{ uid: "copy", parallelism: 1 }]);
    second.tell({ kind: "rescale-job", job: "j", id: "r1", parallelism: [] }, "client");
    expect(first.host.lastSent("answer")).toMatchObject({ id: "r1", done: true });
  });

  test("[CR2] that cannot be is refused, with the reason, and stays so", () => {
    const { rescale, answer, sent } = running();
    for (let i = 0; i < 2; i++) {
      rescale("r1", "cope");
      expect(answer()).toBe('r1 the job has no operator "cope"; it has lines, copy, sink');
      expect(sent()).toEqual(["client answer "]);
    }
  });
});

describe("a stop", () => {
  test("[JR3] [A46] [C45] whoever fails behind its savepoint comes back only to commit", () => {
    const { host, stopped, answer, sent, report, deployed } = running();
    const id = stopped();
    expect(answer()).toBe("stop done");
    expect(sent()).toContain(`tm-0 finish ${id} (1.1)`);
    report({ incarnation: 2 });
    for (let i = 0; i < 3; i++) {
      host.advanceMs(2 * RESTART_DELAY_MS);
      report({ incarnation: 2 });
    }
    expect(deployed()).toMatchObject({ checkpointId: id, stopped: true, attempt: attemptNo(2) });
    const again = { attempt: attemptNo(2), incarnation: 2, through: attemptNo(1) };
    report({ ...again, states: ["initialized", "initialized"] });
    host.takeSent();
    report({ ...again, states: ["running", "running"], suspendedBy: id });
    expect(sent()).toContain(`tm-0 finish ${id} (1.2)`);
    report({ ...again, states: ["finished", "finished"] });
    host.advanceMs(20);
    expect(host.takeNotes()).toEqual(expect.arrayContaining(["job-stopped", "job-finished"]));
  });

  test("[C45] who stands still for a savepoint that was given up is told so, until it has heard", () => {
    const { report, sent } = running();
    const states = ["running", "running"] as const;
    for (let i = 0; i < 2; i++) {
      sent();
      report({ attempt: attemptNo(1), states, suspendedBy: 5 });
      expect(sent()).toContain("tm-0 aborted 5 (1.1)");
    }
  });

  test("[JE3] [C46] [C124] resumed, the job runs once more, and nothing more is deleted", () => {
    const { host, stopped, tell, settle, reportBoth, deployed, answer } = running();
    const id = stopped();
    reportBoth("finished");
    host.advanceMs(50);
    expect(host.objectStore.paths).toContain(terminalPath("j", "finished"));
    host.takeSent();
    const request = { kind: "resume-job", job: "j", id: "resume", savepoint: "stop" } as const;
    tell({ ...request, claim: false, allowNonRestoredState: false }, "client");
    host.advanceMs(20);
    expect(answer()).toBe("resume done");
    const left = metadataPath("j", asCheckpointId(id));
    host.objectStore.objects.set(left, new Uint8Array(1));
    settle(attemptNo(1));
    host.advanceMs(20 * testOptions.heartbeatTimeoutMs);
    expect(host.objectStore.paths).toContain(left);
    expect(deployed()).toMatchObject({ checkpointId: id, stopped: false, attempt: attemptNo(2) });
    expect(host.takeNotes()).toContain("job-resumed");
  });

  test("[CR2] what is asked of a job that is being resumed waits, and is not refused", () => {
    const { host, stopped, tell, rescale, reportBoth, settle, stop, answer } = running();
    stopped();
    reportBoth("finished");
    host.advanceMs(50);
    const request = { kind: "resume-job", job: "j", id: "resume", savepoint: "stop" } as const;
    tell({ ...request, claim: false, allowNonRestoredState: false }, "client");
    while (answer() !== "resume done") host.advanceMs(1);
    host.takeSent();
    tell({ kind: "stop-job", job: "j", id: "again", form: "native", drain: false }, "client");
    tell({ kind: "rescale-job", job: "j", id: "r1", parallelism: [] }, "client");
    host.advanceMs(20);
    expect(answer()).toBeUndefined();
    settle(attemptNo(1));
    rescale("r1");
    stop("again");
    expect(answer()).not.toBe("again the job has ended");
    expect(answer()).not.toBe("r1 the job has ended");
  });

  test("[CR2] a job that runs is not resumed", () => {
    const { tell, answer } = running();
    const request = { kind: "resume-job", job: "j", id: "resume", savepoint: "stop" } as const;
    tell({ ...request, claim: false, allowNonRestoredState: false }, "client");
    expect(answer()).toBe("resume the job has not ended; stop or cancel it first");
  });
});

test("without barriers there is neither a savepoint nor another parallelism, and the client hears why", () => {
  const graph = jobOf(100);
  const checkpoints = { ...graph.checkpoints, protocol: "uncoordinated" } as const;
  const stage = jobManagerStage({ ...graph, checkpoints });
  stage.runFirst();
  const { host, tell } = stage;
  const ask = (request: Parameters<typeof tell>[0]): string | undefined => {
    tell(request, "client");
    host.advanceMs(10);
    const last = host.lastSent("answer");
    return last && `${last.id} ${last.done ? "done" : last.why}`;
  };
  const about = { job: "j", form: "native" } as const;
  const none = "a job with uncoordinated checkpoints cannot";
  expect(ask({ kind: "savepoint-job", ...about, id: "s" })).toBe(`s ${none} have savepoints`);
  expect(ask({ kind: "stop-job", ...about, id: "t", drain: true })).toBe(
    `t ${none} have savepoints`,
  );
  expect(ask({ kind: "rescale-job", job: "j", id: "r", parallelism: [] })).toBe(
    `r ${none} be rescaled`,
  );
});
