// What the tree Host Methods shows, as values: every host method that is known from the mocks, from calls and from sources, its state, its counts, its
// rules. Made anew from what there is; keeps nothing. Knows nothing of VS Code.
import { parsedParams, ruleMatches } from '../../debug-adapter/mocks/matcher.ts';
import { type NearMiss, nearMiss } from '../../debug-adapter/mocks/observe.ts';
import type { MockDefault, MockRule, MockSet } from '../../debug-adapter/mocks/rules.ts';
import { type CallTally, type HostCallRow, type MethodTally, paramsOf } from './callTally.ts';
import { ruleKey } from './mockEdits.ts';

/** `mocked`: a rule answers; `passedOn`: the host's process; `asked`: somebody at the debugger; `unmatched`: nobody; `uncalled`: nobody has asked yet. */
export type MethodState = 'mocked' | 'passedOn' | 'asked' | 'unmatched' | 'uncalled';

export interface RuleNode {
  readonly kind: 'rule';
  readonly id: string;
  readonly rule: MockRule;
  /** In the last call. */
  readonly hits: number;
  /** In the calls before it. */
  readonly earlier: number;
}

/** A place in a source that calls a host method. */
export interface SourcePlace {
  readonly file: string;
  /** From 0. */
  readonly line: number;
  readonly character: number;
  /** The innermost `fn` around it. */
  readonly within: string | undefined;
}

/** A call of a method in a call that is kept. */
export interface SeenCall extends HostCallRow {
  readonly tally: CallTally;
}

export interface MethodNode {
  readonly kind: 'method';
  readonly id: string;
  readonly name: string;
  readonly state: MethodState;
  readonly rules: readonly RuleNode[];
  /** In the last call. */
  readonly calls: number;
  /** In the calls before it. */
  readonly earlier: number;
  readonly last: SeenCall | undefined;
  /** The last answer that is no mock's. */
  readonly real: SeenCall | undefined;
  /** Of the last call that nobody answered, and no rule would by now. */
  readonly miss: { readonly call: SeenCall; readonly near: NearMiss | undefined } | undefined;
  readonly default: MockDefault | undefined;
  readonly places: readonly SourcePlace[];
  /** Where the mocks name it. */
  readonly mock: MockSet['methods'] extends ReadonlyMap<string, infer Method> ? Method | undefined : never;
  /** The run stands there and waits for an answer. */
  readonly waits: boolean;
}

export type HostMethodsNode = MethodNode | RuleNode;

export interface ModelParts {
  readonly set: MockSet | undefined;
  /** Oldest first. */
  readonly tallies: readonly CallTally[];
  readonly places: ReadonlyMap<string, readonly SourcePlace[]>;
  /** Something answers what no rule does. */
  readonly hasHost: boolean;
  /** The method at which the run waits. */
  readonly waiting: string | undefined;
}

/** All host methods: those of the mocks in their order, then those that were called, then those of the sources. */
export function hostMethods(parts: ModelParts): readonly MethodNode[] {
  const names = new Set<string>(parts.set?.methods.keys());
  for (const tally of parts.tallies.toReversed()) for (const name of tally.methods.keys()) names.add(name);
  for (const name of [...parts.places.keys()].sort()) names.add(name);
  if (parts.waiting !== undefined) names.add(parts.waiting);
  return [...names].map((name) => methodNode(name, parts));
}

function methodNode(name: string, { set, tallies, places, hasHost, waiting }: ModelParts): MethodNode {
  const mock = set?.methods.get(name);
  const latest = tallies.at(-1)?.methods.get(name);
  const sum = (of: (tally: MethodTally) => number): number => {
    let all = 0;
    for (const tally of tallies.slice(0, -1)) {
      const method = tally.methods.get(name);
      if (method !== undefined) all += of(method);
    }
    return all;
  };
  const seen = (pick: (tally: MethodTally) => HostCallRow | undefined): SeenCall | undefined => {
    for (const tally of tallies.toReversed()) {
      const method = tally.methods.get(name);
      const row = method && pick(method);
      if (row !== undefined) return { ...row, tally };
    }
    return undefined;
  };
  const last = seen((method) => method.last);
  const unmatched = seen((method) => method.lastUnmatched);
  const rules = ruleNodes(name, mock?.rules ?? [], latest, tallies);
  const miss = unmatched === undefined ? undefined : missOf(name, set, unmatched);
  const calls = latest?.calls ?? 0;
  const fallback = mock?.default ?? set?.default;
  return {
    kind: 'method',
    id: `m:${name}`,
    name,
    state: stateOf(),
    rules,
    calls,
    earlier: sum((method) => method.calls),
    last,
    real: seen((method) => method.lastReal),
    miss,
    default: fallback,
    places: places.get(name) ?? [],
    mock,
    waits: waiting === name,
  };

  function stateOf(): MethodState {
    if (waiting === name) return 'asked';
    const on = rules.some(({ rule }) => !rule.disabled);
    // what nobody answered matters as long as it is what happened last
    if (miss !== undefined && unmatched?.tally === last?.tally && unmatched?.row === last?.row) return 'unmatched';
    if (on) return rules.every(({ rule }) => rule.disabled || rule.pause) ? 'asked' : 'mocked';
    if (fallback === 'pause') return 'asked';
    if (hasHost || (last !== undefined && (last.tally.methods.get(name)?.passedOn ?? 0) > 0)) return 'passedOn';
    return last === undefined ? 'uncalled' : 'unmatched';
  }
}

function ruleNodes(
  name: string,
  rules: readonly MockRule[],
  latest: MethodTally | undefined,
  tallies: readonly CallTally[],
): readonly RuleNode[] {
  const seen = new Map<string, number>();
  return rules.map((rule) => {
    const key = ruleKey(rule);
    const copy = seen.get(key) ?? 0;
    seen.set(key, copy + 1);
    let all = 0;
    for (const tally of tallies) all += tally.methods.get(name)?.hits.get(key) ?? 0;
    const hits = latest?.hits.get(key) ?? 0;
    const id = `r:${name}:${hashOf(key)}:${copy}`;
    // of rules that are the same the first one answers
    return copy === 0
      ? { kind: 'rule', id, rule, hits, earlier: all - hits }
      : { kind: 'rule', id, rule, hits: 0, earlier: 0 };
  });
}

/** FNV-1a: ids of rows are short. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** Undefined where a rule of the present mocks would answer the call. */
function missOf(name: string, set: MockSet | undefined, call: SeenCall): MethodNode['miss'] {
  const params = paramsOf(call.tally.call, call.row);
  if (set === undefined || params === undefined) return { call, near: undefined };
  const value = () => parsedParams(params);
  if (set.methods.get(name)?.rules.some((rule) => ruleMatches(rule, call, value))) return undefined;
  return { call, near: nearMiss(set, { method: name, params, nth: call.nth, state: call.state }) };
}
