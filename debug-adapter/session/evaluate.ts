// What a person writes into the Debug Console, a watch, or points at: `memory[addr, len]`, `global[3]`, `$name`, and expressions over the
// fields of the present event. Only while the call is stopped. Contracts P2, E2 (a watch never parses a message of megabytes).
import { compileExpression, type Scope, textOf } from '../executor/expression.ts';
import type { GlobalValue } from '../executor/options.ts';
import type { RunEvent } from '../recording/event.ts';
import type { JsonValue } from '../rpc/json.ts';
import { stringifyJson } from '../rpc/json.ts';
import { excerpt } from '../wasi/excerpt.ts';
import { eventScope } from './event-rows.ts';
import { type Children, jsonRow, listed, type Row } from './json-tree.ts';
import type { SessionRun } from './session-run.ts';
import { notStopped } from './stopped.ts';
import { grouped } from './transcript-line.ts';

/** Bytes of memory that one expression shows; the hex view pages through the rest. */
const MOST_BYTES = 64 * 1024;
/** Longer lines are looked into only when a person asks by hand. */
const WATCHED = 1024 * 1024;
const ROW_BYTES = 16;

/** Where an expression was written, as DAP's `context`. */
export type EvaluateContext = 'repl' | 'watch' | 'hover' | 'other';

/** The value of `text` at the present stop. @throws Error with a sentence. */
export async function evaluate(run: SessionRun, text: string, context: EvaluateContext): Promise<Row> {
  const stop = run.stop;
  if (stop === undefined) throw new Error(notStopped(run));
  const source = text.trim();
  if (source === '') throw new Error('There is nothing to evaluate.');
  const globals = /\bglobal\b|\$/.test(source) ? await run.globals() : [];
  const scope = stopScope(run, stop.seq, globals, context);
  const memory = memoryArguments(source);
  if (memory !== undefined) return memoryRow(run, source, memory, scope);
  const value = compileExpression(source)(scope);
  if (value === undefined) throw new Error(unknown(run, source, stop.seq));
  return valueRow(source, value, addressOf(source, value));
}

/** A name that is a global holds an address more often than not: the hex view may start there. */
function addressOf(source: string, value: unknown): number | undefined {
  const address = /^(\$|global\b)/.test(source) && typeof value === 'number' ? value : undefined;
  return address !== undefined && Number.isSafeInteger(address) && address >= 0 ? address : undefined;
}

function unknown(run: SessionRun, source: string, seq: number): string {
  const names = ['kind', 'fuel', 'time', ...(seq < 0 ? [] : NAMES[run.store.kind(seq)])];
  return `There is no value '${source}' here. The present event has ${names.join(', ')}; besides there are memory[address, length], global[index] and $name of a global.`;
}

const NAMES: Readonly<Record<RunEvent['kind'], readonly string[]>> = {
  rpc: ['dir', 'type', 'id', 'method', 'params', 'result', 'error', 'line', 'bytes'],
  syscall: ['name', 'errno', 'its arguments by name'],
  stderr: ['line', 'bytes'],
  yield: ['count', 'required'],
  grow: ['space', 'index', 'delta', 'result'],
  diagnosis: ['diagnosis', 'message', 'severity'],
  exit: ['reason', 'code', 'message'],
  folded: ['count'],
};

function stopScope(run: SessionRun, seq: number, globals: readonly GlobalValue[], context: EvaluateContext): Scope {
  let ofEvent: Scope | undefined;
  const event = (): Scope => {
    if (ofEvent !== undefined) return ofEvent;
    const present = seq < 0 ? undefined : run.store.get(Math.min(seq, run.store.length - 1));
    const long = present?.kind === 'rpc' && present.bytes.length > WATCHED && context !== 'repl';
    if (long)
      throw new Error(
        `This message has ${grouped(present.bytes.length)} bytes: ask for its fields in the Debug Console.`,
      );
    ofEvent = present === undefined ? () => undefined : eventScope(run.store, present);
    return ofEvent;
  };
  return (name) => {
    if (name === 'global') return globals.map((global) => globalNumber(global));
    if (name.startsWith('$')) {
      const found = globals.find((global) => global.name.replace(/^\$/, '') === name.slice(1));
      return found === undefined ? undefined : globalNumber(found);
    }
    return event()(name);
  };
}

