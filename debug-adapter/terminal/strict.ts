// What `call --strict` complains of: host calls that nothing answered, and mocks that were not used as they expect. Pure.
import type { Mocks } from '../mocks/mocks.ts';
import { type MessageEvent, missedTimes, nearMiss, observeMocks, ruleText, unusedRules } from '../mocks/observe.ts';
import { quoted } from '../wasm/quoted.ts';

export interface Complaint {
  /** One sentence. */
  readonly message: string;
  /** The mock file says how many calls it expects: a complaint without --strict too. */
  readonly expected: boolean;
}

/** Complaints about a call, out of its events: unmatched calls first, one for each method. */
export function strictComplaints({ set }: Mocks, events: Iterable<MessageEvent>): Complaint[] {
  const observations = observeMocks(set, events);
  const found: Complaint[] = [];
  for (const { method, unmatched, lastUnmatched } of observations.methods.values()) {
    if (unmatched === 0) continue;
    const times = unmatched === 1 ? '1 call' : `${unmatched} calls`;
    const miss = lastUnmatched === undefined ? undefined : nearMiss(set, lastUnmatched);
    const closest =
      miss === undefined
        ? 'no mock has this method.'
        : `the rule on line ${miss.rule.place.line} came closest to the last one: ${miss.message}`;
    found.push({
      message: `${times} of host method \`${quoted(method)}\` matched no mock: ${closest}`,
      expected: false,
    });
  }
  const missed = missedTimes(observations);
  found.push(...missed.map(({ message }) => ({ message, expected: true })));
  const told = new Set(missed.map(({ rule }) => rule));
  for (const rule of unusedRules(observations))
    if (!told.has(rule)) found.push({ message: `${ruleText(rule)} answered no call.`, expected: false });
  return found;
}
