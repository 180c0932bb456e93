/** What is alive in this process, in bytes. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** The collector, though Node was not started with a flag for it. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

/** Each call collects all that nobody holds, and then counts. */
export function heapMeter(): () => number {
  const collect = collector();
  const { memoryUsage } = process; // taken before a run in which asking for it is a leak
  return () => {
    collect();
    collect();
    const { heapUsed, arrayBuffers } = memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