/** A global's value for expressions: whole numbers exactly (P2), others as a double, what is neither as its text. */
function globalNumber(global: GlobalValue): unknown {
  if (/^-?\d+$/.test(global.value)) {
    const exact = BigInt(global.value);
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }
  const value = Number(global.value);
  return /^f(32|64)$/.test(global.type) ? value : global.value;
}

/** The two sides of the comma in `memory[a, b]`; the second is optional. Undefined when `source` is not of that form. */
function memoryArguments(
  source: string,
): { readonly address: string; readonly length: string | undefined } | undefined {
  const match = /^memory\s*\[(.*)\]$/s.exec(source);
  const inside = match?.[1];
  if (inside === undefined) return undefined;
  let depth = 0;
  for (let i = 0; i < inside.length; i++) {
    const c = inside[i];
    if (c === '(' || c === '[') depth++;
    else if (c === ')' || c === ']') depth--;
    else if (c === ',' && depth === 0) return { address: inside.slice(0, i), length: inside.slice(i + 1) };
    if (depth < 0) return undefined; // `memory[0] + memory[1]`
  }
  return { address: inside, length: undefined };
}

async function memoryRow(
  run: SessionRun,
  source: string,
  given: { readonly address: string; readonly length: string | undefined },
  scope: Scope,
): Promise<Row> {
  const whole = (expression: string, what: string): number => {
    const value = compileExpression(expression)(scope);
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    throw new Error(`The ${what} in '${source}' is ${textOf(value)}, and must be a whole number.`);
  };
  const address = whole(given.address, 'address');
  const length = given.length === undefined ? ROW_BYTES : whole(given.length, 'length');
  // i32 addresses come signed from globals and arguments
  const start = address < 0 && address >= -0x8000_0000 ? address + 0x1_0000_0000 : address;
  if (length < 0) throw new Error(`The length in '${source}' is negative.`);
  const bytes = await run.readMemory(start, Math.min(length, MOST_BYTES));
  if (bytes.length === 0 && length > 0) {
    const size = await run.memorySize();
    throw new Error(`Address 0x${start.toString(16)} lies past the end of memory, which has ${grouped(size)} bytes.`);
  }
  const short = bytes.length < length ? ` (${grouped(bytes.length)} of ${grouped(length)} bytes)` : '';
  return {
    name: source,
    value: `${excerpt(bytes)}${short}`,
    type: `${bytes.length} bytes`,
    address: start,
    children: hexRows(bytes, start),
  };
}

function hexRows(bytes: Uint8Array, address: number): Children {
  const rows: Row[] = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    const line = bytes.subarray(at, at + ROW_BYTES);
    const hex = Array.from(line, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(line, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    const name = `0x${(address + at).toString(16).padStart(8, '0')}`;
    rows.push({ name, value: `${hex.padEnd(ROW_BYTES * 3 - 1)}  ${text}`, address: address + at });
  }
  return listed(rows);
}

/** A value of an expression as a row, its digits intact. */
function valueRow(source: string, value: unknown, address: number | undefined): Row {
  const at = address === undefined ? {} : { address };
  if (typeof value === 'bigint') return { name: source, value: String(value), type: 'number', ...at };
  if (typeof value === 'number' && !Number.isFinite(value))
    return { name: source, value: String(value), type: 'number' };
  if (Array.isArray(value) && value.some((entry) => typeof entry === 'bigint'))
    return { name: source, value: textOf(value), type: 'array' };
  return { ...jsonRow(source, stringifyJson(value as JsonValue)), ...at };
}

/** What a pointer over a word of the transcript shows: only names that mean something here, so that nothing pops up over prose. */
export function isHoverable(text: string): boolean {
  return /^[\w$.[\], ]+$/.test(text) && !/^\d+$/.test(text);
}
