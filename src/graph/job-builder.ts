/**
 * A job while it is being written: drafts of its operators, and the checks that make a graph of them.
 *
 * What an operator does not say itself is settled here, once all is known: its uid, parallelism, the
 * exchange in front of it, and for a filter or a sink the type of its records.
 *
 * JB1  A graph that leaves here is sound: whatever is wrong with a job is thrown, all of it at once.
 * JB2  The same job text gives the same uids; explicit ones survive changes of the rest.
 */
import { present } from "../core/assert.ts";
import { asOperatorUid } from "../core/ids.ts";
import { memoryBackend } from "../state/memory/memory-backend.ts";
import { defaultMaxParallelism } from "../state/key-groups.ts";
import type { StateBackend } from "../state/state-backend.ts";
import { types } from "../types/serializers.ts";
import type { OutputTag } from "../operators/output-tag.ts";
import type { TypeSerializer } from "../types/type.ts";
import { CHECKPOINT_DEFAULTS } from "./logical-graph.ts";
import type {
  CheckpointConfig,
  Exchange,
  LogicalGraph,
  LogicalNode,
  NodeInput,
  NodeLogic,
  RestartConfig,
} from "./logical-graph.ts";
import { checkProtocol } from "./check-protocol.ts";
import { checkLogic } from "./check-logic.ts";
import { endsStream } from "./sinks.ts";
import { checkName, checkParallelism, isCount, JobError } from "./options.ts";
import { RESTART_DEFAULT } from "./restart-options.ts";

/** `exchange` undefined: forward where the parallelism allows it, else rebalance. */
export type InputDraft = Readonly<{
  node: NodeDraft;
  exchange: Exchange | undefined;
  input: 0 | 1;
  tag: OutputTag<unknown> | undefined;
}>;

/** The same for the second input of an operator with two. */
export const asSecond = (inputs: readonly InputDraft[]): readonly InputDraft[] =>
  inputs.map((input) => ({ ...input, input: 1 }));

/** The types of the records that come by the first and the second input, once they are settled. */
export type InputTypes = readonly [TypeSerializer<unknown>, TypeSerializer<unknown>];

/** What a node says, at once or once it is known what its inputs carry. */
export type LogicDraft =
  NodeLogic | Readonly<{ kind: NodeLogic["kind"]; of: (inputs: InputTypes) => NodeLogic }>;

/**
 * Forgets types that a method of a stream has checked: within a graph all records are unknown, and
 * every function is handed records of its own stream only.
 */
export const erased = <To>(value: unknown): To => value as To;

export type NodeDraft = {
  readonly id: number;
  readonly logic: LogicDraft;
  readonly inputs: readonly InputDraft[];
  name: string;
  uid: string | undefined;
  parallelism: number | undefined;
  maxParallelism: number | undefined;
  /** Undefined: that of the inputs for what passes records on, generic for what makes new ones. */
  outputType: TypeSerializer<unknown> | undefined;
  startsChain: boolean;
  endsChain: boolean;
};

export class JobBuilder {
  checkpoints: CheckpointConfig = CHECKPOINT_DEFAULTS;
  restart: RestartConfig = RESTART_DEFAULT;
  backend: StateBackend | undefined;
  parallelism = 1;
  objectReuse = false;
  maxParallelism: number | undefined;
  /** Found while the job was being written. */
  readonly problems: string[] = [];
  readonly #drafts: NodeDraft[] = [];

