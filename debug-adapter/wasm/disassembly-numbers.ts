// Constants as WAT text writes them: decimal where that says the number exactly, NaNs with their payload. No instructions.

const scratch = new DataView(new ArrayBuffer(8));

/** The number whose bits are the 32 of `bits`. */
export function f32Text(bits: number): string {
  scratch.setInt32(0, bits);
  const value = scratch.getFloat32(0);
  if (Number.isNaN(value)) return nan(bits < 0, BigInt(bits & 0x7fffff), 0x400000n);
  if (!Number.isFinite(value) || Object.is(value, -0)) return special(value);
  // The shortest decimal that reads back as the same 32 bits.
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** The number whose bits are the 64 of `high` and `low`. */
export function f64Text(low: number, high: number): string {
  scratch.setInt32(0, high);
  scratch.setInt32(4, low);
  const value = scratch.getFloat64(0);
  if (Number.isNaN(value)) return nan(high < 0, scratch.getBigUint64(0) & 0xfffffffffffffn, 0x8000000000000n);
  if (!Number.isFinite(value) || Object.is(value, -0)) return special(value);
  return String(value);
}

/** A signed number of 64 bits. */
export function i64Text(low: number, high: number): string {
  if (high === low >> 31) return String(low);
  scratch.setInt32(0, high);
  scratch.setInt32(4, low);
  return String(scratch.getBigInt64(0));
}

function special(value: number): string {
  if (value === 0) return '-0';
  return value > 0 ? 'inf' : '-inf';
}

function nan(negative: boolean, payload: bigint, canonical: bigint): string {
  const sign = negative ? '-' : '';
  return payload === canonical ? `${sign}nan` : `${sign}nan:0x${payload.toString(16)}`;
}
