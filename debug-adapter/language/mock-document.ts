// A mock file in an editor, which may be broken at any moment: its text, its rules as far as they can be read, and a tree that stands mistakes. What a
// place in it is for (a rule, params, a result, …) follows from the path that leads there. Pure. Contract E4 (bounded work on any text).
import { findNodeAtOffset, type JSONPath, type Node, parseTree } from 'jsonc-parser';
import { canBeParsed } from '../mocks/broken-text.ts';
import { readMockFile } from '../mocks/mock-file.ts';
import type { MockRule } from '../mocks/rules.ts';
import { HOST_METHODS, type MockFile } from '../mocks/rules.ts';

/** What a place is for; `of` is the host method around it. */
export type MockRole =
  | { readonly kind: 'file' }
  | { readonly kind: 'methods' }
  /** A host method's value in the full form. */
  | { readonly kind: 'method'; readonly of: string }
  | { readonly kind: 'rules'; readonly of: string }
  | { readonly kind: 'rule'; readonly of: string; readonly index: number }
  | { readonly kind: 'when'; readonly of: string }
  /** Within the params' pattern; `at` leads there from the params. */
  | { readonly kind: 'params'; readonly of: string; readonly at: JSONPath }
  | { readonly kind: 'nth'; readonly of: string }
  | { readonly kind: 'reply'; readonly of: string }
  | { readonly kind: 'error'; readonly of: string }
  /** Of another plugin. */
  | { readonly kind: 'call'; readonly of: string }
  | { readonly kind: 'result'; readonly of: string; readonly at: JSONPath }
  | { readonly kind: 'then' }
  | { readonly kind: 'state' }
  | { readonly kind: 'states' }
  | { readonly kind: 'default' }
  | { readonly kind: 'include' }
  | { readonly kind: 'flag' }
  | { readonly kind: 'other' };

const OTHER: MockRole = { kind: 'other' };

/** What stands at `path`, in a file of the given form. */
export function roleOf(path: JSONPath, form: MockFile['form']): MockRole {
  const [first, name, ...rest] = path;
  if (first === undefined) return { kind: 'file' };
  if (form === 'short') return { kind: 'result', of: String(first), at: path.slice(1) };
  switch (first) {
    case HOST_METHODS:
      if (name === undefined) return { kind: 'methods' };
      return roleInMethod(String(name), rest);
    case 'default':
      return { kind: 'default' };
    case 'include':
      return { kind: 'include' };
    case 'states':
      return { kind: 'states' };
    case 'initialState':
      return { kind: 'state' };
    default:
      return OTHER;
  }
}

function roleInMethod(of: string, path: JSONPath): MockRole {
  const [first, ...rest] = path;
  if (first === undefined) return { kind: 'method', of };
  if (first === 'default') return { kind: 'default' };
  if (first === 'rules') return rest.length === 0 ? { kind: 'rules', of } : roleInRules(of, rest);
  return typeof first === 'number' ? roleInRules(of, path) : OTHER;
}

function roleInRules(of: string, [index, member, ...rest]: JSONPath): MockRole {
  if (typeof index !== 'number') return OTHER;
  switch (member) {
    case undefined:
      return { kind: 'rule', of, index };
    case 'when':
      return roleInWhen(of, rest);
    case 'reply':
      return roleInReply(of, rest);
    case 'setState':
      return { kind: 'state' };
    case 'pause':
    case 'disabled':
      return { kind: 'flag' };
    default:
      return OTHER;
  }
}

function roleInWhen(of: string, [member, ...rest]: JSONPath): MockRole {
  switch (member) {
    case undefined:
      return { kind: 'when', of };
    case 'params':
      return { kind: 'params', of, at: rest };
    case 'nth':
      return { kind: 'nth', of };
    case 'state':
      return { kind: 'state' };
    default:
      return OTHER;
  }
}

