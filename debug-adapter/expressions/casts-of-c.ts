// Casts as C writes them: `(uint8_t)x`, `(unsigned char *)p`, `(struct node *)p`. Says of a parenthesis whether it is one, and what type of the
// language it means, as wasm32's ABI has C's types. Parses no values. Contract S6.
import type { Token } from './tokens.ts';

const QUALIFIERS: ReadonlySet<string> = new Set(['const', 'volatile', 'restrict', 'struct', 'union', 'enum']);
/** Words that no variable can have for a name. */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...QUALIFIERS,
  ...['unsigned', 'signed', 'char', 'short', 'int', 'long', 'float', 'double', 'void', '_Bool'],
]);
const NAMED: Readonly<Record<string, string>> = {
  int8_t: 'i8',
  uint8_t: 'u8',
  int16_t: 'i16',
  uint16_t: 'u16',
  int32_t: 'i32',
  uint32_t: 'u32',
  int64_t: 'i64',
  uint64_t: 'u64',
  size_t: 'u32',
  ssize_t: 'i32',
  ptrdiff_t: 'i32',
  intptr_t: 'i32',
  uintptr_t: 'u32',
  __int128: 'i128',
  bool: 'bool',
  _Bool: 'bool',
  float: 'f32',
  double: 'f64',
};

export interface CastOfC {
  /** As behind `as`: `u8`, `*node`. */
  readonly type: string;
  /** The token behind its parenthesis. */
  readonly end: number;
}

/** The cast that begins with the parenthesis at `at`; undefined: what stands in it is a value. */
export function castOfC(tokens: readonly Token[], at: number): CastOfC | undefined {
  const words: string[] = [];
  let stars = 0;
  let end = at + 1;
  for (; ; end++) {
    const token = tokens[end];
    if (token?.kind === 'name' && (stars === 0 || QUALIFIERS.has(token.text))) {
      if (stars === 0) words.push(token.text);
    } else if (token?.kind === 'sign' && token.text === '*' && words.length > 0) stars++;
    else break;
  }
  const next = tokens[end + 1];
  if (tokens[end]?.text !== ')' || tokens[end]?.kind !== 'sign' || words.length === 0 || next === undefined)
    return undefined;
  const isType = stars > 0 || words.some((word) => KEYWORDS.has(word)) || Object.hasOwn(NAMED, words[0] ?? '');
  if (!isType && words.length > 1) return undefined;
  // two values do not stand side by side
  const isValue = next.kind === 'number' || next.kind === 'text' || next.kind === 'dollar' || isName(next);
  const opens = next.kind === 'sign' && /^[(!~*&-]$/.test(next.text);
  return isValue || (isType && opens) ? { type: typeOf(words, stars), end: end + 1 } : undefined;
}

const isName = ({ kind, text }: Token): boolean => kind === 'name' && text !== 'as';

function typeOf(words: readonly string[], stars: number): string {
  const plain = words.filter((word) => !QUALIFIERS.has(word));
  const isUnsigned = plain.includes('unsigned');
  const rest = plain.filter((word) => word !== 'unsigned' && word !== 'signed' && word !== 'int');
  const sign = isUnsigned ? 'u' : 'i';
  const pointer = '*'.repeat(stars);
  switch (rest.join(' ')) {
    case '':
    case 'long':
      return `${pointer}${sign}32`;
    case 'long long':
      return `${pointer}${sign}64`;
    case 'short':
      return `${pointer}${sign}16`;
    case 'char':
      // what a text is made of
      return stars > 0 && !isUnsigned ? `${pointer}char` : `${pointer}${sign}8`;
    case 'void':
      return `${pointer}u8`;
    case '__int128':
      return `${pointer}${sign}128`;
    default:
      return pointer + (NAMED[rest.join(' ')] ?? rest.join(' '));
  }
}
