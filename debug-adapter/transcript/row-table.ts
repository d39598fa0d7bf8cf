// The rows of a call: one an event, polls of an empty stdin folded into one; who answers whom, what is nested under what, what is wrong.
// Columns of typed arrays over the event store, filled in slices of time; nothing is rendered here (row-text.ts) nor filtered (filter.ts).
// A row never changes once another has come after it, but for the reply that it gets, or loses. Contracts E2, E5 (folded polls), P2, P3.
import { changedEvent } from '../recording/answered-by-table.ts';
import { type EventStore, RecordCursor } from '../recording/event-store.ts';
import { CALL, KIND, LINE, NO_ERRNO } from '../recording/log-format.ts';
import { SYSCALL_NAMES } from '../recording/syscalls.ts';
import { Pairer } from '../rpc/pairing.ts';
import { grown } from '../wasm/grown.ts';
import { type Headline, headline, type Line } from './headline.ts';

/** What a row is; the number of its place here is what the column holds. */
export const ROW_KINDS = [
  'request',
  'result',
  'error',
  'invalid',
  'syscall',
  'polls',
  'stderr',
  'yield',
  'grow',
  'edit',
  'diagnosis',
  'exit',
  'folded',
] as const;
export type RowKind = (typeof ROW_KINDS)[number];

const code = (kind: RowKind): number => ROW_KINDS.indexOf(kind);
const REQUEST = code('request');
const SYSCALL = code('syscall');
const POLLS = code('polls');
const DIAGNOSIS = code('diagnosis');
const EXIT = code('exit');

const SEVERITIES = [undefined, 'warning', 'fault'] as const;
const WARNING = 1;
const FAULT = 2;

/** Ids of up to so many digits are exact as doubles. */
const EXACT_DIGITS = 15;
/** Events between two looks at the clock. */
const STRIDE = 32;
/** A diagnosis comes right behind the message that it is about: so many rows behind it at most. */
const NEAR = 3;
/** Ends of the guest that are somebody's fault. */
const FAULTY: ReadonlySet<string> = new Set(['trap', 'limit', 'ours', 'unusable']);

/** What is folded in a row of polls. */
export interface Polls {
  readonly polls: number;
  readonly clocks: number;
  readonly yields: number;
  /** ms since the call began at the last of them. */
  readonly until: number;
}

const decoder = new TextDecoder();

export class RowTable {
  readonly store: EventStore;
  readonly #now: () => number;
  readonly #cursor = new RecordCursor();
  readonly #names: string[] = [''];
  readonly #nameNumbers = new Map<string, number>([['', 0]]);
  readonly #methods = new Set<number>();
  readonly #pairer = new Pairer<number>();
  /** Requests, innermost last: those of the host, those of the plugin. Those that were answered are dropped when they come to be the last. */
  readonly #openIn: number[] = [];
  readonly #openOut: number[] = [];
  #rowOf = new Uint32Array(1024);
  #laid = 0;
  #length = 0;
  #folding = false;
  // columns
  #event = new Uint32Array(1024);
  #kind = new Uint8Array(1024);
  /** 0: no message, 1: in, 2: out. */
  #dir = new Uint8Array(1024);
  #name = new Uint32Array(1024);
  /** NaN: none. */
  #id = new Float64Array(1024);
  readonly #longIds = new Map<number, string>();
  #depth = new Uint16Array(1024);
  /** The other row of a request and its reply, and 1. 0: none. */
  #pair = new Uint32Array(1024);
  #severity = new Uint8Array(1024);
  /** Of replies that took the place of others: the row of the first. */
  readonly #places = new Map<number, number>();
  /** Row of a diagnosis about a row, or the row that a diagnosis is about, and 1. 0: none. */
  #about = new Uint32Array(1024);
  #polls = new Uint32Array(1024);
  #clocks = new Uint32Array(1024);
  #yields = new Uint32Array(1024);

  /** `now` gives ms; it bounds how long one slice of work takes. */
  constructor(store: EventStore, now: () => number) {
    this.store = store;
    this.#now = now;
  }

  /** Rows so far. */
  get length(): number {
    return this.#length;
  }

  /** Events that have a row. */
  get laid(): number {
    return this.#laid;
  }

