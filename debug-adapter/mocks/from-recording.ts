// A mock file out of the messages of a call: the same calls get the same answers, calls that get one and the same answer share a rule, and what
// looks like a secret is left out. Pure: recordings, runs and the transcript's rows go in by the same door. Contract P2.
import { isNumber, type JsonObject, type JsonValue, jsonEqual, parseJson, stringifyJson } from '../rpc/json.ts';
import type { LosslessNumber } from '../rpc/json-number.ts';
import { serdeText } from '../rpc/serde-text.ts';
import { type HostAnswer, type HostCall, hostCalls, type MessageEvent, observeCalls } from './observe.ts';
import { compileRegex, matches, type Pattern, type Regex } from './pattern.ts';

/** What is left out: patterns in RE2's syntax over the names of members, and over texts. */
export interface Redactions {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

export const DEFAULT_REDACTIONS: Redactions = {
  names: [
    '(?i)pass(word|wd|phrase|code)',
    '(?i)secret',
    '(?i)(^|[_-])token$|(access|refresh|id|auth|bearer|session|csrf)_?token',
    '(?i)api[_-]?key|(private|signing|encryption|access)[_-]?key',
    '(?i)^(authorization|proxy-authorization|cookie|set-cookie|credentials?)$',
    '(?i)^(ssn|pin|cvv|iban|card_?number)$',
  ],
  values: [
    '(?i)\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{8,}',
    '\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*',
    '\\b(AKIA|ASIA)[0-9A-Z]{16}\\b',
    '\\bgh[pousr]_[A-Za-z0-9]{20,}',
    '\\bgithub_pat_[A-Za-z0-9_]{20,}',
    '\\bxox[abeoprs]-[A-Za-z0-9-]{10,}',
    '\\bsk[-_](live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,}',
    '-----BEGIN [A-Z ]*PRIVATE KEY-----',
    '://[^/\\s:@]+:[^/\\s:@]+@',
  ],
};

/** What stands in place of a secret text. */
const REDACTED = 'REDACTED';

export interface GeneratedMocks {
  /** A mock file of the full form. */
  readonly text: string;
  readonly methods: number;
  readonly rules: number;
  /** Calls whose answers are in it. */
  readonly calls: number;
  /** Calls that were never answered, or answered by nobody: there is nothing to give. */
  readonly left: number;
  /** Values that were left out. */
  readonly redacted: number;
}

interface Answered {
  readonly params: JsonValue;
  readonly answer: Reply;
}
/** As the file has it. */
type Reply =
  | { readonly result: JsonValue }
  | { readonly error: { readonly code: JsonValue; readonly message: string } };

/** @throws Error with a clause for a redaction that is no pattern */
export function mocksFromEvents(
  events: Iterable<MessageEvent>,
  redactions: Redactions = DEFAULT_REDACTIONS,
): GeneratedMocks {
  const redactor = new Redactor(redactions);
  const methods = new Map<string, Answered[]>();
  let left = 0;
  let calls = 0;
  for (const call of observeCalls(hostCalls(events))) {
    const { answer } = call;
    if (answer === undefined || answer.answeredBy?.by === 'nobody') {
      left++;
      continue;
    }
    calls++;
    const known = methods.get(call.method) ?? [];
    methods.set(call.method, known);
    known.push(answeredOf(call, answer, redactor));
  }
  const rules = [...methods].map(([method, answered]) => [method, rulesOf(answered)] as const);
  const count = rules.reduce((sum, [, list]) => sum + list.length, 0);
  const { redacted } = redactor;
  const about = `// ${counted(calls, 'call')} of ${counted(methods.size, 'host method')}, made of a recording.${redacted === 0 ? '' : ` ${counted(redacted, 'value')} that looked like secrets ${redacted === 1 ? 'is' : 'are'} left out.`}`;
  return { text: fileText(about, rules), methods: methods.size, rules: count, calls, left, redacted };
}

function answeredOf({ params }: HostCall, answer: HostAnswer, redactor: Redactor): Answered {
  const value = redactor.clean(parsed(params), true);
  if (answer.kind === 'result')
    return { params: value, answer: { result: redactor.clean(parsed(answer.result), false) } };
  const message = redactor.text(answer.message);
  return { params: value, answer: { error: { code: parsed(answer.code), message } } };
}

const parsed = (text: string): JsonValue => parseJson(text, Number.POSITIVE_INFINITY);

/** A secret in params, until it is written: any value is taken for it. */
const ANYTHING = '\u0000any';

class Redactor {
  readonly #names: readonly Regex[];
  readonly #values: readonly Regex[];
  redacted = 0;

