// The outline of a mock file, and what of it folds. Pure.
import { createScanner, type Node } from 'jsonc-parser';
import { MOST_TEXT } from '../mocks/broken-text.ts';
import { HOST_METHODS } from '../mocks/rules.ts';
import type { MockDocument } from './mock-document.ts';
import { brief } from './mock-text.ts';
import type { Span } from './span.ts';

export interface MockSymbol extends Span {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'method' | 'rule' | 'setting';
  /** Of its name. */
  readonly selection: Span;
  readonly disabled: boolean;
  readonly children: readonly MockSymbol[];
}

/** The most symbols of one file. */
const MOST = 20_000;

/** Host methods with their rules, and the settings beside them. */
export function mockSymbols(document: MockDocument): MockSymbol[] {
  const { tree } = document;
  if (tree?.type !== 'object') return [];
  let left = MOST;
  const symbols: MockSymbol[] = [];
  const isFull = document.form === 'full';
  for (const property of tree.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key === undefined || left <= 0) continue;
    if (isFull && key.value === HOST_METHODS) {
      for (const method of value?.children ?? []) if (left > 0) left -= push(symbols, methodSymbol(method, left));
    } else if (isFull) left -= push(symbols, leaf(property, key, value, 'setting'));
    else left -= push(symbols, leaf(property, key, value, 'method'));
  }
  return symbols;
}

function push(symbols: MockSymbol[], symbol: MockSymbol | undefined): number {
  if (symbol === undefined) return 0;
  symbols.push(symbol);
  return 1 + symbol.children.length;
}

function leaf(property: Node, key: Node, value: Node | undefined, kind: MockSymbol['kind']): MockSymbol {
  return {
    ...{ ...spanOf(property), name: named(key), selection: spanOf(key), kind, disabled: false, children: [] },
    detail: value === undefined ? '' : brief(valueText(value)),
  };
}

function methodSymbol(property: Node, most: number): MockSymbol | undefined {
  const [key, value] = property.children ?? [];
  if (key === undefined || property.type !== 'property') return undefined;
  const list = value?.type === 'array' ? value : member(value, 'rules');
  const items = list?.type === 'array' ? (list.children ?? []) : [];
  const children = items.slice(0, most).map((rule, i) => ruleSymbol(rule, i + 1));
  const detail = items.length === 1 ? '1 rule' : `${items.length} rules`;
  return {
    ...spanOf(property),
    name: named(key),
    detail,
    kind: 'method',
    selection: spanOf(key),
    disabled: false,
    children,
  };
}

function ruleSymbol(rule: Node, number: number): MockSymbol {
  const name = member(rule, 'name')?.value;
  const when = member(rule, 'when');
  const reply = member(rule, 'reply');
  const parts = [
    when === undefined ? 'always' : brief(valueText(when), 40),
    reply === undefined ? '' : brief(valueText(reply), 40),
  ];
  const disabled = member(rule, 'disabled')?.value === true;
  return {
    ...spanOf(rule),
    name: typeof name === 'string' && name !== '' ? `${number}: ${brief(name)}` : `rule ${number}`,
    detail: `${parts.filter((part) => part !== '').join(' → ')}${disabled ? ' (off)' : ''}`,
    kind: 'rule',
    selection: { from: rule.offset, to: Math.min(rule.offset + 1, rule.offset + rule.length) },
    disabled,
    children: [],
  };
}

export function member(node: Node | undefined, name: string): Node | undefined {
  if (node?.type !== 'object') return undefined;
  return node.children?.find(({ children }) => children?.[0]?.value === name)?.children?.[1];
}

export const spanOf = ({ offset, length }: Node): Span => ({ from: offset, to: offset + length });

/** An editor wants a name that is not empty. */
const named = (key: Node): string => (String(key.value) === '' ? '""' : brief(String(key.value), 100));

/** A value in few words: `{"params": …}` as written is the caller's, who has the text; here only its shape. */
function valueText(node: Node): string {
  switch (node.type) {
    case 'object': {
      const names = (node.children ?? []).slice(0, 4).map(({ children }) => String(children?.[0]?.value));
      return names.length === 0 ? '{}' : `{${names.join(', ')}${(node.children?.length ?? 0) > 4 ? ', …' : ''}}`;
    }
    case 'array':
      return `[${node.children?.length ?? 0}]`;
    default:
      return JSON.stringify(node.value) ?? '';
  }
}

/** Lines that fold, from 0; the last line stays visible. */
export interface Fold {
  readonly start: number;
  readonly end: number;
  readonly kind: 'region' | 'comment';
}

const MOST_FOLDS = 5000;
// jsonc-parser's SyntaxKind is a const enum, which single-file compilation can't read.
const OPEN = new Set([1, 3]);
const CLOSE = new Set([2, 4]);
const LINE_BREAK = 14;
const BLOCK_COMMENT = 13;
const END_OF_FILE = 17;

/** Objects, arrays and comments over several lines. */
export function mockFolds(document: MockDocument): Fold[] {
  const { text } = document;
  if (text.length > MOST_TEXT) return [];
  const folds: Fold[] = [];
  const open: number[] = [];
  const scanner = createScanner(text);
  let line = 0;
  for (let kind: number = scanner.scan(); kind !== END_OF_FILE && folds.length < MOST_FOLDS; kind = scanner.scan()) {
    if (kind === LINE_BREAK) line++;
    else if (OPEN.has(kind)) open.push(line);
    else if (CLOSE.has(kind)) {
      const start = open.pop();
      if (start !== undefined && line - 1 > start) folds.push({ start, end: line - 1, kind: 'region' });
    } else if (kind === BLOCK_COMMENT) {
      const from = scanner.getTokenOffset();
      const { length } = text.slice(from, from + scanner.getTokenLength()).split(/\r\n|\r|\n/);
      if (length > 1) folds.push({ start: line, end: line + length - 1, kind: 'comment' });
      line += length - 1;
    }
  }
  return folds.sort((a, b) => a.start - b.start);
}
