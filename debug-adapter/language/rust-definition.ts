// What a struct, an enum or an alias is made of, with what serde was told about it. Reads only what decides how JSON for
// it looks.
import { COLON, COMMA, EQUALS, HASH, LESS, OPEN_BRACE, OPEN_BRACKET, OPEN_PAREN, SEMICOLON } from './punctuation.ts';
import { listEnd } from './rust-lookup.ts';
import { type RustOutline, type RustType, skipAngles } from './rust-outline.ts';
import { identifierText, Kind, stringValue } from './rust-tokens.ts';
import { readType, type TypeTree } from './rust-type.ts';

/** The words of `#[serde(…)]`, with their strings, or `''`. Of `rename(serialize = …, deserialize = …)` the latter. */
export type SerdeWords = ReadonlyMap<string, string>;

export interface Field {
  /** Absent from a tuple's fields. */
  readonly name: string | undefined;
  readonly type: TypeTree;
  readonly serde: SerdeWords;
}

export interface Fields {
  readonly shape: 'named' | 'tuple' | 'unit';
  readonly fields: readonly Field[];
}

export interface Variant {
  readonly name: string;
  readonly serde: SerdeWords;
  readonly content: Fields;
}

export type Definition = {
  /** Names of its generic types. */
  readonly generics: readonly string[];
  readonly serde: SerdeWords;
  /** Whether an attribute derives `Deserialize`; otherwise what it is made of does not say how it is read. */
  readonly derived: boolean;
} & (
  | { readonly kind: 'struct'; readonly content: Fields }
  | { readonly kind: 'enum'; readonly variants: readonly Variant[] }
  | { readonly kind: 'alias'; readonly type: TypeTree }
);

/** Reads the definition of a type that an outline lists; undefined where the source is broken. */
export function readDefinition(outline: RustOutline, type: RustType): Definition | undefined {
  const { tokens, partner } = outline;
  const { kinds, count } = tokens;
  let at = type.token + 1;
  let generics: readonly string[] = [];
  if (at < count && kinds[at] === LESS) {
    const behind = skipAngles(tokens, partner, at);
    generics = genericNames(outline, at + 1, behind - 1);
    at = behind;
  }
  const head = { generics, ...readAttributes(outline, type.attributes, type.token) };
  if (type.kind === 'type') {
    const end = endOf(outline, at, SEMICOLON, SEMICOLON);
    return kinds[at] === EQUALS && end < count
      ? { ...head, kind: 'alias', type: readType(outline, at + 1, end) }
      : undefined;
  }
  if (type.kind === 'enum') {
    const open = endOf(outline, at, OPEN_BRACE, SEMICOLON);
    if (open >= count || kinds[open] !== OPEN_BRACE) return undefined;
    return { ...head, kind: 'enum', variants: readVariants(outline, open + 1, partner[open]!) };
  }
  // A `where` may come before the braces.
  const open = kinds[at] === OPEN_PAREN ? at : endOf(outline, at, OPEN_BRACE, SEMICOLON);
  return open >= count ? undefined : { ...head, kind: 'struct', content: readFields(outline, open) };
}

/** The first token of either kind from `at` on, other brackets stepped over. */
function endOf({ tokens, partner }: RustOutline, at: number, kind: number, other: number): number {
  const { kinds, count } = tokens;
  let i = at;
  while (i < count && kinds[i] !== kind && kinds[i] !== other) {
    if (partner[i]! >= 0 && partner[i]! < i) return count; // the end of what is around
    i = partner[i]! > i ? partner[i]! + 1 : i + 1;
  }
  return i;
}

function genericNames({ tokens, partner }: RustOutline, from: number, to: number): string[] {
  const { kinds } = tokens;
  const names: string[] = [];
  for (let at = from; at < to; at++) {
    // Lifetimes and constants take no type.
    if (kinds[at] === Kind.identifier) names.push(identifierText(tokens, at));
    while (at < to && kinds[at] !== COMMA)
      at = kinds[at] === LESS ? skipAngles(tokens, partner, at) : Math.max(partner[at]!, at) + 1;
  }
  return names;
}

