// Finds a /pattern/ in bytes of UTF-8, in time in proportion to them whatever the pattern is: JavaScript's own RegExp goes back and tries again, for ever
// on some patterns, and wants its text decoded. The pattern becomes an automaton over bytes whose deterministic states are made when they are first
// needed. (Thompson 1968; the states as in Cox, "Regular Expression Matching in the Wild".) Contracts E2, E4.

import {
  type Assertion,
  type CodePoints,
  PatternError,
  type PatternNode,
  parsePattern,
} from './filter-pattern-syntax.ts';
import type { ByteSearch } from './filter-search.ts';

/** Steps of the automaton, at most: what one byte may cost where states can't be kept. */
const MOST = 10_000;
/** Deterministic states that are kept. Past it all are dropped, and made again as they are needed. */
const STATES = 2000;

// what a step does
const BYTE = 0;
const SPLIT = 1;
const ASSERT = 2;
const FOUND_IT = 3;

// what is before a byte, or behind it
const NOTHING = 0;
const WORD = 1;
const OTHER = 2;
/** A byte within a character. */
const WITHIN = 3;

const FOUND = 0;
/** Numbers of the table that a state has. */
const ROW = 256;
const UNKNOWN = -1;

/** The search for a pattern, which keeps so many deterministic states; a clause that says why there is none. Never throws. */
export function compilePattern(source: string, ignoreCase: boolean, states: number = STATES): PatternSearch | string {
  try {
    return new PatternSearch(new Steps(parsePattern(source, ignoreCase)), states);
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

/** The automaton: step i does `does[i]`, then goes on with `next[i]`. */
class Steps {
  readonly does: number[] = [];
  readonly next: number[] = [];
  /** Of BYTE the set, of SPLIT the other step, of ASSERT which. */
  readonly what: number[] = [];
  /** 256 flags each. */
  readonly sets: Uint8Array[] = [];
  readonly assertions: Assertion[] = [];
  readonly start: number;
  readonly #setNumbers = new Map<string, number>();
  readonly #ends = new Map<number, number>();
  readonly #rangeNumbers = new Map<number, number>();

  constructor(node: PatternNode) {
    this.start = this.#emit(node, this.#add(FOUND_IT, 0, 0));
  }

  #add(does: number, what: number, next: number): number {
    if (this.does.length >= MOST) throw new PatternError('it is too large: take fewer or smaller repetitions');
    this.what.push(what);
    this.next.push(next);
    return this.does.push(does) - 1;
  }

  /** Adds what `node` does before `next`; the step that it begins with. */
  #emit(node: PatternNode, next: number): number {
    switch (node.type) {
      case 'points':
        return this.#emitPoints(node.points, next);
      case 'all':
        return node.parts.reduceRight((then, part) => this.#emit(part, then), next);
      case 'any':
        return this.#either(node.parts.map((part) => this.#emit(part, next)));
      case 'assert':
        return this.#add(ASSERT, this.assertions.push(node.what) - 1, next);
      case 'repeat': {
        const { part, least, most } = node;
        let then = next;
        if (most === Number.POSITIVE_INFINITY) {
          then = this.#add(SPLIT, next, next);
          this.next[then] = this.#emit(part, then);
        } else for (let n = least; n < most; n++) then = this.#add(SPLIT, next, this.#emit(part, then));
        for (let n = 0; n < least; n++) then = this.#emit(part, then);
        return then;
      }
    }
  }

  #either(starts: readonly number[]): number {
    if (starts.length === 0) return this.#byte(0x100, 0xff, 0); // no character is in it
    return starts.reduceRight((other, start) => this.#add(SPLIT, other, start));
  }

  #emitPoints(points: CodePoints, next: number): number {
    const [first, last] = points;
    if (points.length === 2 && first !== undefined && last !== undefined && last <= 0x7f)
      return this.#byte(first, last, next);
    const ascii = new Uint8Array(256);
    const starts: number[] = [];
    for (let i = 0; i < points.length; i += 2) {
      const from = points[i]!;
      const to = points[i + 1]!;
      ascii.fill(1, from, Math.max(from, Math.min(0x7f, to) + 1));
      if (to > 0x7f) this.#emitUtf8(Math.max(0x80, from), to, next, starts);
    }
    if (ascii.includes(1)) starts.push(this.#add(BYTE, this.#set(ascii), next));
    return this.#either(starts);
  }

  /** Code points from 0x80 on as sequences of byte ranges; surrogates are none in UTF-8. (RFC 3629 §4) */
  #emitUtf8(from: number, to: number, next: number, starts: number[]): void {
    for (const [first, last] of [
      [0x80, 0x7ff],
      [0x800, 0xd7ff],
      [0xe000, 0xffff],
      [0x10000, 0x10ffff],
    ] as const) {
      const low = Math.max(first, from);
      const high = Math.min(last, to);
      if (low <= high) this.#emitSequences(low, high, next, starts);
    }
  }

  /** Code points that have equally many bytes. They are split where a byte's range would not begin or end with all that may follow it. */
  #emitSequences(from: number, to: number, next: number, starts: number[]): void {
    for (const bits of [6, 12, 18]) {
      const rest = (1 << bits) - 1;
      if (from >> bits === to >> bits) continue;
      if ((from & rest) !== 0) {
        this.#emitSequences(from, from | rest, next, starts);
        this.#emitSequences((from | rest) + 1, to, next, starts);
        return;
      }
      if ((to & rest) !== rest) {
        this.#emitSequences(from, (to & ~rest) - 1, next, starts);
        this.#emitSequences(to & ~rest, to, next, starts);
        return;
      }
    }
    const low = utf8(from);
    const high = utf8(to);
    starts.push(low.reduceRight((then, byte, i) => this.#shared(byte, high[i]!, then), next));
  }

  /** Sequences that end alike have their end in common. */
  #shared(from: number, to: number, next: number): number {
    const key = (next * 0x100 + from) * 0x100 + to;
    let step = this.#ends.get(key);
    if (step === undefined) {
      step = this.#byte(from, to, next);
      this.#ends.set(key, step);
    }
    return step;
  }

  #byte(from: number, to: number, next: number): number {
    const key = from * 0x1000 + to;
    let set = this.#rangeNumbers.get(key);
    if (set === undefined) {
      set = this.#set(new Uint8Array(256).fill(1, from, Math.max(from, to + 1)));
      this.#rangeNumbers.set(key, set);
    }
    return this.#add(BYTE, set, next);
  }

  #set(set: Uint8Array): number {
    const key = set.join('');
    const known = this.#setNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.sets.push(set) - 1;
    this.#setNumbers.set(key, number);
    return number;
  }
}

