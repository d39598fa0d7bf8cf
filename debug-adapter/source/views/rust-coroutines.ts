// Views of Rust's coroutines: what an async function waits at, and its variables that live across that. rustc describes one as a variant
// part over `__state`, whose variants are Unresumed, Returned, Panicked, and Suspend0… with the line of their `.await`.
import type { Member } from '../../dwarf/type.ts';
import type { Child, Shown, Value } from '../value.ts';
import { field, fieldsText, type Look, leaf, withFields } from './look.ts';
import { memberValue, structOf } from './reading.ts';
import type { Active } from './rust-variants.ts';

const STATES: Readonly<Record<string, string>> = {
  Unresumed: 'not started',
  Returned: 'finished',
  Panicked: 'panicked',
};

export function coroutineView(value: Value, active: Active, look: Look, type: string): Shown {
  const struct = structOf(active.payload, look.types);
  const stateName = struct?.name ?? active.name;
  const line = active.member?.declaredAt?.line ?? struct?.declaredAt?.line;
  const state = STATES[stateName] ?? (line === undefined ? `suspended (${stateName})` : `suspended at line ${line}`);
  const isOver = stateName === 'Returned' || stateName === 'Panicked';
  if (struct === undefined || isOver) return leaf(state, type, { address: value.bytes.address });
  // an argument is listed twice, where it came in and where it lives: the first is the living one
  const members: Member[] = [];
  for (const member of struct.members) if (!members.some((other) => other.name === member.name)) members.push(member);
  const titled = (member: Member) => (member.name === '__awaitee' ? 'awaiting' : member.name.replace(/^_ref__/, ''));
  const parts = members.map(
    (member) => () => `${titled(member)}: ${look.inside(memberValue(active.payload, struct, member, look.types)).text}`,
  );
  const text = members.length === 0 ? state : fieldsText(look, `${state} { `, ' }', parts);
  const children = (): readonly Child[] =>
    members.map((member) =>
      field(titled(member), `.${member.name}`, memberValue(active.payload, struct, member, look.types), look),
    );
  return withFields(text, type, members.length, children, value.bytes.address);
}
