// What the tree Host Methods shows, as values: every host method that is known from the mocks, from calls and from sources, its state, its counts, its
// rules. Made anew from what there is; keeps nothing. Knows nothing of VS Code.
import { parsedParams, ruleMatches } from '../../debug-adapter/mocks/matcher.ts';
import { type NearMiss, nearMiss } from '../../debug-adapter/mocks/observe.ts';
import type { MockDefault, MockRule, MockSet } from '../../debug-adapter/mocks/rules.ts';
import { type CallTally, type HostCallRow, isLong, type MethodTally, paramsOf } from './callTally.ts';

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
  /** The last call that it answered, and the row of the answer. */
  readonly last: (SeenCall & { readonly answer: number }) | undefined;
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
  /** The calls that called it, the latest first. */
  readonly seenIn: readonly CallTally[];
  /** The last answer that is no mock's. */
  readonly real: SeenCall | undefined;
  /** Of the last call that nobody answered, and no rule would by now. */
  readonly miss: Miss | undefined;
  readonly default: MockDefault | undefined;
  readonly places: readonly SourcePlace[];
  /** Where the mocks name it. */
  readonly mock: MockSet['methods'] extends ReadonlyMap<string, infer Method> ? Method | undefined : never;
  /** The run stands there and waits for an answer. */
  readonly waits: boolean;
}

/** A call that nobody answered. */
export interface Miss {
  readonly call: SeenCall;
  /** Undefined where there are no rules, */
  readonly near: NearMiss | undefined;
  /** or the params are too long to be compared here. */
  readonly long: boolean;
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
  /** Names of rules, as in the tallies. */
  readonly idOf: (rule: MockRule) => string;
  /** Near misses that were found before. */
  readonly misses: Misses;
}

/** What was found of calls that nobody answered: looked for once for a call and the rules in force. */
export class Misses {
  readonly #found = new Map<
    string,
    { readonly set: MockSet | undefined; readonly miss: Miss | undefined; readonly call: SeenCall }
  >();

  /** Undefined where a rule of the present mocks would answer the call. */
  of(name: string, set: MockSet | undefined, call: SeenCall): Miss | undefined {
    const known = this.#found.get(name);
    if (known?.set === set && known?.call.tally === call.tally && known.call.row === call.row) return known.miss;
    const miss = missOf(name, set, call);
    this.#found.set(name, { set, miss, call });
    return miss;
  }
}

/** All host methods: those of the mocks in their order, then those that were called, then those of the sources. */
export function hostMethods(parts: ModelParts): readonly MethodNode[] {
  const latestFirst = parts.tallies.toReversed();
  const names = new Set<string>(parts.set?.methods.keys());
  for (const tally of latestFirst) for (const name of tally.methods.keys()) names.add(name);
  for (const name of [...parts.places.keys()].sort()) names.add(name);
  if (parts.waiting !== undefined) names.add(parts.waiting);
  return [...names].map((name) => methodNode(name, parts, latestFirst));
}

type TallyOfMethod = readonly [tally: CallTally, method: MethodTally];

function methodNode(
  name: string,
  { set, tallies, places, hasHost, waiting, idOf, misses }: ModelParts,
  latestFirst: readonly CallTally[],
): MethodNode {
  const mock = set?.methods.get(name);
  const known: TallyOfMethod[] = [];
  for (const tally of latestFirst) {
    const method = tally.methods.get(name);
    if (method !== undefined) known.push([tally, method]);
  }
  const latestTally = tallies.at(-1);
  const latest = latestTally?.methods.get(name);
  const seen = (pick: (tally: MethodTally) => HostCallRow | undefined): SeenCall | undefined => {
    for (const [tally, method] of known) {
      const row = pick(method);
      if (row !== undefined) return { ...row, tally };
    }
    return undefined;
  };
  const last = seen((method) => method.last);
  const unmatched = seen((method) => method.lastUnmatched);
  const rules = ruleNodes(name, mock?.rules ?? [], latestTally, known, idOf);
  const miss = unmatched && misses.of(name, set, unmatched);
  const fallback = mock?.default ?? set?.default;
  return {
    kind: 'method',
    id: `m:${name}`,
    name,
    state: stateOf(),
    rules,
    calls: latest?.calls ?? 0,
    earlier: known.reduce((sum, [tally, { calls }]) => (tally === latestTally ? sum : sum + calls), 0),
    last,
    seenIn: known.map(([tally]) => tally),
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
  latest: CallTally | undefined,
  known: readonly TallyOfMethod[],
  idOf: ModelParts['idOf'],
): readonly RuleNode[] {
  // most rules of many have answered nothing
  const counts = new Map<string, { hits: number; earlier: number; last: RuleNode['last'] }>();
  for (const [tally, method] of known)
    for (const [id, { count, last, answer }] of method.hits) {
      const counted = counts.get(id) ?? { hits: 0, earlier: 0, last: { ...last, tally, answer } };
      counts.set(id, counted);
      if (tally === latest) counted.hits += count;
      else counted.earlier += count;
    }
  return rules.map((rule) => {
    const id = idOf(rule);
    return { kind: 'rule', id: `r:${name}:${id}`, rule, ...(counts.get(id) ?? NOTHING) };
  });
}

const NOTHING = { hits: 0, earlier: 0, last: undefined };

/** Of a call that no rule answered when it came; undefined where a rule of the present mocks would. */
function missOf(name: string, set: MockSet | undefined, call: SeenCall): Miss | undefined {
  const { rows } = call.tally.call;
  const params = paramsOf(call.tally.call, call.row);
  if (set === undefined || params === undefined)
    return { call, near: undefined, long: set !== undefined && isLong(rows, call.row) };
  const value = once(() => parsedParams(params));
  if (set.methods.get(name)?.rules.some((rule) => ruleMatches(rule, call, value))) return undefined;
  return { call, near: nearMiss(set, { method: name, params, nth: call.nth, state: call.state }), long: false };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