  /** Lays out events that have come, for at most `budget` ms. True when none is left. */
  advance(budget: number): boolean {
    const end = this.#now() + budget;
    while (this.#laid < this.store.length) {
      const until = Math.min(this.#laid + STRIDE, this.store.length);
      while (this.#laid < until) this.#lay(this.#laid);
      if (this.#now() >= end) break;
    }
    return this.#laid === this.store.length;
  }

  /** The row of an event that has been laid out. */
  rowOf(seq: number): number {
    return this.#rowOf[Math.min(seq, this.#laid - 1)]!;
  }
  /** First event of a row. */
  event(row: number): number {
    return this.#event[row]!;
  }
  /** Behind the last event of a row, so far. */
  eventsEnd(row: number): number {
    return row + 1 < this.#length ? this.#event[row + 1]! : this.#laid;
  }
  kind(row: number): RowKind {
    return ROW_KINDS[this.#kind[row]!]!;
  }
  /** The place of its kind in ROW_KINDS. */
  kindCode(row: number): number {
    return this.#kind[row]!;
  }
  /** Direction of a message. */
  dir(row: number): 'in' | 'out' | undefined {
    const dir = this.#dir[row]!;
    return dir === 0 ? undefined : dir === 1 ? 'in' : 'out';
  }
  /** Method (of a reply: that of its request), syscall, or what the event is called. */
  name(row: number): string {
    return this.#names[this.#name[row]!]!;
  }
  /** The number of a row's name: equal for equal names. */
  nameNumber(row: number): number {
    return this.#name[row]!;
  }
  /** The name with a number. */
  nameOf(number: number): string {
    return this.#names[number] ?? '';
  }
  /** Every name so far, by its number. */
  get names(): readonly string[] {
    return this.#names;
  }
  /** Methods that were called so far, either way. */
  get methods(): readonly string[] {
    return [...this.#methods].map((number) => this.nameOf(number));
  }
  /** u64, digits intact; undefined where there is none. */
  id(row: number): string | undefined {
    const id = this.#id[row]!;
    return Number.isNaN(id) ? this.#longIds.get(row) : String(id);
  }
  /** The id as a number where that is exact; NaN where there is none, or it is longer. */
  shortId(row: number): number {
    return this.#id[row]!;
  }
  /** How deep it is nested under its causes; 0: the call's own request, and what comes after its reply. */
  depth(row: number): number {
    return this.#depth[row]!;
  }
  /** The row of the reply, or of the request that it answers; -1: none (so far). */
  pair(row: number): number {
    return this.#pair[row]! - 1;
  }
  /** Of a reply: the plugin never saw it, since it was changed at a stop, or taken back, before it had read of it. */
  neverRead(row: number): boolean {
    const request = this.#dir[row] === 1 && this.#kind[row] !== REQUEST ? this.pair(row) : -1;
    return request >= 0 && this.pair(request) !== row;
  }
  /** ms from a request to its reply; NaN for what is no request, or has no reply yet. */
  duration(row: number): number {
    const reply = this.#pair[row]!;
    if (this.#kind[row] !== REQUEST || reply === 0) return Number.NaN;
    return this.time(reply - 1) - this.time(row);
  }
  severity(row: number): 'warning' | 'fault' | undefined {
    return SEVERITIES[this.#severity[row]!];
  }
  /** Of a message, the row of the diagnosis about it; of a diagnosis, the row of that message. -1: none. */
  about(row: number): number {
    return this.#about[row]! - 1;
  }
  fuel(row: number): number {
    return this.store.fuel(this.#event[row]!);
  }
  /** Fuel consumed since the row before. */
  fuelSince(row: number): number {
    return row === 0 ? this.fuel(0) : this.fuel(row) - this.fuel(row - 1);
  }
  /** ms since the call began. */
  time(row: number): number {
    return this.store.time(this.#event[row]!);
  }
  /** What is folded in a row of polls; undefined for any other row. */
  polls(row: number): Polls | undefined {
    if (this.#kind[row] !== POLLS) return undefined;
    const until = this.store.time(this.eventsEnd(row) - 1);
    return { polls: this.#polls[row]!, clocks: this.#clocks[row]!, yields: this.#yields[row]!, until };
  }

  /** The errno of a syscall; -1 for any other row, and where it returned none. A row of polls is EAGAIN. */
  errno(row: number): number {
    const kind = this.#kind[row];
    if (kind !== SYSCALL && kind !== POLLS) return -1;
    this.store.seek(this.#cursor, this.#event[row]!);
    const errno = this.#cursor.b;
    return errno === NO_ERRNO ? -1 : errno;
  }

  /** Bytes of a line; of a syscall, those that it handed over, or else those that it wrote into memory. -1: none. */
  bytes(row: number): number {
    const cursor = this.#cursor;
    this.store.seek(cursor, this.#event[row]!);
    if (cursor.kind === KIND.rpc || cursor.kind === KIND.stderr) return cursor.c;
    if (cursor.kind !== KIND.syscall) return -1;
    const { d, view } = cursor;
    let at = cursor.start + ((d >> 8) & 0xff) * 8 + (d & CALL.sleeps ? 8 : 0);
    if (d & CALL.sent) return view.getUint32(at, true);
    let bytes = 0;
    for (let i = cursor.c; i > 0; i--) {
      const length = view.getUint32(at + 8, true);
      bytes += length;
      at += 12 + length;
    }
    return bytes;
  }

  /** The last row whose fuel, or time, is at or below `at`; -1 before the first. */
  rowAt(axis: 'fuel' | 'time', at: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this[axis](middle) <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  // Laying out.

  #lay(seq: number): void {
    const cursor = this.#cursor;
    this.store.seek(cursor, seq);
    const { kind } = cursor;
    if (seq >= this.#rowOf.length) this.#rowOf = grown(this.#rowOf);
    const last = this.#length - 1;
    if (this.#folding && this.#joins(last)) {
      this.#rowOf[seq] = last;
      this.#laid++;
      return;
    }
    this.#folding = false;
    const row = this.#length;
    if (row >= this.#event.length) this.#grow();
    this.#event[row] = seq;
    this.#rowOf[seq] = row;
    this.#id[row] = Number.NaN;
    this.#length++;
    this.#laid++;
    this.#depth[row] = this.#depthUnder(this.#openIn);
    switch (kind) {
      case KIND.rpc:
        this.#message(row);
        break;
      case KIND.syscall:
        this.#syscall(row);
        break;
      default:
        this.#other(row, seq);
    }
  }

  /** Whether the record at the cursor goes on with the polls of row `last`. */
  #joins(last: number): boolean {
    const { kind, a, c, d } = this.#cursor;
    if (kind === KIND.yield) this.#yields[last] = this.#yields[last]! + c;
    else if (kind !== KIND.syscall) return false;
    else if (d & CALL.emptyPoll) this.#polls[last] = this.#polls[last]! + 1;
    else if (SYSCALL_NAMES[a] === 'clock_time_get') this.#clocks[last] = this.#clocks[last]! + 1;
    else return false;
    return true;
  }

  #syscall(row: number): void {
    const { a, b, d } = this.#cursor;
    this.#name[row] = this.#nameNumber(SYSCALL_NAMES[a] ?? `syscall ${a}`);
    this.#kind[row] = SYSCALL;
    if (d & CALL.hostWouldPanic) this.#severity[row] = WARNING;
    if (!(d & CALL.emptyPoll)) return;
    this.#kind[row] = POLLS;
    this.#polls[row] = 1;
    this.#folding = b !== NO_ERRNO;
  }

  #message(row: number): void {
    const cursor = this.#cursor;
    const out = cursor.a === 1;
    this.#dir[row] = out ? 2 : 1;
    const head = headlineAt(cursor);
    this.#kind[row] = code(head.kind);
    if (head.kind === 'invalid') {
      this.#severity[row] = FAULT;
      return;
    }
    this.#setId(row, head.id);
    const changes = out ? undefined : changedEvent(cursor.bytes, cursor.start + cursor.c, cursor.d);
    if (changes !== undefined) {
      this.#changed(row, changes);
      return;
    }
    const type = head.kind === 'result' ? 'response' : head.kind;
    const pairing = this.#pairer.add(out ? 'out' : 'in', { type, id: head.id }, row);
    if (head.kind === 'request') {
      const name = this.#nameNumber(head.method);
      this.#name[row] = name;
      this.#methods.add(name);
      // what the host asks is caused by what the plugin asked it, and the other way round
      this.#depth[row] = this.#depthUnder(out ? this.#openIn : this.#openOut);
      (out ? this.#openOut : this.#openIn).push(row);
    } else if (pairing.kind === 'reply') {
      const { request } = pairing;
      this.#pair[row] = request + 1;
      this.#pair[request] = row + 1;
      this.#name[row] = this.#name[request]!;
      this.#depth[row] = this.#depth[request]!;
    } else this.#severity[row] = WARNING;
  }

  /** A reply that takes the place of one that was unread: it answers what that one answered. */
  #changed(row: number, event: number): void {
    const old = event < this.#event[row]! ? this.rowOf(event) : -1;
    const request = old < 0 || this.#dir[old] !== 1 ? -1 : this.pair(old);
    if (request < 0) {
      this.#severity[row] = WARNING;
      return;
    }
    this.#pair[row] = request + 1;
    this.#pair[request] = row + 1;
    this.#name[row] = this.#name[request]!;
    this.#depth[row] = this.#depth[request]!;
    this.#places.set(row, this.#placeOf(old));
  }

  /** The row whose place in stdin a reply has, which it may have taken over. */
  #placeOf(row: number): number {
    return this.#places.get(row) ?? row;
  }

  /** The reply of an event, and those behind it, were taken back before anybody had read them: what they answered is open again. */
  #takenBack(row: number, event: number): void {
    const from = event < this.#event[row]! ? this.#placeOf(this.rowOf(event)) : row;
    for (let reply = from; reply < row; reply++) {
      const request = this.#dir[reply] === 1 ? this.pair(reply) : -1;
      const id = request < 0 ? undefined : this.id(request);
      if (id === undefined || this.pair(request) !== reply || this.#placeOf(reply) < from) continue;
      this.#pair[request] = 0;
      this.#pairer.reopen('out', id, request);
    }
  }

  /** The depth of what the innermost request of a side has caused. */
  #depthUnder(requests: number[]): number {
    for (let row = requests.at(-1); row !== undefined; row = requests.at(-1)) {
      if (this.#pair[row] === 0) return Math.min(this.#depth[row]! + 1, 0xffff);
      requests.pop();
    }
    return 0;
  }

  #setId(row: number, id: string): void {
    if (id.length <= EXACT_DIGITS) this.#id[row] = Number(id);
    else this.#longIds.set(row, id);
  }

  /** Events that are neither messages nor syscalls. They are few, but for log lines and yields. */
  #other(row: number, seq: number): void {
    const kind = this.store.kind(seq);
    if (kind === 'stderr' || kind === 'yield' || kind === 'folded' || kind === 'edit') {
      this.#kind[row] = code(kind);
      this.#name[row] = this.#nameNumber(kind);
      if (kind !== 'edit') return;
    }
    const event = this.store.get(seq);
    if (event.kind === 'edit' && event.space === 'reply') this.#takenBack(row, event.index);
    if (event.kind === 'diagnosis') {
      this.#kind[row] = DIAGNOSIS;
      this.#name[row] = this.#nameNumber(event.diagnosis);
      this.#severity[row] = event.severity === 'fault' ? FAULT : WARNING;
      for (let other = row - 1; other >= Math.max(0, row - NEAR); other--) {
        if (this.#dir[other] === 0) continue;
        this.#about[row] = other + 1;
        this.#about[other] ||= row + 1;
        this.#severity[other] = Math.max(this.#severity[other]!, this.#severity[row]!);
        break;
      }
    } else if (event.kind === 'exit') {
      this.#kind[row] = EXIT;
      this.#name[row] = this.#nameNumber(event.reason);
      if (FAULTY.has(event.reason)) this.#severity[row] = FAULT;
    } else if (event.kind === 'grow') {
      this.#kind[row] = code('grow');
      this.#name[row] = this.#nameNumber(`${event.space}.grow`);
      if (event.result === -1) this.#severity[row] = WARNING;
    }
  }

  #nameNumber(name: string): number {
    const known = this.#nameNumbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.push(name) - 1;
    this.#nameNumbers.set(name, number);
    return number;
  }

  #grow(): void {
    this.#event = grown(this.#event);
    this.#kind = grown(this.#kind);
    this.#dir = grown(this.#dir);
    this.#name = grown(this.#name);
    this.#id = grown(this.#id);
    this.#depth = grown(this.#depth);
    this.#pair = grown(this.#pair);
    this.#severity = grown(this.#severity);
    this.#about = grown(this.#about);
    this.#polls = grown(this.#polls);
    this.#clocks = grown(this.#clocks);
    this.#yields = grown(this.#yields);
  }
}

/** The headline of the line at the cursor; its text is decoded only where it is looked at. */
function headlineAt(cursor: RecordCursor): Headline {
  const bytes = cursor.bytes.subarray(cursor.start, cursor.start + cursor.c);
  const line: Line = {
    bytes,
    utf8: (cursor.b & LINE.notUtf8) === 0,
    get line() {
      return decoder.decode(bytes);
    },
  };
  return headline(line);
}