  constructor({ names, values }: Redactions) {
    this.#names = names.map(compileRegex);
    this.#values = values.map(compileRegex);
  }

  text(text: string): string {
    if (!this.#values.some((pattern) => pattern.test(text))) return text;
    this.redacted++;
    return REDACTED;
  }

  /** `matched`: the value is one that calls are known by. */
  clean(value: JsonValue, matched: boolean, secret = false): JsonValue {
    if (typeof value === 'string') {
      if (!secret && !this.#values.some((pattern) => pattern.test(value))) return value;
      this.redacted++;
      return matched ? ANYTHING : REDACTED;
    }
    if (isNumber(value)) {
      if (!secret) return value;
      this.redacted++;
      return matched ? ANYTHING : 0;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.clean(item, matched, secret));
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const named = secret || this.#names.some((pattern) => pattern.test(key));
        return [key, this.clean(inner, matched, named)];
      }),
    );
  }
}

/** The rules of one method: as many calls as can be share one. */
function rulesOf(answered: readonly Answered[]): string[] {
  const [first] = answered;
  if (first === undefined) return [];
  const echoes =
    answered.length > 1 &&
    answered.every(({ params, answer }) => 'result' in answer && sentText(params) === sentText(answer.result));
  const varied = answered.some(({ params }) => !jsonEqual(params, first.params));
  if (echoes && varied && !answered.some(({ params }) => holdsAnything(params)))
    return [ruleText(undefined, '{ "result": { "$param": "" } }')];
  if (answered.every(({ answer }) => sameReply(answer, first.answer)))
    return [ruleText(undefined, replyText([first.answer]))];
  // calls with the same params get their answers one after the other
  const groups = new Map<string, { readonly params: JsonValue; readonly replies: Reply[] }>();
  for (const { params, answer } of answered) {
    const key = keyText(params);
    const group = groups.get(key) ?? { params, replies: [] };
    groups.set(key, group);
    group.replies.push(answer);
  }
  const [only] = groups.values();
  if (groups.size === 1 && only !== undefined) return [ruleText(undefined, replyText(only.replies))];
  return shared([...groups.values()]).map(({ params, exact, replies }) =>
    ruleText(patternText(params, exact), replyText(replies)),
  );
}

interface Group {
  readonly params: JsonValue;
  readonly replies: readonly Reply[];
}

/**
 * The `when` of a rule for calls like one with these params, as JSON text; what looks like a secret may be anything. It takes none of `others`,
 * params that had other answers, if that can be told by the params.
 */
export function whenText(
  params: string,
  others: readonly string[],
  redactions: Redactions = DEFAULT_REDACTIONS,
): string {
  const redactor = new Redactor(redactions);
  const value = redactor.clean(parsed(params), true);
  const pattern = patternOf(value);
  const exact = others.some((other) => {
    const theirs = redactor.clean(parsed(other), true);
    return !jsonEqual(theirs, value) && matches(pattern, theirs);
  });
  return `{ "params": ${patternText(value, exact)} }`;
}

