/** What is alive in this process, in bytes. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Taken before the simulator is loaded, in whose runs asking for it is a leak: this is no part of a run. */
const { memoryUsage } = process;

/** The collector, though Node was not started with a flag for it. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

/** Each call collects all that nobody holds, and then counts. */
export function heapMeter(): () => number {
  const collect = collector();
  return () => {
    collect();
    collect();
    const { heapUsed, arrayBuffers } = memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
