// Reads one mock file of either form: its rules, and all that is wrong with it. What it includes is put to it by mock-set.ts. Pure.
// Contracts P2 (results keep their numbers), E4 (bounded depth).

import { MAX_DEPTH, scanJson } from '../rpc/json-scan.ts';
import { quoted } from '../wasm/quoted.ts';
import { readBrokenText, type SyntaxFault, sentence } from './broken-text.ts';
import { includePath } from './include-path.ts';
import { blankComments, JsoncText, type JsonMember, type JsonNode } from './jsonc.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { type MockProblem, type MockProblemCode, Places, problemAt } from './problems.ts';
import { readReply } from './reply.ts';
import {
  MOCK_DEFAULTS,
  type MockCondition,
  type MockDefault,
  type MockPlace,
  type MockReplySpec,
  type MockRule,
  type MockStateUse,
} from './rules.ts';
import { compileTemplate } from './template.ts';

/** The member of the root that makes a file one of the full form. */
export const HOST_METHODS = 'hostMethods';

/** In a reply line a result lies one level deep, and serde_json in the plugin reads MAX_DEPTH levels. */
const RESULT_DEPTH = MAX_DEPTH - 1;
/** Rules, lists and operators around a result, at most. */
const AROUND = 16;
/** The longest delay (ms). */
const LONGEST_DELAY = 86_400_000;

export interface FileMethod {
  readonly name: string;
  readonly place: MockPlace;
  readonly rules: readonly MockRule[];
  readonly default: MockDefault | undefined;
}

/** One file by itself. */
export interface MockFile {
  readonly name: string;
  readonly form: 'short' | 'full';
  readonly problems: readonly MockProblem[];
  readonly methods: readonly FileMethod[];
  readonly default: MockDefault | undefined;
  /** As written. */
  readonly includes: readonly { readonly path: string; readonly place: MockPlace }[];
  readonly initialState: string | undefined;
  readonly states: readonly string[] | undefined;
  readonly stateUses: readonly MockStateUse[];
}

/** Reads a file's text; `name` is for messages. Never throws. */
export function readMockFile(name: string, source: string): MockFile {
  return drained(readMockFileSteps(name, source));
}

/** Runs what goes in steps to its end. */
export function drained<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The paths that a file includes, as written; none of one that is no JSON. Reads no rules. */
export function includesIn(source: string): readonly string[] {
  // most files include none, and a long one takes its time; an escape may stand for any letter
  if (!source.includes('"include"') && !source.includes('\\u')) return [];
  const blanked = blankComments(source);
  if ('unclosed' in blanked) return [];
  const scan = scanJson(blanked.text, { trailingCommas: true, maxDepth: RESULT_DEPTH + AROUND });
  if (scan.fault !== undefined || scan.root !== 'object') return [];
  const text = new JsoncText(blanked.text);
  const members = text.members({ kind: 'object', start: scan.start, end: scan.end });
  const list = members.find(({ key }) => key === 'include')?.value;
  if (list?.kind !== 'array' || !members.some(({ key }) => key === HOST_METHODS)) return [];
  return text
    .items(list)
    .filter(({ kind }) => kind === 'string')
    .map((node) => text.string(node));
}

/** As `readMockFile`, rule by rule: whoever must not be held up for long rests between two. */
export function* readMockFileSteps(name: string, source: string): Generator<undefined, MockFile> {
  const failed = (from: number, to: number, code: MockProblemCode, message: string): MockFile => ({
    ...NOTHING,
    name,
    problems: [problemAt(name, source, from, to, code, message)],
  });
  // Comments become spaces, so that every offset stays that of the file.
  const blanked = blankComments(source);
  if ('unclosed' in blanked) {
    const { unclosed } = blanked;
    const before = blankComments(source.slice(0, unclosed));
    const fault = { from: unclosed, to: unclosed + 2, message: 'This comment has no end; close it with `*/`.' };
    return (
      (yield* readBroken(name, 'text' in before ? before.text : '', fault, false)) ??
      failed(fault.from, fault.to, 'syntax', fault.message)
    );
  }
  const { text } = blanked;
  yield;
  const options = { trailingCommas: true, maxDepth: RESULT_DEPTH };
  const flat = scanJson(text, options);
  // most files are nowhere as deep as a result may be: then none is too deep
  const deep = flat.fault?.kind === 'depth';
  const scan = deep ? scanJson(text, { ...options, maxDepth: RESULT_DEPTH + AROUND }) : flat;
  if (scan.fault !== undefined) {
    const { kind, reason, offset } = scan.fault;
    if (kind !== 'depth') {
      const fault = { from: offset, to: offset + 1, message: sentence(reason) };
      return (yield* readBroken(name, text, fault)) ?? failed(fault.from, fault.to, 'syntax', fault.message);
    }
    const shallow = scanJson(text, { trailingCommas: true, maxDepth: RESULT_DEPTH + 1 });
    return failed(shallow.fault?.offset ?? offset, offset + 1, 'too-deep', TOO_DEEP);
  }
  if (scan.root !== 'object')
    return failed(
      scan.start,
      scan.end,
      'shape',
      `A mock file is a JSON object from host method to result, not ${article(scan.root)}.`,
    );
  yield;
  const reader = new FileReader(name, new JsoncText(text), deep);
  yield;
  return yield* reader.read({ kind: 'object', start: scan.start, end: scan.end });
}

