// Entries of maps and elements of sets as children and as text.
import type { Child, Shown, Value } from '../value.ts';
import { field, type Look, withFields } from './look.ts';
import { cut, quoted } from './text.ts';

/** Longest name of a child, characters. */
const LONGEST = 60;

export const entryText = ([key, value]: readonly [Value, Value], look: Look): string =>
  `${look.inside(key).text}: ${look.inside(value).text}`;

/** An entry, by its key; one whose key has parts has both as children. */
export function entry([key, value]: readonly [Value, Value], look: Look): Child {
  const shown = look.show(key);
  const name = cut(shown.text, LONGEST);
  const path = pathOf(shown);
  if (shown.named + shown.indexed === 0) return { name, path, value, shown: () => look.show(value) };
  const both = (): Shown => {
    const of = look.show(value);
    const children = () => [field('key', '', key, look), field('value', '', value, look)];
    return withFields(of.text, of.type, 2, children, of.address);
  };
  return { name, path, value, shown: both };
}

function pathOf(key: Shown): string {
  const { plain } = key;
  if (typeof plain === 'number' || typeof plain === 'bigint' || typeof plain === 'boolean') return `[${plain}]`;
  if (typeof plain !== 'string' || plain.length > 1000) return '';
  return key.text.startsWith("'") ? `[${key.text}]` : `[${quoted(plain)}]`;
}

/** An element of a set: there is no way to it but looking. */
export const unordered = (index: number, value: Value, look: Look): Child => ({
  ...field(`[${index}]`, '', value, look),
});
