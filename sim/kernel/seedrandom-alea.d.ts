/**
 * Types of one file of `seedrandom`: the published types know the package's main file only, which
 * draws entropy from the machine as it loads.
 */
declare module "seedrandom/lib/alea.js" {
  /** A stream of doubles in [0, 1), each a multiple of 2^-32. */
  export default function alea(seed: string): () => number;
}
