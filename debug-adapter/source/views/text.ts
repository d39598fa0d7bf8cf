// Texts as Rust's Debug writes them: strings and characters with their escapes, floats, and cutting to one line of bounded length.

/** Longest text of a value, characters. */
export const WIDEST = 200;

/** Cut to `width` characters, the last `…` where something is missing; never in the middle of a pair of surrogates. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  let end = Math.max(0, width - 1);
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last < 0xdc00) end--;
  while (end > 0 && ' ,…'.includes(text[end - 1] ?? '')) end--;
  return `${text.slice(0, end)}…`;
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0', '\\': '\\\\' };

// as Rust's Debug: control and format characters (which turn text around, or can't be seen), unassigned ones, all spaces but the usual one
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\\]|(?! )\p{Zs}/gu;

const escaped = (text: string): string =>
  text.replace(UNSEEN, (found) => NAMED[found] ?? `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);

/** As a literal of a string, quotes around it. */
export const quoted = (text: string): string => `"${escaped(text).replaceAll('"', '\\"')}"`;

/** As a literal of a character: `'x'`, `'\n'`, `'\u{7f}'`. */
export const quotedChar = (text: string): string => (text === "'" ? "'\\''" : `'${escaped(text)}'`);

/** UTF-8 as text. What is none becomes U+FFFD, and `broken` is where the first such byte is. */
export function fromUtf8(bytes: Uint8Array): { readonly text: string; readonly broken: number | undefined } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), broken: undefined };
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), broken: firstBroken(bytes) };
  }
}

/** Length of the UTF-8 sequence at `at`, 0 where there is none. */
function sequence(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length === 0 || lead >= 0xf5 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return 0;
  if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return 0;
  return length;
}

function firstBroken(bytes: Uint8Array): number {
  let at = 0;
  for (let length = sequence(bytes, 0); at < bytes.length && length > 0; length = sequence(bytes, at)) at += length;
  return at;
}

/** A quoted literal of bytes that should be UTF-8; `whole` says that nothing follows them. */
export function quotedBytes(bytes: Uint8Array, whole: boolean): { readonly text: string; readonly broken: boolean } {
  let text = '';
  let broken = false;
  for (let at = 0; at < bytes.length; ) {
    let end = at;
    for (let length = sequence(bytes, end); end < bytes.length && length > 0; length = sequence(bytes, end))
      end += length;
    text += escaped(new TextDecoder().decode(bytes.slice(at, end))).replaceAll('"', '\\"');
    // a sequence that the cut took apart is not broken
    if (end < bytes.length && !whole && bytes.length - end < 4) break;
    if (end < bytes.length) {
      broken = true;
      text += `\\x${(bytes[end] ?? 0).toString(16).padStart(2, '0')}`;
      end++;
    }
    at = end;
  }
  return { text: `"${text}"`, broken };
}

/** The shortest digits that mean this float again, as Rust's Debug writes them: `1.0`, `1e-7`, `NaN`, `-inf`. */
export function floatText(value: number, single: boolean): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  let digits = value.toExponential();
  if (single)
    for (let places = 0; places < 9; places++) {
      digits = value.toExponential(places);
      if (Math.fround(Number(digits)) === value) break;
    }
  const size = Math.abs(value);
  // the bounds are compared in the type's own precision
  if (size >= 1e16 || size < (single ? Math.fround(1e-4) : 1e-4))
    return digits.replace('e+', 'e').replace(/\.0+e|(\.\d*?)0+e/, '$1e');
  const [mantissa = '', exponent = '0'] = digits.split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const figures = mantissa.replace(/[-.]/g, '');
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${figures}`;
  if (figures.length <= point) return `${sign}${figures.padEnd(point, '0')}.0`;
  return `${sign}${figures.slice(0, point)}.${figures.slice(point)}`;
}

/** IEEE floats of 2, 4, 8 and 16 bytes; of 16 (`long double`, `f128`) the nearest double. */
export function floatOf(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bytes.length) {
    case 2:
      return halfOf(view.getUint16(0, true));
    case 4:
      return view.getFloat32(0, true);
    case 8:
      return view.getFloat64(0, true);
    case 16:
      return quadOf(view.getBigUint64(0, true), view.getBigUint64(8, true));
    default:
      return undefined;
  }
}

function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function quadOf(low: bigint, high: bigint): number {
  const sign = high >> 63n ? -1 : 1;
  const exponent = Number((high >> 48n) & 0x7fffn);
  const fraction = ((high & 0xffffffffffffn) << 64n) | low;
  if (exponent === 0x7fff) return fraction === 0n ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * 0;
  return sign * (1 + Number(fraction) / 2 ** 112) * 2 ** (exponent - 16383);
}
