// How columns grow. Typed arrays stand in for lists of objects wherever there are many: one array a field, with room for more than they hold.

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** `column` with room for at least `least` items, and for twice as many as before; zeros are behind what it held. It is a copy: the old one goes. */
export function grown<T extends Column>(column: T, least = 0): T {
  // the constructor of a typed array makes its own kind
  const longer = new (column.constructor as new (length: number) => T)(Math.max(least, column.length * 2));
  longer.set(column as never);
  return longer;
}
