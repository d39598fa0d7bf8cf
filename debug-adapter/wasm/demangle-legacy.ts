// The mangling of rustc before v0: `_ZN`, length-prefixed path elements with `$…$` escapes, a hash, `E`. Not a reader of
// Itanium C++ names, which look alike up to their parameters.
import type { Demangled } from './demangle.ts';

const ESCAPES = new Map([
  ['SP', '@'],
  ['BP', '*'],
  ['RF', '&'],
  ['LT', '<'],
  ['GT', '>'],
  ['LP', '('],
  ['RP', ')'],
  ['C', ','],
]);

const HASH = /^h[0-9a-fA-F]*$/;
const UNICODE_ESCAPE = /^u[0-9a-f]{1,6}$/;
const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Demangles `symbol` from `start`, the offset behind `_ZN`. Undefined when it is not a legacy symbol. Linear in the
 * length of the symbol.
 */
export function demangleLegacy(symbol: string, start: number, hash: boolean): Demangled | undefined {
  if (NOT_ASCII.test(symbol)) return undefined;
  const elements: string[] = [];
  let at = start;
  for (;;) {
    let code = symbol.charCodeAt(at);
    if (code === 0x45 /* E */) break;
    const digits = at;
    let length = 0;
    while (code >= 0x30 && code <= 0x39) {
      length = length * 10 + code - 0x30;
      if (length > symbol.length) return undefined;
      code = symbol.charCodeAt(++at);
    }
    // No digit, or past the end, where charCodeAt gives NaN.
    if (at === digits || at + length >= symbol.length) return undefined;
    elements.push(symbol.slice(at, at + length));
    at += length;
  }
  if (!hash && elements.length > 0 && HASH.test(elements[elements.length - 1] ?? '')) elements.pop();
  return { text: elements.map(unescapeElement).join('::'), end: at + 1 };
}

/** One path element with its escapes undone; from the first escape that is none of ours on, it stays as it is. */
function unescapeElement(element: string): string {
  let at = element.startsWith('_$') ? 1 : 0;
  let text = '';
  while (at < element.length) {
    const code = element.charCodeAt(at);
    if (code === 0x2e /* . */) {
      const double = element.charCodeAt(at + 1) === 0x2e;
      text += double ? '::' : '.';
      at += double ? 2 : 1;
    } else if (code === 0x24 /* $ */) {
      const close = element.indexOf('$', at + 1);
      const character = close < 0 ? undefined : unescaped(element.slice(at + 1, close));
      if (character === undefined) break;
      text += character;
      at = close + 1;
    } else {
      let end = at + 1;
      while (end < element.length && element.charCodeAt(end) !== 0x2e && element.charCodeAt(end) !== 0x24) end++;
      text += element.slice(at, end);
      at = end;
    }
  }
  return text + element.slice(at);
}

/** The character of the escape `$name$`; undefined when there is no such escape. */
function unescaped(name: string): string | undefined {
  const known = ESCAPES.get(name);
  if (known !== undefined) return known;
  if (!UNICODE_ESCAPE.test(name)) return undefined;
  const codePoint = Number.parseInt(name.slice(1), 16);
  const isControl = codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);
  const isSurrogate = codePoint >= 0xd800 && codePoint < 0xe000;
  return isControl || isSurrogate || codePoint > 0x10ffff ? undefined : String.fromCodePoint(codePoint);
}