/** A text that is no JSON: all that is wrong with its syntax, and with the rules in it that are whole. Undefined where nothing more than `first` can be said. */
function* readBroken(
  name: string,
  text: string,
  first: SyntaxFault,
  whole = true,
): Generator<undefined, MockFile | undefined> {
  const { faults, more, mended } = readBrokenText(text, first, RESULT_DEPTH, whole);
  const places = new Places(name, text);
  const problems = faults.map(({ from, to, message }, i): MockProblem => {
    const last = i === faults.length - 1 && more > 0 ? ` ${more} more errors of syntax follow.` : '';
    return { ...places.place(from, to), severity: 'error', code: 'syntax', message: message + last };
  });
  if (mended === undefined) return faults.length === 1 ? undefined : { ...NOTHING, name, problems };
  const { gaps, start, end } = mended;
  const file = yield* new FileReader(name, new JsoncText(mended.text), false, text).read({
    kind: 'object',
    start,
    end,
  });
  // of what is broken nothing else is told
  const others = file.problems.filter(({ from }) => !gaps.some((gap) => from >= gap.from && from < gap.to));
  // and what it includes is not looked for: its list may be what is broken
  return { ...file, includes: [], problems: [...problems, ...others].sort((a, b) => a.from - b.from) };
}

const NOTHING: Omit<MockFile, 'name' | 'problems'> = {
  form: 'short',
  methods: [],
  default: undefined,
  includes: [],
  initialState: undefined,
  states: undefined,
  stateUses: [],
};

const TOO_DEEP = `This result is nested deeper than ${RESULT_DEPTH} levels, which no plugin could read.`;

type FileParts = Omit<MockFile, 'name' | 'form' | 'problems' | 'stateUses'>;

class FileReader {
  readonly name: string;
  readonly text: JsoncText;
  readonly #places: Places;
  readonly #deep: boolean;
  readonly #problems: MockProblem[] = [];
  readonly #stateUses: MockStateUse[] = [];

  /** `deep`: some results may be nested too deep. `written`: the text whose lines are told, where it is another one. */
  constructor(name: string, text: JsoncText, deep: boolean, written = text.text) {
    this.name = name;
    this.#deep = deep;
    this.text = text;
    this.#places = new Places(name, written);
  }

  place({ start, end }: { start: number; end: number }): MockPlace {
    return this.#places.place(start, end);
  }

  readonly report = (
    node: { start: number; end: number },
    code: MockProblemCode,
    message: string,
    severity: MockProblem['severity'] = 'error',
  ): void => {
    this.#problems.push({ ...this.place(node), severity, code, message });
  };

  /** For compilers, which know errors only. */
  readonly #error = (node: { start: number; end: number }, code: MockProblemCode, message: string): void =>
    this.report(node, code, message);

  *read(root: JsonNode): Generator<undefined, MockFile> {
    const members = this.text.members(root);
    const full = members.some(({ key }) => key === HOST_METHODS);
    const file = full ? yield* this.#readFull(members) : yield* this.#readShort(members);
    return {
      name: this.name,
      form: full ? 'full' : 'short',
      problems: this.#problems.sort((a, b) => a.from - b.from),
      stateUses: this.#stateUses,
      ...file,
    };
  }

  // The short form.

