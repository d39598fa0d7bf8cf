// Views over types and memory made by hand: layouts of other versions of the libraries, garbage, depth, pages. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Machine } from '../../dwarf/location.ts';
import { bytesAt, MissingBytes } from '../bytes.ts';
import type { Child, Shown } from '../value.ts';
import { pointedTo } from './dereference.ts';
import { Encoding, Made, rust, set } from './made-program.ts';
import { show, wholeText } from './show.ts';

const rows = (shown: Shown): string[] =>
  shown.children(0, 100).map((child: Child) => `${child.name} (${child.path}) = ${child.shown().text}`);

describe('structs and enums', () => {
  it('S6: structs, tuples and nested ones, by names and numbers', () => {
    const made = new Made();
    const { u32, i32 } = rust(made);
    const point = made.struct('app::Point', 8, [
      ['x', i32, 0],
      ['y', i32, 4],
    ]);
    const pair = made.struct('(app::Point, u32)', 12, [
      ['__0', point, 0],
      ['__1', u32, 8],
    ]);
    made.words(0, 0xffffffff, 2, 3);
    const shown = made.show(pair, 0);
    assert.equal(shown.text, '(Point { x: -1, y: 2 }, 3)');
    assert.equal(shown.type, '(Point, u32)');
    assert.deepEqual(rows(shown), ['0 (.0) = Point { x: -1, y: 2 }', '1 (.1) = 3']);
    assert.equal(made.show(made.struct('(u32)', 4, [['__0', u32, 0]]), 0).type, '(u32,)');
  });

  it('S6: enums: tagged, by a niche, and of a discriminant that means none', () => {
    const made = new Made();
    const { u8, u32 } = rust(made);
    const none = made.struct('core::option::Option<u32>::None<u32>', 8, []);
    const some = made.struct('core::option::Option<u32>::Some<u32>', 8, [['__0', u32, 4]]);
    const tagged = made.choice('core::option::Option<u32>', 8, u32, [
      ['None', 0n, none],
      ['Some', 1n, some],
    ]);
    made.words(0, 1, 7);
    assert.equal(made.show(tagged, 0).text, 'Some(7)');
    assert.equal(set(made, made.show(tagged, 0), 'None'), undefined);
    assert.equal(made.show(tagged, 0).text, 'None');
    assert.equal(set(made, made.show(tagged, 0), 'Some(9)'), undefined);
    assert.equal(made.show(tagged, 0).text, 'Some(9)');
    assert.equal(set(made, made.show(tagged, 0), 'Maybe'), 'The variants are None, Some.');
    made.words(0, 2);
    assert.equal(made.show(tagged, 0).text, '‹not readable: its discriminant 2 is of no variant›');
    const inner = made.struct('app::Flag::Set', 1, [['__0', u8, 0]]);
    const niche = made.choice('app::Flag', 1, u8, [
      ['Unset', 2n, made.struct('app::Flag::Unset', 1, [])],
      ['Set', undefined, inner],
    ]);
    made.words(0, 1);
    assert.equal(made.show(niche, 0).text, 'Set(1)');
    assert.equal(set(made, made.show(niche, 0), 'Unset'), undefined);
    assert.equal(made.show(niche, 0).text, 'Unset');
  });

  it('S6: a coroutine says what it waits at, with the variables that live there', () => {
    const made = new Made();
    const { u8, u32 } = rust(made);
    const state = (name: string, fields: Parameters<Made['struct']>[2]) =>
      made.struct(`app::greet::{async_fn_env#0}::${name}`, 12, fields, {
        name,
        namespace: ['app', 'greet', '{async_fn_env#0}'],
      });
    const future = made.choice('x', 12, u8, [
      ['0', 0n, state('Unresumed', [['count', u32, 4]]), 3],
      ['1', 1n, state('Returned', []), 9],
      ['2', 2n, state('Panicked', []), 9],
      [
        '3',
        3n,
        state('Suspend0', [
          ['local', u32, 8],
          ['__awaitee', u8, 1],
          ['count', u32, 4],
          ['local', u32, 4],
        ]),
        7,
      ],
    ]);
    const type = made.types.at(future);
    const named = made.define({ ...type, name: '{async_fn_env#0}', namespace: ['app', 'greet'] } as typeof type);
    const texts = [
      'not started { count: 5 }',
      'finished',
      'panicked',
      'suspended at line 7 { local: 6, awaiting: 0, count: 5 }',
    ];
    for (const [at, text] of texts.entries()) {
      made.words(0, at, 5, 6);
      assert.equal(made.show(named, 0).text, text);
      assert.equal(made.show(named, 0).type, 'async fn greet');
    }
    assert.deepEqual(rows(made.show(named, 0)), [
      'local (.local) = 6',
      'awaiting (.__awaitee) = 0',
      'count (.count) = 5',
    ]);
  });

  it('S6: trait objects are what they are; without debug info of it, they say so', () => {
    const made = new Made();
    const { u32, usize } = rust(made);
    const dyn = made.struct('dyn app::Shape', 0, [], { name: 'dyn app::Shape', namespace: [] });
    const table = made.pointer('&[usize; 4]', made.array(usize, 4));
    const reference = made.struct('&dyn app::Shape', 8, [
      ['pointer', made.pointer('', dyn), 0],
      ['vtable', table, 4],
    ]);
    const square = made.struct('app::Square', 4, [['side', u32, 0]]);
    made.words(0, 0x100, 0x200).words(0x100, 3);
    assert.equal(made.show(reference, 0).text, '‹unknown type, vtable at 0x200›');
    made.vtables.set(0x200, square);
    assert.equal(made.show(reference, 0).text, '&Square { side: 3 }');
    assert.deepEqual(rows(made.show(reference, 0)), ['side (.side) = 3']);
    // in an Rc the object stands as its alignment wants, which only the vtable tells
    const inner = made.struct('alloc::rc::RcInner<dyn app::Shape>', 8, [
      ['strong', usize, 0],
      ['weak', usize, 4],
      ['value', dyn, 8],
    ]);
    const fat = made.struct('*const alloc::rc::RcInner<dyn app::Shape>', 8, [
      ['pointer', made.pointer('', inner), 0],
      ['vtable', table, 4],
    ]);
    const rc = made.struct('alloc::rc::Rc<dyn app::Shape>', 8, [['ptr', fat, 0]]);
    made.words(0x200, 0, 16, 16).words(0x100, 2, 2, 0, 0, 8);
    assert.equal(made.show(rc, 0).text, 'Square { side: 8 } ‹strong 2, weak 1›');
    assert.deepEqual(pointedTo(made.value(rc, 0), made)?.type, square);
    assert.equal(pointedTo(made.value(rc, 0), made)?.bytes.address, 0x110);
  });
});

