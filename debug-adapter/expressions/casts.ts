// What `as` makes of a number besides Wasm's own types, and of a float as one of these. Contract P2.
import { whole } from './arithmetic.ts';
import { Character } from './character.ts';
import { EvaluationError, type Place } from './error.ts';
import { WIDTHS } from './numbers.ts';
import type { CellType } from './syntax.ts';
import { Compound, exact, shown, tidy, truthy, type Value } from './values.ts';

/** What else than Wasm's own types a number can be cast to. */
export const WIDE: Readonly<Record<string, (value: Value, place: Place) => Value>> = {
  u128: (value, place) => tidy(BigInt.asUintN(128, BigInt(whole(value, place)))),
  i128: (value, place) => tidy(BigInt.asIntN(128, BigInt(whole(value, place)))),
  char: (value, place) => {
    const point = Number(whole(value, place));
    if (point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000))
      return new Character(String.fromCodePoint(point));
    throw new EvaluationError(`${shown(value)} is no character`, place);
  },
  // of C
  bool: (value) => truthy(value),
};

/** A float as Rust makes a whole number of it: the nearest that the type has. Whole numbers keep their low bits. */
export function saturated(cell: CellType, value: Value): Value {
  const plain = exact(value);
  const isFloat =
    typeof plain === 'number' &&
    (!Number.isSafeInteger(plain) || (value instanceof Compound && value.numberType?.startsWith('f') === true));
  const { bytes, sort } = WIDTHS[cell];
  if (!isFloat || sort === 'float') return value;
  if (Number.isNaN(plain)) return 0;
  const bits = 8 * bytes;
  const [least, most] = sort === 'signed' ? [-(2 ** (bits - 1)), 2 ** (bits - 1)] : [0, 2 ** bits];
  if (plain >= most) return sort === 'signed' ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n;
  return plain <= least ? BigInt(least) : plain;
}
