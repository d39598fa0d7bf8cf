// What a result is made of when it is sent: text that never changes, and quotes of the call: its params, how many there were, chance that a seed makes
// repeatable, the run's time. Compiled once. Pure. Contracts P2 (quoted numbers keep their digits), E7.
import { getPath, type JsonPath, type JsonValue, parsePath, stringifyJson } from '../rpc/json.ts';
import { isI64 } from '../rpc/json-number.ts';
import type { JsonText } from '../rpc/message.ts';
import { compareUtf8, serdeText } from '../rpc/serde-text.ts';
import { quoted } from '../wasm/quoted.ts';
import type { JsoncText, JsonNode } from './jsonc.ts';
import type { Report } from './pattern.ts';

/** Words of templates, for completion. */
export const QUOTES = ['$param', '$count', '$random', '$now', '$literal'] as const;

export type TimeUnit = 'ms' | 's' | 'ns' | 'iso';

export type Template =
  | { readonly kind: 'text'; readonly text: JsonText }
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  /** Members sorted as production sends them. */
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: JsonText, value: Template])[] }
  | { readonly kind: 'param'; readonly source: string; readonly path: JsonPath; readonly or: Template | undefined }
  | { readonly kind: 'count'; readonly of: 'method' | 'rule' }
  | { readonly kind: 'range'; readonly from: bigint; readonly to: bigint }
  | { readonly kind: 'choice'; readonly of: readonly Template[] }
  | { readonly kind: 'fraction' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'now'; readonly unit: TimeUnit };

/** What a template quotes. */
export interface Quoted {
  params(): JsonValue;
  /** Of this call among those of its method, and among those of its rule; from 1. */
  readonly nth: number;
  readonly hit: number;
  /** The next 64 random bits. */
  random(): bigint;
  /** Unix time on the run's clock, ns. */
  now(): bigint;
}

/** A template refers to what is not there. The message is a sentence. */
export class TemplateError extends Error {}

const NULL: Template = { kind: 'text', text: 'null' };