function roleInReply(of: string, [member, ...rest]: JSONPath): MockRole {
  switch (member) {
    case undefined:
      return { kind: 'reply', of };
    case 'result':
      return { kind: 'result', of, at: rest };
    case 'error':
      return rest.length === 0 ? { kind: 'error', of } : OTHER;
    case '$call':
      if (rest.length === 0) return { kind: 'call', of };
      return rest[0] === 'params' ? { kind: 'result', of, at: rest.slice(1) } : OTHER;
    case 'sequence':
      // a sequence holds replies
      return rest.length === 0 ? OTHER : roleInReply(of, rest.slice(1));
    case 'then':
      return { kind: 'then' };
    case 'never':
    case 'duplicate':
    case 'outOfOrder':
      return { kind: 'flag' };
    default:
      return OTHER;
  }
}

/** One text of a mock file. What costs time is read when it is asked for, and once. */
export class MockDocument {
  /** The name by which rules and problems know the file. */
  readonly name: string;
  readonly text: string;
  #file: MockFile | undefined;
  #tree: Node | undefined | null = null;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  get file(): MockFile {
    this.#file ??= readMockFile(this.name, this.text);
    return this.#file;
  }

  /** Undefined for a text of nothing, one that is too long, and one too deep. */
  get tree(): Node | undefined {
    if (this.#tree === null) this.#tree = canBeParsed(this.text) ? parseLeniently(this.text) : undefined;
    return this.#tree;
  }

  /** Of a file that is broken too: whoever types the first rule has not typed the last brace. */
  get form(): MockFile['form'] {
    const { tree } = this;
    if (tree === undefined) return this.file.form;
    return tree.children?.some(({ children }) => children?.[0]?.value === HOST_METHODS) ? 'full' : 'short';
  }

  /** The deepest value or key at an offset; whether it is a key is told by `isKey`. */
  nodeAt(offset: number): Node | undefined {
    return this.tree && findNodeAtOffset(this.tree, offset, true);
  }

  /** The rule whose text is around an offset, of those that can be read. */
  ruleAt(offset: number): MockRule | undefined {
    for (const { rules } of this.file.methods)
      for (const rule of rules) if (rule.place.from <= offset && offset <= rule.place.to) return rule;
    return undefined;
  }

  /** The host method whose key or rules are around an offset. */
  methodAt(offset: number): string | undefined {
    const { tree, form } = this;
    const node = this.nodeAt(offset);
    if (tree === undefined || node === undefined) return undefined;
    const path = pathOf(node);
    const name = form === 'full' ? (path[0] === HOST_METHODS ? path[1] : undefined) : path[0];
    return typeof name === 'string' ? name : undefined;
  }
}

/** Whether `node` is the key of a member. */
export function isKey(node: Node): boolean {
  return node.parent?.type === 'property' && node.parent.children?.[0] === node;
}

/** Keys and indices that lead to a node; a key leads to its member's value. */
export function pathOf(node: Node): JSONPath {
  const path: JSONPath = [];
  for (let at: Node | undefined = node; at?.parent !== undefined; at = at.parent) {
    const { parent }: Node = at;
    if (parent === undefined) break;
    if (parent.type === 'property') path.push(String(parent.children?.[0]?.value));
    else if (parent.type === 'array') path.push(parent.children?.indexOf(at) ?? 0);
  }
  return path.reverse();
}

function parseLeniently(text: string): Node | undefined {
  const tree = parseTree(text.replace(/^\ufeff/, ' '), [], { allowTrailingComma: true, allowEmptyContent: true });
  // its scanner takes a comment without an end for longer than the text; the tree is ours alone as yet
  const left: Mutable[] = tree === undefined ? [] : [tree as Mutable];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    node.offset = Math.min(node.offset, text.length);
    node.length = Math.min(node.length, text.length - node.offset);
    for (const child of node.children ?? []) left.push(child);
  }
  return tree;
}

interface Mutable {
  offset: number;
  length: number;
  readonly children?: Mutable[];
}
