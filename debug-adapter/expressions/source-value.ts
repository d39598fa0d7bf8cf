// A variable of the source, or a part of one, as a value of expressions: scalars are read right away, what has parts as its view shows it, so
// that an expression finds what the Variables view shows. No code of the plugin is run. Contracts S6, P2, E4.
import { isMissing } from '../dwarf/location.ts';
import { whyFixed } from '../source/frame-variables.ts';
import type { Assigned, Child, Program, Shown, Value as SourceBytes } from '../source/value.ts';
import { pointedTo } from '../source/views/dereference.ts';
import { withFields } from '../source/views/look.ts';
import { show, wholeText } from '../source/views/show.ts';
import { quoted, quotedChar } from '../source/views/text.ts';
import { isRust, typeName } from '../source/views/type-name.ts';
import { EvaluationError, ExpressionError } from './error.ts';
import { formatNumber } from './numbers.ts';
import { type Range, textSlice, within } from './slices.ts';
import { computed, isComputed, literalOf } from './source-assign.ts';
import { type Cut, type Elements, formattedList, sameElements, sliceShown, wholeSlice } from './source-list.ts';
import {
  codeOf,
  contentOf,
  elementInC,
  memberOf,
  numberTypeOf,
  pointerInC,
  scalarOf,
  sequenceOf,
  variantOf,
  variantsOf,
} from './source-parts.ts';
import { addressIn, pointerLike, referenceTo, stepOf } from './source-pointer.ts';
import type { Format } from './syntax.ts';
import { Compound, exact, shown as inSentence, isNumeric, type Value } from './values.ts';

/** Fields that are looked through for a name, and that a sentence lists. */
const MOST_FIELDS = 2000;
const LISTED = 10;
/** Keys of a map that can be written as if they were fields. */
const MOST_KEYS = 100;
/** Pointers to pointers that a field is looked for behind. */
const MOST_POINTERS = 8;
/** Entries of a map that are looked through for a key. */
const MOST_ENTRIES = 100_000;
const PAGE = 1000;

export class SourceValue extends Compound {
  readonly #program: Program;
  /** Undefined: it is made up by a view, as the count of an Rc is. */
  readonly #value: SourceBytes | undefined;
  readonly #view: (() => Shown) | undefined;
  readonly #whole: (() => string) | undefined;
  #shown: Shown | undefined;

  /**
   * @param view what a parent's view shows it as; undefined: its own view
   * @param whole its text with nothing left out, of what is no value of the program's
   */
  constructor(program: Program, value: SourceBytes | undefined, view?: () => Shown, whole?: () => string) {
    super();
    this.#whole = whole;
    this.#program = program;
    this.#value = value;
    this.#view = view;
  }

  /** As the Variables view has it. */
  get shown(): Shown {
    this.#shown ??= this.#view?.() ?? (this.#value === undefined ? NOTHING : show(this.#value, this.#program));
    return this.#shown;
  }

