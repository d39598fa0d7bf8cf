// What can be written next in the Debug Console and in a watch: variables and statics of the frame, fields and methods behind a dot, the words
// of the language, names of the event. Knows texts; what is behind them the run is asked. Contract S6.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { FUNCTION_NAMES, METHOD_NAMES, WORDS } from '../expressions/expression.ts';
import type { Completion } from '../expressions/source-evaluation.ts';
import type { Call } from './call.ts';
import { namesOfEvent } from './evaluate.ts';
import { evaluationFrame } from './stack.ts';

/** A text in which something is to be completed. */
export interface Cut {
  /** The expression before the dot; '' where there is none. */
  readonly owner: string;
  readonly afterDot: boolean;
  /** The word that was begun. */
  readonly word: string;
  /** Where it begins, as an offset in the text. */
  readonly start: number;
}

/** Characters before the cursor that are looked at: longer expressions are refused anyway. */
const MOST_TEXT = 2000;
const WORD = /[\p{ID_Continue}$]*(?:::[\p{ID_Continue}$]*)*$/u;

/** Takes the text before the cursor apart. */
export function cutAt(text: string): Cut {
  if (text.length > MOST_TEXT) {
    const left = text.length - MOST_TEXT;
    const cut = cutAt(text.slice(left));
    return { ...cut, start: cut.start + left };
  }
  const word = WORD.exec(text)?.[0] ?? '';
  const start = text.length - word.length;
  const before = text.slice(0, start);
  const dot = /(?:\.|->)$/.exec(before)?.[0];
  if (dot === undefined) return { owner: '', afterDot: false, word, start };
  const end = before.length - dot.length;
  // `1.` begins a fraction
  const owner = text.slice(ownerStart(text, end), end).trim();
  return { owner: /^\d+$/.test(owner) ? '' : owner, afterDot: true, word, start };
}

const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[' };

/** Where the expression that ends at `end` begins: back over names, dots, and what stands in brackets. */
function ownerStart(text: string, end: number): number {
  let at = end;
  for (;;) {
    const last = text[at - 1] ?? '';
    if (last in CLOSING) {
      const open = opening(text, at);
      if (open === undefined) return at;
      at = open;
    } else if (/[\p{ID_Continue}$.:]/u.test(last)) at--;
    else if (last === '>' && text[at - 2] === '-') at -= 2;
    else return at;
  }
}

/** The bracket that the one before `end` closes; texts in quotes are passed over. */
function opening(text: string, end: number): number | undefined {
  const open: string[] = [];
  for (let at = end - 1; at >= 0; at--) {
    const c = text[at] ?? '';
    if (c === '"' || c === "'") {
      do at--;
      while (at >= 0 && (text[at] !== c || text[at - 1] === '\\'));
    } else if (c in CLOSING) open.push(CLOSING[c] ?? '');
    else if (c === '(' || c === '[') {
      if (open.pop() !== c) return undefined;
      if (open.length === 0) return at;
    }
  }
  return undefined;
}

const KINDS: Readonly<Record<Completion['kind'], DebugProtocol.CompletionItemType>> = {
  variable: 'variable',
  static: 'value',
  field: 'field',
  method: 'method',
};

/** Columns from 1, as a client counts them and back. */
export interface Columns {
  fromClient(column: number): number;
  toClient(column: number): number;
}

/** Items of one answer. */
const MOST = 1000;

export async function completions(
  call: Call,
  args: DebugProtocol.CompletionsArguments,
  columns: Columns,
): Promise<DebugProtocol.CompletionsResponse['body']> {
  const lines = args.text.split('\n');
  // both count from 1
  const line = Math.max(0, (args.line ?? 1) - 1);
  const before = lines.slice(0, line).reduce((length, one) => length + one.length + 1, 0);
  const text = args.text.slice(0, before + Math.max(0, columns.fromClient(args.column) - 1));
  const { owner, afterDot, word, start } = cutAt(text);
  if (afterDot && owner === '') return { targets: [] };
  if (call.run.stop === undefined) return { targets: [] };
  const { frame, level, hasSource } = evaluationFrame(call, args.frameId);
  // what can't be evaluated has no fields, and a person who is still writing is not told why
  const found = hasSource ? await call.run.completions(owner, frame, level).catch(() => undefined) : undefined;
  const items = (found ?? []).map(
    ({ label, kind, type }): DebugProtocol.CompletionItem =>
      kind === 'method' ? method(label) : { label, type: KINDS[kind], ...(type === '' ? {} : { detail: type }) },
  );
  if (afterDot && found === undefined) items.push(...METHOD_NAMES.map((name) => method(name)));
  if (!afterDot) {
    const event = namesOfEvent(call.run, call.run.stop);
    items.push(...event.map((label): DebugProtocol.CompletionItem => ({ label, type: 'property' })));
    items.push(...FUNCTION_NAMES.map((name): DebugProtocol.CompletionItem => method(name)));
    items.push(...WORDS.map((label): DebugProtocol.CompletionItem => ({ label, type: 'keyword' })));
  }
  const length = word.length;
  const targets = items
    .filter(({ label }, at) => isMeant(label, word) && items.findIndex((one) => one.label === label) === at)
    .slice(0, MOST)
    .map((item, at) => ({
      ...item,
      // in the order they are given: what is nearest comes first
      sortText: String(at).padStart(4, '0'),
      start: columns.toClient(start - before + 1),
      length,
    }));
  return { targets };
}

/** Whether a label is what a word begins: of a path its last name, or the beginning of any. */
export function isMeant(label: string, word: string): boolean {
  const [whole, wanted] = [label.toLowerCase(), word.toLowerCase()];
  const names = whole.split('::');
  if (wanted.includes('::')) return whole.includes(wanted);
  return names.at(-1)?.includes(wanted) === true || names.some((name) => name.startsWith(wanted));
}

/** `len()`, the cursor between the parentheses where it takes something. */
function method(name: string): DebugProtocol.CompletionItem {
  const text = `${name}()`;
  return { label: name, text, type: 'method', selectionStart: text.length - 1, selectionLength: 0 };
}
