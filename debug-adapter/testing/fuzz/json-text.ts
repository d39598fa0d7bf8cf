// Changes to texts that know JSON's words and lines: numbers past what a double holds, halves of surrogate pairs, words exchanged and moved,
// values wrapped and emptied, lines split and joined, bytes that are not UTF-8. Only tests import it.
import type { RandomSource } from '../random-source.ts';
import { type Bytes, changeBytes, stretch } from './bytes.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '1.0',
  '0.1',
  '1e0',
  '1E+2',
  '1e-2',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '18446744073709551615',
  '18446744073709551616',
  '9223372036854775807',
  '-9223372036854775808',
  '-9223372036854775809',
  '1e308',
  '1.7976931348623158e308',
  '1e309',
  '-1e400',
  '1e-400',
  '5e-324',
  '0.30000000000000004',
  '4294967295',
  '4294967296',
  '2147483648',
  '-2147483649',
  '1e99999999999999999999',
  `1${'0'.repeat(320)}`,
  `0.${'0'.repeat(400)}1`,
  '123456789012345678901234567890',
] as const;

const STRINGS = [
  '""',
  '"a"',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\ud83e\\udd80"',
  '"🦀"',
  '"\\n"',
  '"\\\\"',
  '"\\""',
  '"\\/"',
  '"\u2028"',
  '"\u00a0"',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '"length"',
  '"id"',
  '"jsonrpc"',
  '"base64"',
  '"18446744073709551615"',
  '"-0"',
  '"\ufeff"',
  '"\ufffd"',
] as const;

const OTHERS = [
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '[[]]',
  '{"":null}',
  '{"a":1,"a":2}',
  '{"__proto__":{"a":1}}',
  'NaN',
  'Infinity',
  'undefined',
  "''",
  '+1',
  '01',
  '.5',
  '1.',
  '0x10',
  '"',
  '[',
  '{',
  ']',
  '}',
  ',',
  ':',
  '\\',
  '/*',
  '//',
  '*/',
  '\t',
  ' ',
  '\r',
  '\n',
  '\u0000',
  '\u0085',
  '\ufeff',
] as const;

/** Words of JSON, and what is none. */
const WORD = /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|[A-Za-z_]\w*|[[\]{},:]|\s+|[\s\S]/gu;

/** A value's text of another kind than it was, or an awkward one of the same kind. */
function awkwardValue(source: RandomSource): string {
  switch (source.below(8)) {
    case 0:
    case 1:
    case 2:
      return source.one(NUMBERS);
    case 3:
    case 4:
    case 5:
      return source.one(STRINGS);
    case 6:
      return source.one(OTHERS);
    default: {
      const depth = source.one([1, 2, 5, 125, 126, 127, 128, 129, 300, source.chance(0.1) ? 20_000 : 10]);
      const [open, close] = source.one([
        ['[', ']'],
        ['{"a":', '}'],
        ['[', ''],
      ] as const);
      return open.repeat(depth) + (close === '}' ? '1' : '') + close.repeat(depth);
    }
  }
}

/** One change of the text that `bytes` are; `other` is a text to take from. */
export function changeText(source: RandomSource, bytes: Uint8Array, other: Uint8Array): Bytes {
  if (source.chance(0.25)) return changeBytes(source, bytes, other);
  const text = decoder.decode(bytes);
  if (source.chance(0.2)) return encoder.encode(changeLines(source, text, decoder.decode(other)));
  return encoder.encode(changeWords(source, text, decoder.decode(other)));
}

function changeLines(source: RandomSource, text: string, other: string): string {
  const lines = text.split('\n');
  const theirs = other.split('\n');
  const at = source.below(lines.length);
  const line = lines[at] ?? '';
  switch (source.below(8)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(source.below(lines.length + 1), 0, line);
      break;
    case 2: {
      const to = source.below(lines.length);
      lines[at] = lines[to] ?? '';
      lines[to] = line;
      break;
    }
    case 3: {
      const split = source.below(line.length + 1);
      lines.splice(at, 1, line.slice(0, split), line.slice(split));
      break;
    }
    case 4:
      lines.splice(at, 2, `${line}${lines[at + 1] ?? ''}`);
      break;
    case 5:
      lines.splice(at, 0, source.one(theirs));
      break;
    case 6:
      lines[at] = source.one(['', ' ', `${line}\r`, `  ${line}\t`, `\u0085${line}`, `\ufeff${line}`, `${line}${line}`]);
      break;
    default:
      lines.length = at + 1;
  }
  return lines.join('\n');
}

function changeWords(source: RandomSource, text: string, other: string): string {
  const words = text.match(WORD) ?? [];
  if (words.length === 0) return awkwardValue(source);
  const isValue = (word: string) => /^["\d\-tfn]/.test(word);
  // values are what most decoders look into
  let at = source.below(words.length);
  for (let tries = 0; tries < 4 && !isValue(words[at] ?? ''); tries++) at = source.below(words.length);
  const word = words[at] ?? '';
  const [from, to] = stretch(source, words.length);
  switch (source.below(9)) {
    case 0:
    case 1:
    case 2:
      words[at] = awkwardValue(source);
      break;
    case 3:
      words.splice(from, to - from);
      break;
    case 4:
      words.splice(to, 0, ...words.slice(from, to));
      break;
    case 5:
      words[at] = source.one([
        `[${word}]`,
        `{"a":${word}}`,
        `"${word.replaceAll('"', '')}"`,
        `-${word}`,
        `${word}0`,
        `${word},${word}`,
      ]);
      break;
    case 6: {
      const theirs = other.match(WORD) ?? [''];
      words.splice(at, source.below(2), source.one(theirs));
      break;
    }
    case 7: {
      const next = source.below(words.length);
      words[at] = words[next] ?? '';
      words[next] = word;
      break;
    }
    default:
      if (word.startsWith('"')) {
        // inside a text
        const place = 1 + source.below(Math.max(1, word.length - 1));
        words[at] = word.slice(0, place) + source.one(STRINGS).slice(1, -1) + word.slice(place);
      } else words[at] = source.one(OTHERS);
  }
  return words.join('');
}

/** A mutator's usual course: one seed, changed once or a few times, now and then left as it is. */
export function changed(
  source: RandomSource,
  seeds: readonly Uint8Array[],
  change: (source: RandomSource, bytes: Uint8Array, other: Uint8Array) => Bytes,
): Bytes {
  let bytes: Bytes = Uint8Array.from(source.one(seeds));
  const times = source.chance(0.5) ? 1 : source.below(7);
  for (let n = 0; n < times; n++) bytes = change(source, bytes, source.one(seeds));
  return bytes;
}