  override get type(): string {
    if (this.#shown === undefined && this.#value !== undefined && this.#view === undefined)
      return typeName(this.#value.type, this.#program.types);
    return this.shown.type;
  }

  override text(): string {
    return this.shown.text;
  }

  override whole(): string {
    if (this.#value === undefined) return this.#whole?.() ?? this.text();
    return wholeText(this.#value, this.#program);
  }

  override bare(): string {
    try {
      const plain = this.plain();
      const text = this.text();
      // a text in a cell is no text of its own
      return typeof plain === 'string' && /^["']/.test(text) ? plain : text;
    } catch {
      return this.text();
    }
  }

  override plain(): Value {
    if (this.#value !== undefined && this.#view === undefined) {
      const scalar = scalarOf(this.#value, this.#program);
      if (scalar !== undefined) {
        if (isMissing(scalar)) throw new EvaluationError(scalar.reason);
        return scalar;
      }
    }
    return this.shown.plain;
  }

  override get numberType(): string | undefined {
    return this.#value === undefined ? undefined : numberTypeOf(this.#value, this.#program);
  }

  override isNull(): boolean {
    return /^(?:null|NULL)$/.test(this.shown.text);
  }

  override code(): number | bigint | undefined {
    const plain = this.plain();
    if (typeof plain !== 'string' || this.#value === undefined) return undefined;
    return this.#shown?.text.startsWith("'") === true || this.shown.text.startsWith("'")
      ? plain.codePointAt(0)
      : codeOf(this.#value, this.#program);
  }

  override equals(other: Compound): boolean {
    if (!(other instanceof SourceValue)) return false;
    const [mine, others] = [this.shown, other.shown];
    const list = this.#inOrder();
    const against = other.#inOrder();
    if (list !== undefined && against !== undefined && Number.isFinite(list.length + against.length))
      return list.length === against.length && sameElements(list, against);
    if (mine.type !== others.type)
      throw new EvaluationError(`what is of type ${mine.type} is not compared with what is of type ${others.type}`);
    if (mine.text !== others.text) return false;
    if (!mine.text.includes('…')) return true;
    throw new EvaluationError('these are too long to be compared as a whole: compare their parts');
  }

  #of(value: SourceBytes): SourceValue {
    return new SourceValue(this.#program, value);
  }

  #ofChild({ value, shown }: Child): SourceValue {
    return new SourceValue(this.#program, value, shown);
  }

  override member(name: string): Value {
    const found = this.#member(name, 0);
    if (found !== undefined) return found;
    const variant = this.#reading((value) => variantOf(value, this.#program));
    const has = this.#fields().slice(0, LISTED);
    const fields = has.length === 0 ? 'no fields' : `${has.join(', ')}${has.length === LISTED ? ', …' : ''}`;
    const what = variant === undefined ? `what is of type ${this.type}` : `it is ${variant}, which`;
    throw new EvaluationError(`there is no field '${name}': ${what} has ${fields}`);
  }

  #member(name: string, depth: number): SourceValue | undefined {
    const quick = this.#reading((value) => memberOf(value, name, this.#program));
    if (quick !== undefined) return this.#of(quick);
    const { shown } = this;
    const child = shown.children(0, Math.min(shown.named, MOST_FIELDS)).find(({ path }) => path === `.${name}`);
    if (child !== undefined) return this.#ofChild(child);
    // of JSON, and of other maps with texts for keys, members are entries
    const entry = shown.indexed > 0 && /^\D/.test(name) ? this.#entry([`["${name}"]`]) : undefined;
    if (entry !== undefined) return entry;
    // fields of what is in a cell come before the cell's own
    const content = this.#reading((value) => contentOf(value, name, this.#program));
    if (content !== undefined) return this.#of(content);
    const behind = depth > MOST_POINTERS ? undefined : this.#pointee();
    if (behind === undefined) return undefined;
    this.#checkTarget(behind);
    return this.#of(behind).#member(name, depth + 1);
  }

  /** Names of what can be written behind a dot. */
  #fields(): string[] {
    return this.fields().map(({ name }) => name);
  }

  /** What can be written behind a dot, with its type. */
  fields(depth = 0): { readonly name: string; readonly type: string }[] {
    const { shown } = this;
    const found = shown
      .children(0, Math.min(shown.named, MOST_FIELDS))
      .filter(({ path }) => path.startsWith('.'))
      .map(({ path, shown: inner }) => ({ name: path.slice(1), type: inner().type }));
    for (const { path, shown: inner } of shown.children(shown.named, Math.min(shown.indexed, MOST_KEYS))) {
      const key = /^\["([A-Za-z_]\w*)"\]$/.exec(path)?.[1];
      if (key !== undefined) found.push({ name: key, type: inner().type });
    }
    if (found.length > 0 || depth > MOST_POINTERS) return found;
    const behind = this.#pointee();
    return behind === undefined ? [] : this.#of(behind).fields(depth + 1);
  }

  #pointee(): SourceBytes | undefined {
    return this.#reading((value) => pointedTo(value, this.#program));
  }

  /** What `read` gives; undefined where there is no value to read, or it can't be read as that. */
  #reading<T>(read: (value: SourceBytes) => T | undefined): T | undefined {
    return this.#value === undefined ? undefined : read(this.#value);
  }

  override deref(): Value {
    const behind = this.#pointee();
    if (behind !== undefined) {
      this.#checkTarget(behind);
      return this.#of(behind);
    }
    // an array of C stands for a pointer to its first element
    const isArray = this.#reading((value) => elementInC(value, this.#program)) !== undefined;
    if (isArray && (this.length() ?? 0) > 0) return this.find(0);
    const child = this.shown.children(0, Math.min(this.shown.named, MOST_FIELDS)).find(({ path }) => path === '*');
    return child === undefined ? undefined : this.#ofChild(child);
  }

  /** @throws EvaluationError where nothing can be pointed to */
  #checkTarget({ type, bytes: { address } }: SourceBytes): void {
    const { types, memorySize } = this.#program;
    const size = types.sizeOf(types.bare(type)) ?? 1;
    if (size === 0 || address === undefined) return;
    if (address === 0) throw new EvaluationError('it points to address 0');
    if (address + size > memorySize)
      throw new EvaluationError(`it points to 0x${address.toString(16)}, outside the plugin's memory`);
  }

  override address(): number | undefined {
    return this.#value?.bytes.address;
  }

  override index(index: Value): Value {
    return this.element(index);
  }

  override element(index: Value): Value {
    const found = this.find(index);
    if (found !== undefined) return found;
    const length = this.length();
    if (length === undefined) throw new EvaluationError(`what is of type ${this.type} has no elements`);
    if (this.#isText()) throw new EvaluationError('a text has no elements: write [0..1] for its first byte');
    const key = exact(index);
    const first = this.#child(0)?.path;
    if (first === '') throw new EvaluationError(`what is of type ${this.type} has no index: ask it with .contains(…)`);
    const isList = first === '[0]' && this.#child(length - 1)?.path === `[${length - 1}]`;
    const wanted = isList || typeof key === 'number' || typeof key === 'bigint' ? 'element' : 'entry';
    const written = typeof key === 'number' || typeof key === 'bigint' ? `${key}` : inSentence(key);
    throw new EvaluationError(`there is no ${wanted} ${written}: there ${length === 1 ? 'is 1' : `are ${length}`}`);
  }

  /** It is a text, not one character. */
  #isText(): boolean {
    return this.shown.text.startsWith('"');
  }

  override slice(range: Range): Value {
    if (this.#isText()) {
      const { plain } = this.shown;
      if (typeof plain === 'string') return textSlice(plain, range);
      throw new EvaluationError('this text is too long to be cut');
    }
    const list = this.#inOrder();
    if (list === undefined) return undefined;
    const { at, element } = list;
    if (list.least < 0) this.#checkTarget({ type: undefined, bytes: this.#program.memory(this.pointsAt() ?? 0) });
    if (list.length === Number.POSITIVE_INFINITY && range.to === undefined)
      throw new EvaluationError('how far it goes is not known: write where the range ends');
    const { start, end } = within(range, list.length, 'elements', list.least);
    const type = element ?? (start < end ? at(start).type : '…');
    const cut: Cut = { start, length: end - start, at, type, isOfC: list.isOfC };
    return new SourceValue(
      this.#program,
      undefined,
      () => sliceShown(cut),
      () => wholeSlice(cut),
    );
  }

  /** Its elements, where they are counted from 0, or from the one that a pointer points to. */
  #inOrder(): Elements | undefined {
    const sequence = this.#reading((value) => sequenceOf(value, this.#program));
    if (sequence !== undefined) {
      const { from: least, length, at } = sequence;
      const { type } = at(0);
      const element = typeName(type, this.#program.types);
      const isOfC = !isRust(type, this.#program.types);
      return { least, length, element, isOfC, at: (index) => this.#of(at(index)) };
    }
    const { text, indexed, type } = this.shown;
    const isEmpty = indexed === 0 && /\[\](?: ‹[^›]*›)?$/.test(text);
    if (!isEmpty && this.#child(0)?.path !== '[0]') return undefined;
    if (indexed > 1 && this.#child(1)?.path !== '[1]') return undefined;
    const at = (index: number): SourceValue => {
      const child = this.#child(index);
      if (child === undefined) throw new EvaluationError(`there is no element ${index}`);
      return this.#ofChild(child);
    };
    return { least: 0, length: indexed, element: undefined, isOfC: /\]$/.test(type) && !/^[&[]/.test(type), at };
  }

  override formattedAs(format: Format): string | undefined {
    const list = this.#isText() ? undefined : this.#inOrder();
    return list === undefined ? undefined : formattedList(list, format);
  }

  override find(index: Value): Value {
    const key = exact(index);
    if (typeof key === 'number' && Number.isInteger(key)) {
      const sequence = this.#reading((value) => sequenceOf(value, this.#program));
      if (sequence !== undefined && sequence.from < 0) this.#checkTarget(sequence.at(0));
      if (sequence !== undefined)
        return key < sequence.from || key >= sequence.length ? undefined : this.#of(sequence.at(key));
      const child = this.#child(key);
      if (child?.path === `[${key}]`) return this.#ofChild(child);
    }
    return this.#entry(pathsOf(key));
  }

  /** The entry of a map that one of these paths leads to. */
  #entry(paths: readonly string[]): SourceValue | undefined {
    if (paths.length === 0) return undefined;
    const { indexed } = this.shown;
    for (let at = 0; at < Math.min(indexed, MOST_ENTRIES); at += PAGE) {
      const child = this.shown
        .children(this.shown.named + at, Math.min(PAGE, indexed - at))
        .find(({ path }) => paths.includes(path));
      if (child !== undefined) return this.#ofChild(child);
    }
    return undefined;
  }

  override nth(position: number): Value {
    const sequence = this.#reading((value) => sequenceOf(value, this.#program));
    if (sequence !== undefined && position < sequence.length) return this.#of(sequence.at(position));
    const child = this.#child(position);
    return child === undefined ? undefined : this.#ofChild(child);
  }

  #child(position: number): Child | undefined {
    const { named, indexed } = this.shown;
    return position < 0 || position >= indexed ? undefined : this.shown.children(named + position, 1)[0];
  }

  override length(): number | undefined {
    const sequence = this.#reading((value) => sequenceOf(value, this.#program));
    if (sequence !== undefined && Number.isFinite(sequence.length)) return sequence.length;
    const { text, indexed } = this.shown;
    if (indexed > 0) return indexed;
    if (text.startsWith('"')) {
      const { plain } = this.shown;
      if (typeof plain === 'string') return new TextEncoder().encode(plain).length;
      const bytes = /‹(\d+) bytes›$/.exec(text)?.[1];
      if (bytes !== undefined) return Number(bytes);
    }
    // an empty list, map or set, whatever holds it
    return /(?:\[\]|\{\})\)*(?: ‹[^›]*›)?$/.test(text) ? 0 : undefined;
  }

  override variant(): string | undefined {
    return this.#reading((value) => variantOf(value, this.#program));
  }

  override variants(): ReadonlyMap<string, bigint | undefined> | undefined {
    return this.#reading((value) => variantsOf(value, this.#program));
  }

  override get isNumberInC(): boolean {
    return /^(?:const |volatile )*_Bool\b/.test(this.type);
  }

  override pointsAt(): number | undefined {
    return this.#reading((value) => addressIn(value, this.#program, () => this.shown));
  }

  override reference(): Value {
    return this.#reading((value) => referenceTo(value, this.#program, (target) => this.#of(target)));
  }

  override get step(): number | undefined {
    return this.#reading((value) => stepOf(value, this.#program));
  }

  override moved(count: number): Value {
    const at = this.pointsAt();
    if (at === undefined) return undefined;
    return this.#reading((value) => pointerLike(value, at, this.#program, (target) => this.#of(target))?.moved(count));
  }

  /** Where its own bytes are: of a Vec the Vec, not its elements. */
  get extent(): { readonly address: number; readonly length: number } | undefined {
    const address = this.address();
    const { types } = this.#program;
    const length = this.#value === undefined ? undefined : types.sizeOf(types.bare(this.#value.type));
    return address === undefined || length === undefined || length === 0 ? undefined : { address, length };
  }

  /** Whether it can be set: its view says how where there is something to write to. */
  get settable(): boolean {
    return this.shown.assign !== undefined;
  }

  /** The same of a part of it. */
  extentOf(part: SourceBytes): SourceValue['extent'] {
    return new SourceValue(this.#program, part).extent;
  }

  /** The Wasm local, global or operand that it is as a whole. */
  get slot(): SourceBytes['bytes']['slot'] {
    return this.#value?.bytes.slot;
  }

  /** What setting it to `text` writes, which may also be an expression, whose value `evaluate` gives. */
  assign(text: string, evaluate: () => Value): Assigned {
    const { assign } = this.shown;
    if (assign === undefined) return { reason: whyFixed(this.shown) };
    const written = assign(text);
    if (!('reason' in written)) return written;
    const value = computed(evaluate, text);
    if (value === undefined) return written;
    if (value instanceof ExpressionError) return { reason: value.message };
    const pointer = this.#reading((own) => pointerInC(own, this.#program));
    const address = pointer !== undefined && value instanceof Compound ? value.pointsAt() : undefined;
    if (address !== undefined) return assign(`0x${address.toString(16)}`);
    if (value instanceof Compound && value.isAddress && this.type.startsWith('&'))
      return { reason: 'A reference is not made to refer to something else: what it refers to is set, to a value.' };
    const literal = literalOf(value, text);
    const set = literal === undefined ? written : assign(literal);
    // what was written says more than what it is worth
    return 'reason' in set && !isComputed(text) ? written : set;
  }

  /** What points to this, as a row with this below it. */
  pointedBy({ type, text }: { readonly type: string; text(): string }): SourceValue {
    const child = (): readonly Child[] => [
      {
        name: '*',
        path: '*',
        shown: () => this.shown,
        ...(this.#value === undefined ? {} : { value: this.#value }),
      },
    ];
    return new SourceValue(this.#program, undefined, () => withFields(text(), type, 1, child, this.address()));
  }

  /** A part of it in a format that is about numbers; undefined: it is no number. */
  partIn(format: Format, part: Child): string | undefined {
    const one = this.#ofChild(part);
    const plain = part.value === undefined ? undefined : exact(one);
    return isNumeric(plain) ? formatNumber(plain, format, one.numberType) : undefined;
  }

  /** The value that a child of a row stands for. */
  get source(): SourceBytes | undefined {
    return this.#value;
  }
}

const NOTHING: Shown = { text: '', type: '', named: 0, indexed: 0, children: () => [] };

/** How views write the way to an entry with this key. */
function pathsOf(key: Value): string[] {
  switch (typeof key) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return [`[${key}]`];
    case 'string':
      return [...key].length === 1 ? [`[${quoted(key)}]`, `[${quotedChar(key)}]`] : [`[${quoted(key)}]`];
    default:
      return [];
  }
}