/** Groups with the same answers go by what their params have in common, where that tells them from all others. */
function shared(groups: readonly Group[]): { params: JsonValue; exact: boolean; replies: readonly Reply[] }[] {
  const byReplies = new Map<string, Group[]>();
  for (const group of groups) {
    const key = stringifyJson(group.replies as unknown as JsonValue); // replies are JSON
    const alike = byReplies.get(key);
    if (alike === undefined) byReplies.set(key, [group]);
    else alike.push(group);
  }
  const members = new MemberIndex(groups);
  const found: { params: JsonValue; exact: boolean; replies: readonly Reply[] }[] = [];
  for (const alike of byReplies.values()) {
    const [first] = alike;
    if (first === undefined) continue;
    const common =
      alike.length < 2 || first.replies.length > 1 ? undefined : alike.map(({ params }) => params).reduce(commonOf);
    if (common !== undefined) {
      const pattern = patternOf(common);
      const own = new Set(alike);
      const takes = ({ params }: Group): boolean => matches(pattern, params);
      if (alike.every(takes) && !members.candidates(common).some((group) => !own.has(group) && takes(group))) {
        found.push({ params: common, exact: false, replies: first.replies });
        continue;
      }
    }
    for (const { params, replies } of alike) {
      const pattern = patternOf(params);
      const exact = members
        .candidates(params)
        .some((other) => other.params !== params && matches(pattern, other.params));
      found.push({ params, exact, replies });
    }
  }
  // rules that compare the whole params go first, so that none that looks at a part takes their calls
  return found.sort((a, b) => Number(b.exact) - Number(a.exact));
}

/** Which groups a pattern may match, without looking at all of them: a call may have a hundred thousand. */
class MemberIndex {
  readonly #all: readonly Group[];
  readonly #byMember = new Map<string, Group[]>();

  constructor(groups: readonly Group[]) {
    this.#all = groups;
    for (const group of groups)
      for (const key of memberKeys(group.params)) {
        const having = this.#byMember.get(key);
        if (having === undefined) this.#byMember.set(key, [group]);
        else having.push(group);
      }
  }

  /** Those that have the rarest member of the params; all where no member tells. */
  candidates(params: JsonValue): readonly Group[] {
    let rarest = this.#all;
    for (const key of memberKeys(params)) {
      const having = this.#byMember.get(key) ?? [];
      if (having.length < rarest.length) rarest = having;
    }
    return rarest;
  }
}

/** What whoever matches the params must have: members and items that are compared whole, at any depth, and the value itself. */
function memberKeys(params: JsonValue): string[] {
  const keys: string[] = [];
  const left: [path: string, value: JsonValue][] = [['', params]];
  for (let next = left.pop(); next !== undefined && keys.length < MOST_KEYS; next = left.pop()) {
    const [path, value] = next;
    if (value === ANYTHING) continue;
    // as patternOf takes it
    const operators: boolean = looksLikeOperators(value);
    if (operators && holdsAnything(value)) continue;
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) left.push([`${path}[${i}`, value[i] ?? null]);
    else if (isObject(value) && !operators)
      for (const [key, inner] of Object.entries(value)) left.push([`${path}.${key.length} ${key}`, inner]);
    else keys.push(`${path}=${keyText(value)}`);
  }
  return keys;
}

/** Of one call's params so many members are told apart. */
const MOST_KEYS = 100;

