// Views over damaged memory: whatever is there, a value is one bounded line, its children are there when they are asked for, and nothing throws.
// The memory is that of real plugins, with words replaced by what hurts most: lengths, addresses in the stack and the heap, all ones. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Shown } from '../value.ts';
import { pointedTo } from './dereference.ts';
import { show } from './show.ts';
import { built, openPlugin, programOver, type Stop, stopsOf, unlessBuilt } from './stopped-plugin.ts';
import { WIDEST } from './text.ts';

const METHODS: Readonly<Record<string, readonly string[]>> = {
  'rust-views.debug': [
    'strings',
    'vectors',
    'deques',
    'hash_maps',
    'btrees',
    'niches',
    'counted',
    'cycle',
    'cells',
    'once',
    'trait_objects',
    'json',
  ],
  'c-views': ['strings', 'structs', 'unions', 'enums', 'pointers'],
};

interface Damage {
  readonly at: number;
  readonly kind: number;
  readonly value: number;
}

const damage = fc.array(fc.record({ at: fc.nat(), kind: fc.nat(5), value: fc.nat() }), {
  minLength: 1,
  maxLength: 400,
});

/** Damages the frame that is looked at and what lies behind it, and some words anywhere. */
function damaged({ memory, variables }: Stop, all: readonly Damage[]): Uint8Array {
  const bytes = memory.slice();
  const view = new DataView(bytes.buffer);
  const addresses = variables.flatMap(({ value }) => value.bytes.address ?? []);
  const low = Math.min(...addresses);
  const span = Math.max(...addresses) - low + 64;
  for (const { at, kind, value } of all) {
    const place = at % 4 === 0 ? at % bytes.length : low + ((at >> 2) % span);
    const word = Math.min(place & ~3, bytes.length - 4);
    if (kind === 0) bytes[Math.min(place, bytes.length - 1)] = value;
    else if (kind === 1) view.setUint32(word, 0xffffffff, true);
    else if (kind === 2) view.setUint32(word, low + (value % span), true);
    else if (kind === 3) view.setUint32(word, value % bytes.length, true);
    else if (kind === 4) view.setUint32(word, value % 64, true);
    else view.setUint32(word, 0, true);
  }
  return bytes;
}

/** Looks at a value as a person with much time does. */
function look(shown: Shown, path: string, depth: number, left: { rows: number }): void {
  const said = `${path}: ${shown.text}`;
  assert.ok(shown.text.length <= WIDEST, said);
  assert.doesNotMatch(shown.text, /[\n\r]/, said);
  assert.doesNotMatch(shown.text, /the view of it failed/, said);
  assert.ok(Number.isInteger(shown.named) && Number.isInteger(shown.indexed), said);
  void shown.plain;
  for (const text of ['5', "'x'", '"abc"', 'true', 'None', 'Some(5)', 'RED | 5', '-1.5', '']) shown.assign?.(text);
  if (depth > 4 || left.rows <= 0) return;
  const total = shown.named + shown.indexed;
  const children = shown.children(0, 5);
  assert.ok(children.length === Math.min(5, total), `${said} has ${children.length} of ${total} children`);
  for (const child of [...children, ...shown.children(Math.max(5, total - 2), 2)]) {
    left.rows--;
    look(child.shown(), `${path}/${child.name}`, depth + 1, left);
  }
}

describe('views over damaged memory', () => {
  for (const [name, methods] of Object.entries(METHODS))
    it(`S6: ${name}: one bounded line each, and nothing throws`, unlessBuilt(name), () => {
      const plugin = openPlugin(built(name));
      const stops = methods.flatMap((method) => stopsOf(plugin, method));
      assert.ok(stops.length >= methods.length);
      fc.assert(
        fc.property(fc.constantFrom(...stops), damage, (stop, all) => {
          const program = programOver(damaged(stop, all), plugin.dwarf, () => undefined);
          for (const { variable, value } of stop.variables) {
            const { address } = value.bytes;
            if (address === undefined) continue;
            const there = { type: value.type, bytes: program.memory(address) };
            look(show(there, program), variable.name, 0, { rows: 200 });
            pointedTo(there, program);
          }
        }),
        { numRuns: 60 },
      );
    });
});
