// What the params of a call are compared with: partial deep match with operators, compiled once, and what differs, for near misses. Numbers are
// compared by their exact values, and patterns of text run in time in proportion to it. Pure. Contracts P2, E4.
import { RE2JS } from 're2js';
import { isNumber, type JsonPath, type JsonValue, jsonEqual, parseJson, stringifyJson } from '../rpc/json.ts';
import { compareNumbers, LosslessNumber } from '../rpc/json-number.ts';
import { quoted } from '../wasm/quoted.ts';
import { compileSchema, type Schema, SchemaError } from './json-schema.ts';
import { type JsoncText, type JsonNode, pathText } from './jsonc.ts';
import type { MockProblemCode } from './problems.ts';

export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

export type Pattern =
  | { readonly kind: 'any' }
  | { readonly kind: 'absent' }
  /** The same JSON, all of it. */
  | { readonly kind: 'equal'; readonly value: JsonValue }
  | { readonly kind: 'regex'; readonly source: string; readonly regex: Regex }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly bound: number | LosslessNumber }
  | { readonly kind: 'oneOf'; readonly patterns: readonly Pattern[] }
  | { readonly kind: 'all'; readonly patterns: readonly Pattern[] }
  | { readonly kind: 'schema'; readonly schema: Schema }
  /** These members match; others may be there. */
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: string, pattern: Pattern])[] }
  /** As many items, each of which matches. */
  | { readonly kind: 'array'; readonly items: readonly Pattern[] };

/** Operators of `when`, for completion and for what was probably meant. */
export const OPERATORS = [
  '$any',
  '$absent',
  '$regex',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$oneOf',
  '$schema',
  '$literal',
] as const;

/** A pattern in RE2's syntax. */
export interface Regex {
  test(text: string): boolean;
}

/** The longest pattern, in UTF-16 units: what it takes to run grows with it. */
const LONGEST_REGEX = 1000;

/** Compiles a pattern in RE2's syntax: no text takes it longer than in proportion. @throws Error with a clause */
export function compileRegex(source: string): Regex {
  if (source.length > LONGEST_REGEX) throw new Error(`it is longer than ${LONGEST_REGEX} characters`);
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw new Error((error as Error).message.replace(/^error parsing regexp: /, ''), { cause: error });
  }
}

export type Report = (node: { start: number; end: number }, code: MockProblemCode, message: string) => void;

const ANY: Pattern = { kind: 'any' };

/** Compiles a pattern; what is wrong with it is reported, and that part then matches anything. */
export function compilePattern(text: JsoncText, node: JsonNode, report: Report): Pattern {
  if (node.kind === 'array')
    return { kind: 'array', items: text.items(node).map((item) => compilePattern(text, item, report)) };
  if (node.kind !== 'object') return { kind: 'equal', value: jsonValue(text, node) };
  const members = text.members(node);
  const operators = members.filter(({ key }) => key.startsWith('$'));
  if (operators.length > 0 && operators.length === members.length) {
    const patterns = members.map(({ key, keyStart, keyEnd, value }) =>
      compileOperator(text, key, { start: keyStart, end: keyEnd }, value, report),
    );
    const [first = ANY] = patterns;
    return patterns.length === 1 ? first : { kind: 'all', patterns };
  }
  const last = new Map(
    members.map(({ key, value }) => [key, value] as const), // of equal keys the last counts, as for serde_json
  );
  return {
    kind: 'object',
    members: [...last].map(([key, value]) => [key, compilePattern(text, value, report)] as const),
  };
}

function compileOperator(
  text: JsoncText,
  key: string,
  keyNode: { start: number; end: number },
  value: JsonNode,
  report: Report,
): Pattern {
  const wants = (what: string): Pattern => {
    report(value, 'shape', `\`${key}\` takes ${what}.`);
    return ANY;
  };
  switch (key) {
    case '$any':
    case '$absent':
      if (value.kind !== 'boolean' || text.source(value) !== 'true') return wants('`true`');
      return { kind: key === '$any' ? 'any' : 'absent' };
    case '$regex': {
      if (value.kind !== 'string') return wants('a text, a pattern in the syntax of RE2');
      const source = text.string(value);
      try {
        return { kind: 'regex', source, regex: compileRegex(source) };
      } catch (error) {
        const why = quoted((error as Error).message);
        report(value, 'bad-pattern', `This is no pattern in the syntax of RE2: ${why}; see docs/mock-files.md.`);
        return ANY;
      }
    }
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return value.kind === 'number'
        ? { kind: 'compare', operator: key, bound: text.number(value) }
        : wants('a number');
    case '$oneOf':
      if (value.kind !== 'array' || text.items(value).length === 0) return wants('a list of one or more');
      return { kind: 'oneOf', patterns: text.items(value).map((item) => compilePattern(text, item, report)) };
    case '$schema':
      try {
        return { kind: 'schema', schema: compileSchema(jsonValue(text, value), compileRegex) };
      } catch (error) {
        if (!(error instanceof SchemaError)) throw error;
        report(value, 'bad-schema', `This JSON Schema can't be used: ${quoted(error.message)}.`);
        return ANY;
      }
    case '$literal':
      return { kind: 'equal', value: jsonValue(text, value) };
    default:
      report(
        keyNode,
        'unknown-operator',
        `There is no operator \`${quoted(key)}\`: there are ${OPERATORS.join(', ')}; a member of this very name is written {"$literal": …}.`,
      );
      return ANY;
  }
}