  add(
    logic: LogicDraft,
    inputs: readonly InputDraft[],
    outputType: TypeSerializer<unknown> | undefined,
    name: string = logic.kind,
  ): NodeDraft {
    const draft: NodeDraft = {
      id: this.#drafts.length,
      logic,
      inputs,
      name,
      uid: undefined,
      parallelism: undefined,
      maxParallelism: undefined,
      outputType,
      startsChain: false,
      endsChain: false,
    };
    for (const { node } of inputs) {
      if (this.#drafts[node.id] === node) continue;
      this.problems.push(
        `operator ${quoted(draft)} reads ${quoted(node)} of another job; build both in one job`,
      );
    }
    this.#drafts.push(draft);
    return draft;
  }

  /** @throws JobError with everything that is wrong */
  build(jobName: string): LogicalGraph {
    const problems = [...checkName("job name", jobName), ...this.problems, ...this.#misplaced()];
    const nodes = this.#foreign() ? [] : this.#nodes();
    for (const node of nodes) problems.push(...checkNode(node, nodes));
    problems.push(...duplicates(nodes), ...checkProtocol(this.checkpoints, nodes));
    if (problems.length > 0) throw new JobError(jobName, problems);
    return {
      name: jobName,
      nodes,
      checkpoints: this.checkpoints,
      restart: this.restart,
      backend: this.backend ?? memoryBackend(),
      objectReuse: this.objectReuse,
    };
  }

  #foreign(): boolean {
    const own = new Set(this.#drafts);
    return this.#drafts.some(({ inputs }) => inputs.some(({ node }) => !own.has(node)));
  }

  /** Operators whose output nobody reads: most often a chain of calls that stops too early. */
  #misplaced(): string[] {
    const isEnd = ({ logic }: NodeDraft): boolean => endsStream(logic);
    if (!this.#drafts.some(isEnd)) {
      return ['no sink: nothing would come of this job; end a stream with .sinkTo(ledger("name"))'];
    }
    const read = new Set(this.#drafts.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
    const unread = this.#drafts.filter((draft) => !read.has(draft) && !isEnd(draft));
    return unread.map(
      (draft) => `operator ${quoted(draft)}: nobody reads its output; add .sinkTo, or leave it out`,
    );
  }

  /** In order of creation, so that inputs are settled before who reads them. */
  #nodes(): LogicalNode[] {
    const nodes: LogicalNode[] = [];
    for (const draft of this.#drafts) nodes.push(this.#node(draft, nodes));
    return nodes;
  }

  #node(draft: NodeDraft, before: readonly LogicalNode[]): LogicalNode {
    const { id, logic, name, startsChain } = draft;
    const parallelism = draft.parallelism ?? this.parallelism;
    const inputs = draft.inputs.map(({ node, exchange, input, tag }) => {
      const upstream = present(before[node.id], () => `node ${id} reads node ${node.id}`);
      const kind = upstream.parallelism === parallelism ? "forward" : "rebalance";
      return { node: node.id, exchange: exchange ?? ({ kind } as const), input, tag };
    });
    return {
      id,
      uid: asOperatorUid(draft.uid ?? `${slug(name)}-${id}`),
      name,
      logic:
        "of" in logic
          ? logic.of([typeOfInput(inputs, 0, before), typeOfInput(inputs, 1, before)])
          : logic,
      inputs,
      parallelism,
      maxParallelism: draft.maxParallelism ?? this.maxParallelism ?? defaultMax(parallelism),
      outputType: draft.outputType ?? inheritedType(logic.kind, inputs, before),
      chainable: !startsChain && draft.inputs.every(({ node }) => !node.endsChain),
    };
  }
}

const quoted = ({ uid, name, id }: NodeDraft): string => `"${uid ?? `${slug(name)}-${id}`}"`;

/** What a name may contribute to a uid. */
const slug = (name: string): string => {
  const usable = name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return usable === "" ? "operator" : usable;
};

/** For a wrong parallelism any bound will do: the check that follows names what is wrong. */
const defaultMax = (parallelism: number): number =>
  defaultMaxParallelism(isCount(parallelism) ? parallelism : 1);

/** These put out what they got: their records are of the type of their first input. */
const PASSES_ON: ReadonlySet<NodeLogic["kind"]> = new Set([
  "filter",
  "sink",
  "table",
  "reduce",
  "assign-watermarks",
  "deduplicate",
]);

const inheritedType = (
  kind: NodeLogic["kind"],
  inputs: readonly NodeInput[],
  before: readonly LogicalNode[],
): TypeSerializer<unknown> =>
  PASSES_ON.has(kind) ? typeOfInput(inputs, 0, before) : types.generic<unknown>();

/** A union of streams that are written differently has only the generic form in common. */
function typeOfInput(
  inputs: readonly NodeInput[],
  which: 0 | 1,
  before: readonly LogicalNode[],
): TypeSerializer<unknown> {
  const [first, ...others] = inputs
    .filter(({ input }) => input === which)
    .map(({ node, tag }) => tag?.type ?? before[node]!.outputType);
  const agree = first !== undefined && others.every(({ id }) => id === first.id);
  return agree ? first : types.generic<unknown>();
}

function checkNode(node: LogicalNode, nodes: readonly LogicalNode[]): string[] {
  const { uid, parallelism, maxParallelism, inputs, logic } = node;
  const where = `operator "${uid}"`;
  const problems = [
    ...checkName(`${where}: uid`, uid),
    ...checkParallelism(where, parallelism, maxParallelism),
    ...checkLogic(where, logic),
  ];
  for (const input of inputs) {
    const upstream = present(nodes[input.node], () => `node ${node.id} reads ${input.node}`);
    if (input.exchange.kind !== "forward" || upstream.parallelism === parallelism) continue;
    problems.push(
      `${where}: forward from "${upstream.uid}" with parallelism ${upstream.parallelism} to ` +
        `${parallelism}; forward needs equal parallelism: set it, or use rebalance()`,
    );
  }
  return problems;
}

/** State is found by uid, so two operators with one would take each other's. */
function duplicates(nodes: readonly LogicalNode[]): string[] {
  const uids = nodes.map(({ uid }) => uid);
  const twice = uids.filter((uid, i) => uids.indexOf(uid) === i && uids.lastIndexOf(uid) > i);
  return twice.map((uid) => {
    const names = nodes.filter((node) => node.uid === uid).map(({ name, id }) => `${name} (${id})`);
    return `uid "${uid}" is that of ${names.join(" and ")}; give each operator a uid of its own`;
  });
}
