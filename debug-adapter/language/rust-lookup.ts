// Finding what a path means in one file, by Rust's rules as far as one file shows them. Not a resolver of imports: where
// two items could be meant, none is.

import { AMPERSAND, COLON, COMMA, EQUALS, GREATER, LESS, MINUS, OPEN_PAREN, PLUS, SEMICOLON } from './punctuation.ts';
import { type RustItem, type RustOutline, skipAngles } from './rust-outline.ts';
import { identifierText, Kind, stringValue } from './rust-tokens.ts';

// More items of one name than this are generated code; and each place that names one would look at them all.
const MAX_CANDIDATES = 32;
// Tokens of a parameter list that are looked at.
const MAX_PARAMETERS = 1000;

/**
 * The item that `path` means when it is used in `scope`, out of `items` (one of an outline's maps). Undefined when the
 * file has none, or several that it could be.
 */
export function findItem<T extends RustItem>(
  outline: RustOutline,
  items: ReadonlyMap<string, readonly T[]>,
  path: readonly string[],
  scope: number,
): T | undefined {
  const candidates = items.get(path[path.length - 1] ?? '');
  if (candidates === undefined || candidates.length > MAX_CANDIDATES) return undefined;
  const qualifier = path[path.length - 2];
  const { scopes } = outline;
  if (qualifier !== undefined && qualifier !== 'crate' && qualifier !== 'self' && qualifier !== 'super') {
    const container = qualifier === 'Self' ? typeAround(outline, scope) : qualifier;
    return only(
      candidates.filter(({ scope: at }) => {
        const { kind, name } = scopes[at]!;
        return kind !== 'fn' && kind !== 'block' && name !== '' && name === container;
      }),
    );
  }
  // From the inside out; what stands in an `impl` is never named without it. Seeing through a module's walls is not
  // Rust's rule, but `use super::*` is the habit.
  const free = candidates.filter(({ scope: at }) => !isType(scopes[at]!.kind));
  for (let at = scope; at >= 0; at = scopes[at]!.parent) {
    const found = free.filter((candidate) => candidate.scope === at);
    if (found.length > 0) return only(found);
  }
  // Imported from another module of this file.
  return only(free);
}

function only<T>(candidates: readonly T[]): T | undefined {
  return candidates.length === 1 ? candidates[0] : undefined;
}

function isType(kind: string): boolean {
  return kind === 'impl' || kind === 'trait';
}

export function typeAround(outline: RustOutline, scope: number): string | undefined {
  for (let at = scope; at >= 0; at = outline.scopes[at]!.parent)
    if (isType(outline.scopes[at]!.kind)) return outline.scopes[at]!.name;
  return undefined;
}

/** The name of the function around `scope`; undefined outside of any. */
export function functionAround(outline: RustOutline, scope: number): string | undefined {
  for (let at = scope; at >= 0; at = outline.scopes[at]!.parent)
    if (outline.scopes[at]!.kind === 'fn') return outline.scopes[at]!.name;
  return undefined;
}

/** The text of `const NAME: &str = "…";`; undefined for a constant of another type or with a computed value. */
export function constantText(outline: RustOutline, constant: RustItem): string | undefined {
  const { tokens } = outline;
  let at = constant.token + 1;
  const is = (code: number): boolean => at < tokens.count && tokens.kinds[at] === code;
  if (!is(COLON)) return undefined;
  at++;
  if (!is(AMPERSAND)) return undefined;
  at++;
  if (is(Kind.lifetime)) at++;
  if (!is(Kind.identifier) || identifierText(tokens, at) !== 'str') return undefined;
  at++;
  if (!is(EQUALS)) return undefined;
  const value = stringValue(tokens, at + 1);
  at += 2;
  return is(SEMICOLON) ? value : undefined;
}

/**
 * The tokens [from, to) of the type of a function's second parameter, which is what a handler takes its params as.
 * Undefined when there are fewer parameters, or the type is one of the function's own generics.
 */
export function secondParameter(outline: RustOutline, fn: RustItem): readonly [from: number, to: number] | undefined {
  const { tokens, partner } = outline;
  let at = fn.token + 1;
  const generics = at;
  if (tokens.kinds[at] === LESS && at < tokens.count) at = skipAngles(tokens, partner, at);
  const behindGenerics = at;
  if (at >= tokens.count || tokens.kinds[at] !== OPEN_PAREN) return undefined;
  const found = typeOfSecond(outline, at + 1, Math.min(partner[at]!, at + MAX_PARAMETERS));
  if (found === undefined) return undefined;
  const [from, to] = found;
  if (to - from === 1)
    for (let i = generics + 1; i < behindGenerics; i++) {
      const before = tokens.kinds[i - 1];
      const isParameter = before === LESS || before === COMMA;
      if (isParameter && identifierText(tokens, i) === identifierText(tokens, from)) return undefined;
    }
  return found;
}

/** The type of the second of the parameters `pattern: Type, …` in the tokens [from, to). */
export function typeOfSecond(outline: RustOutline, from: number, to: number): readonly [number, number] | undefined {
  const { tokens } = outline;
  const comma = listEnd(outline, from, to);
  if (comma >= to) return undefined;
  const end = listEnd(outline, comma + 1, to);
  for (let i = comma + 1; i < end; i++) {
    if (tokens.kinds[i] === COLON) {
      if (tokens.kinds[i + 1] !== COLON) return i + 1 < end ? [i + 1, end] : undefined;
      i++;
    } else if (outline.partner[i]! > i) i = outline.partner[i]!;
  }
  return undefined;
}

/** The token of the comma that ends the list element at `from`, generics and brackets stepped over; else `to`. */
export function listEnd({ tokens, partner }: RustOutline, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const kind = tokens.kinds[i];
    if (kind === COMMA) return i;
    if (kind === LESS) i = skipAngles(tokens, partner, i) - 1;
    else if (partner[i]! > i) i = partner[i]!;
  }
  return to;
}

const SPACED = new Set(['mut', 'const', 'dyn']);

/** The tokens [from, to) as one line of Rust, without comments, spaced as rustfmt does. */
export function canonicalText({ tokens }: RustOutline, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to && i < tokens.count; i++) {
    const token = tokens.text.slice(tokens.starts[i], tokens.ends[i]);
    if (token === ',' && i + 1 === to) break;
    const isWord = tokens.kinds[i]! >= 128;
    const before = i > from ? tokens.kinds[i - 1]! : 0;
    if (isWord && before >= 128) text += ' ';
    else if (token === '+' || token === '=' || (token === '-' && tokens.kinds[i + 1] === GREATER)) text += ' ';
    else if (before === PLUS || before === EQUALS || before === COMMA || before === SEMICOLON) text += ' ';
    else if (before === GREATER && i > from + 1 && tokens.kinds[i - 2] === MINUS) text += ' ';
    else if (before === COLON && token !== ':' && tokens.kinds[i - 2] !== COLON) text += ' ';
    else if (SPACED.has(tokens.text.slice(tokens.starts[i - 1], tokens.ends[i - 1])) || before === Kind.lifetime) {
      if (token === '[' || token === '(' || token === '&' || token === '*') text += ' ';
    }
    text += token;
  }
  return text;
}