function utf8(point: number): number[] {
  if (point < 0x800) return [0xc0 | (point >> 6), 0x80 | (point & 0x3f)];
  if (point < 0x10000) return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f)];
  return [0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f)];
}

function kindOf(byte: number): number {
  if (byte >= 0x80) return byte < 0xc0 ? WITHIN : OTHER;
  return WORD_CHARACTER.test(String.fromCharCode(byte)) ? WORD : OTHER;
}
const WORD_CHARACTER = /\w/;

const NO_STEPS = new Int32Array(0);

/** A deterministic state: the steps before the next byte, and what stood before that. What comes behind is known only then. */
interface State {
  readonly steps: Int32Array;
  readonly before: number;
}

export class PatternSearch implements ByteSearch {
  readonly piece: number;
  work = 0;
  readonly #steps: Steps;
  /** Bytes that no set tells apart: what follows one of them follows all. */
  readonly #alike: (readonly number[])[] = [];
  readonly #boundaries: boolean;
  /** States that are kept. */
  readonly #most: number;
  #states: State[] = [];
  #numbers = new Map<string, number>();
  /** By state and byte: the state that follows. States are numbered by where their row begins. */
  #table = new Int32Array(0);
  #state = 0;
  /** The state in which nothing has begun, and the bytes that lead out of it. Where word boundaries count there are two of them: then none. */
  #home = UNKNOWN;
  readonly #leaves = new Uint8Array(256);
  // one walk over the steps
  readonly #mark: Uint32Array;
  #walk = 0;
  readonly #stack: number[] = [];

