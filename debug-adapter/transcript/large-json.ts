// The members of a large JSON object or array, found in slices of time and kept as numbers: a message may have 64 MB and a million
// elements, and opens on the extension host's main thread. Takes the text for well-formed; of one that is not, it finds what it can.
// Works on the bytes, so that nothing is decoded but what is shown. Contracts E2, P2.

import { grown } from '../wasm/grown.ts';

/** Bytes between two looks at the clock: about 0.1 ms. */
const STRIDE = 64 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

export class MemberIndex {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #isObject: boolean;
  #at: number;
  /** 0: among the members; 1: in a member's own members. */
  #depth = 0;
  #inString = false;
  #length = 0;
  /** Of the member that has begun: -1 while there is none. */
  #key = -1;
  #start = -1;
  #commas = 0;
  #hasChild = false;
  // columns: offsets of the key's quote (0: none) and of the value, behind the value, and how many members it has itself
  #keys = new Uint32Array(64);
  #starts = new Uint32Array(64);
  #ends = new Uint32Array(64);
  #counts = new Uint32Array(64);

  /** `bytes[start]` is the bracket or brace, and `end` is behind its counterpart. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start + 1;
    this.#end = end;
    this.#isObject = bytes[start] === OPEN_BRACE;
  }

  /** Members found so far. */
  get length(): number {
    return this.#length;
  }
  /** Where the key's token begins: 0 in arrays. */
  key(member: number): number {
    return this.#keys[member]!;
  }
  start(member: number): number {
    return this.#starts[member]!;
  }
  end(member: number): number {
    return this.#ends[member]!;
  }
  /** How many members the member has; 0 of a scalar. */
  count(member: number): number {
    return this.#counts[member]!;
  }

  /** Goes on for at most `budget` ms by `now`. True when all members are found. */
  advance(budget: number, now: () => number): boolean {
    const until = now() + budget;
    while (this.#at < this.#end) {
      this.#scan(Math.min(this.#at + STRIDE, this.#end));
      if (now() >= until) break;
    }
    return this.#at >= this.#end;
  }

  #scan(until: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (; at < until; at++) {
      const byte = bytes[at]!;
      if (this.#inString) {
        if (byte === BACKSLASH) at++;
        else if (byte === QUOTE) this.#inString = false;
        continue;
      }
      if (isSpace(byte)) continue;
      if (this.#depth === 0) {
        if (byte === COMMA) {
          this.#close(at);
          continue;
        }
        if (byte === COLON && this.#isObject) continue;
        if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
          this.#close(at);
          this.#at = this.#end;
          return;
        }
        if (this.#isObject && this.#key < 0) this.#key = at;
        else if (this.#start < 0) this.#start = at;
      } else if (this.#depth === 1) {
        if (byte === COMMA) this.#commas++;
        else if (byte !== CLOSE_BRACE && byte !== CLOSE_BRACKET) this.#hasChild = true;
      }
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth--;
    }
    this.#at = at;
    if (at >= this.#end) this.#close(this.#end);
  }

  /** The member that has begun, if one has, ends before `at`. */
  #close(at: number): void {
    const start = this.#start;
    if (start >= 0) {
      let end = Math.min(at, this.#end);
      while (end > start && isSpace(this.#bytes[end - 1]!)) end--;
      const member = this.#length++;
      if (member === this.#starts.length) this.#grow();
      this.#keys[member] = Math.max(this.#key, 0);
      this.#starts[member] = start;
      this.#ends[member] = end;
      this.#counts[member] = this.#hasChild ? this.#commas + 1 : 0;
    }
    this.#key = -1;
    this.#start = -1;
    this.#commas = 0;
    this.#hasChild = false;
  }

  #grow(): void {
    this.#keys = grown(this.#keys);
    this.#starts = grown(this.#starts);
    this.#ends = grown(this.#ends);
    this.#counts = grown(this.#counts);
  }
}
