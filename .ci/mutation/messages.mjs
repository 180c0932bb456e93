/**
 * What is not mutated: the wording of assertions, which is for people and which no test has to know, and
 * the ends of switches that the compiler proves cannot be reached. Whether an assertion fails is mutated.
 */
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

/** By function: which argument is a text for people, or makes one. */
const WORDING = new Map([
  ["assert", 1],
  ["present", 1],
  ["assertWithin", 0],
]);

const isWording = ({ node, listKey, key, parent }) =>
  (listKey === "arguments" && WORDING.get(parent.callee.name) === key) ||
  (node.type === "SwitchCase" &&
    node.test === null &&
    node.consequent[0]?.argument?.callee?.name === "unreachable");

const shouldIgnore = (path) => (isWording(path) ? "never seen by a program" : undefined);

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "messages", { shouldIgnore })];
