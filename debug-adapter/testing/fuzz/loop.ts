// Runs inputs through a target's check, one after the other, in this thread: measures time and memory, and makes a failing input smaller. It
// can't find a hang: that is for whoever watches from another thread (fuzz.ts). Only tests and scripts/fuzz.ts import it.
import v8 from 'node:v8';
import { ownCpu } from '../lateness.ts';
import type { Bytes } from './bytes.ts';
import { boundsOf, type Fault, type Finding, type FuzzTarget, inputOf, Wrong } from './target.ts';

/** What one check came to. */
interface Verdict {
  readonly fault: Fault;
  readonly message: string;
  readonly stack: string;
}

interface Cost {
  /** That this thread worked. */
  readonly ms: number;
  /** Allocated and not yet collected. */
  readonly bytes: number;
}

function held(): number {
  const { used_heap_size, external_memory } = v8.getHeapStatistics();
  return used_heap_size + external_memory;
}

async function measured(target: FuzzTarget, input: Bytes): Promise<Cost> {
  const before = held();
  const start = ownCpu();
  const checked = target.check(Uint8Array.from(input)); // a copy: what a decoder does to its input must not be held against the next try
  if (checked !== undefined) await checked;
  return { ms: ownCpu() - start, bytes: held() - before };
}

/** How often a check that seems too dear is run again: it may have been the first of its kind, or the collector's turn. */
const SECOND_TRIES = 2;

/** Runs one check; undefined when nothing is wrong. */
export async function verdictOn(target: FuzzTarget, input: Bytes): Promise<Verdict | undefined> {
  const bounds = boundsOf(target);
  const mostMs = bounds.ms + (bounds.msPerKiB * input.length) / 1024;
  const mostBytes = bounds.bytes + bounds.bytesPerByte * input.length;
  let cost: Cost;
  try {
    cost = await measured(target, input);
    for (let left = SECOND_TRIES; left > 0 && (cost.ms > mostMs || cost.bytes > mostBytes); left--) {
      const again = await measured(target, input);
      cost = { ms: Math.min(cost.ms, again.ms), bytes: Math.min(cost.bytes, again.bytes) };
    }
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    return { fault: error instanceof Wrong ? 'wrong' : 'crash', message, stack };
  }
  if (cost.ms > mostMs)
    return { fault: 'slow', message: `${Math.round(cost.ms)} ms, of at most ${Math.round(mostMs)}`, stack: '' };
  if (cost.bytes > mostBytes)
    return { fault: 'hungry', message: `${cost.bytes} bytes were allocated, of at most ${mostBytes}`, stack: '' };
  return undefined;
}

export interface LoopOptions {
  readonly seed: number;
  readonly first: number;
  /** Inputs to run; the loop ends earlier when `until` (ms, as performance.now counts) has passed. */
  readonly count: number;
  readonly until: number;
  /** Called before each input. */
  readonly began: (n: number) => void;
  /** Findings that are no news: `kindOf` them. */
  readonly known?: ReadonlySet<string>;
}

export interface LoopResult {
  readonly ran: number;
  readonly finding: Finding | undefined;
}

/** ms that making an input smaller may take. */
const MINIMISE_MS = 5000;

/** Runs inputs until one fails. */
export async function loop(target: FuzzTarget, options: LoopOptions): Promise<LoopResult> {
  const { seed, first, count, until, began, known } = options;
  let ran = 0;
  for (let n = first; n < first + count && performance.now() < until; n++) {
    began(n);
    const input = inputOf(target, seed, n);
    const verdict = await verdictOn(target, input);
    ran++;
    if (verdict === undefined || known?.has(kindOf(verdict))) continue;
    const small = await minimised(input, sameFault(target, verdict), MINIMISE_MS, () => began(n));
    const again = (await verdictOn(target, small)) ?? verdict;
    return { ran, finding: { target: target.name, seed, n, ...again, input: small } };
  }
  return { ran, finding: undefined };
}

/** Two failures are the same when their messages are, numbers and quoted pieces of the input apart. */
export function likeness(message: string): string {
  return message
    .replace(/0x[\da-f]+|\d+/g, 'N')
    .replace(/'[^']*'|"[^"]*"|`[^`]*`/g, 'Q')
    .slice(0, 80);
}

/** What a finding is, whatever its input. */
export function kindOf({ fault, message }: Pick<Verdict, 'fault' | 'message'>): string {
  return fault === 'slow' || fault === 'hungry' ? fault : `${fault} ${likeness(message)}`;
}

function sameFault(target: FuzzTarget, verdict: Verdict): (input: Bytes) => Promise<boolean> {
  const wanted = kindOf(verdict);
  return async (input) => {
    const found = await verdictOn(target, input);
    return found !== undefined && kindOf(found) === wanted;
  };
}

/** The smallest input found that still `fails`, by leaving out stretches, halves first. */
export async function minimised(
  input: Bytes,
  fails: (input: Bytes) => Promise<boolean>,
  mostMs: number,
  alive: () => void = () => {},
): Promise<Bytes> {
  const until = performance.now() + mostMs;
  let best = input;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length; ) {
      if (performance.now() > until) return best;
      alive();
      const shorter = new Uint8Array(best.length - Math.min(size, best.length - at));
      shorter.set(best.subarray(0, at));
      shorter.set(best.subarray(at + size), at);
      if (await fails(shorter)) best = shorter;
      else at += size;
    }
  }
  return best;
}
