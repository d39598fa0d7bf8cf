// Views of serde_json's values, as JSON: `{"a": 1, "b": [true, null]}`.
import type { StructType } from '../../dwarf/type.ts';
import type { Shown, Value } from '../value.ts';
import { type Look, leaf, wrapped } from './look.ts';
import { memberNamed, need, peel, structOf, Unreadable } from './reading.ts';
import { activeVariant } from './rust-variants.ts';
import { typeName } from './type-name.ts';

/** Value: Null, Bool, Number, String, Array, Object. */
export function jsonView(value: Value, type: StructType, look: Look): Shown {
  const name = typeName(value.type, look.types);
  const { name: variant, payload } = activeVariant(value, type, look.types);
  if (variant === 'Null') return leaf('null', name, { address: value.bytes.address });
  return wrapped(look.through(need(payload, look.types, '__0')), name);
}

/** Number { n: N }, N being PosInt, NegInt or Float; a String with the feature arbitrary_precision. */
export function jsonNumberView(value: Value, _type: StructType, look: Look): Shown {
  const name = typeName(value.type, look.types);
  const inner = need(value, look.types, 'n');
  const struct = structOf(inner, look.types);
  if (struct === undefined) throw new Unreadable('this version of Number is another one');
  if (struct.variants !== undefined)
    return wrapped(look.through(need(activeVariant(inner, struct, look.types).payload, look.types, '__0')), name);
  const text = look.through(inner);
  return wrapped(text, name, text.text.replace(/^"(.*)"$/, '$1'));
}

/** Map { map: BTreeMap or IndexMap } */
export const jsonMapView = (value: Value, _type: StructType, look: Look): Shown =>
  wrapped(
    look.through(memberNamed(value, look.types, 'map') ?? peel(value, look.types)),
    typeName(value.type, look.types),
  );
