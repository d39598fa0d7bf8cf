// The syntax of /patterns/: JavaScript's regular expressions but for what looks around or back, as a tree over code points. Matching is
// filter-pattern.ts. Bounded, whatever is written. ECMA-262 §22.2.1.

/** Pairs of code points, each from and to, ascending and apart. */
export type CodePoints = readonly number[];

export type PatternNode =
  | { readonly type: 'points'; readonly points: CodePoints }
  | { readonly type: 'all'; readonly parts: readonly PatternNode[] }
  | { readonly type: 'any'; readonly parts: readonly PatternNode[] }
  /** `most` may be Infinity. */
  | { readonly type: 'repeat'; readonly part: PatternNode; readonly least: number; readonly most: number }
  | { readonly type: 'assert'; readonly what: Assertion };
export type Assertion = 'begin' | 'end' | 'boundary' | 'inside';

const LAST = 0x10ffff;
const DIGIT: CodePoints = [0x30, 0x39];
const WORD: CodePoints = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
// ECMA-262 WhiteSpace and LineTerminator
const SPACE: CodePoints = [
  ...[0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a],
  ...[0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff],
];
const DOT: CodePoints = inverse([0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029]);
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** Groups in groups, at most. */
const DEPTH = 50;
/** Repetitions that are counted, at most. */
const COUNT = 1000;

/** What is wrong with a pattern, as a clause: caught by parsePattern's caller, and told. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** @throws PatternError */
export function parsePattern(source: string, ignoreCase: boolean): PatternNode {
  return new Parser([...source], ignoreCase).whole();
}