/** Compiles a result. What is wrong is reported, and that part then is null. */
export function compileTemplate(text: JsoncText, node: JsonNode, report: Report): Template {
  const source = text.source(node);
  // most results quote nothing, and may be long
  if (!/"(?:\$|\\u0024)/.test(source)) return { kind: 'text', text: text.serde(node) };
  if (node.kind === 'array')
    return merged({ kind: 'array', items: text.items(node).map((item) => compileTemplate(text, item, report)) });
  if (node.kind !== 'object') return { kind: 'text', text: text.serde(node) };
  const members = text.members(node);
  const [first, second] = members;
  const alone = members.length === 1 || (members.length === 2 && first?.key === '$param' && second?.key === 'or');
  if (alone && first?.key.startsWith('$')) {
    const or = second === undefined ? undefined : compileTemplate(text, second.value, report);
    return compileQuote(text, first.key, { start: first.keyStart, end: first.keyEnd }, first.value, or, report);
  }
  const last = new Map(members.map(({ key, value }) => [key, value] as const));
  return merged({
    kind: 'object',
    members: [...last]
      .sort(([a], [b]) => compareUtf8(a, b))
      .map(([key, value]) => [JSON.stringify(key), compileTemplate(text, value, report)] as const),
  });
}

/** One text where nothing in it is quoted. */
function merged(template: Template): Template {
  const parts =
    template.kind === 'array'
      ? template.items
      : template.kind === 'object'
        ? template.members.map(([, value]) => value)
        : [];
  return parts.every(({ kind }) => kind === 'text') ? { kind: 'text', text: evaluate(template, NOTHING) } : template;
}

const NOTHING: Quoted = { params: () => null, nth: 0, hit: 0, random: () => 0n, now: () => 0n };

function compileQuote(
  text: JsoncText,
  key: string,
  keyNode: { start: number; end: number },
  value: JsonNode,
  or: Template | undefined,
  report: Report,
): Template {
  const wants = (what: string): Template => {
    report(value, 'shape', `\`${key}\` takes ${what}.`);
    return NULL;
  };
  const word = value.kind === 'string' ? text.string(value) : undefined;
  switch (key) {
    case '$param': {
      if (word === undefined)
        return wants('a path into the params, such as "user.id" or "items[0]"; "" is all of them');
      const path = parsePath(word);
      if (path === undefined) {
        report(value, 'bad-path', `\`${quoted(word)}\` is no path: write it like user.id, items[0] or ["odd name"].`);
        return NULL;
      }
      return { kind: 'param', source: word, path, or };
    }
    case '$count':
      return word === 'method' || word === 'rule' ? { kind: 'count', of: word } : wants('"method" or "rule"');
    case '$now':
      return word === 'ms' || word === 's' || word === 'ns' || word === 'iso'
        ? { kind: 'now', unit: word }
        : wants('"ms", "s", "ns" or "iso"');
    case '$random':
      return compileRandom(text, value, report) ?? wants('"uuid", "fraction", {"from": 1, "to": 6} or {"oneOf": […]}');
    case '$literal':
      return { kind: 'text', text: text.serde(value) };
    default:
      report(
        keyNode,
        'unknown-operator',
        `There is no \`${quoted(key)}\` in a result: there are ${QUOTES.join(', ')}; an object with a member of this very name is written {"$literal": {…}}.`,
      );
      return NULL;
  }
}

function compileRandom(text: JsoncText, value: JsonNode, report: Report): Template | undefined {
  if (value.kind === 'string') {
    const word = text.string(value);
    return word === 'uuid' || word === 'fraction' ? { kind: word } : undefined;
  }
  if (value.kind !== 'object') return undefined;
  const members = new Map(text.members(value).map((member) => [member.key, member.value] as const));
  const from = members.get('from');
  const to = members.get('to');
  const oneOf = members.get('oneOf');
  if (members.size === 1 && oneOf?.kind === 'array') {
    const of = text.items(oneOf).map((item) => compileTemplate(text, item, report));
    return of.length === 0 ? undefined : { kind: 'choice', of };
  }
  if (members.size !== 2 || from === undefined || to === undefined) return undefined;
  const bounds = [from, to].map((node) => text.source(node));
  if (!bounds.every((bound) => isI64(bound) || /^\d{1,20}$/.test(bound))) return undefined;
  const [least = 0n, most = 0n] = bounds.map((bound) => BigInt(bound));
  return least > most ? undefined : { kind: 'range', from: least, to: most };
}

/** The text of a result. @throws TemplateError when it quotes what is not there */
export function evaluate(template: Template, quotes: Quoted): JsonText {
  switch (template.kind) {
    case 'text':
      return template.text;
    case 'array':
      return `[${template.items.map((item) => evaluate(item, quotes)).join(',')}]`;
    case 'object':
      return `{${template.members.map(([key, value]) => `${key}:${evaluate(value, quotes)}`).join(',')}}`;
    case 'param': {
      const found = getPath(quotes.params(), template.path);
      if (found !== undefined) return serdeText(stringifyJson(found));
      if (template.or !== undefined) return evaluate(template.or, quotes);
      throw new TemplateError(
        `{"$param": ${quoted(JSON.stringify(template.source))}} refers to nothing: the params of this call have no such value; give one with "or", or let the rule's \`when\` ask for it.`,
      );
    }
    case 'count':
      return String(template.of === 'method' ? quotes.nth : quotes.hit);
    case 'range':
      return String(template.from + (quotes.random() % (template.to - template.from + 1n)));
    case 'choice': {
      const chosen = template.of[Number(quotes.random() % BigInt(template.of.length))];
      return chosen === undefined ? 'null' : evaluate(chosen, quotes);
    }
    case 'fraction':
      return String(Number(quotes.random() >> 11n) / 2 ** 53);
    case 'uuid': {
      const hex = ((quotes.random() << 64n) | quotes.random()).toString(16).padStart(32, '0');
      const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
      return `"${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}"`;
    }
    case 'now':
      return timeText(quotes.now(), template.unit);
  }
}

function timeText(ns: bigint, unit: TimeUnit): JsonText {
  switch (unit) {
    case 'ns':
      return String(ns);
    case 'ms':
      return String(ns / 1_000_000n);
    case 's':
      return String(ns / 1_000_000_000n);
    case 'iso':
      return JSON.stringify(new Date(Number(ns / 1_000_000n)).toISOString());
  }
}