/** The fields in the brackets that open at `open`; none where it is no bracket. */
function readFields(outline: RustOutline, open: number): Fields {
  const { tokens, partner } = outline;
  const { kinds } = tokens;
  const isNamed = kinds[open] === OPEN_BRACE;
  if (!isNamed && kinds[open] !== OPEN_PAREN) return { shape: 'unit', fields: [] };
  const close = partner[open]!;
  const fields: Field[] = [];
  for (let at = open + 1; at < close; ) {
    const end = listEnd(outline, at, close);
    let start = skipAttributes(outline, at, end);
    const { serde } = readAttributes(outline, at, start);
    if (kinds[start] === Kind.pub) {
      start++;
      // `pub(crate) T`, but `pub (A, B)` is a tuple.
      const isVisibility =
        kinds[start] === OPEN_PAREN && /^(?:crate|super|self|in)$/.test(identifierText(tokens, start + 1));
      if (isVisibility) start = partner[start]! + 1;
    }
    if (!isNamed && start < end) fields.push({ name: undefined, type: readType(outline, start, end), serde });
    else if (isNamed && start + 2 < end && kinds[start + 1] === COLON)
      fields.push({ name: identifierText(tokens, start), type: readType(outline, start + 2, end), serde });
    at = end + 1;
  }
  return { shape: isNamed ? 'named' : 'tuple', fields };
}

function readVariants(outline: RustOutline, from: number, to: number): Variant[] {
  const { tokens } = outline;
  const variants: Variant[] = [];
  for (let at = from; at < to; ) {
    const end = listEnd(outline, at, to);
    const start = skipAttributes(outline, at, end);
    if (start < end && tokens.kinds[start] === Kind.identifier) {
      const { serde } = readAttributes(outline, at, start);
      const content: Fields = start + 1 < end ? readFields(outline, start + 1) : { shape: 'unit', fields: [] };
      variants.push({ name: identifierText(tokens, start), serde, content });
    }
    at = end + 1;
  }
  return variants;
}

function skipAttributes({ tokens, partner }: RustOutline, from: number, to: number): number {
  let at = from;
  while (at + 1 < to && tokens.kinds[at] === HASH && tokens.kinds[at + 1] === OPEN_BRACKET) at = partner[at + 1]! + 1;
  return Math.min(at, to);
}

function readAttributes(
  outline: RustOutline,
  from: number,
  to: number,
): { readonly serde: SerdeWords; readonly derived: boolean } {
  const { tokens, partner } = outline;
  const serde = new Map<string, string>();
  let derived = false;
  for (let at = from; at < to; at++) {
    if (tokens.kinds[at] !== Kind.identifier) continue;
    const word = identifierText(tokens, at);
    if (word === 'Deserialize') derived = true;
    if (word !== 'serde' || tokens.kinds[at + 1] !== OPEN_PAREN) continue;
    const close = Math.min(partner[at + 1]!, to);
    for (let i = at + 2; i < close; ) {
      const end = listEnd(outline, i, close);
      readSerdeWord(outline, i, end, serde);
      i = end + 1;
    }
    at = close;
  }
  return { serde, derived };
}

function readSerdeWord(outline: RustOutline, from: number, to: number, serde: Map<string, string>): void {
  const { tokens } = outline;
  const word = identifierText(tokens, from);
  if (tokens.kinds[from + 1] !== OPEN_PAREN || from + 1 >= to) {
    const hasValue = from + 1 < to && tokens.kinds[from + 1] === EQUALS;
    serde.set(word, (hasValue ? stringValue(tokens, from + 2) : '') ?? '');
    return;
  }
  for (let i = from + 2; i < to; i++)
    if (tokens.kinds[i] === Kind.identifier && identifierText(tokens, i) === 'deserialize')
      serde.set(word, stringValue(tokens, i + 2) ?? '');
}
