// A guest that tests fill by hand: locals, globals, operands and memories as expressions see them. Only tests import it.
import {
  type MemoryWindow,
  type Scope,
  type Slots,
  scopeOf,
  Unavailable,
  type Value,
  type WasmState,
  type WasmType,
  type WasmValue,
} from './expression.ts';

export interface FakeSlot {
  readonly type: WasmType;
  readonly value: WasmValue | Unavailable;
  readonly name?: string;
}

function slotsFrom(slots: readonly FakeSlot[]): Slots {
  return {
    value: (index) => slots[index]?.value,
    type: (index) => slots[index]?.type ?? 'i32',
    count: () => slots.length,
    named: (name) => slots.findIndex((slot) => slot.name === name),
  };
}

export interface FakeGuest {
  readonly locals?: readonly FakeSlot[];
  readonly globals?: readonly FakeSlot[];
  readonly operands?: readonly FakeSlot[];
  readonly memories?: readonly Uint8Array[];
  readonly names?: Readonly<Record<string, Value>>;
}

export function fakeState({ locals = [], globals = [], operands = [], memories = [] }: FakeGuest): WasmState {
  const windows = memories.map((bytes): MemoryWindow => ({ bytes, base: 0, size: bytes.length }));
  return {
    locals: slotsFrom(locals),
    globals: slotsFrom(globals),
    operands: slotsFrom(operands),
    memory: (index) => windows[index],
  };
}

export function fakeScope(guest: FakeGuest): Scope {
  const { names = {} } = guest;
  return scopeOf((name) => (Object.hasOwn(names, name) ? names[name] : undefined), {
    state: fakeState(guest),
    known: () => 'There is nothing but what the test put there.',
    cast: undefined,
  });
}

export const GONE = new Unavailable('this local was optimised away');
