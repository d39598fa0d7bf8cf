// From a rule to the guest's `.call("…")` and back; and from a use of a state to its other uses. Pure: places in mock files are offsets, those in sources as
// the index has them.
import type { MockPlace, MockSet } from '../mocks/rules.ts';
import type { GuestCall, GuestCalls } from './guest-calls.ts';
import { isKey, type MockDocument, pathOf, roleOf } from './mock-document.ts';
import { spanOf } from './mock-symbols.ts';
import type { Range } from './rust-methods.ts';
import type { MethodPlace } from './scanner.ts';
import type { Span } from './span.ts';

/** What stands at an offset, and has other places. */
export type MockName =
  | (Span & { readonly kind: 'method'; readonly name: string })
  | (Span & { readonly kind: 'state'; readonly name: string })
  | (Span & { readonly kind: 'include'; readonly name: string });

/** The name at an offset; within a rule, where no other name stands, the rule's host method. */
export function mockName(document: MockDocument, offset: number): MockName | undefined {
  const node = document.nodeAt(offset);
  if (node === undefined) return undefined;
  const path = pathOf(node);
  const role = roleOf(path, document.form);
  if (isKey(node)) {
    const around = roleOf(path.slice(0, -1), document.form);
    if (around.kind === 'methods' || (around.kind === 'file' && document.form === 'short'))
      return { ...spanOf(node), kind: 'method', name: String(node.value) };
  } else if (node.type === 'string') {
    const name = String(node.value);
    if (role.kind === 'state' || role.kind === 'states') return { ...spanOf(node), kind: 'state', name };
    if (role.kind === 'include') return { ...spanOf(node), kind: 'include', name };
  }
  const of = document.methodAt(offset);
  return of === undefined || document.form === 'short' ? undefined : { ...spanOf(node), kind: 'method', name: of };
}

/** Where the guests call a host method. */
export function callsOf(guests: GuestCalls, method: string): readonly GuestCall[] {
  return guests.methods.get(method) ?? [];
}

/** Where mock files answer a host method: its rules, or its key where it has none. */
export function rulesOf(set: MockSet, method: string): readonly MockPlace[] {
  const found = set.methods.get(method);
  if (found === undefined) return [];
  return found.rules.length > 0 ? found.rules.map(({ place }) => place) : found.places;
}

/** Where a state is named: where it is declared and set first. */
export function statePlaces(set: MockSet, state: string): readonly MockPlace[] {
  const rank = { declared: 0, initial: 1, setState: 2, when: 3 } as const;
  return set.stateUses
    .filter((use) => use.state === state)
    .sort((a, b) => rank[a.use] - rank[b.use])
    .map(({ place }) => place);
}

/** Where a state comes from: its declaration, else where it is set, else nowhere. */
export function stateDefinitions(set: MockSet, state: string): readonly MockPlace[] {
  const uses = set.stateUses.filter((use) => use.state === state);
  const declared = uses.filter(({ use }) => use === 'declared');
  return (declared.length > 0 ? declared : uses.filter(({ use }) => use !== 'when')).map(({ place }) => place);
}

/** The host method whose name is at a position of a source, where a guest calls it. */
export function calledAt(places: readonly MethodPlace[], line: number, character: number): MethodPlace | undefined {
  return places.find(({ method }) => !method.served && holds(method.nameRange, line, character));
}

function holds({ start, end }: Range, line: number, character: number): boolean {
  const isBehind = line > start.line || (line === start.line && character >= start.character);
  return isBehind && (line < end.line || (line === end.line && character <= end.character));
}