class Parser {
  readonly #text: readonly string[];
  readonly #ignoreCase: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: readonly string[], ignoreCase: boolean) {
    this.#text = text;
    this.#ignoreCase = ignoreCase;
  }

  whole(): PatternNode {
    const node = this.#alternatives();
    if (this.#at < this.#text.length) throw new PatternError('a ) has no ( before it');
    return node;
  }

  #alternatives(): PatternNode {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return parts.length === 1 ? parts[0]! : { type: 'any', parts };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      const atom = this.#atom();
      parts.push(this.#repeated(atom));
    }
    return parts.length === 1 ? parts[0]! : { type: 'all', parts };
  }

  #repeated(part: PatternNode): PatternNode {
    const [least, most] = this.#quantifier() ?? [1, 1];
    if (least === 1 && most === 1) return part;
    this.#take('?'); // as few as can be: whether there is a match is the same
    if (this.#quantifier() !== undefined) throw new PatternError('nothing stands before a repetition');
    return { type: 'repeat', part, least, most };
  }

  /** `*`, `+`, `?` or counts in braces; a brace that is none of these is itself. */
  #quantifier(): [least: number, most: number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    if (this.#peek() !== '{') return undefined;
    const text = this.#text.slice(this.#at, this.#at + 20).join('');
    const match = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (least > most) throw new PatternError('the counts of a repetition are the wrong way round');
    if (least > COUNT || (most > COUNT && most !== Number.POSITIVE_INFINITY))
      throw new PatternError(`a repetition counts to ${COUNT} at most`);
    return [least, most];
  }

  #atom(): PatternNode {
    const char = this.#next();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return points(this.#characterClass());
      case '.':
        return points(DOT);
      case '^':
        return { type: 'assert', what: 'begin' };
      case '$':
        return { type: 'assert', what: 'end' };
      case '*':
      case '+':
      case '?':
        throw new PatternError('nothing stands before a repetition');
      case '\\': {
        if (this.#take('b')) return { type: 'assert', what: 'boundary' };
        if (this.#take('B')) return { type: 'assert', what: 'inside' };
        return points(this.#folded(this.#escape()));
      }
      default:
        return points(this.#folded(one(char)));
    }
  }

  #group(): PatternNode {
    if (++this.#depth > DEPTH) throw new PatternError(`groups are nested ${DEPTH} deep at most`);
    if (this.#take('?') && !this.#take(':'))
      throw new PatternError('(? begins (?: only: a pattern does not look around');
    const node = this.#alternatives();
    if (!this.#take(')')) throw new PatternError('a ( has no )');
    this.#depth--;
    return node;
  }

  #characterClass(): CodePoints {
    const not = this.#take('^');
    const pairs: number[] = [];
    while (!this.#take(']')) {
      const from = this.#classAtom();
      if (this.#peek() === '-' && this.#text[this.#at + 1] !== ']' && this.#text[this.#at + 1] !== undefined) {
        this.#at++;
        const to = this.#classAtom();
        if (from.length !== 2 || to.length !== 2 || from[0] !== from[1] || to[0] !== to[1])
          throw new PatternError('a range in a class is from one character to another');
        if (from[0]! > to[0]!) throw new PatternError('a range in a class is the wrong way round');
        pairs.push(from[0]!, to[0]!);
      } else pairs.push(...from);
    }
    const all = this.#folded(united(pairs));
    return not ? inverse(all) : all;
  }

  #classAtom(): CodePoints {
    const char = this.#next('a [ has no ]');
    if (char !== '\\') return one(char);
    return this.#take('b') ? [8, 8] : this.#escape();
  }

  #escape(): CodePoints {
    const char = this.#next('a \\ stands at its end');
    switch (char) {
      case 'd':
        return DIGIT;
      case 'D':
        return inverse(DIGIT);
      case 'w':
        return WORD;
      case 'W':
        return inverse(WORD);
      case 's':
        return SPACE;
      case 'S':
        return inverse(SPACE);
      case 'x':
        return this.#hex(/^([\da-f]{2})/i);
      case 'u':
        return this.#hex(/^(?:\{([\da-f]{1,6})\}|([\da-f]{4}))/i);
    }
    const control = Object.hasOwn(CONTROLS, char) ? CONTROLS[char] : undefined;
    if (control !== undefined) return [control, control];
    if (/[A-Za-z0-9]/.test(char)) throw new PatternError(`\\${char} is not known here`);
    return one(char);
  }

  #hex(form: RegExp): CodePoints {
    const match = form.exec(this.#text.slice(this.#at, this.#at + 8).join(''));
    const digits = match?.[1] ?? match?.[2];
    if (match === null || digits === undefined)
      throw new PatternError('\\x has two digits, \\u four or those in braces');
    this.#at += match[0].length;
    const point = Number.parseInt(digits, 16);
    if (point > LAST) throw new PatternError('no character has so high a number');
    return [point, point];
  }

  /** With the other case of ASCII letters, where that does not matter. */
  #folded(pairs: CodePoints): CodePoints {
    if (!this.#ignoreCase) return pairs;
    const more = [...pairs];
    for (let i = 0; i < pairs.length; i += 2) {
      for (const [from, to, by] of [
        [0x41, 0x5a, 32],
        [0x61, 0x7a, -32],
      ] as const) {
        const low = Math.max(from, pairs[i]!);
        const high = Math.min(to, pairs[i + 1]!);
        if (low <= high) more.push(low + by, high + by);
      }
    }
    return united(more);
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }
  #next(missing = 'it ends too soon'): string {
    const char = this.#text[this.#at++];
    if (char === undefined) throw new PatternError(missing);
    return char;
  }
  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
}

const points = (pairs: CodePoints): PatternNode => ({ type: 'points', points: pairs });

function one(char: string): CodePoints {
  const point = char.codePointAt(0) ?? 0;
  return [point, point];
}

/** Pairs in any order, made ascending and apart. */
function united(pairs: readonly number[]): CodePoints {
  const list: [number, number][] = [];
  for (let i = 0; i < pairs.length; i += 2) list.push([pairs[i]!, pairs[i + 1]!]);
  list.sort(([a], [b]) => a - b);
  const all: number[] = [];
  for (const [from, to] of list) {
    const last = all.length - 1;
    if (last > 0 && from <= all[last]! + 1) all[last] = Math.max(all[last]!, to);
    else all.push(from, to);
  }
  return all;
}

function inverse(pairs: CodePoints): CodePoints {
  const rest: number[] = [];
  let from = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i]! > from) rest.push(from, pairs[i]! - 1);
    from = pairs[i + 1]! + 1;
  }
  if (from <= LAST) rest.push(from, LAST);
  return rest;
}