  *#readShort(members: readonly JsonMember[]): Generator<undefined, FileParts> {
    const methods: FileMethod[] = [];
    for (const member of this.#distinct(members, 'duplicate-method', (name) => `Host method \`${name}\``)) {
      yield;
      const { key, keyStart, keyEnd, value } = member;
      const place = this.place({ start: keyStart, end: keyEnd });
      this.#checkDepth(value);
      const rule: MockRule = {
        method: key,
        number: 0,
        place: this.place({ start: keyStart, end: value.end }),
        name: undefined,
        disabled: false,
        when: ALWAYS,
        reply: { kind: 'result', result: { kind: 'text', text: this.text.serde(value) }, fault: undefined },
        pause: false,
        delay: undefined,
        times: undefined,
        setState: undefined,
        text: this.text.source(value),
      };
      methods.push({ name: key, place, rules: [rule], default: undefined });
    }
    return { methods, default: undefined, includes: [], initialState: undefined, states: undefined };
  }

  // The full form.

  *#readFull(members: readonly JsonMember[]): Generator<undefined, FileParts> {
    let methods: FileMethod[] = [];
    let fallback: MockDefault | undefined;
    let includes: MockFile['includes'] = [];
    let initialState: string | undefined;
    let states: string[] | undefined;
    for (const member of this.#distinct(members, 'shape', (name) => `\`${name}\``)) {
      const { key, value } = member;
      switch (key) {
        case HOST_METHODS:
          yield;
          methods = yield* this.#readMethods(value);
          break;
        case 'default':
          fallback = this.#readDefault(value);
          break;
        case 'include':
          includes = this.#texts(value, '`include` takes a list of paths of mock files, as seen from this one.').map(
            (node) => ({ path: this.text.string(node), place: this.place(node) }),
          );
          break;
        case 'states':
          states = this.#texts(value, '`states` takes a list of names.').map((node) => {
            const state = this.text.string(node);
            this.#stateUses.push({ state, use: 'declared', place: this.place(node) });
            return state;
          });
          break;
        case 'initialState':
          initialState = this.#readState(value, 'initial');
          break;
        case '$schema':
          break;
        default:
          this.#unknown(member, 'a mock file', [HOST_METHODS, 'include', 'default', 'states', 'initialState']);
      }
    }
    return { methods, default: fallback, includes, initialState, states };
  }

  *#readMethods(node: JsonNode): Generator<undefined, FileMethod[]> {
    if (node.kind !== 'object') {
      this.report(node, 'shape', '`hostMethods` takes an object from host method to its list of rules.');
      return [];
    }
    const members = this.#distinct(this.text.members(node), 'duplicate-method', (name) => `Host method \`${name}\``);
    const methods: FileMethod[] = [];
    for (const { key, keyStart, keyEnd, value } of members) {
      yield;
      const place = this.place({ start: keyStart, end: keyEnd });
      if (value.kind === 'array')
        methods.push({ name: key, place, rules: yield* this.#readRules(key, value), default: undefined });
      else if (value.kind === 'object') methods.push({ name: key, place, ...(yield* this.#readMethod(key, value)) });
      else {
        this.report(
          value,
          'shape',
          `Host method \`${quoted(key)}\` takes a list of rules, such as [{"reply": {"result": …}}].`,
        );
        methods.push({ name: key, place, rules: [], default: undefined });
      }
    }
    return methods;
  }

  *#readMethod(
    method: string,
    node: JsonNode,
  ): Generator<undefined, { rules: MockRule[]; default: MockDefault | undefined }> {
    let rules: MockRule[] = [];
    let fallback: MockDefault | undefined;
    for (const member of this.#distinct(this.text.members(node), 'shape', (name) => `\`${name}\``)) {
      const { key, value } = member;
      if (key === 'default') fallback = this.#readDefault(value);
      else if (key !== 'rules') this.#unknown(member, 'a host method', ['rules', 'default']);
      else if (value.kind === 'array') rules = yield* this.#readRules(method, value);
      else this.report(value, 'shape', '`rules` takes a list of rules.');
    }
    return { rules, default: fallback };
  }

  #readDefault(node: JsonNode): MockDefault | undefined {
    const word = node.kind === 'string' ? this.text.string(node) : undefined;
    const found = MOCK_DEFAULTS.find((known) => known === word);
    if (found === undefined)
      this.report(
        node,
        'shape',
        '`default` takes "unknown" (error -32601, as production), "pause" (stop and ask) or "host" (pass on to hostCommand).',
      );
    return found;
  }

  // Rules.

  *#readRules(method: string, list: JsonNode): Generator<undefined, MockRule[]> {
    const rules: MockRule[] = [];
    let all: MockRule | undefined;
    const asked = new Map<string, MockRule>();
    for (const [i, node] of this.text.items(list).entries()) {
      yield;
      const rule = this.#readRule(method, i + 1, node);
      if (rule === undefined) continue;
      rules.push(rule);
      if (rule.disabled) continue;
      if (all !== undefined)
        this.report(
          node,
          'unreachable',
          `This rule can never answer: rule ${all.number}, on line ${all.place.line}, takes every call; move it up, or give that one a \`when\`.`,
          'warning',
        );
      else if (takesAll(rule.when)) all = rule;
      else {
        const condition = this.#conditionText(rule.when);
        const same = asked.get(condition);
        if (same === undefined) asked.set(condition, rule);
        else
          this.report(
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
  #conditionText({ places: { params, nth, state } }: MockCondition): string {
    const written = (place: MockPlace | undefined): string | undefined =>
      place && this.text.text.slice(place.from, place.to).replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
    return JSON.stringify([written(params), written(nth), written(state)]);
  }

  #readRule(method: string, number: number, node: JsonNode): MockRule | undefined {
    if (node.kind !== 'object') {
      this.report(node, 'shape', 'A rule is an object, such as {"when": {…}, "reply": {"result": …}}.');
      return undefined;
    }
    const errors = this.#errors();
    let name: string | undefined;
    let when = ALWAYS;
    let reply: MockReplySpec | undefined;
    let delay: MockRule['delay'];
    let times: MockRule['times'];
    let setState: string | undefined;
    const flags = { pause: false, disabled: false };
    let replies = false;
    for (const member of this.#distinct(this.text.members(node), 'shape', (key) => `\`${key}\``)) {
      const { key, value } = member;
      switch (key) {
        case 'name':
          if (value.kind === 'string') name = this.text.string(value);
          else this.report(value, 'shape', '`name` takes a text.');
          break;
        case 'when':
          when = this.#readWhen(value);
          break;
        case 'reply':
          replies = true;
          this.#checkDepthOfResults(value);
          reply = readReply(
            this.text,
            value,
            this.report,
            (result) => compileTemplate(this.text, result, this.#error),
            (path) => includePath(this.name, path),
          );
          break;
        case 'delay':
          delay = this.#readRange(
            value,
            "`delay` takes milliseconds of the run's clock, or a range of them such as [100, 300].",
            LONGEST_DELAY,
          );
          break;
        case 'times': {
          const range = this.#readRange(
            value,
            '`times` takes how many calls are expected, or a range such as [1, 3].',
            2 ** 53,
          );
          if (range !== undefined) times = { least: range[0], most: range[1] };
          break;
        }
        case 'setState':
          setState = this.#readState(value, 'setState');
          break;
        case 'pause':
        case 'disabled':
          if (value.kind === 'boolean') flags[key] = this.text.source(value) === 'true';
          else this.report(value, 'shape', `\`${key}\` takes true or false.`);
          break;
        default:
          this.#unknown(member, 'a rule', RULE_MEMBERS);
      }
    }
    if (!replies && !flags.pause)
      this.report(node, 'no-reply', 'This rule says no `reply`: add one, such as {"result": null}, or "pause": true.');
    // a rule with an error in it would do something else than was meant
    if (this.#errors() > errors) return undefined;
    const place = this.place(node);
    return { method, number, place, name, ...flags, when, reply, delay, times, setState, text: this.text.source(node) };
  }

  #errors(): number {
    return this.#problems.length === 0 ? 0 : this.#problems.filter(({ severity }) => severity === 'error').length;
  }

  #readWhen(node: JsonNode): MockCondition {
    if (node.kind !== 'object') {
      this.report(node, 'shape', '`when` takes an object with `params`, `nth` or `state`.');
      return ALWAYS;
    }
    let params: Pattern | undefined;
    let nth: Pattern | undefined;
    let states: string[] | undefined;
    const places: { params?: MockPlace; nth?: MockPlace; state?: MockPlace } = {};
    for (const member of this.#distinct(this.text.members(node), 'shape', (key) => `\`${key}\``)) {
      const { key, value } = member;
      switch (key) {
        case 'params':
          places.params = this.place(value);
          params = compilePattern(this.text, value, this.#error);
          break;
        case 'nth':
          places.nth = this.place(value);
          nth = this.#readNth(value);
          break;
        case 'state': {
          places.state = this.place(value);
          const nodes = value.kind === 'array' ? this.text.items(value) : [value];
          states = nodes.map((each) => this.#readState(each, 'when')).filter((state) => state !== undefined);
          break;
        }
        default:
          this.#unknown(member, '`when`', ['params', 'nth', 'state']);
      }
    }
    return { params, nth, states, places };
  }

  /** `3`, `[1, 2]`, or operators such as {"$gt": 3}. */
  #readNth(node: JsonNode): Pattern | undefined {
    const isCount = (item: JsonNode): boolean => item.kind === 'number' && /^[1-9]\d*$/.test(this.text.source(item));
    if (node.kind === 'array' && this.text.items(node).length > 0 && this.text.items(node).every(isCount))
      return {
        kind: 'oneOf',
        patterns: this.text.items(node).map((item) => ({ kind: 'equal', value: this.text.number(item) }) as const),
      };
    if (isCount(node)) return { kind: 'equal', value: this.text.number(node) };
    if (node.kind === 'object' && this.text.members(node).some(({ key }) => key.startsWith('$')))
      return compilePattern(this.text, node, this.#error);
    this.report(
      node,
      'shape',
      '`nth` takes the number of the call, from 1, a list of such numbers, or operators such as {"$gt": 3}.',
    );
    return undefined;
  }

  #readState(node: JsonNode, use: MockStateUse['use']): string | undefined {
    if (node.kind !== 'string') {
      this.report(node, 'shape', 'A state is a name in quotes.');
      return undefined;
    }
    const state = this.text.string(node);
    this.#stateUses.push({ state, use, place: this.place(node) });
    return state;
  }

  #readRange(node: JsonNode, sentence: string, most: number): readonly [number, number] | undefined {
    const counts = node.kind === 'array' ? this.text.items(node) : [node, node];
    const [from = Number.NaN, to = Number.NaN] = counts.map((each) =>
      each.kind === 'number' ? Number(this.text.number(each)) : Number.NaN,
    );
    if (counts.length === 2 && from >= 0 && from <= to && to <= most) return [from, to];
    this.report(node, 'bad-number', to > most ? `${sentence} It is ${most} at most.` : sentence);
    return undefined;
  }

  // What many places need.

  /** Members, each key once. */
  #distinct(
    members: readonly JsonMember[],
    code: MockProblemCode,
    what: (name: string) => string,
  ): readonly JsonMember[] {
    const seen = new Set<string>();
    return members.filter(({ key, keyStart, keyEnd }) => {
      if (!seen.has(key)) {
        seen.add(key);
        return true;
      }
      const node = { start: keyStart, end: keyEnd };
      this.report(node, code, `${what(quoted(key))} stands here a second time; remove one.`);
      return false;
    });
  }

  #unknown({ key, keyStart, keyEnd }: JsonMember, of: string, known: readonly string[]): void {
    this.report(
      { start: keyStart, end: keyEnd },
      'unknown-member',
      `There is no \`${quoted(key)}\` in ${of}: there are ${known.map((name) => `\`${name}\``).join(', ')}.`,
    );
  }

  #texts(node: JsonNode, sentence: string): JsonNode[] {
    const items = node.kind === 'array' ? this.text.items(node) : [];
    if (node.kind !== 'array') this.report(node, 'shape', sentence);
    return items.filter((item) => {
      if (item.kind !== 'string') this.report(item, 'shape', sentence);
      return item.kind === 'string';
    });
  }

  /** Results of the full form lie deeper in the file than in the reply. */
  #checkDepthOfResults(node: JsonNode): void {
    // a text without as many brackets can't be as deep
    if (!this.#deep || node.end - node.start < 2 * RESULT_DEPTH || node.kind !== 'object') return;
    for (const { key, value } of this.text.members(node)) {
      if (key === 'result') this.#checkDepth(value);
      if (key === 'sequence' && value.kind === 'array')
        for (const item of this.text.items(value)) this.#checkDepthOfResults(item);
    }
  }

  #checkDepth({ start, end }: JsonNode): void {
    if (!this.#deep) return;
    const { fault } = scanJson(this.text.text, { start, end, trailingCommas: true, maxDepth: RESULT_DEPTH });
    if (fault !== undefined) this.report({ start: fault.offset, end }, 'too-deep', TOO_DEEP);
  }
}

const RULE_MEMBERS = ['name', 'when', 'reply', 'delay', 'times', 'setState', 'pause', 'disabled'] as const;

const ALWAYS: MockCondition = { params: undefined, nth: undefined, states: undefined, places: {} };

/** Whether a condition holds whatever the call is. */
export function takesAll({ params, nth, states }: MockCondition): boolean {
  return nth === undefined && states === undefined && (params === undefined || params.kind === 'any');
}

function article(root: string): string {
  return root === 'null' ? root : root === 'array' ? 'an array' : `a ${root}`;
}
