// How v0 symbols write the values of constants, and how Rust does. Pure functions of texts.

export const LAST_U64 = 0xffff_ffff_ffff_ffffn;
/** The types that are one letter. */
export const BASIC_TYPES = new Map(
  Object.entries({
    a: 'i8',
    b: 'bool',
    c: 'char',
    d: 'f64',
    e: 'str',
    f: 'f32',
    h: 'u8',
    i: 'isize',
    j: 'usize',
    l: 'i32',
    m: 'u32',
    n: 'i128',
    o: 'u128',
    p: '_',
    s: 'i16',
    t: 'u16',
    u: '()',
    v: '...',
    x: 'i64',
    y: 'u64',
    z: '!',
  }),
);

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// Rust's char::escape_debug writes these as \u{…}; the two lists differ only by their Unicode versions.
const ESCAPED = /[\p{C}\p{Z}\p{Grapheme_Extend}]/u;
const SHORT_ESCAPES = new Map([
  ['\0', '\\0'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\\', '\\\\'],
  ['"', '\\"'],
  ["'", "\\'"],
]);

/** The decimal text of a hexadecimal number of up to 64 bits; undefined beyond. */
export function hexValue(nibbles: string): string | undefined {
  if (nibbles.length <= 13) return String(Number.parseInt(nibbles === '' ? '0' : nibbles, 16));
  const value = BigInt(`0x${nibbles}`);
  return value > LAST_U64 ? undefined : value.toString();
}

/** A Rust literal, escaped as `char::escape_debug` does, except for the quote that needs no escape here. */
export function quoted(text: string, quote: '"' | "'"): string {
  const other = quote === '"' ? "'" : '"';
  let escaped = '';
  for (const character of text) {
    if (character === other) escaped += character;
    else {
      const short = SHORT_ESCAPES.get(character);
      if (short !== undefined) escaped += short;
      else if (character !== ' ' && ESCAPED.test(character))
        escaped += `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
      else escaped += character;
    }
  }
  return quote + escaped + quote;
}

/** The text whose UTF-8 bytes `nibbles` are; undefined when they are none. */
export function hexText(nibbles: string): string | undefined {
  if (nibbles.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(nibbles.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(nibbles.slice(2 * i, 2 * i + 2), 16);
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
