// A state under another name, wherever it is named: in a file and in what it includes. Pure.
import type { MockPlace, MockSet } from '../mocks/rules.ts';
import { quoted } from '../wasm/quoted.ts';
import type { MockDocument } from './mock-document.ts';
import { mockName, statePlaces } from './mock-navigation.ts';
import type { Span } from './span.ts';

/** The state at an offset, without its quotes; undefined where none stands. */
export function stateAt(document: MockDocument, offset: number): (Span & { readonly name: string }) | undefined {
  const found = mockName(document, offset);
  if (found?.kind !== 'state') return undefined;
  const text = document.text.slice(found.from, found.to);
  if (text.length < 2 || !text.endsWith('"')) return undefined;
  return { from: found.from + 1, to: found.to - 1, name: found.name };
}

export interface RenameEdit {
  readonly place: MockPlace;
  readonly text: string;
}

/** The edits that rename a state, or a sentence why that can't be. */
export function renameState(set: MockSet, state: string, name: string): readonly RenameEdit[] | string {
  if (name.trim() === '') return 'A state has a name of one character or more.';
  // a lone half of a character would be another one in the file
  if (/[\ud800-\udfff]/u.test(name)) return 'This name holds half a character, which no file can hold.';
  if (name === state) return [];
  const isImplied =
    state === set.initialState && !set.stateUses.some(({ use }) => use === 'declared' || use === 'initial');
  if (isImplied)
    return `A scenario begins in \`${quoted(state)}\` where no file says otherwise: give "initialState", then rename.`;
  if (set.states.includes(name))
    return `There is a state \`${quoted(name)}\` already, and the two would become one; choose another name.`;
  return statePlaces(set, state).map((place) => ({ place, text: JSON.stringify(name) }));
}
