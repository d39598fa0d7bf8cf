// Reads the members of a mock file of either form: host methods with their lists of rules, defaults, includes, states. A rule by itself is
// rule-reader.ts's, what is no JSON mock-file.ts's. In steps, a rule each. Contract P2 (results keep their numbers).
import { quoted } from '../wasm/quoted.ts';
import type { FileText } from './file-text.ts';
import type { JsonMember, JsonNode } from './jsonc.ts';
import { ALWAYS, readRule, takesAll } from './rule-reader.ts';
import {
  type FileMethod,
  HOST_METHODS,
  MOCK_DEFAULTS,
  type MockCondition,
  type MockDefault,
  type MockFile,
  type MockPlace,
  type MockRule,
} from './rules.ts';

type FileParts = Omit<MockFile, 'name' | 'form' | 'problems' | 'stateUses'>;

/** Reads all that a file's root says, rule by rule. */
export function* readRoot(file: FileText, root: JsonNode): Generator<undefined, MockFile> {
  const members = file.text.members(root);
  const full = members.some(({ key }) => key === HOST_METHODS);
  const parts = full ? yield* readFull(file, members) : yield* readShort(file, members);
  return {
    name: file.name,
    form: full ? 'full' : 'short',
    problems: file.problems.sort((a, b) => a.from - b.from),
    stateUses: file.stateUses,
    ...parts,
  };
}

/** The short form: an object from host method to result. */
function* readShort(file: FileText, members: readonly JsonMember[]): Generator<undefined, FileParts> {
  const methods: FileMethod[] = [];
  for (const member of file.distinct(members, 'duplicate-method', (name) => `Host method \`${name}\``)) {
    yield;
    const { key, keyStart, keyEnd, value } = member;
    const place = file.place({ start: keyStart, end: keyEnd });
    file.checkDepth(value);
    const rule: MockRule = {
      method: key,
      number: 0,
      place: file.place({ start: keyStart, end: value.end }),
      name: undefined,
      disabled: false,
      when: ALWAYS,
      reply: { kind: 'result', result: { kind: 'text', text: file.text.serde(value) }, fault: undefined },
      pause: false,
      delay: undefined,
      times: undefined,
      setState: undefined,
      text: file.text.source(value),
    };
    methods.push({ name: key, place, rules: [rule], default: undefined });
  }
  return { methods, default: undefined, includes: [], initialState: undefined, states: undefined };
}

/** The full form: rules, and what holds for all of them. */
function* readFull(file: FileText, members: readonly JsonMember[]): Generator<undefined, FileParts> {
  let methods: FileMethod[] = [];
  let fallback: MockDefault | undefined;
  let includes: MockFile['includes'] = [];
  let initialState: string | undefined;
  let states: string[] | undefined;
  for (const member of file.distinct(members, 'shape', (name) => `\`${name}\``)) {
    const { key, value } = member;
    switch (key) {
      case HOST_METHODS:
        yield;
        methods = yield* readMethods(file, value);
        break;
      case 'default':
        fallback = readDefault(file, value);
        break;
      case 'include':
        includes = file
          .texts(value, '`include` takes a list of paths of mock files, as seen from this one.')
          .map((node) => ({ path: file.text.string(node), place: file.place(node) }));
        break;
      case 'states':
        states = file.texts(value, '`states` takes a list of names.').map((node) => {
          const state = file.text.string(node);
          file.stateUses.push({ state, use: 'declared', place: file.place(node) });
          return state;
        });
        break;
      case 'initialState':
        initialState = file.state(value, 'initial');
        break;
      case '$schema':
        break;
      default:
        file.unknown(member, 'a mock file', [HOST_METHODS, 'include', 'default', 'states', 'initialState']);
    }
  }
  return { methods, default: fallback, includes, initialState, states };
}

function* readMethods(file: FileText, node: JsonNode): Generator<undefined, FileMethod[]> {
  if (node.kind !== 'object') {
    file.report(node, 'shape', '`hostMethods` takes an object from host method to its list of rules.');
    return [];
  }
  const members = file.distinct(file.text.members(node), 'duplicate-method', (name) => `Host method \`${name}\``);
  const methods: FileMethod[] = [];
  for (const { key, keyStart, keyEnd, value } of members) {
    yield;
    const place = file.place({ start: keyStart, end: keyEnd });
    if (value.kind === 'array')
      methods.push({ name: key, place, rules: yield* readRules(file, key, value), default: undefined });
    else if (value.kind === 'object') methods.push({ name: key, place, ...(yield* readMethod(file, key, value)) });
    else {
      file.report(
        value,
        'shape',
        `Host method \`${quoted(key)}\` takes a list of rules, such as [{"reply": {"result": …}}].`,
      );
      methods.push({ name: key, place, rules: [], default: undefined });
    }
  }
  return methods;
}

function* readMethod(
  file: FileText,
  method: string,
  node: JsonNode,
): Generator<undefined, { rules: MockRule[]; default: MockDefault | undefined }> {
  let rules: MockRule[] = [];
  let fallback: MockDefault | undefined;
  for (const member of file.distinct(file.text.members(node), 'shape', (name) => `\`${name}\``)) {
    const { key, value } = member;
    if (key === 'default') fallback = readDefault(file, value);
    else if (key !== 'rules') file.unknown(member, 'a host method', ['rules', 'default']);
    else if (value.kind === 'array') rules = yield* readRules(file, method, value);
    else file.report(value, 'shape', '`rules` takes a list of rules.');
  }
  return { rules, default: fallback };
}

function readDefault(file: FileText, node: JsonNode): MockDefault | undefined {
  const word = node.kind === 'string' ? file.text.string(node) : undefined;
  const found = MOCK_DEFAULTS.find((known) => known === word);
  if (found === undefined)
    file.report(
      node,
      'shape',
      '`default` takes "unknown" (error -32601, as production), "pause" (stop and ask) or "host" (pass on to hostCommand).',
    );
  return found;
}

function* readRules(file: FileText, method: string, list: JsonNode): Generator<undefined, MockRule[]> {
  const rules: MockRule[] = [];
  let all: MockRule | undefined;
  const asked = new Map<string, MockRule>();
  for (const [i, node] of file.text.items(list).entries()) {
    yield;
    const rule = readRule(file, method, i + 1, node);
    if (rule === undefined) continue;
    rules.push(rule);
    if (rule.disabled) continue;
    if (all !== undefined)
      file.report(
        node,
        'unreachable',
        `This rule can never answer: rule ${all.number}, on line ${all.place.line}, takes every call; move it up, or give that one a \`when\`.`,
        'warning',
      );
    else if (takesAll(rule.when)) all = rule;
    else {
      const condition = conditionText(file, rule.when);
      const same = asked.get(condition);
      if (same === undefined) asked.set(condition, rule);
      else
        file.report(
          node,
          'unreachable',
          `This rule can never answer: rule ${same.number}, on line ${same.place.line}, asks the same of a call and comes first; take one of them out, or give them a \`when\` that differs.`,
          'warning',
        );
    }
  }
  return rules;
}

/** What a condition asks, without blanks: equal for conditions that are written alike. */
function conditionText(file: FileText, { places: { params, nth, state } }: MockCondition): string {
  const written = (place: MockPlace | undefined): string | undefined =>
    place && file.text.text.slice(place.from, place.to).replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
  return JSON.stringify([written(params), written(nth), written(state)]);
}