function jsonValue(text: JsoncText, node: JsonNode): JsonValue {
  return parseJson(text.serde(node), Number.POSITIVE_INFINITY);
}

/** Whether a value matches; undefined is one that is not there. */
export function matches(pattern: Pattern, value: JsonValue | undefined): boolean {
  switch (pattern.kind) {
    case 'absent':
      return value === undefined;
    case 'all':
      for (const each of pattern.patterns) if (!matches(each, value)) return false;
      return true;
    case 'oneOf':
      for (const each of pattern.patterns) if (matches(each, value)) return true;
      return false;
    default:
  }
  if (value === undefined) return false;
  switch (pattern.kind) {
    case 'any':
      return true;
    case 'equal':
      // most are scalars: numbers that a double holds, and texts, are equal only where they are the same
      if (pattern.value === value) return true;
      if (typeof value !== 'object' && typeof pattern.value !== 'object') return false;
      return jsonEqual(pattern.value, value);
    case 'regex':
      return typeof value === 'string' && pattern.regex.test(value);
    case 'compare':
      return isNumber(value) && holds(pattern.operator, compareNumbers(value, pattern.bound));
    case 'schema':
      return pattern.schema.check(value) === undefined;
    case 'object': {
      if (!isObject(value)) return false;
      for (const [key, each] of pattern.members)
        if (!matches(each, Object.hasOwn(value, key) ? value[key] : undefined)) return false;
      return true;
    }
    case 'array': {
      if (!Array.isArray(value) || value.length !== pattern.items.length) return false;
      for (let i = 0; i < value.length; i++) if (!matches(pattern.items[i] as Pattern, value[i])) return false; // as many
      return true;
    }
  }
}

function holds(operator: Comparison, order: number): boolean {
  switch (operator) {
    case '$gt':
      return order > 0;
    case '$gte':
      return order >= 0;
    case '$lt':
      return order < 0;
    case '$lte':
      return order <= 0;
  }
}

function isObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber);
}

/** One thing that keeps a pattern from matching. `path` is from the value that was compared. */
export interface Mismatch {
  readonly path: JsonPath;
  /** As it stands in sentences: `user.id`; `params` for the value itself. */
  readonly field: string;
  /** One sentence. */
  readonly message: string;
}

/** All that keeps `pattern` from matching, fields in the order of the pattern; empty where it matches. `whole` names the value itself. */
export function mismatches(pattern: Pattern, value: JsonValue | undefined, whole = 'params'): Mismatch[] {
  const found: Mismatch[] = [];
  compare(pattern, value, [], whole, found);
  return found;
}

function compare(
  pattern: Pattern,
  value: JsonValue | undefined,
  path: readonly (string | number)[],
  whole: string,
  found: Mismatch[],
): void {
  if (matches(pattern, value)) return;
  if (pattern.kind === 'object' && value !== undefined && isObject(value)) {
    for (const [key, each] of pattern.members)
      compare(each, Object.hasOwn(value, key) ? value[key] : undefined, [...path, key], whole, found);
    return;
  }
  if (pattern.kind === 'array' && Array.isArray(value) && value.length === pattern.items.length) {
    for (const [i, each] of pattern.items.entries()) compare(each, value[i], [...path, i], whole, found);
    return;
  }
  if (pattern.kind === 'all') {
    for (const each of pattern.patterns) compare(each, value, path, whole, found);
    return;
  }
  const field = path.length === 0 ? whole : pathText(path);
  found.push({ path, field, message: mismatchSentence(pattern, value, field) });
}

function mismatchSentence(pattern: Pattern, value: JsonValue | undefined, field: string): string {
  const name = `\`${quoted(field)}\``;
  if (pattern.kind === 'schema' && value !== undefined) {
    const fault = pattern.schema.check(value);
    const at = fault === undefined || fault.path.length === 0 ? '' : ` at \`${quoted(pathText(fault.path))}\``;
    return `${name} does not fit the schema${at}: ${fault?.message ?? 'it is something else'}.`;
  }
  if (value === undefined) return `${name} is missing, and the rule wants ${wanted(pattern)}.`;
  return `${name} is ${shown(value)}, and the rule wants ${wanted(pattern)}.`;
}

/** What a pattern asks for, as a noun phrase. */
export function wanted(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'any':
      return 'any value';
    case 'absent':
      return 'it to be absent';
    case 'equal':
      return shown(pattern.value);
    case 'regex':
      return `a text that matches \`${quoted(pattern.source)}\``;
    case 'compare':
      return `a number ${{ $gt: 'above', $gte: 'not below', $lt: 'below', $lte: 'not above' }[pattern.operator]} ${String(pattern.bound)}`;
    case 'oneOf': {
      const some = pattern.patterns.slice(0, 5).map(wanted).join(' or ');
      return pattern.patterns.length > 5 ? `${some} or others` : some;
    }
    case 'all':
      return pattern.patterns.map(wanted).join(' and ');
    case 'schema':
      return 'a value that fits the schema';
    case 'object':
      return pattern.members.length === 0
        ? 'an object'
        : `an object with ${quoted(pattern.members.map(([key]) => `\`${key}\``).join(', '))}`;
    case 'array':
      return pattern.items.length === 1 ? 'a list of 1 item' : `a list of ${pattern.items.length} items`;
  }
}

const SHOWN = 60;

function shown(value: JsonValue): string {
  const text = stringifyJson(value);
  return quoted(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