/** What two values have in common: what differs may be anything. */
function commonOf(a: JsonValue, b: JsonValue): JsonValue {
  if (jsonEqual(a, b)) return a;
  if (isObject(a) && isObject(b))
    return Object.fromEntries(
      Object.keys(a)
        .filter((key) => Object.hasOwn(b, key))
        .map((key) => [key, commonOf(a[key] ?? null, b[key] ?? null)]),
    );
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.map((item, i) => commonOf(item, b[i] ?? null));
  return ANYTHING;
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumber(value);

/** The pattern that `patternText` writes. */
function patternOf(value: JsonValue): Pattern {
  if (value === ANYTHING) return { kind: 'any' };
  if (Array.isArray(value)) return { kind: 'array', items: value.map(patternOf) };
  if (looksLikeOperators(value)) return holdsAnything(value) ? { kind: 'any' } : { kind: 'equal', value };
  if (!isObject(value)) return { kind: 'equal', value };
  return { kind: 'object', members: Object.entries(value).map(([key, inner]) => [key, patternOf(inner)] as const) };
}

const holdsAnything = (value: JsonValue): boolean =>
  value === ANYTHING ||
  (typeof value === 'object' && value !== null && !isNumber(value) && Object.values(value).some(holdsAnything));

/** An object that would be taken for operators: it can be written whole, or not at all. */
const looksLikeOperators = (value: JsonValue): value is JsonObject =>
  isObject(value) && Object.keys(value).length > 0 && Object.keys(value).every((key) => key.startsWith('$'));

/** To the digit: 1.0 is another answer than 1. */
function sameReply(a: Reply, b: Reply): boolean {
  if ('result' in a) return 'result' in b && sentText(a.result) === sentText(b.result);
  return 'error' in b && sentText(a.error.code) === sentText(b.error.code) && a.error.message === b.error.message;
}

const sentText = (value: JsonValue): string => serdeText(stringifyJson(value), { maxDepth: Number.POSITIVE_INFINITY });

/** One text for all params that rules can't tell apart: keys in one order, numbers by their value. */
function keyText(value: JsonValue): string {
  if (isNumber(value)) return numberKey(value);
  if (Array.isArray(value)) return `[${value.map(keyText).join()}]`;
  if (!isObject(value)) return stringifyJson(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${keyText(value[key] ?? null)}`).join()}}`;
}

/** A number's digits without zeros at either end, and what power of ten they are times. */
function numberKey(value: number | LosslessNumber): string {
  const [, sign = '', whole = '', part = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(value)) ?? [];
  const written = `${whole}${part}`;
  let end = written.length;
  while (written[end - 1] === '0') end--;
  const digits = written.slice(0, end).replace(/^0+/, '');
  if (digits === '') return '0';
  return `${sign}${digits}e${BigInt(power.replace('+', '')) + BigInt(whole.length - end)}`;
}

// Text.

/** Compact, with blanks as people write them. */
function jsonText(value: JsonValue, each: (value: JsonValue) => string): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map(each).join(', ')}]`;
  if (!isObject(value)) return stringifyJson(value);
  const members = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${each(inner)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const plainText = (value: JsonValue): string => jsonText(value, plainText);

function patternText(value: JsonValue, exact: boolean): string {
  if (exact && !holdsAnything(value)) return `{ "$literal": ${plainText(value)} }`;
  const text = (inner: JsonValue): string => {
    if (inner === ANYTHING) return '{ "$any": true }';
    if (looksLikeOperators(inner))
      return holdsAnything(inner) ? '{ "$any": true }' : `{ "$literal": ${plainText(inner)} }`;
    return jsonText(inner, text);
  };
  return text(value);
}

function replyText(replies: readonly Reply[]): string {
  const one = (reply: Reply): string => {
    if ('error' in reply)
      return `{ "error": { "code": ${plainText(reply.error.code)}, "message": ${JSON.stringify(reply.error.message)} } }`;
    const result = plainText(reply.result);
    return `{ "result": ${/"\$/.test(result) ? `{ "$literal": ${result} }` : result} }`;
  };
  const [first] = replies;
  if (first === undefined) return '{ "never": true }';
  if (replies.every((reply) => sameReply(reply, first))) return one(first);
  return `{ "sequence": [${replies.map(one).join(', ')}], "then": "stay" }`;
}

function ruleText(when: string | undefined, reply: string): string {
  return when === undefined ? `{ "reply": ${reply} }` : `{ "when": { "params": ${when} }, "reply": ${reply} }`;
}

function fileText(about: string, methods: readonly (readonly [method: string, rules: readonly string[]])[]): string {
  const lists = methods.map(
    ([method, rules]) => `    ${JSON.stringify(method)}: [\n${rules.map((rule) => `      ${rule}`).join(',\n')}\n    ]`,
  );
  return `${about}\n{\n  "hostMethods": {${lists.length === 0 ? '' : `\n${lists.join(',\n')}\n  `}}\n}\n`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
