// What is in an Option, for views that meet one on their way.
import type { Value } from '../value.ts';
import type { Look } from './look.ts';
import { need, structOf, Unreadable } from './reading.ts';
import { activeVariant } from './rust-variants.ts';

/** The value in `Some`; undefined: `None`. @throws Unreadable where it is no Option */
export function someOf(value: Value, look: Look): Value | undefined {
  const struct = structOf(value, look.types);
  if (struct?.variants === undefined) throw new Unreadable('what should be an Option is none');
  const active = activeVariant(value, struct, look.types);
  return active.name === 'Some' ? need(active.payload, look.types, '__0') : undefined;
}
