// Types as Rust writes them, read into trees. Not a checker: a type that says nothing about JSON (functions, trait
// objects, macros) is `unknown`.
import { AMPERSAND, COLON, COMMA, EQUALS, LESS, OPEN_BRACKET, OPEN_PAREN, SEMICOLON } from './punctuation.ts';
import { listEnd } from './rust-lookup.ts';
import { type RustOutline, skipAngles } from './rust-outline.ts';
import { identifierText, Kind } from './rust-tokens.ts';

/** A type. References are left out, since JSON knows none; lifetimes and constants among generic arguments as well. */
export type TypeTree =
  | { readonly kind: 'path'; readonly path: readonly string[]; readonly generics: readonly TypeTree[] }
  | { readonly kind: 'tuple'; readonly items: readonly TypeTree[] }
  | { readonly kind: 'slice'; readonly item: TypeTree }
  /** `length` is undefined where it is computed. */
  | { readonly kind: 'array'; readonly item: TypeTree; readonly length: number | undefined }
  | { readonly kind: 'unknown' };

const UNKNOWN: TypeTree = { kind: 'unknown' };
const MAX_DEPTH = 32;

/** The type that the tokens [from, to) of a file are. */
export function readType(outline: RustOutline, from: number, to: number, depth = 0): TypeTree {
  const { tokens, partner } = outline;
  const { kinds } = tokens;
  let at = from;
  while (at < to && (kinds[at] === AMPERSAND || kinds[at] === Kind.lifetime || isWord(outline, at, 'mut'))) at++;
  if (at >= to || depth > MAX_DEPTH) return UNKNOWN;
  const kind = kinds[at];

  if (kind === OPEN_PAREN || kind === OPEN_BRACKET) {
    const close = partner[at]!;
    if (close !== to - 1) return UNKNOWN;
    if (kind === OPEN_PAREN) {
      const items = readList(outline, at + 1, close, depth);
      // `(T)` is `T`; `(T,)` is a tuple.
      const isGroup = items.length === 1 && kinds[close - 1] !== COMMA;
      return isGroup ? (items[0] ?? UNKNOWN) : { kind: 'tuple', items };
    }
    let split = at + 1;
    while (split < close && kinds[split] !== SEMICOLON)
      split = partner[split]! > split ? partner[split]! + 1 : split + 1;
    const item = readType(outline, at + 1, Math.min(split, close), depth + 1);
    return split < close
      ? { kind: 'array', item, length: readLength(outline, split + 1, close) }
      : { kind: 'slice', item };
  }

  if (kinds[at] === COLON && kinds[at + 1] === COLON) at += 2;
  const path: string[] = [];
  let generics: readonly TypeTree[] = [];
  while (
    at < to &&
    kinds[at]! >= 128 &&
    kinds[at] !== Kind.fn &&
    kinds[at] !== Kind.impl &&
    !isWord(outline, at, 'dyn')
  ) {
    path.push(identifierText(tokens, at));
    at++;
    if (at < to && kinds[at] === LESS) {
      const behind = Math.min(skipAngles(tokens, partner, at), to);
      generics = readList(outline, at + 1, behind - 1, depth);
      at = behind;
    }
    if (at + 2 < to && kinds[at] === COLON && kinds[at + 1] === COLON) at += 2;
    else break;
  }
  return at === to && path.length > 0 ? { kind: 'path', path, generics } : UNKNOWN;
}

function readList(outline: RustOutline, from: number, to: number, depth: number): TypeTree[] {
  const { kinds } = outline.tokens;
  const items: TypeTree[] = [];
  for (let at = from; at < to; ) {
    const end = listEnd(outline, at, to);
    // `Item = T` binds, and a lifetime or a constant is no type.
    const isType = kinds[at] !== Kind.lifetime && kinds[at] !== Kind.literal && kinds[at + 1] !== EQUALS;
    if (end > at && isType) items.push(readType(outline, at, end, depth + 1));
    at = end + 1;
  }
  return items;
}

function readLength({ tokens }: RustOutline, from: number, to: number): number | undefined {
  if (to - from !== 1 || tokens.kinds[from] !== Kind.literal) return undefined;
  const digits = /^([0-9][0-9_]*)(?:usize)?$/.exec(tokens.text.slice(tokens.starts[from], tokens.ends[from]))?.[1];
  return digits === undefined ? undefined : Number(digits.replaceAll('_', ''));
}

function isWord({ tokens }: RustOutline, at: number, word: string): boolean {
  return tokens.kinds[at] === Kind.identifier && identifierText(tokens, at) === word;
}
