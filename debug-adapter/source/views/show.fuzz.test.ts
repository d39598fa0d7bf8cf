// Views over damaged memory: whatever is there, a value is one bounded line, its children are there when they are asked for, and nothing throws.
// The memory is that of real plugins, with words replaced by what hurts most: lengths, addresses in the stack and the heap, all ones. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Bytes, Program, Shown } from '../value.ts';
import { pointedTo } from './dereference.ts';
import { Made } from './made-program.ts';
import { show, wholeText } from './show.ts';
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

/** Names that choose views, and names of members that they look for. */
const NAMES = [
  'alloc::vec::Vec<T>',
  'alloc::string::String',
  'alloc::collections::vec_deque::VecDeque<T>',
  'alloc::collections::btree::map::BTreeMap<K, V>',
  'alloc::collections::linked_list::LinkedList<T>',
  'alloc::rc::Rc<T>',
  'alloc::rc::Weak<T>',
  'alloc::borrow::Cow<T>',
  'std::collections::hash::map::HashMap<K, V>',
  'std::collections::hash::set::HashSet<K>',
  'std::sync::poison::mutex::Mutex<T>',
  'std::sync::once_lock::OnceLock<T>',
  'std::time::SystemTime',
  'core::cell::RefCell<T>',
  'core::cell::UnsafeCell<T>',
  'core::option::Option<T>',
  'core::mem::maybe_uninit::MaybeUninit<T>',
  'core::time::Duration',
  'core::slice::iter::Iter<T>',
  'core::net::ip_addr::Ipv6Addr',
  'serde_json::value::Value',
  'app::run::{closure_env#0}',
  'app::run::{async_fn_env#0}',
  '&dyn app::Shape',
  '&[u8]',
  'plain',
  '',
];
const MEMBERS = [
  'buf',
  'len',
  'ptr',
  'cap',
  'head',
  'tail',
  'pointer',
  'vtable',
  'data_ptr',
  'length',
  'table',
  'ctrl',
  'bucket_mask',
  'items',
  'base',
  'map',
  'root',
  'height',
  'node',
  'keys',
  'vals',
  'edges',
  'parent',
  'strong',
  'weak',
  'value',
  'data',
  'inner',
  'once',
  'state',
  'borrow',
  '__0',
  '__1',
  'secs',
  'nanos',
  'octets',
  'next',
  'element',
  'end_or_len',
  'vec',
  '',
];
const SIZES = [0, 1, 2, 3, 4, 8, 12, 16, 24, 1 << 20, 2 ** 31, 2 ** 52];

const die = fc.nat(30);
const size = fc.constantFrom(...SIZES);
const part = fc.tuple(fc.constantFrom(...MEMBERS), die, fc.constantFrom(0, 4, 8, 1, 2 ** 31), fc.boolean());
const anyType = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('base' as const), encoding: fc.nat(18), size }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pointer' as const),
      name: fc.constantFrom('', '&T', '*const T', 'fn()'),
      target: die,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('struct' as const),
      name: fc.constantFrom(...NAMES),
      size,
      parts: fc.array(part, { maxLength: 6 }),
      union: fc.boolean(),
      discriminant: fc.option(die),
      variants: fc.option(fc.array(fc.tuple(fc.option(fc.bigInt(0n, 3n)), part), { maxLength: 3 })),
      parameter: die,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('array' as const), element: die, count: fc.option(size) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('enum' as const),
      size,
      values: fc.array(fc.bigInt(-5n, 5n), { maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('function' as const), result: die, parameters: fc.array(die) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('typedef' as const, 'modified' as const), target: die }) },
);
type AnyType = typeof anyType extends fc.Arbitrary<infer T> ? T : never;

function define(made: Made, type: AnyType): void {
  const field = ([name, target, offset, hasBits]: readonly [string, number, number, boolean]) => ({
    name,
    type: target,
    offset,
    bits: hasBits && offset === 1 ? { size: 3, offset: 11 } : undefined,
    artificial: false,
    inheritance: false,
  });
  switch (type.kind) {
    case 'base':
      made.base('u32', type.encoding, type.size);
      return;
    case 'pointer':
      made.pointer(type.name, type.target);
      return;
    case 'array':
      made.define({ kind: 'array', name: '', die: 0, element: type.element, count: type.count ?? undefined });
      return;
    case 'enum': {
      const all = Object.fromEntries(type.values.map((value, at) => [`V${at}`, value]));
      made.enumeration('app::E', 0, all, { size: type.size });
      return;
    }
    case 'function':
      made.define({ kind: 'function', name: '', die: 0, result: type.result, parameters: type.parameters });
      return;
    case 'typedef':
      made.define({ kind: 'typedef', name: 'alias', die: 0, target: type.target });
      return;
    case 'modified':
      made.define({ kind: 'modified', name: '', die: 0, modifier: 'const', target: type.target });
      return;
    case 'struct': {
      const variants = type.variants?.map(([value, one]) => ({
        values: value === null ? [] : [{ low: value, high: value }],
        members: [field(one)],
      }));
      const discriminant = type.discriminant === null ? undefined : field(['', type.discriminant, 0, false]);
      made.struct(type.name, type.size, [], {
        union: type.union,
        members: type.parts.map(field),
        variants: variants === undefined ? undefined : { discriminant, variants },
        templates: [{ name: 'T', type: type.parameter }],
      });
    }
  }
}

describe('views of types that can not be', () => {
  it('S6: one bounded line each, and nothing throws or hangs', () => {
    fc.assert(
      fc.property(
        fc.array(anyType, { minLength: 4, maxLength: 30 }),
        fc.uint8Array({ maxLength: 256 }),
        fc.nat(255),
        (all, bytes, fill) => {
          const made = new Made(0x400);
          made.bytes.fill(fill % 3 === 0 ? fill : 0);
          made.bytes.set(bytes, 0x40);
          // addresses that lead somewhere
          made.words(0, 0x40, 2, 2, 0x48, 0x40, 1, 0x80, 0);
          for (const type of all) define(made, type);
          for (let at = 0; at < all.length; at++) {
            look(made.show(at, 0), `type ${at}`, 0, { rows: 40 });
            look(made.show(at, 0x40), `type ${at}`, 0, { rows: 40 });
            pointedTo(made.value(at, 0), made);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** A program that counts how often memory is read, which is what a page of garbage can cost. */
function counting(program: Program): { readonly program: Program; reads(): number } {
  let reads = 0;
  const counted = (bytes: Bytes): Bytes => ({
    address: bytes.address,
    read(offset, length) {
      reads++;
      return bytes.read(offset, length);
    },
    at: (offset) => counted(bytes.at(offset)),
  });
  return { program: { ...program, memory: (address) => counted(program.memory(address)) }, reads: () => reads };
}

/** Reads of memory for one page of a hundred rows with their texts: some µs each, 50 ms in all. */
const MOST_READS = 25_000;

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
            const page = counting(program);
            const { named, indexed, children } = show(
              { type: value.type, bytes: page.program.memory(address) },
              page.program,
            );
            for (const child of children(Math.max(0, Math.floor((named + indexed) / 2) - 50), 100)) child.shown();
            assert.ok(page.reads() <= MOST_READS, `${variable.name} takes ${page.reads()} reads of memory for a page`);
            const there = { type: value.type, bytes: program.memory(address) };
            look(show(there, program), variable.name, 0, { rows: 200 });
            pointedTo(there, program);
            assert.ok(wholeText(there, program).length <= 1 << 25);
          }
        }),
        { numRuns: 60 },
      );
    });
});
