// One abbreviation table (DWARF 5 §7.5.3), read as far as somebody asked: most units are asked for their first DIE only. Typed arrays, no
// object per abbreviation.
import { Form } from './constants.ts';
import { type Encoded, fixedSize, isKnownForm } from './forms.ts';
import { type SectionRange, skipLeb, uleb } from './sections.ts';

/** Numbers for one attribute in `specs`: attribute, form, position of its implicit constant (or 0). */
export const SPEC = 3;
/** An abbreviation with more attributes is garbage. */
const MAX_ATTRIBUTES = 1000;

/** Bytes of tables that may still be read: each real table is read once, garbage may name every byte as the start of one. */
export interface AbbreviationBudget {
  left: number;
}

export class AbbreviationTable {
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  readonly #encoded: Encoded;
  readonly #budget: AbbreviationBudget;
  #position: number;
  #ended = false;
  /** Codes that are not their index + 1. */
  #odd: Map<number, number> | undefined;
  #specCount = 0;
  /** Abbreviations read so far. */
  count = 0;
  tags = new Uint16Array(16);
  children = new Uint8Array(16);
  /** Abbreviation n has the attributes [firstSpec[n], firstSpec[n + 1]) of `specs`, counted in attributes. */
  firstSpec = new Uint32Array(17);
  /** Bytes that the attributes of a DIE take; -1: each DIE tells by itself. */
  sizes = new Int32Array(16);
  specs = new Int32Array(64 * SPEC);

  constructor(
    bytes: Uint8Array,
    section: SectionRange,
    offset: number,
    encoded: Encoded,
    budget: AbbreviationBudget = { left: section.end - section.start },
  ) {
    this.#bytes = bytes;
    this.#limit = section.end;
    this.#position = section.start + offset;
    this.#encoded = encoded;
    this.#budget = budget;
    if (!(offset < section.end - section.start)) this.#ended = true;
  }

  /** The index of the abbreviation with this code; -1: there is none. */
  find(code: number): number {
    if (this.#odd === undefined) {
      if (code <= this.count) return code - 1;
    } else {
      const known = this.#odd.get(code);
      if (known !== undefined) return known;
    }
    while (!this.#ended) if (this.#read() === code) return this.count - 1;
    return -1;
  }

  /** Reads one abbreviation; its code, 0 at the end of the table. */
  #read(): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    let position = this.#position;
    const code = uleb(bytes, position);
    position = skipLeb(bytes, position, limit);
    if (code === 0 || position >= limit) {
      this.#ended = true;
      return 0;
    }
    const tag = uleb(bytes, position);
    position = skipLeb(bytes, position, limit);
    const children = bytes[position++] ?? 0;
    let size = 0;
    let attributes = 0;
    for (;;) {
      const attribute = uleb(bytes, position);
      position = skipLeb(bytes, position, limit);
      const form = uleb(bytes, position);
      position = skipLeb(bytes, position, limit);
      if (attribute === 0 && form === 0) break;
      if (position >= limit || attributes++ >= MAX_ATTRIBUTES) {
        this.#ended = true;
        return 0;
      }
      const implicit = form === Form.ImplicitConst ? position : 0;
      if (implicit > 0) position = skipLeb(bytes, position, limit);
      if (size >= 0) {
        const fixed = fixedSize(form, this.#encoded);
        size = fixed < 0 ? -1 : size + fixed;
      }
      this.#addSpec(attribute, form, implicit);
    }
    this.#budget.left -= position - this.#position;
    if (this.#budget.left < 0) this.#ended = true;
    this.#position = position;
    this.#add(code, tag, children, size);
    return code;
  }

  #addSpec(attribute: number, form: number, implicit: number): void {
    const at = this.#specCount++ * SPEC;
    if (at + SPEC > this.specs.length) {
      const larger = new Int32Array(this.specs.length * 2);
      larger.set(this.specs);
      this.specs = larger;
    }
    this.specs[at] = attribute;
    this.specs[at + 1] = isKnownForm(form) ? form : 0;
    this.specs[at + 2] = implicit;
  }

  #add(code: number, tag: number, children: number, size: number): void {
    const index = this.count++;
    if (index >= this.tags.length) this.#grow();
    if (this.#odd === undefined && code !== index + 1) {
      this.#odd = new Map();
      for (let n = 0; n < index; n++) this.#odd.set(n + 1, n);
    }
    // Of two with one code the first counts.
    if (this.#odd !== undefined && !this.#odd.has(code)) this.#odd.set(code, index);
    this.tags[index] = tag > 0xffff ? 0 : tag;
    this.children[index] = children;
    this.sizes[index] = size;
    this.firstSpec[index + 1] = this.#specCount;
  }

  #grow(): void {
    const length = this.tags.length * 2;
    const tags = new Uint16Array(length);
    tags.set(this.tags);
    this.tags = tags;
    const children = new Uint8Array(length);
    children.set(this.children);
    this.children = children;
    const sizes = new Int32Array(length);
    sizes.set(this.sizes);
    this.sizes = sizes;
    const firstSpec = new Uint32Array(length + 1);
    firstSpec.set(this.firstSpec);
    this.firstSpec = firstSpec;
  }
}
