// The stack of a DWARF expression, and the operators that need nothing else: constants, stack operations, arithmetic, control flow (DWARF 5 §2.5.1.1,
// §2.5.1.3 to §2.5.1.5). Throws Unavailable, which location-expression.ts catches.

import type { Missing } from './location.ts';
import { isMissing } from './location.ts';
import type { ExpressionCursor } from './location-expression-cursor.ts';
import { Op } from './location-expression-operators.ts';
import type { Binary, Cell } from './location-expression-values.ts';
import { binary, generic, unary } from './location-expression-values.ts';

/** No compiler comes near it; garbage does. */
const MOST_CELLS = 1_000;

/** Ends an evaluation; the message is a clause. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

export const fail = (reason: string): never => {
  throw new Unavailable(reason);
};

export function had<T extends object | bigint | number>(value: T | Missing): T {
  if (isMissing(value)) return fail(value.reason);
  return value;
}

export class ExpressionStack {
  readonly #cells: Cell[] = [];
  get empty(): boolean {
    return this.#cells.length === 0;
  }

  clear(): void {
    this.#cells.length = 0;
  }

  push(cell: Cell): void {
    if (this.#cells.length >= MOST_CELLS) fail('its DWARF expression takes too much stack');
    this.#cells.push(cell);
  }

  pop(): Cell {
    return this.#cells.pop() ?? fail('its DWARF expression takes from an empty stack');
  }

  /** @param depth 0 is the top */
  peek(depth: number): Cell {
    return this.#cells.at(-1 - depth) ?? fail('its DWARF expression takes from an empty stack');
  }

  /** Puts the top below the `count` under it. */
  sink(count: number): void {
    this.peek(count);
    this.#cells.splice(-count, 0, this.pop());
  }
}

const BINARY = new Map<number, Binary>([
  [Op.and, 'and'],
  [Op.div, 'div'],
  [Op.minus, 'minus'],
  [Op.mod, 'mod'],
  [Op.mul, 'mul'],
  [Op.or, 'or'],
  [Op.plus, 'plus'],
  [Op.shl, 'shl'],
  [Op.shr, 'shr'],
  [Op.shra, 'shra'],
  [Op.xor, 'xor'],
  [Op.eq, 'eq'],
  [Op.ge, 'ge'],
  [Op.gt, 'gt'],
  [Op.le, 'le'],
  [Op.lt, 'lt'],
  [Op.ne, 'ne'],
]);

/** Does what `op` says; false: it is none of these. */
export function stackOperator(op: number, cursor: ExpressionCursor, stack: ExpressionStack): boolean {
  const value = constant(op, cursor) ?? computed(op, cursor, stack);
  if (value !== undefined) {
    stack.push(value);
    return true;
  }
  switch (op) {
    case Op.drop:
      stack.pop();
      return true;
    case Op.swap:
      stack.sink(1);
      return true;
    case Op.rot:
      stack.sink(2);
      return true;
    case Op.bra: {
      const distance = cursor.s16();
      if (stack.pop().bits !== 0n) jump(cursor, distance);
      return true;
    }
    case Op.skip:
      jump(cursor, cursor.s16());
      return true;
    case Op.nop:
      return true;
    default:
      return false;
  }
}

function jump(cursor: ExpressionCursor, distance: number): void {
  const to = cursor.at + distance;
  if (to < 0 || to > cursor.end) fail('its DWARF expression jumps out of itself');
  cursor.at = to;
}

const of = (value: bigint | number): Cell => generic(BigInt(value));

/** §2.5.1.1 */
function constant(op: number, cursor: ExpressionCursor): Cell | undefined {
  if (op >= Op.lit0 && op < Op.reg0) return of(op - Op.lit0);
  switch (op) {
    case Op.const1u:
      return of(cursor.u8());
    case Op.const1s:
      return of((cursor.u8() << 24) >> 24);
    case Op.const2u:
      return of(cursor.u16());
    case Op.const2s:
      return of(cursor.s16());
    case Op.const4u:
      return of(cursor.u32());
    case Op.const4s:
      return of(cursor.u32() | 0);
    case Op.const8u:
    case Op.const8s:
      return of(cursor.unsigned(8));
    case Op.constu:
      return of(cursor.uleb());
    case Op.consts:
      return of(cursor.sleb());
    default:
      return undefined;
  }
}

/** What is taken from the stack and put back. */
function computed(op: number, cursor: ExpressionCursor, stack: ExpressionStack): Cell | undefined {
  const arithmetic = BINARY.get(op);
  if (arithmetic !== undefined) {
    const right = stack.pop();
    return had(binary(arithmetic, stack.pop(), right));
  }
  switch (op) {
    case Op.dup:
      return stack.peek(0);
    case Op.over:
      return stack.peek(1);
    case Op.pick:
      return stack.peek(cursor.u8());
    case Op.abs:
      return had(unary('abs', stack.pop()));
    case Op.neg:
      return had(unary('neg', stack.pop()));
    case Op.not:
      return had(unary('not', stack.pop()));
    case Op.plus_uconst: {
      const addend = of(cursor.uleb());
      return had(binary('plus', stack.pop(), addend));
    }
    default:
      return undefined;
  }
}
