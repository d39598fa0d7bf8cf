// The Wasm type of an expression, where it has one: of a local, a cell of memory, a conversion. Asked when a value is shown, and by `>>>`;
// values themselves carry no types, so that a condition allocates nothing.
import type { Place } from './error.ts';
import { cellOf, isCellType } from './numbers.ts';
import type { Scope, WasmType } from './scope.ts';
import { slotIndex, slotNamed, slotsOf } from './state.ts';
import type { CellType, Node } from './syntax.ts';
import type { Value } from './values.ts';

export type NumberType = WasmType | CellType;
/** Tells the type of an expression in a scope; undefined: its kind is all there is to say. @throws EvaluationError */
export type Typing = (scope: Scope) => NumberType | undefined;

/** @param closure compiles a tree: the index of a slot has to be computed. */
export function typing(
  node: Node,
  source: string,
  closure: (node: Node, source: string) => (scope: Scope) => Value,
): Typing {
  const place: Place = { source, column: node.column };
  switch (node.kind) {
    case 'dollar': {
      const { name } = node;
      if (/^\d+$/.test(name)) return (scope) => slotsOf(scope, 'local', place).type(Number(name));
      return (scope) => {
        const { slots, index } = slotNamed(scope, name, place);
        return slots.type(index);
      };
    }
    case 'slot': {
      const { space } = node;
      const index = closure(node.index, source);
      return (scope) => {
        const slots = slotsOf(scope, space, place);
        return slots.type(slotIndex(slots, space, index(scope), place));
      };
    }
    case 'load':
      return constantly(node.count === undefined ? node.type : '');
    case 'index':
      // an element of typed cells
      return constantly(node.owner.kind === 'load' ? node.owner.type : '');
    case 'call':
      return constantly(node.name);
    case 'cast':
      return constantly(cellOf(node.type) ?? '');
    default:
      return constantly('');
  }
}

function constantly(word: string): Typing {
  const type = isCellType(word) ? word : undefined;
  return () => type;
}
