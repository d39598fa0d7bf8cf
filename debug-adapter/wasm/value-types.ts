// Value types as the bytes of the binary format, and their names. Only the types that wasmi 1.0.3 knows.

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const FUNCREF = 0x70;
export const EXTERNREF = 0x6f;
/** The block type of a block without parameters and results. */
export const EMPTY_BLOCK = 0x40;

const NAMES = new Map([
  [I32, 'i32'],
  [I64, 'i64'],
  [F32, 'f32'],
  [F64, 'f64'],
  [V128, 'v128'],
  [FUNCREF, 'funcref'],
  [EXTERNREF, 'externref'],
]);

/** The name of a value type byte as WAT text spells it. */
export function valueTypeName(type: number): string {
  return NAMES.get(type) ?? `type 0x${type.toString(16)}`;
}

export function isReferenceType(type: number): boolean {
  return type === FUNCREF || type === EXTERNREF;
}

/** Whether the byte is a value type that wasmi 1.0.3 knows. */
export function isValueType(type: number): boolean {
  return NAMES.has(type);
}