describe('collections', () => {
  it('S6: a Vec of older versions, and one that can not be', () => {
    const made = new Made();
    const { u32, unit, vec } = rust(made);
    const numbers = vec(u32);
    made.words(0, 0x100, 4, 3).words(0x100, 1, 2, 3);
    const shown = made.show(numbers, 0);
    assert.equal(shown.text, '[1, 2, 3]');
    assert.equal(shown.address, 0x100);
    assert.deepEqual(rows(shown), ['[0] ([0]) = 1', '[1] ([1]) = 2', '[2] ([2]) = 3']);
    assert.deepEqual(
      shown.children(2, 100).map(({ name }) => name),
      ['[2]'],
    );
    assert.deepEqual(shown.children(7, 2), []);
    const text = (...words: number[]) => made.words(0, ...words).show(numbers, 0).text;
    assert.equal(text(0x100, 4, 0xffffffff), '‹not readable: length 4294967295 is more than memory has›');
    assert.equal(text(0x100, 4, 5), '‹not readable: length 5 is more than its capacity 4›');
    assert.equal(text(0xfffffff0, 4, 1), '‹not readable: its 1 elements at 0xfffffff0 are outside memory›');
    assert.deepEqual(rows(made.show(numbers, 0)).length, 2, 'what can not be a Vec still has its members');
    const units = made.words(0, 1, 0, 0xffffffff).show(vec(unit), 0);
    assert.equal(units.indexed, 0xffffffff);
    assert.equal(units.children(4_000_000_000, 1)[0]?.shown().text, '()');
  });

  it('S6: any element of a large Vec is had without the others', () => {
    const made = new Made(1 << 20);
    const { u32, vec } = rust(made);
    made.words(0, 0x100, 200_000, 200_000).words(0x100 + 4 * 123_456, 77);
    const shown = made.show(vec(u32), 0);
    assert.match(shown.text, /^\[0, 0, .* … 199990 more\]$/);
    assert.equal(shown.children(123_456, 1)[0]?.shown().text, '77');
    assert.equal(shown.children(100_000, 100).map((child) => child.shown().text).length, 100);
    assert.ok(made.reads < 200, `${made.reads} reads of memory`);
  });

  it('S6: as text to copy a value is whole', () => {
    const made = new Made(1 << 16);
    const { u8, u32, vec, string } = rust(made);
    made.words(0, 0x100, 1000, 1000);
    for (let at = 0; at < 1000; at++) made.words(0x100 + at * 4, at);
    assert.equal(
      wholeText(made.value(vec(u32), 0), made),
      `[${Array.from({ length: 1000 }, (_, at) => at).join(', ')}]`,
    );
    made.words(0, 0x100, 5000, 5000).bytes.fill(0x78, 0x100, 0x100 + 5000);
    assert.equal(wholeText(made.value(string, 0), made), `"${'x'.repeat(5000)}"`);
    // what is too long says what is missing
    made.words(0, 0x100, 50_000, 50_000);
    assert.match(wholeText(made.value(vec(u8), 0), made), /^\[120, 120, .*, … 40000 more\]$/);
  });

  it('S6: a large HashMap is read as far as somebody looks', () => {
    const made = new Made(1 << 20);
    const { u32, usize, nonNull } = rust(made);
    const table = made.struct(
      'hashbrown::raw::RawTable<(u32, u32)>',
      16,
      [
        [
          'table',
          made.struct('hashbrown::raw::RawTableInner', 16, [
            ['bucket_mask', usize, 0],
            ['ctrl', nonNull, 4],
            ['items', usize, 12],
          ]),
          0,
        ],
      ],
      {
        templates: [
          {
            name: 'T',
            type: made.struct('(u32, u32)', 8, [
              ['__0', u32, 0],
              ['__1', u32, 4],
            ]),
          },
        ],
      },
    );
    const map = made.struct('hashbrown::map::HashMap<u32, u32>', 16, [['table', table, 0]]);
    const [buckets, control] = [1 << 14, 0x80000];
    made.words(0, buckets - 1, control, 0, buckets / 2);
    for (let bucket = 0; bucket < buckets; bucket++) {
      made.bytes[control + bucket] = bucket % 2 === 0 ? 0xff : 0x33;
      made.words(control - (bucket + 1) * 8, bucket, bucket * 2);
    }
    const shown = made.show(map, 0);
    assert.match(shown.text, /^\{1: 2, 3: 6, .* … 8182 more\}$/);
    assert.equal(shown.indexed, 8192);
    assert.ok(made.reads < 100, `${made.reads} reads of memory for the first line`);
    assert.equal(shown.children(8191, 1)[0]?.name, '16383');
    assert.equal(shown.children(8191, 1)[0]?.path, '[16383]');
    assert.ok(made.reads < 120, `${made.reads} reads of memory for the last entry`);
  });

  it('S6: a String is set to what it has room for', () => {
    const made = new Made();
    const { string } = rust(made);
    made.words(0, 0x100, 8, 3).text(0x100, 'Ada');
    const shown = made.show(string, 0);
    assert.equal(shown.text, '"Ada"');
    assert.equal(shown.plain, 'Ada');
    assert.equal(set(made, shown, '"Grüße"'), undefined);
    assert.equal(made.show(string, 0).text, '"Grüße"');
    assert.equal(set(made, shown, '"123456789"'), 'The text has 9 bytes, and there is room for 8.');
    assert.equal(set(made, shown, 'Ada'), 'A text is written in double quotes, with escapes as in Rust.');
    made.words(0, 0x100, 8, 2).bytes.set([0x61, 0xff], 0x100);
    assert.equal(made.show(string, 0).text, '"a\\xff" ‹not UTF-8›');
    made.words(0, 0x100, 0x1000, 0x1000).bytes.fill(0x78, 0x100, 0x1100);
    const long = made.show(string, 0);
    assert.match(long.text, /^"x+…" ‹4096 bytes›$/);
    assert.ok(long.text.length <= 200);
    assert.equal(long.plain, 'x'.repeat(4096));
  });

  it('S6: a VecDeque that goes round, of this version and of those with a tail', () => {
    const made = new Made();
    const { u32, usize, rawVec } = rust(made);
    const templates = [{ name: 'T', type: u32 }];
    const now = made.struct(
      'alloc::collections::vec_deque::VecDeque<u32>',
      16,
      [
        ['head', usize, 0],
        ['len', usize, 4],
        ['buf', rawVec, 8],
      ],
      { templates },
    );
    made.words(0, 3, 3, 0x100, 4).words(0x100, 2, 3, 0, 1);
    assert.equal(made.show(now, 0).text, '[1, 2, 3]');
    const before = made.struct(
      'alloc::collections::vec_deque::VecDeque<u32>',
      16,
      [
        ['tail', usize, 0],
        ['head', usize, 4],
        ['buf', rawVec, 8],
      ],
      { templates },
    );
    made.words(0, 3, 2, 0x100, 4);
    assert.equal(made.show(before, 0).text, '[1, 2, 3]');
    made.words(0, 9, 9, 0x100, 4);
    assert.match(made.show(now, 0).text, /^‹not readable: length 9 is more than its capacity 4›$/);
  });

  it('S6: a HashMap, its buckets below the control bytes, or above in versions before', () => {
    const made = new Made();
    const { u8, u32, usize, nonNull } = rust(made);
    const pair = made.struct('(u8, u32)', 8, [
      ['__0', u8, 0],
      ['__1', u32, 4],
    ]);
    const map = (inner: number) => {
      const table = made.struct('hashbrown::raw::RawTable<(u8, u32)>', 20, [['table', inner, 0]], {
        templates: [{ name: 'T', type: pair }],
      });
      const base = made.struct('hashbrown::map::HashMap<u8, u32>', 20, [['table', table, 0]]);
      return made.struct('std::collections::hash::map::HashMap<u8, u32>', 20, [['base', base, 0]]);
    };
    const fields: Parameters<Made['struct']>[2] = [
      ['bucket_mask', usize, 0],
      ['ctrl', nonNull, 4],
      ['items', usize, 12],
    ];
    const now = map(made.struct('hashbrown::raw::RawTableInner', 16, fields));
    made.words(0, 3, 0x200, 0, 2).words(0x200, 0xff21ff22);
    made.words(0x200 - 8, 5, 50).words(0x200 - 24, 7, 70);
    const shown = made.show(now, 0);
    assert.equal(shown.text, '{5: 50, 7: 70}');
    assert.deepEqual(rows(shown), ['5 ([5]) = 50', '7 ([7]) = 70']);
    const before = map(made.struct('hashbrown::raw::RawTable', 20, [...fields, ['data', nonNull, 16]]));
    made
      .words(16, 0x300)
      .words(0x300, 5, 51)
      .words(0x300 + 16, 7, 71);
    assert.equal(made.show(before, 0).text, '{5: 51, 7: 71}');
    made.words(12, 4);
    assert.equal(made.show(now, 0).text, '‹not readable: only 2 of its 4 entries are in the table›');
    made.words(0, 4);
    assert.equal(made.show(now, 0).text, '‹not readable: its number of buckets, 5, is no power of two›');
    made.words(0, 0xffffffff);
    assert.match(made.show(now, 0).text, /^‹not readable: length 4294967296 is more than memory has›$/);
  });

  it('S6: a circle of Rcs is a line of text, and as many levels as somebody opens', () => {
    const made = new Made();
    const { u32, usize } = rust(made);
    // the node's own type comes last, and the pointer to it names it
    const inner = 100;
    const pointer = made.pointer('*const alloc::rc::RcInner<app::Node>', inner);
    const rc = made.struct('alloc::rc::Rc<app::Node>', 4, [['ptr', pointer, 0]]);
    const node = made.struct('app::Node', 8, [
      ['value', u32, 0],
      ['next', rc, 4],
    ]);
    while (made.define({ kind: 'unknown', name: '', die: 0, reason: '' }) < inner - 1);
    made.struct('alloc::rc::RcInner<app::Node>', 16, [
      ['strong', usize, 0],
      ['weak', usize, 4],
      ['value', node, 8],
    ]);
    made.words(0, 0x100).words(0x100, 2, 1, 5, 0x100);
    let shown = made.show(rc, 0);
    assert.match(shown.text, /^Node \{ value: 5, next: Node .*…/);
    assert.ok(shown.text.length <= 200);
    for (let level = 0; level < 500; level++) {
      const next: Child | undefined = shown.children(0, 10).find(({ name }) => name === 'next');
      assert.ok(next);
      shown = next.shown();
    }
    assert.deepEqual(
      shown.children(0, 2).map(({ name }) => name),
      ['strong', 'weak'],
    );
    assert.deepEqual(
      shown.children(1, 2).map(({ name }) => name),
      ['weak', 'value'],
    );
    assert.deepEqual(
      shown.children(3, 9).map(({ name }) => name),
      ['next'],
    );
  });
});

describe('what was optimised away', () => {
  it('S6: says so, as a whole and in part', () => {
    const made = new Made();
    const { u32, u8 } = rust(made);
    const pair = made.struct('app::Pair', 8, [
      ['left', u32, 0],
      ['right', u32, 4],
    ]);
    const nowhere = new MissingBytes('it was optimised away');
    assert.equal(show({ type: u32, bytes: nowhere }, made).text, '‹it was optimised away›');
    const whole = show({ type: pair, bytes: nowhere }, made);
    assert.equal(whole.text, '‹it was optimised away›');
    const machine = { local: () => 7n } as unknown as Machine;
    const half = bytesAt(
      {
        kind: 'pieces',
        pieces: [
          { location: { kind: 'unavailable', reason: 'it was optimised away' }, size: 32, offset: 0 },
          { location: { kind: 'local', index: 0 }, size: 32, offset: 0 },
        ],
      },
      machine,
    );
    assert.equal(show({ type: pair, bytes: half }, made).text, 'Pair { left: ‹it was optimised away›, right: 7 }');
    const text = made.struct('&str', 8, [
      ['data_ptr', made.pointer('', u8), 0],
      ['length', u32, 4],
    ]);
    const shown = show({ type: text, bytes: half }, made);
    assert.equal(shown.text, '‹it was optimised away›');
    assert.deepEqual(rows(shown), ['length (.length) = 7']);
    assert.deepEqual(rows(show({ type: text, bytes: nowhere }, made)), []);
  });
});

describe('what is shown in words of its own', () => {
  it('S6: addresses of the net as RFC 5952 has them', () => {
    const made = new Made();
    const { u8 } = rust(made);
    const address = made.struct('core::net::ip_addr::Ipv6Addr', 16, [['octets', made.array(u8, 16), 0]]);
    const texts: Readonly<Record<string, readonly number[]>> = {
      '::': [0, 0, 0, 0, 0, 0, 0, 0],
      '::1': [0, 0, 0, 0, 0, 0, 0, 1],
      '2001:db8::1:0:0:1': [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1],
      '2001:db8:0:1:1:1:1:1': [0x2001, 0xdb8, 0, 1, 1, 1, 1, 1],
      'fe80::': [0xfe80, 0, 0, 0, 0, 0, 0, 0],
      '::ffff:10.0.0.1': [0, 0, 0, 0, 0, 0xffff, 0x0a00, 1],
    };
    for (const [text, segments] of Object.entries(texts)) {
      for (const [at, segment] of segments.entries()) made.bytes.set([segment >> 8, segment & 255], at * 2);
      assert.equal(made.show(address, 0).text, text);
    }
  });

  it('S6: what is left of an iterator', () => {
    const made = new Made();
    const { u32, nonNull, bytePointer } = rust(made);
    const iter = made.struct(
      'core::slice::iter::Iter<u32>',
      8,
      [
        ['ptr', nonNull, 0],
        ['end_or_len', bytePointer, 4],
      ],
      { templates: [{ name: 'T', type: u32 }] },
    );
    made.words(0, 0x100, 0x108).words(0x100, 8, 9);
    assert.equal(made.show(iter, 0).text, 'Iter([8, 9])');
    assert.deepEqual(rows(made.show(iter, 0)), ['[0] ([0]) = 8', '[1] ([1]) = 9']);
    made.words(0, 0x100, 0x107);
    assert.equal(made.show(iter, 0).text, '‹not readable: its end is not where an element ends›');
  });

  it('S6: a trait object without debug info is named by the function that drops it', () => {
    const made = new Made();
    const { usize } = rust(made);
    const dyn = made.struct('dyn app::Shape', 0, [], { name: 'dyn core::error::Error', namespace: [] });
    const reference = made.struct('&dyn core::error::Error', 8, [
      ['pointer', made.pointer('', dyn), 0],
      ['vtable', made.pointer('&[usize; 4]', made.array(usize, 4)), 4],
    ]);
    made.functions.set(7, 'core::ptr::drop_in_place<alloc::boxed::StringError>');
    made.words(0, 0x100, 0x200).words(0x200, 7, 12, 4);
    assert.equal(made.show(reference, 0).text, '‹StringError, which the debug info does not describe›');
  });

  it('S6: times that can not be say so', () => {
    const made = new Made();
    const { u32 } = rust(made);
    const u64 = made.base('u64', Encoding.Unsigned, 8);
    const duration = made.struct('core::time::Duration', 16, [
      ['secs', u64, 0],
      ['nanos', u32, 8],
    ]);
    made.words(0, 0, 0, 1_500_000);
    assert.equal(made.show(duration, 0).text, '1.5ms');
    made.words(0, 0, 0, 1_000_000_000);
    assert.equal(made.show(duration, 0).text, '‹not readable: 1000000000 nanoseconds are more than a second›');
    const time = made.struct('std::time::SystemTime', 16, [['__0', duration, 0]]);
    made.words(0, 0xffffffff, 0xffffffff, 1);
    assert.equal(made.show(time, 0).text, 'SystemTime(18446744073709551615.000000001s)');
    made.words(0, 1_746_100_800, 0, 123_000_000);
    assert.equal(made.show(time, 0).text, '2025-05-01T12:00:00.123Z');
  });
});

describe('pointers', () => {
  it('S6: null, dangling and good ones; the star means what they point to', () => {
    const made = new Made();
    const { u32 } = rust(made);
    const raw = made.pointer('*const u32', u32);
    const reference = made.pointer('&u32', u32);
    made.words(0, 0x100).words(0x100, 9);
    assert.equal(made.show(raw, 0).text, '0x100');
    assert.deepEqual(rows(made.show(raw, 0)), ['* (*) = 9']);
    assert.equal(made.show(reference, 0).text, '&9');
    assert.equal(made.show(reference, 0).plain, 9);
    assert.equal(set(made, made.show(reference, 0), '10'), undefined);
    assert.equal(made.show(reference, 0).text, '&10');
    assert.equal(pointedTo(made.value(reference, 0), made)?.bytes.address, 0x100);
    assert.equal(pointedTo(made.value(u32, 0), made), undefined);
    made.words(0, 0);
    assert.equal(made.show(raw, 0).text, 'null');
    assert.equal(made.show(reference, 0).text, '‹not readable: it points to address 0›');
    made.words(0, 0xfffffff0);
    assert.equal(made.show(raw, 0).text, '0xfffffff0 ‹outside memory›');
    assert.equal(made.show(reference, 0).text, '‹not readable: it points to 0xfffffff0, outside memory›');
  });

  it('S6: pointers to functions are their names', () => {
    const made = new Made();
    const target = made.define({ kind: 'function', name: '', die: 0, result: undefined, parameters: [] });
    made.functions.set(3, 'app::double');
    made.words(0, 3, 4);
    assert.equal(made.show(made.pointer('fn()', target), 0).text, 'app::double');
    assert.equal(made.show(made.pointer('', target), 0).type, 'void (*)(void)');
    assert.equal(made.show(made.pointer('', target), 4).text, '‹no function is at 4 of the table›');
  });

  it('S6: text in C ends at its zero byte, or says that none ends it', () => {
    const made = new Made();
    const char = made.base('char', Encoding.SignedChar, 1);
    const text = made.pointer('', made.define({ kind: 'modified', name: '', die: 0, modifier: 'const', target: char }));
    made.words(0, 0x100, 0, 0xfff0).text(0x100, 'say "hi"\0!');
    const shown = made.show(text, 0);
    assert.equal(shown.type, 'const char *');
    assert.equal(shown.text, '"say \\"hi\\""');
    assert.equal(shown.plain, 'say "hi"');
    assert.equal(made.show(text, 4).text, 'NULL');
    made.bytes.fill(0x7a, 0xfff0);
    assert.equal(made.show(text, 8).text, '"zzzzzzzzzzzzzzzz" ‹no zero byte ends it›');
    const array = made.array(char, 4);
    assert.equal(made.show(array, 0x100).text, '"say "');
    assert.equal(set(made, made.show(array, 0x100), '"abcde"'), 'The text has 5 bytes, and there is room for 4.');
    assert.equal(set(made, made.show(array, 0x100), '"ab"'), undefined);
    assert.equal(made.show(array, 0x100).text, '"ab"');
  });

  it('S6: bit fields are read and set without touching their neighbours', () => {
    const made = new Made();
    const int = made.base('int', Encoding.Signed, 4);
    const unsigned = made.base('unsigned int', Encoding.Unsigned, 4);
    const bits = (size: number, offset: number) => ({ bits: { size, offset } });
    const struct = made.struct('bits', 8, [
      ['first', unsigned, 0, bits(3, 0)],
      ['signed', int, 0, bits(5, 3)],
      ['across', unsigned, 0, bits(20, 8)],
      ['late', unsigned, 0, bits(6, 35)],
    ]);
    made.words(0, 0x0fffff00 | 0b11101101, 0b101010_111);
    const text = () => made.show(struct, 0).text;
    assert.equal(text(), '{first = 5, signed = -3, across = 1048575, late = 42}');
    const child = (name: string) =>
      made
        .show(struct, 0)
        .children(0, 9)
        .find((one) => one.name === name)
        ?.shown();
    assert.equal(child('signed')?.type, 'int : 5');
    for (const [name, value] of [
      ['first', '2'],
      ['signed', '-16'],
      ['across', '0'],
      ['late', '63'],
    ] as const) {
      const shown = child(name);
      assert.ok(shown);
      assert.equal(set(made, shown, value), undefined);
    }
    assert.equal(text(), '{first = 2, signed = -16, across = 0, late = 63}');
    const first = child('first');
    assert.ok(first);
    assert.equal(set(made, first, '8'), '8 does not fit in 3 bits.');
    const signed = child('signed');
    assert.ok(signed);
    assert.equal(set(made, signed, '16'), '16 does not fit in 5 bits.');
  });
});
