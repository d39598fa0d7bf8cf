// What may be typed at a place in a mock file: host methods from guest sources and from runs, members, operators, fields and values that were seen in
// params, states, files to include. Pure: files are listed by whoever asks.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: snippets of editors are written so
import { getLocation, type JSONPath } from 'jsonc-parser';
import { canBeParsed } from '../mocks/broken-text.ts';
import { REPLY_KINDS } from '../mocks/reply.ts';
import type { GuestCalls } from './guest-calls.ts';
import { isKey, type MockDocument, type MockRole, roleOf } from './mock-document.ts';
import { brief } from './mock-text.ts';
import { OR, valuesOf, wordsOf } from './mock-words.ts';
import type { Observed } from './observed.ts';
import { seenFields, seenPaths, seenValues } from './seen-params.ts';
import type { Span } from './span.ts';

export interface Completion {
  readonly label: string;
  readonly kind: 'method' | 'member' | 'operator' | 'value' | 'field' | 'state' | 'file';
  readonly detail: string;
  /** Markdown. */
  readonly about: string;
  /** What is put in the place of `replaces`. */
  readonly insert: string;
  /** `insert` has places to fill in: `$1`, `${2:null}`. */
  readonly snippet: boolean;
  readonly replaces: Span;
  /** What is offered first: the smallest. */
  readonly rank: number;
}

/** What is known beside the file. */
export interface Surroundings {
  readonly guests: GuestCalls;
  readonly observed: Observed;
  /** States of the file and of what it includes. */
  readonly states: readonly string[];
  /** Mock files, as this file would include them. */
  readonly files: readonly string[];
  /** Whether the editor takes snippets. */
  readonly snippets: boolean;
}

const RULES_SNIPPET = '[\n\t{ "reply": { "result": ${1:null} } }\n]';
const RULE_SNIPPET = '{ "reply": { "result": ${1:null} } }';

/** What may stand at an offset. */
export function mockCompletions(document: MockDocument, offset: number, known: Surroundings): Completion[] {
  const { text } = document;
  if (!canBeParsed(text) || inComment(text, offset)) return [];
  const place = placeAt(document, offset);
  if (place === undefined) return [];
  const list = new List(document, offset, place, known.snippets);
  if (place.key) offerKeys(document, place, known, list);
  else offerValues(document, place, known, list);
  return list.all;
}

interface Place {
  /** A member's name is typed, else a value. */
  readonly key: boolean;
  /** Of the object around the key, or of the value. */
  readonly path: JSONPath;
  readonly replaces: Span;
  /** A value stands behind the key already. */
  readonly hasValue: boolean;
  /** The comma that the next member needs. */
  readonly comma: string;
}

function placeAt(document: MockDocument, offset: number): Place | undefined {
  const { text } = document;
  const location = getLocation(text, offset);
  const { previousNode, isAtPropertyKey } = location;
  const inside =
    previousNode !== undefined &&
    previousNode.type !== 'object' &&
    previousNode.type !== 'array' &&
    previousNode.offset <= offset &&
    offset <= previousNode.offset + previousNode.length;
  let replaces: Span;
  if (inside) replaces = { from: previousNode.offset, to: previousNode.offset + previousNode.length };
  else {
    let from = offset;
    while (from > 0 && /[\w$.-]/.test(text.charAt(from - 1))) from--;
    replaces = { from, to: offset };
  }
  // an unclosed text runs to the end of its line: what was typed ends at the cursor
  if (inside && replaces.to > offset && text.charAt(replaces.to - 1) !== '"' && text.charAt(replaces.from) === '"')
    replaces = { from: replaces.from, to: offset };
  const behind = text.slice(replaces.to, replaces.to + 200).trimStart();
  const next = behind.charAt(0);
  return {
    key: isAtPropertyKey,
    path: isAtPropertyKey ? location.path.slice(0, -1) : location.path,
    replaces,
    hasValue: next === ':',
    comma: next === '"' || next === '{' ? ',' : '',
  };
}

class List {
  readonly all: Completion[] = [];
  readonly #place: Place;
  readonly #snippets: boolean;
  readonly #taken: ReadonlySet<string>;
  readonly #offered = new Set<string>();

  constructor(document: MockDocument, offset: number, place: Place, snippets: boolean) {
    this.#place = place;
    this.#snippets = snippets;
    this.#taken = place.key ? takenKeys(document, offset, place) : new Set();
  }

