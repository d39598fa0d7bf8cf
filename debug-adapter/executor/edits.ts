// What somebody at a stop changes in the guest: a local, an operand, a global, bytes of memory. Checked, done, and described so that a replay
// does the same at the same moment. Contract R1.

import { parseTarget, parseValue } from '../expressions/expression.ts';
import type { EditEvent } from '../recording/event.ts';
import type { RequestMessage } from '../rpc/message.ts';
import type { Bytes } from '../source/value.ts';
import type { CodeRun } from './code-run.ts';

export type Edit = Omit<EditEvent, 'kind' | 'seq' | 'fuel' | 'time'>;

/** The most bytes that are written at once. */
const MOST_BYTES = 1 << 20;

/** What `target = value` is as an edit; `scope` is what names in it mean. @throws ExpressionError, EvaluationError: each a sentence */
export function editOf(code: CodeRun, target: string, value: string, scope = code.scope): Edit {
  const found = parseTarget(scope, target);
  const { bytes } = parseValue(value, found.type, scope);
  const text = `${target.trim()} = ${value.trim()}`;
  const base = { bytes, moment: code.moment, offset: code.guest.offset, text };
  if (found.kind === 'memory') return { ...base, space: 'memory', index: found.memory, address: found.address };
  return { ...base, space: found.kind, index: found.index, address: 0 };
}

/** Bytes for memory 0, as far as they lie in it. @throws Error with a sentence */
export function writeOf(code: CodeRun, address: number, bytes: Uint8Array): Edit {
  const size = code.guest.memory(0)?.size ?? 0;
  if (bytes.length > MOST_BYTES)
    throw new Error(`${bytes.length} bytes are too many to be written at once: at most ${MOST_BYTES}.`);
  if (!(address >= 0 && address < size))
    throw new Error(`Address ${address} lies outside the plugin's memory, which has ${size} bytes.`);
  const fitting = bytes.slice(0, size - address);
  const text = `${fitting.length} bytes at 0x${address.toString(16)}`;
  return { space: 'memory', index: 0, address, bytes: fitting, moment: code.moment, offset: code.guest.offset, text };
}

/** Bytes for where a value of the source lies. @throws Error with a sentence where that is nowhere */
export function editOfBytes(code: CodeRun, to: Bytes, bytes: Uint8Array): Edit {
  if (to.address !== undefined) return writeOf(code, to.address, bytes);
  const { slot } = to;
  if (slot === undefined) throw new Error('This can’t be set: it lies neither in memory nor in one local.');
  const { guest } = code;
  const slots = slot.kind === 'local' ? guest.locals : slot.kind === 'global' ? guest.globals : guest.operands;
  // a value narrower than what holds it leaves the rest zero, as the compiler's own code does
  const wide = new Uint8Array(slots.type(slot.index) === 'i64' || slots.type(slot.index) === 'f64' ? 8 : 4);
  wide.set(bytes.subarray(0, wide.length));
  const text = `${slot.kind} ${slot.index} = ${bytes.length} bytes`;
  const base = { bytes: wide, moment: code.moment, offset: code.guest.offset, text };
  return { ...base, space: slot.kind, index: slot.index, address: 0 };
}

/** The unread reply of event `seq` is taken out of stdin, and all behind it. */
export function takenBackEdit(seq: number, requests: readonly RequestMessage[], code: CodeRun | undefined): Edit {
  const [first, ...behind] = requests;
  const also = behind.length === 0 ? '' : `, and ${behind.length === 1 ? 'the one' : `${behind.length}`} behind it`;
  const text = `the reply to ${first?.method ?? 'the call'} (id ${first?.id ?? '?'}) taken back, unread${also}: it never comes`;
  const moment = code?.moment ?? 0;
  return { space: 'reply', index: seq, address: 0, bytes: new Uint8Array(), moment, offset: -1, text };
}

/** Does it. @returns false where what it names is not there. */
export function doEdit(code: CodeRun, { space, index, address, bytes }: Edit): boolean {
  const { guest } = code;
  switch (space) {
    case 'local':
    case 'stack':
      return guest.set(space, index, bytes);
    case 'global':
      return guest.setGlobal(index, bytes);
    case 'reply':
      return false; // the host's doing: recorded-host.ts
    default: {
      const memory = guest.memoryAt(index);
      if (memory === undefined || address + bytes.length > memory.buffer.byteLength) return false;
      new Uint8Array(memory.buffer).set(bytes, address);
      return true;
    }
  }
}

/** Why an edit could not be done. */
export function refusal({ space, text }: Edit): string {
  switch (space) {
    case 'global':
      return `'${text}' can't be done: this global is not mutable, or is a reference or a vector.`;
    case 'memory':
      return `'${text}' can't be done: it lies outside the plugin's memory.`;
    default:
      return `'${text}' can't be done here: locals and operands can be set where the plugin stands before an instruction, in its innermost frame.`;
  }
}
