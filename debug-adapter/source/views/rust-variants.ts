// Views of Rust's enums, tagged and by niche, and of coroutines: one rule over DW_TAG_variant_part (DWARF 5 §5.7.10), which says where the
// discriminant is and which of its values mean which variant.
import type { DieOffset, Member, StructType, Types, VariantPart } from '../../dwarf/type.ts';
import type { Assigned, Child, Shown, Value } from '../value.ts';
import { bytesOf, isRefused } from './literals.ts';
import { field, type Look, leaf, remark, withFields } from './look.ts';
import { memberValue, scalarBytes, structOf, Unreadable, unsignedOf } from './reading.ts';
import { coroutineView } from './rust-coroutines.ts';
import { fieldsOf, fieldsTextOf } from './rust-structs.ts';
import { cut, WIDEST } from './text.ts';
import { typeName } from './type-name.ts';

/** The variant that a value is. */
export interface Active {
  readonly name: string;
  readonly member: Member | undefined;
  /** Its fields. */
  readonly payload: Value;
}

/** @throws Unreadable where the discriminant is of no variant */
export function activeVariant(value: Value, type: StructType, types: Types): Active {
  const part = type.variants;
  if (part === undefined || part.variants.length === 0) throw new Unreadable('it can not exist: it has no variants');
  const found = part.discriminant === undefined ? onlyVariant(part, types) : matching(value, type, part, types);
  const [member] = found.members;
  return {
    name: member?.name ?? '',
    member,
    payload: member === undefined ? { type: undefined, bytes: value.bytes } : memberValue(value, type, member, types),
  };
}

function matching(value: Value, type: StructType, part: VariantPart, types: Types): VariantPart['variants'][number] {
  const discriminant = discriminantOf(value, type, types);
  let other: VariantPart['variants'][number] | undefined;
  for (const variant of part.variants) {
    if (variant.values.length === 0) other = variant;
    for (const { low, high } of variant.values) if (discriminant >= low && discriminant <= high) return variant;
  }
  if (other !== undefined) return other;
  throw new Unreadable(`its discriminant ${discriminant} is of no variant`);
}

function discriminantOf(value: Value, type: StructType, types: Types): bigint {
  const discriminant = type.variants?.discriminant;
  if (discriminant === undefined) throw new Unreadable('it has no discriminant');
  const size = types.sizeOf(types.bare(discriminant.type));
  if (size === undefined) throw new Unreadable('the type of its discriminant is not known');
  return unsignedOf(scalarBytes(memberValue(value, type, discriminant, types), size));
}

/** Without a discriminant one variant is possible: the one that holds nothing impossible. */
function onlyVariant(part: VariantPart, types: Types): VariantPart['variants'][number] {
  const possible = part.variants.find((variant) =>
    variant.members.every((member) => !isImpossible(member.type, types, 0)),
  );
  const found = possible ?? part.variants[0];
  if (found === undefined) throw new Unreadable('it can not exist: it has no variants');
  return found;
}

/** Members of each struct on the way that are looked at for an impossible one. */
const MOST_LOOKED_AT = 16;

/** Whether a type has no values: `!`, `Infallible`, an enum without variants, a struct with such a field. */
function isImpossible(die: DieOffset | undefined, types: Types, depth: number): boolean {
  const type = types.bare(die);
  if (depth > 3) return false;
  if (type.kind === 'base') return type.name === '!';
  if (type.kind === 'enum') return type.enumerators.length === 0;
  if (type.kind !== 'struct' || type.union) return false;
  if (type.variants !== undefined && type.variants.variants.length === 0) return true;
  if (type.name === 'Infallible' && type.namespace[0] === 'core') return true;
  return type.members.slice(0, MOST_LOOKED_AT).some((member) => isImpossible(member.type, types, depth + 1));
}

export function variantsView(value: Value, type: StructType, look: Look): Shown {
  const { types } = look;
  const name = typeName(value.type, types);
  const assign = (text: string): Assigned => assignVariant(value, type, text, look);
  let active: Active;
  try {
    active = activeVariant(value, type, types);
  } catch (error) {
    if (!(error instanceof Unreadable) || type.variants?.discriminant === undefined) throw error;
    return leaf(remark(`not readable: ${error.reason}`), name, { address: value.bytes.address, assign });
  }
  if (/^\{(?:async|coroutine|gen)/.test(type.name)) return coroutineView(value, active, look, name);
  const payload = structOf(active.payload, types);
  if (payload === undefined || payload.members.length === 0)
    return leaf(active.name, name, { address: value.bytes.address, assign });
  const text = fieldsTextOf(active.payload, payload, look, active.name);
  const children = (): readonly Child[] => [
    ...fieldsOf(active.payload, payload, payload.members, look),
    // what all variants have
    ...type.members.map((member) =>
      field(member.name, `.${member.name}`, memberValue(value, type, member, types), look),
    ),
  ];
  const shown = withFields(text, name, payload.members.length + type.members.length, children, value.bytes.address);
  return { ...shown, assign };
}

/** Whether a value is of this variant already. */
function isNow(value: Value, type: StructType, member: Member, types: Types): boolean {
  try {
    return activeVariant(value, type, types).member === member;
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}

/** `None`, `Color::Red`, `Some(5)`: a variant whose fields are none or one that can be set itself. */
function assignVariant(value: Value, type: StructType, text: string, look: Look): Assigned {
  const { types } = look;
  const match = /^\s*(?:[\w:<>, ]*::)?(\w+)\s*(?:\((.*)\)|\{.*\})?\s*$/s.exec(text);
  const part = type.variants;
  const variant = part?.variants.find((one) => one.members[0]?.name === match?.[1]);
  const [member] = variant?.members ?? [];
  if (part === undefined || variant === undefined || member === undefined) {
    const names = part?.variants.map((one) => one.members[0]?.name ?? '').join(', ') ?? '';
    return { reason: cut(`The variants are ${names}.`, WIDEST) };
  }
  const payload = memberValue(value, type, member, types);
  const struct = structOf(payload, types);
  const fields = struct?.members ?? [];
  const inner = match?.[2];
  if (fields.length > 1 || (fields.length === 1) !== (inner !== undefined))
    return { reason: `${member.name} can't be set as a whole: set its fields one by one.` };
  const writes: { readonly to: Value['bytes']; readonly bytes: Uint8Array }[] = [];
  const [range] = variant.values;
  if (part.discriminant !== undefined && range !== undefined) {
    const size = types.sizeOf(types.bare(part.discriminant.type)) ?? 4;
    writes.push({ to: value.bytes.at(part.discriminant.offset), bytes: bytesOf(range.low, size) });
  }
  const only = fields[0];
  if (inner !== undefined && struct !== undefined && only !== undefined) {
    const target = look.show(memberValue(payload, struct, only, types));
    const size = types.sizeOf(types.bare(only.type));
    if (size === 0 && inner.trim() === target.text) return { writes };
    // texts, and other values that are set where they are, can be set only where they were before
    const { kind } = types.bare(only.type);
    if (target.assign === undefined || (kind !== 'base' && kind !== 'enum' && !isNow(value, type, member, types)))
      return { reason: `What is in ${member.name} can't be set as a whole.` };
    const set = target.assign(inner);
    if (isRefused(set)) return set;
    writes.push(...set.writes);
  } else if (part.discriminant !== undefined && range === undefined)
    return { reason: `${member.name} can't be set: it is what the other variants leave.` };
  return { writes };
}