  /** Whether the object around the cursor has a member of this name. */
  has(name: string): boolean {
    return this.#taken.has(name);
  }

  key(name: string, value: string, kind: Completion['kind'], detail: string, about: string, rank: number): void {
    if (this.#taken.has(name) || this.#offered.has(name)) return;
    this.#offered.add(name);
    const { hasValue, comma } = this.#place;
    const quoted = JSON.stringify(name);
    const insert = hasValue ? quoted : this.#snippets ? `${forSnippet(quoted)}: ${value}${comma}` : `${quoted}: `;
    this.#push(name, insert, this.#snippets && !hasValue, kind, detail, about, rank);
  }

  /** `text` is JSON. */
  value(text: string, kind: Completion['kind'], detail: string, about: string, rank: number): void {
    if (this.#offered.has(text)) return;
    this.#offered.add(text);
    this.#push(brief(text, 80), text, false, kind, detail, about, rank);
  }

  snippet(label: string, text: string, about: string, rank: number): void {
    if (this.#snippets) this.#push(label, text, true, 'value', '', about, rank);
  }

  #push(
    label: string,
    insert: string,
    snippet: boolean,
    kind: Completion['kind'],
    detail: string,
    about: string,
    rank: number,
  ): void {
    this.all.push({ label, insert, snippet, kind, detail, about, rank, replaces: this.#place.replaces });
  }
}

/** The names that the object around the cursor has, without the one that is typed. */
function takenKeys(document: MockDocument, offset: number, { replaces }: Place): ReadonlySet<string> {
  let node = document.nodeAt(offset);
  if (node !== undefined && isKey(node)) node = node.parent?.parent;
  while (node !== undefined && node.type !== 'object') node = node.parent;
  const keys = (node?.children ?? []).map(({ children }) => children?.[0]).filter((key) => key !== undefined);
  return new Set(keys.filter((key) => key.offset !== replaces.from).map((key) => String(key.value)));
}

function offerKeys(document: MockDocument, place: Place, known: Surroundings, list: List): void {
  const role = roleOf(place.path, document.form);
  const isShortRoot = role.kind === 'file' && document.form === 'short';
  if (role.kind === 'methods' || isShortRoot)
    for (const { name, detail, rank } of methodNames(known))
      list.key(name, isShortRoot ? '${1:null}' : RULES_SNIPPET, 'method', detail, '', rank);
  if (role.kind === 'params') {
    const path = fieldPath(role.at);
    if (path !== undefined)
      for (const [name, values] of seenFields(known.observed, role.of, path))
        list.key(name, forSnippet(values[0] ?? 'null'), 'field', `seen: ${brief(values.join(', '))}`, '', 0);
  }
  const isOperator = role.kind === 'params' || role.kind === 'nth' || role.kind === 'result';
  for (const [i, word] of wordsOf(role).entries()) {
    // a file of the short form may only become one of the full form by this
    if (isShortRoot && word.name !== 'hostMethods') continue;
    list.key(word.name, word.value, isOperator ? 'operator' : 'member', '', word.about, 100 + i);
  }
  if (role.kind === 'result' && list.has('$param')) list.key(OR.name, OR.value, 'operator', '', OR.about, 0);
}

function offerValues(document: MockDocument, place: Place, known: Surroundings, list: List): void {
  const role = roleOf(place.path, document.form);
  for (const [i, [text, about]] of valuesOf(role).entries()) list.value(text, 'value', '', about, i);
  switch (role.kind) {
    case 'state':
      for (const [i, state] of known.states.entries()) list.value(JSON.stringify(state), 'state', 'state', '', i);
      break;
    case 'include':
      for (const [i, file] of known.files.entries()) list.value(JSON.stringify(file), 'file', '', '', i);
      break;
    case 'method':
      list.snippet('list of rules', RULES_SNIPPET, 'Rules in order: the first whose `when` holds answers.', 0);
      break;
    case 'rules':
      list.snippet('rule', RULE_SNIPPET, 'A rule that answers every call.', 0);
      break;
    case 'rule':
      list.snippet('rule', RULE_SNIPPET, 'A rule that answers every call.', 0);
      list.snippet(
        'rule with a condition',
        '{ "when": { "params": { $1 } }, "reply": { "result": ${2:null} } }',
        'A rule for some calls.',
        1,
      );
      break;
    case 'reply':
      for (const [i, word] of wordsOf(role).entries())
        if (REPLY_KINDS.some((kind) => kind === word.name))
          list.snippet(word.name, `{ "${word.name}": ${word.value} }`, word.about, i);
      break;
    case 'params':
      offerParamValues(role, known, list);
      break;
    case 'result':
      offerResults(role, known, list);
      break;
    default:
  }
}

function offerParamValues(role: Extract<MockRole, { kind: 'params' }>, known: Surroundings, list: List): void {
  const path = fieldPath(role.at);
  if (path !== undefined)
    for (const [i, text] of seenValues(known.observed, role.of, path).entries())
      list.value(text, 'value', 'seen in a call', '', i);
  const operator = role.at.at(-1);
  if (operator === '$any' || operator === '$absent') list.value('true', 'value', '', '', 0);
  else if (typeof operator !== 'string' || !operator.startsWith('$'))
    for (const [i, word] of wordsOf(role).entries())
      list.snippet(`{"${word.name}"}`, `{ "${forSnippet(word.name)}": ${word.value} }`, word.about, 100 + i);
}

function offerResults(role: Extract<MockRole, { kind: 'result' }>, known: Surroundings, list: List): void {
  switch (role.at.at(-1)) {
    case '$param':
      for (const [i, path] of seenPaths(known.observed, role.of).entries())
        list.value(JSON.stringify(path), 'field', 'seen in a call', '', i);
      return;
    case '$count':
      for (const text of ['"method"', '"rule"']) list.value(text, 'value', '', '', 0);
      return;
    case '$now':
      for (const text of ['"iso"', '"ms"', '"s"', '"ns"']) list.value(text, 'value', '', '', 0);
      return;
    case '$random':
      for (const text of ['"uuid"', '"fraction"']) list.value(text, 'value', '', '', 0);
      return;
    default:
  }
  const last = known.observed.methods.find(({ method }) => method === role.of)?.last?.answer;
  if (role.at.length === 0 && last?.kind === 'result') list.value(last.text, 'value', 'last answer', '', 0);
}

/** A path into the params that holds no operator: below one, fields are not where they were seen. */
function fieldPath(path: JSONPath): JSONPath | undefined {
  const last = path.at(-1);
  const within = typeof last === 'string' && /^\$(?:gte?|lte?|oneOf|literal)$/.test(last) ? path.slice(0, -1) : path;
  // `{"$oneOf": [` leads to an index behind the operator
  const beforeIndex = path.at(-2) === '$oneOf' ? path.slice(0, -2) : within;
  return beforeIndex.some((step) => typeof step === 'string' && step.startsWith('$')) ? undefined : beforeIndex;
}

function methodNames({ guests, observed }: Surroundings): { name: string; detail: string; rank: number }[] {
  const names: { name: string; detail: string; rank: number }[] = [];
  const seen = new Map(observed.methods.map(({ method, calls, earlier = 0 }) => [method, calls + earlier] as const));
  for (const [name, calls] of guests.methods) {
    const within = calls[0]?.within;
    names.push({
      name,
      rank: seen.has(name) ? 0 : 1,
      detail: within === undefined ? 'called by the plugin' : `called in ${within}`,
    });
  }
  for (const [name, calls] of seen)
    if (calls > 0 && !guests.methods.has(name))
      names.push({ name, rank: 0, detail: calls === 1 ? 'called once' : `called ${calls} times` });
  return names;
}

/** What has a meaning in snippets stands for itself. */
function forSnippet(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}

/** Whether an offset lies in a comment: a line comment that begins on the line, or a block comment that is open. Texts are respected. */
function inComment(text: string, offset: number): boolean {
  let inText = false;
  for (let i = 0; i < offset; i++) {
    const c = text[i];
    if (inText) {
      if (c === '\\') i++;
      else if (c === '"' || c === '\n') inText = false;
    } else if (c === '"') inText = true;
    else if (c === '/' && text[i + 1] === '/') {
      const end = text.indexOf('\n', i);
      if (end < 0 || end >= offset) return true;
      i = end;
    } else if (c === '/' && text[i + 1] === '*') {
      const end = text.indexOf('*/', i + 2);
      if (end < 0 || end + 2 > offset) return true;
      i = end + 1;
    }
  }
  return false;
}
