// How much a differential test has run: nothing is proven by modules that do nothing. Only tests import it.

/** What was run. */
export interface Tally {
  modules: number;
  /** Calls of the original; each plan makes as many. */
  calls: number;
  traps: number;
  hostCalls: number;
  /** Instances of rewritten modules. */
  rewritten: number;
  /** Modules that can't be instantiated, rewritten or not. */
  uninstantiable: number;
  /** Modules given up because V8's own stack ran out, which it does at other depths in other code. (E8) */
  overflows: number;
  /** Moments that were held against the count of armed sites. */
  moments: number;
  /** Specimens whose watched memory was stored into. */
  watched: number;
}

export function emptyTally(): Tally {
  return {
    modules: 0,
    calls: 0,
    traps: 0,
    hostCalls: 0,
    rewritten: 0,
    uninstantiable: 0,
    overflows: 0,
    moments: 0,
    watched: 0,
  };
}
