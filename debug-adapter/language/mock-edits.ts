// Edits of a mock file that keep its comments and its layout: a rule put in, a member set or taken out. Pure.
import { applyEdits, type JSONPath, modify, type Node } from 'jsonc-parser';
import { HOST_METHODS } from '../mocks/rules.ts';
import type { MockDocument } from './mock-document.ts';
import type { TextEdit } from './mock-format.ts';

/** The edits that set `path` to a value given as JSON text, whose digits stay; undefined takes the member out. */
export function setAt(document: MockDocument, path: JSONPath, json: string | undefined, insertAt = false): TextEdit[] {
  if (document.tree?.type !== 'object') return [];
  const { text } = document;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  // a new rule gets lines of its own; a member goes where there is room, for jsonc-parser would break the lines around it
  const isRoomy = insertAt || /^[[{]/.test(json ?? '');
  const layOut = isRoomy ? { formattingOptions: { ...indentOf(text), eol } } : {};
  // a value by which the text can be found again: jsonc-parser takes values, which would round numbers
  const mark = json === undefined ? undefined : freeMark(text);
  let edits: ReturnType<typeof modify>;
  try {
    edits = modify(text, path, mark, { ...layOut, isArrayInsertion: insertAt });
    // past 200 columns of indentation jsonc-parser writes a word where white space belongs
    if (edits.some(({ content }) => content.includes('undefined')) && !text.includes('undefined'))
      edits = modify(text, path, mark, { isArrayInsertion: insertAt });
  } catch {
    return []; // of a text that is broken, something else stands where the path leads
  }
  return edits.map(({ offset, length, content }) => ({
    from: offset,
    to: offset + length,
    text: mark === undefined ? content : spaced(content).replace(JSON.stringify(mark), () => json ?? ''),
  }));
}

/** A member that was put behind another one. */
const spaced = (content: string): string => content.replace(/^,"/, ', "');

function freeMark(text: string): string {
  let mark = '@value@';
  while (text.includes(mark)) mark += '@';
  return mark;
}

/** How a text is indented: as its first indented line is. */
export function indentOf(text: string): { readonly tabSize: number; readonly insertSpaces: boolean } {
  const indent = /^([ \t]+)["{[]/m.exec(text)?.[1] ?? '  ';
  return indent.startsWith('\t')
    ? { tabSize: 4, insertSpaces: false }
    : { tabSize: Math.min(8, indent.length), insertSpaces: true };
}

/** A member of a rule, by the host method and the rule's number from 1. */
export function rulePath(document: MockDocument, method: string, number: number, ...rest: JSONPath): JSONPath {
  return [...rulesPath(document, method), number - 1, ...rest];
}

function rulesPath(document: MockDocument, method: string): JSONPath {
  const tree = document.tree;
  const methods = tree?.children?.find(({ children }) => children?.[0]?.value === HOST_METHODS)?.children?.[1];
  const value = methods?.children?.find(({ children }) => children?.[0]?.value === method)?.children?.[1];
  return value?.type === 'object' ? [HOST_METHODS, method, 'rules'] : [HOST_METHODS, method];
}

/** The edits that take a rule out. Not by jsonc-parser, which takes a bracket with it where the rule is the last. */
export function removeRule(document: MockDocument, method: string, number: number): TextEdit[] {
  const items = findAt(document, rulesPath(document, method))?.children ?? [];
  const [before, item, next] = [items[number - 2], items[number - 1], items[number]];
  if (item === undefined) return [];
  const end = item.offset + item.length;
  if (next !== undefined) return [{ from: item.offset, to: next.offset, text: '' }];
  return [{ from: before === undefined ? item.offset : before.offset + before.length, to: end, text: '' }];
}

/** The edits that add a rule, given as JSON text, before the rules that a host method has; the method comes in where it is not there. */
export function addRule(document: MockDocument, method: string, rule: string, first: boolean): TextEdit[] {
  const { tree, form } = document;
  if (tree?.type !== 'object') return [];
  if (form === 'short') {
    // the short form has a result a method, no rules
    const isEmpty = (tree.children?.length ?? 0) === 0;
    return isEmpty ? setAt(document, [HOST_METHODS, method], `[${rule}]`) : [];
  }
  const path = rulesPath(document, method);
  const list = findAt(document, path);
  if (list === undefined || (list.children?.length ?? 0) === 0) return setAt(document, path, `[${rule}]`);
  return setAt(document, [...path, first ? 0 : (list.children?.length ?? 0)], rule, true);
}

function findAt(document: MockDocument, path: JSONPath): Node | undefined {
  let node = document.tree;
  for (const step of path)
    node =
      typeof step === 'number'
        ? node?.children?.[step]
        : node?.children?.find(({ children }) => children?.[0]?.value === step)?.children?.[1];
  return node;
}

/** The text after edits; tests and previews use it. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  return applyEdits(
    text,
    edits.map(({ from, to, text: content }) => ({ offset: from, length: to - from, content })),
  );
}
