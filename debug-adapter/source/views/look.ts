// How views look at values within values: how deep, how much text there may still be, and what rows are made of. show.ts has the one Look.
import type { Types } from '../../dwarf/type.ts';
import type { Assigned, Child, Program, Shown, Value } from '../value.ts';
import { cut } from './text.ts';

export interface Look {
  readonly program: Program;
  readonly types: Types;
  /** Room for the text of a list or a string here, characters. */
  readonly width: number;
  /** Elements that a text tells of where it can't tell of all. */
  readonly few: number;
  /** Nothing of the parts is to be told: too deep, or enough was told. */
  readonly brief: boolean;
  /** 0 for what was asked for itself. */
  readonly depth: number;
  /** A part, for the text it gives. */
  inside(value: Value): Shown;
  /** What a wrapper wraps, for its text and its children: as deep as the wrapper itself. */
  through(value: Value): Shown;
  /** A child, with all its room. */
  show(value: Value): Shown;
}

/** A view: what it makes of a value of a type it is for. It may throw Unreadable. */
export type View<T> = (value: Value, type: T, look: Look) => Shown;

const NO_CHILDREN: readonly Child[] = [];

/** What has no parts. */
export function leaf(
  text: string,
  type: string,
  more: Partial<Pick<Shown, 'address' | 'plain' | 'assign'>> = {},
): Shown {
  return { text, type, named: 0, indexed: 0, children: () => NO_CHILDREN, ...more };
}

/** What has parts with names, made when somebody looks. `count` is how many. */
export function withFields(
  text: string,
  type: string,
  count: number,
  fields: () => readonly Child[],
  address: number | undefined,
): Shown {
  let made: readonly Child[] | undefined;
  const children = (start: number, length: number) => {
    made ??= fields();
    return made.slice(start, start + length);
  };
  return { text, type, named: count, indexed: 0, children, address };
}

/** What has numbered parts; `child` gives any of them in no time. */
export function withElements(
  text: string,
  type: string,
  count: number,
  child: (index: number) => Child,
  address: number | undefined,
): Shown {
  const children = (start: number, length: number) => {
    const made: Child[] = [];
    const end = Math.min(count, start + Math.min(length, PAGE));
    for (let index = Math.max(0, start); index < end; index++) made.push(child(index));
    return made;
  };
  return { text, type, named: 0, indexed: count, children, address };
}

/** Most children given at once. */
const PAGE = 100_000;

/** A wrapper shown as what it wraps: everything of `inner`, with another text or type, and `extra` children in front. */
export function wrapped(inner: Shown, type: string, text = inner.text, extra: readonly Child[] = NO_CHILDREN): Shown {
  const shown: Shown = {
    text,
    type,
    address: inner.address,
    named: inner.named + extra.length,
    indexed: inner.indexed,
    assign: assignThrough(inner, text),
    children(start, length) {
      const own = extra.slice(start, start + length);
      if (own.length === length) return own;
      return [...own, ...inner.children(Math.max(0, start - extra.length), length - own.length)];
    },
    // asked for only when somebody needs it: of a long string it costs
    get plain() {
      return inner.plain;
    },
  };
  return shown;
}

/** Editors begin an edit with the text that is shown: what a wrapper puts around what it wraps may be written, and is not what is set. */
function assignThrough({ text: inner, assign }: Shown, text: string): Shown['assign'] {
  const at = text.indexOf(inner);
  if (assign === undefined || text === inner || at < 0) return assign;
  const [before, after] = [text.slice(0, at), text.slice(at + inner.length)];
  const through = (given: string): Assigned => {
    const plain = given.trim();
    const start = before !== '' && plain.startsWith(before.trimStart()) ? before.trimStart().length : 0;
    const end = after !== '' && plain.endsWith(after.trimEnd()) ? after.trimEnd().length : 0;
    return assign(start + end < plain.length ? plain.slice(start, plain.length - end) : plain);
  };
  if (LEADING.has(assign)) LEADING.add(through);
  return through;
}

/** A remark of the debugger's own, that can't be mistaken for the program's. */
export const remark = (text: string): string => `‹${text}›`;

/** A row that no bytes stand for: `strong: 2`. */
export const made = (name: string, text: string, plain?: number | boolean): Child => ({
  name,
  path: '',
  shown: () => leaf(text, '', plain === undefined ? {} : { plain }),
});

export const field = (name: string, path: string, value: Value, look: Look): Child => ({
  name,
  path,
  value,
  shown: () => look.show(value),
});

export const element = (index: number, value: Value, look: Look): Child =>
  field(`[${index}]`, `[${index}]`, value, look);

/** Texts of parts between brackets, as many as there is room for, and how many are left out. */
export function listed(
  look: Pick<Look, 'width' | 'few' | 'brief'>,
  open: string,
  close: string,
  count: number,
  part: (index: number) => string,
): string {
  if (count === 0) return open + close;
  if (look.brief) return `${open}…${close}`;
  const texts: string[] = [];
  let length = 0;
  const most = count <= 2 * look.few ? count : look.few;
  while (texts.length < most && length <= look.width) {
    const text = part(texts.length);
    length += text.length + 2;
    if (texts.length > 0 && length > look.width) break;
    texts.push(cut(text, look.width));
  }
  const left = count - texts.length;
  if (left > 0) texts.push(`… ${left} more`);
  return open + texts.join(', ') + close;
}

/** Characters that are worth the beginning of a field. */
const ENOUGH = 20;

/** Texts of fields between braces, as many as there is room for. */
export function fieldsText(
  look: Look,
  open: string,
  close: string,
  parts: readonly (() => string)[],
  separator = ', ',
): string {
  if (parts.length === 0) return open + close;
  if (look.brief) return `${open}…${close}`;
  const texts: string[] = [];
  let length = 0;
  for (const part of parts) {
    const text = length > look.width ? '…' : part();
    length += text.length + separator.length;
    if (texts.length > 0 && length > look.width) {
      // the beginning of a long one says more than nothing
      const left = look.width - (length - text.length);
      texts.push(left < ENOUGH ? '…' : cut(text, left));
      break;
    }
    texts.push(cut(text, look.width));
  }
  return open + texts.join(separator) + close;
}

type Assign = NonNullable<Shown['assign']>;

/** Ways to set that are known to lead somewhere. */
const LEADING = new WeakSet<Assign>();

/** Marks a way to set whose bytes go elsewhere than to the value's own place, and are known to have one. */
export function leading(assign: Assign): Assign {
  LEADING.add(assign);
  return assign;
}

/** Whether what a value is shown as can be set: what lies nowhere has nothing to write to, and of what a Wasm local holds only the whole is set. */
export function isSettable(value: Value, assign: Assign, types: Types): boolean {
  if (LEADING.has(assign)) return true;
  const { address, slot } = value.bytes;
  const type = types.bare(value.type);
  const whole = slot !== undefined && (slot.size === undefined || slot.size === types.sizeOf(type));
  if (address === undefined && (type.kind === 'struct' || !whole)) return false;
  LEADING.add(assign);
  return true;
}

/** The same without a way to set it. */
export function unsettable(inner: Shown): Shown {
  const { text, type, address, named, indexed } = inner;
  const children = (start: number, count: number) => inner.children(start, count);
  return {
    text,
    type,
    address,
    named,
    indexed,
    children,
    get plain() {
      return inner.plain;
    },
  };
}

/** Bytes to write at the start of a value. */
export const writing = (value: Value, bytes: Uint8Array): Assigned => ({ writes: [{ to: value.bytes, bytes }] });
