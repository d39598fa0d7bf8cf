// Punycode (RFC 3492) as v0 symbols write it: the ASCII part and the codes come apart already. Not IDNA: nothing is
// normalised or forbidden.

// As many characters as rustc-demangle decodes; longer names stay encoded.
const MAX_CHARACTERS = 128;

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;

/** The identifier that `punycode` makes of `ascii`; undefined when the codes are not valid or the name is too long. */
export function decodePunycode(ascii: string, punycode: string): string | undefined {
  if (ascii.length >= MAX_CHARACTERS) return undefined;
  const characters = Array.from(ascii);
  let damp = 700;
  let bias = 72;
  let at = 0; // where the next character goes
  let codePoint = 0x80;
  let read = 0;
  while (read < punycode.length) {
    let delta = 0;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = punycodeDigit(punycode.charCodeAt(read++));
      if (digit < 0) return undefined;
      delta += digit * weight;
      // Past 2^53 the code point would be far outside of Unicode anyway.
      if (delta > Number.MAX_SAFE_INTEGER || weight > Number.MAX_SAFE_INTEGER) return undefined;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = characters.length + 1;
    if (length > MAX_CHARACTERS) return undefined;
    at += delta;
    codePoint += Math.floor(at / length);
    at %= length;
    if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint < 0xe000)) return undefined;
    characters.splice(at, 0, String.fromCodePoint(codePoint));
    at++;

    delta = Math.floor(delta / damp);
    damp = 2;
    delta += Math.floor(delta / length);
    let k = 0;
    while (delta > ((BASE - T_MIN) * T_MAX) / 2) {
      delta = Math.floor(delta / (BASE - T_MIN));
      k += BASE;
    }
    bias = k + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + SKEW));
  }
  return characters.join('');
}

function punycodeDigit(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
  return -1;
}
