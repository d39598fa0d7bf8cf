// Views of Rust's structs, tuples, unions and closures: `User { id: 1 }`, `Meters(2.5)`, `(1, "two")`.
import type { Member, StructType } from '../../dwarf/type.ts';
import type { Child, Shown, Value } from '../value.ts';
import { field, fieldsText, type Look, leaf, withFields } from './look.ts';
import { isWidePointer, memberValue } from './reading.ts';
import { pointerView } from './rust-pointers.ts';
import { literalName, typeName } from './type-name.ts';

export function structView(value: Value, type: StructType, look: Look): Shown {
  if (isWidePointer(type)) return pointerView(value, type, look);
  const name = typeName(value.type, look.types);
  if (type.union) return unionView(value, type, look, name);
  if (type.name.startsWith('{closure')) return closureView(value, type, look, name);
  return fieldsView(value, type, look, type.name.startsWith('(') ? '' : literalName(type.name), name);
}

/** `__0` of a tuple is `.0`. */
const fieldName = (member: Member): string => /^__(\d+)$/.exec(member.name)?.[1] ?? member.name;

/** A struct's fields, or a variant's; `title` is written in front of them. */
function fieldsView(value: Value, type: StructType, look: Look, title: string, name: string): Shown {
  const text = fieldsTextOf(value, type, look, title);
  const children = () => fieldsOf(value, type, type.members, look);
  return withFields(text, name, type.members.length, children, value.bytes.address);
}

export function fieldsTextOf(value: Value, type: StructType, look: Look, title: string): string {
  const { members } = type;
  if (members.length === 0) return title === '' ? '()' : title;
  const inside = (member: Member) => look.inside(memberValue(value, type, member, look.types)).text;
  if (members.every((member) => /^__\d+$/.test(member.name))) {
    const one = title === '' && members.length === 1 ? ',)' : ')';
    return fieldsText(
      look,
      `${title}(`,
      one,
      members.map((member) => () => inside(member)),
    );
  }
  return fieldsText(
    look,
    `${title} { `.trimStart(),
    ' }',
    members.map((member) => () => `${member.name}: ${inside(member)}`),
  );
}

export const fieldsOf = (value: Value, type: StructType, members: readonly Member[], look: Look): readonly Child[] =>
  members.map((member) =>
    field(fieldName(member), `.${fieldName(member)}`, memberValue(value, type, member, look.types), look),
  );

/** All members of a union are there at once; which of them is meant only the program knows. */
function unionView(value: Value, type: StructType, look: Look, name: string): Shown {
  const children = () => fieldsOf(value, type, type.members, look);
  const parts = type.members.map(
    (member) => () => `${member.name}: ${look.inside(memberValue(value, type, member, look.types)).text}`,
  );
  const text = fieldsText(look, `${literalName(type.name)} { `, ' }', parts, ' | ');
  return withFields(text, name, type.members.length, children, value.bytes.address);
}

/** What a closure captures, by the names the program has for it: rustc puts `_ref__` before what is captured by reference. */
function closureView(value: Value, type: StructType, look: Look, name: string): Shown {
  if (type.members.length === 0) return leaf('|…| ‹nothing captured›', name);
  const captured = (member: Member) => fieldName(member).replace(/^_ref__/, '');
  const children = () =>
    type.members.map((member) =>
      field(captured(member), `.${captured(member)}`, memberValue(value, type, member, look.types), look),
    );
  const parts = type.members.map(
    (member) => () => `${captured(member)}: ${look.inside(memberValue(value, type, member, look.types)).text}`,
  );
  const text = fieldsText(look, '|…| { ', ' }', parts);
  return withFields(text, name, type.members.length, children, value.bytes.address);
}