  constructor(steps: Steps, most: number) {
    // at worst each byte makes a new state of all steps
    this.piece = Math.max(128, Math.min(4096, Math.floor((1 << 21) / steps.does.length)));
    this.#steps = steps;
    this.#most = most;
    this.#mark = new Uint32Array(steps.does.length);
    this.#boundaries = steps.assertions.some((what) => what === 'boundary' || what === 'inside');
    const classes = new Map<string, number[]>();
    for (let byte = 0; byte < 256; byte++) {
      let signature = this.#boundaries ? `${kindOf(byte)} ` : '';
      for (const set of steps.sets) signature += set[byte];
      const alike = classes.get(signature) ?? [];
      classes.set(signature, alike);
      alike.push(byte);
      this.#alike.push(alike);
    }
    this.#drop();
    if (this.#boundaries) return;
    for (let byte = 0; byte < 256; byte++) {
      // where few states are kept, it may have been dropped for the one before
      const next = this.#follow(this.#number(NO_STEPS, OTHER), byte);
      this.#leaves[byte] = next === this.#home ? 0 : 1;
    }
  }

  begin(): void {
    this.#state = this.#number(NO_STEPS, NOTHING);
  }

  look(bytes: Uint8Array, from: number, to: number, end: number): boolean {
    const leaves = this.#leaves;
    let home = this.#home;
    let table = this.#table;
    let state = this.#state;
    for (let at = from; at < to; at++) {
      // most bytes begin nothing: they are passed over without the table
      if (state === home) {
        while (at < to && leaves[bytes[at]!] === 0) at++;
        if (at === to) break;
      }
      const byte = bytes[at]!;
      let next = table[state + byte]!;
      if (next === state) continue; // a branch that is foreseen: the next load does not wait for this one
      if (next === UNKNOWN) {
        next = this.#follow(state, byte);
        table = this.#table;
        home = this.#home;
      }
      if (next === FOUND) return true;
      state = next;
    }
    this.#state = state;
    return to === end && this.#follow(state, undefined) === FOUND;
  }

  /** The state behind `state` when a byte comes, or the line's end. */
  #follow(state: number, byte: number | undefined): number {
    const { does, what, next, sets, assertions, start } = this.#steps;
    const from = this.#states[state / ROW]!;
    const { steps, before } = from;
    const behind = byte === undefined ? NOTHING : kindOf(byte);
    const mark = this.#mark;
    const walk = ++this.#walk;
    const stack = this.#stack;
    stack.length = 0;
    for (const step of steps) stack.push(step);
    stack.push(start); // a match may begin here
    const follows: number[] = [];
    let found = false;
    for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
      if (mark[step] === walk) continue;
      mark[step] = walk;
      this.work++;
      switch (does[step]) {
        case FOUND_IT:
          found = true;
          break;
        case SPLIT:
          stack.push(what[step]!, next[step]!);
          break;
        case ASSERT:
          if (holds(assertions[what[step]!]!, before, behind)) stack.push(next[step]!);
          break;
        default:
          if (byte !== undefined && sets[what[step]!]![byte] === 1) follows.push(next[step]!);
      }
    }
    if (byte === undefined) return found ? FOUND : UNKNOWN;
    const target = found
      ? FOUND
      : this.#number(Int32Array.from(new Set(follows)).sort(), this.#boundaries && behind === WORD ? WORD : OTHER);
    // all states may have been dropped for the new one
    if (this.#states[state / ROW] === from) for (const alike of this.#alike[byte]!) this.#table[state + alike] = target;
    return target;
  }

  #number(steps: Int32Array, before: number): number {
    const key = `${before}:${steps.join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#states.length >= this.#most) this.#drop();
    const number = (this.#states.push({ steps, before }) - 1) * ROW;
    this.#numbers.set(key, number);
    if (before === OTHER && steps.length === 0 && !this.#boundaries) this.#home = number;
    if (number === this.#table.length) {
      const table = new Int32Array(number * 2).fill(UNKNOWN);
      table.set(this.#table);
      this.#table = table;
    }
    return number;
  }

  #drop(): void {
    this.#states = [{ steps: NO_STEPS, before: NOTHING }]; // FOUND
    this.#home = UNKNOWN;
    this.#numbers = new Map();
    this.#table = new Int32Array(16 * ROW).fill(UNKNOWN);
  }
}

function holds(what: Assertion, before: number, behind: number): boolean {
  switch (what) {
    case 'begin':
      return before === NOTHING;
    case 'end':
      return behind === NOTHING;
    case 'boundary':
      return (before === WORD) !== (behind === WORD);
    case 'inside':
      return behind !== WITHIN && (before === WORD) === (behind === WORD);
  }
}
