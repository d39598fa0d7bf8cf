// The filter's language: what it reads, what it says of mistakes, that rows pass as the slow oracle says, and that a filter written out is read the same.
// Contracts E2, P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RunEvent } from '../recording/event.ts';
import { EventStore } from '../recording/event-store.ts';
import { LogWriter } from '../recording/log.ts';
import { arbitraryEvents } from '../testing/arbitrary-event.ts';
import { Filter, filterText, MOST, parseFilter, type Term } from './filter.ts';
import { KEYS, SYSCALLS } from './filter-keys.ts';
import { passes } from './filter-oracle.ts';
import { MORE, RowFilter, YES } from './filter-rows.ts';
import { RowTable } from './row-table.ts';

function rowsOf(events: readonly RunEvent[]): RowTable {
  const log = new LogWriter();
  for (const event of events) log.append(event);
  const store = new EventStore();
  store.append(log.take());
  const rows = new RowTable(store, () => 0);
  while (!rows.advance(1));
  return rows;
}

const encoder = new TextEncoder();
const PLAIN = { seq: 0, complete: true, utf8: true, unread: false } as const;
let clock = 0;
const line = (dir: 'in' | 'out', text: string): RunEvent => ({
  ...PLAIN,
  kind: 'rpc',
  dir,
  line: text,
  bytes: encoder.encode(text),
  fuel: ++clock * 100,
  time: clock,
});
const ask = (dir: 'in' | 'out', id: string | number, method: string, params = 'null'): RunEvent =>
  line(dir, `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`);
const reply = (dir: 'in' | 'out', id: string | number, result = '1'): RunEvent =>
  line(dir, `{"jsonrpc":"2.0","id":${id},"result":${result}}`);
const refuse = (dir: 'in' | 'out', id: string | number): RunEvent =>
  line(dir, `{"jsonrpc":"2.0","id":${id},"error":{"code":-32000,"message":"No such Key"}}`);
const log = (text: string): RunEvent => ({
  ...PLAIN,
  kind: 'stderr',
  line: text,
  bytes: encoder.encode(text),
  fuel: ++clock * 100,
  time: clock,
});
const syscall = (name: string, errno: number, emptyPoll = false): RunEvent => ({
  ...PLAIN,
  kind: 'syscall',
  name,
  args: [],
  errno,
  writes: [],
  sent: undefined,
  flags: { fuelToZero: false, emptyPoll, hostWouldPanic: false, sleepMs: undefined },
  fuel: ++clock * 100,
  time: clock,
});

/** A call: 0 request, 1 log line, 2 host call, 3 polls (two events), 4 its reply, 5 a call refused, 6 the refusal, 7 a syscall that fails, 8 a call that waits. */
function call(): RowTable {
  clock = 0;
  return rowsOf([
    ask('in', 0, 'Greet.all', '{"name":"Ada"}'),
    log('INFO starting up: größe 7'),
    ask('out', 0, 'echo', '"a,b"'),
    syscall('fd_read', 6, true),
    syscall('fd_read', 6, true),
    reply('in', 0, '"path C:\\\\dir \\"x\\""'),
    ask('out', 1, 'store.get'),
    refuse('in', 1),
    syscall('fd_write', 8),
    ask('out', '18446744073709551615', 'a*b'),
    {
      ...PLAIN,
      kind: 'diagnosis',
      diagnosis: 'panic',
      message: 'It panicked at LINE 3.',
      severity: 'fault',
      fuel: 2000,
      time: 20,
    },
    {
      ...PLAIN,
      kind: 'exit',
      reason: 'trap',
      code: undefined,
      message: 'unreachable',
      memorySha256: undefined,
      at: undefined,
      fuel: 2100,
      time: 21,
    },
  ]);
}

function shown(rows: RowTable, text: string): number[] {
  const { filter, problems } = parseFilter(text);
  assert.deepEqual(problems, [], text);
  const filtered = new RowFilter(rows, filter);
  return Array.from({ length: rows.length }, (_, row) => row).filter((row) => filtered.matches(row));
}

describe('a filter', () => {
  it('passes the rows that its tokens say', () => {
    const rows = call();
    const all = Array.from({ length: rows.length }, (_, row) => row);
    assert.equal(rows.length, 11);
    for (const [text, wanted] of [
      ['', all],
      ['method:echo', [2, 4]],
      ['method:ECHO,store.*', [2, 4, 5, 6]],
      ['method:*e*', [0, 2, 4, 5, 6]],
      ['method:!echo', [0, 5, 6, 8]],
      ['-method:echo dir:in', [0, 6]],
      ['!method: -kind:stderr,exit', [3, 7, 9]],
      ['method:"a*b"', [8]],
      ['method:echo dir:out', [2]],
      ['kind:error,syscall', [6, 7]],
      ['kind:reply', [4, 6]],
      ['kind:log', [1]],
      ['kind:message -kind:reply', [0, 2, 5, 8]],
      ['syscall:fd_read', [3]],
      ['syscall:fd_*', [3, 7]],
      ['syscall:', [3, 7]],
      ['errno:EBADF', [7]],
      ['errno:badf', [7]],
      ['errno:8', [7]],
      ['errno:!0', [3, 7]],
      ['errno:!eagain,0', [7]],
      ['errno:6..8', [3, 7]],
      ['name:fd_*', [3, 7]],
      ['name:trap', [10]],
      ['id:0', [0, 2, 4]],
      ['id:1,18446744073709551615', [5, 6, 8]],
      ['id:>1', [8]],
      ['id:18446744073709551614', []],
      ['id:!0', [5, 6, 8]],
      ['fuel:200', [4]],
      ['fuel:>0.5k', [9]],
      ['total:<=300', [0, 1, 2]],
      ['total:2k..', [9, 10]],
      ['dur:>2ms', [2]],
      ['dur:', [2, 5]],
      ['dur:0.001s', [5]],
      ['time:<2ms', [0]],
      ['time:2..3ms', [1, 2]],
      ['time:3ms', [2]],
      ['bytes:>60', [0, 6, 8]],
      ['depth:0', [0]],
      ['event:4', [3]],
      ['event:5..7', [4, 5, 6]],
      ['event:<1', [0]],
      ['level:fault', [8, 9, 10]],
      ['level:', [8, 9, 10]],
      ['is:pending', [0, 8]],
      ['is:poll,pending', [0, 3, 8]],
      ['-is:nested', [0]],
      ['ada', [0]],
      ['starting UP', [1]],
      ['"starting up"', [1]],
      ['text:"GRößE"', [1]],
      ['größe', [1]],
      ['c:\\\\dir', [4]],
      ['text:"C:\\\\\\\\dir"', [4]],
      ['a,b', [2]],
      ['text:"a,b",panicked', [2, 9]],
      ['fd_', [3, 7]],
      ['ebadf', [7]],
      ['success', []],
      ['unreachable', [10]],
      ['trap', [10]],
      ['panic', [9]],
      ['line 3', [9]],
      ['tokio::spawn', []],
      ['time::Instant', []],
      ['name:\\\\', []],
      ['http://x', []],
      ['/A[a-d]a/', [0]],
      ['/a[a-d]A/i', [0]],
      ['/no such key/', []],
      ['/No \\w+ Key"/', [6]],
      ['text:/^INFO/,/\\d\\.$/', [1, 9]],
      ['-text:/./', []],
      ['/etc/passwd', []],
    ] as const) {
      assert.deepEqual(shown(rows, text), wanted, text);
    }
  });

  it('says what is wrong, where, and the way out; the rest counts', () => {
    const rows = call();
    for (const [text, wrong, sentence, counts] of [
      [
        'methd:echo dir:in',
        'methd:',
        /^methd: is no key of the filter: did you mean method:\? Quoted, it is text/,
        'dir:in',
      ],
      ['duration:>5ms', 'duration:', /did you mean dur:\?/, ''],
      ['qqqq:1', 'qqqq:', /there are method, kind, dir, /, ''],
      [
        'kind:eror,invalid',
        'eror',
        /^kind: does not take eror \(did you mean error\?\): it takes request, result,/,
        'kind:invalid',
      ],
      ['kind:zzzzzz x', 'zzzzzz', /^kind: does not take zzzzzz: it takes request/, 'x'],
      ['is:slow', 'slow', /it takes pending, nested, poll\.$/, ''],
      ['syscall:fd_raed', 'fd_raed', /^No WASI call is named fd_raed: did you mean fd_read\?$/, ''],
      ['syscall:open', 'open', /^No WASI call is named open: there are args_get, /, ''],
      ['errno:EBADDF', 'EBADDF', /^No errno is named EBADDF: did you mean EBADF\?$/, ''],
      ['errno:zebra', 'zebra', /or its number\.$/, ''],
      ['errno:8,!0', '!0', /before the first value/, 'errno:8'],
      [
        'dur:>5lightyears',
        '>5lightyears',
        /^dur:>5lightyears says no amount, as it is no amount: write such as >5ms/,
        '',
      ],
      ['fuel:5ms', '5ms', /write such as >1000, 5k\.\.2M\.$/, ''],
      ['time:20..10ms', '20..10ms', /the smaller number comes first/, ''],
      ['bytes:..', '..', /one end at least/, ''],
      ['bytes:1...5', '1...5', /^bytes:1\.\.\.5 says no amount/, ''],
      ['id:abc', 'abc', /^id:abc is no id: an id is a whole number, as in id:3/, ''],
      ['id:1.5', '1.5', /whole number/, ''],
      ['id:9..3', '9..3', /the smaller number/, ''],
      ['/a(/', '/a(/', /^\/a\(\/ is no pattern: a \( has no \)\. Quoted/, ''],
      ['text:/a/g,b', '/a/g', /^\/a\/g has flags that are not known: i /, 'text:b'],
      ['"a', '"a', /has no end/, '"a"'],
      ['text:"a"b c', 'b', /comes a space; a quote within quotes is written \\"\.$/, 'a c'],
      ['"name":"Ada"', ':"Ada"', /comes a space/, 'name'],
      ['- dir:in', '-', /nothing to negate/, 'dir:in'],
      [`x ${'y'.repeat(MOST)}`, 'yy', /at most 10000 characters/, `x ${'y'.repeat(MOST - 2)}`],
    ] as const) {
      const { filter, problems } = parseFilter(text);
      assert.equal(problems.length, 1, text);
      const [problem] = problems;
      assert.ok(problem !== undefined);
      assert.equal(text.slice(problem.from, problem.to), wrong, text);
      assert.match(problem.message, sentence, text);
      assert.deepEqual(filter, parseFilter(counts).filter, text);
      new RowFilter(rows, filter).matches(0);
    }
  });

  it('is read while it is written: what is not there yet is no mistake', () => {
    for (const text of [
      '',
      ' ',
      'kind:',
      'kind:error,',
      'errno:!',
      'text:',
      '""',
      'dur:,',
      'method:!',
      '-is:',
      '-text:',
    ])
      assert.deepEqual(parseFilter(text).problems, [], text);
    assert.equal(parseFilter('  ').filter, Filter.empty);
    assert.equal(parseFilter('text: ""').filter, Filter.empty);
  });

  it('never throws, and its problems lie in the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(...KEYS.map(({ name }) => `${name}:`), ...KEYS.map(({ example }) => example)),
      fc.constantFrom(...'-!"/\\:,.*<>=( )[]{}^$|?+~ \t'),
      fc.constantFrom('..', '1', 'ms', '0', 'e', '1e9', '18446744073709551616', '::', '//', '\u00a0', '🦀', '\ud800'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const { filter, problems } = parseFilter(text);
        for (const { from, to, message } of problems) {
          assert.ok(from >= 0 && from < to && to <= text.length, `${from} to ${to} of ${JSON.stringify(text)}`);
          assert.match(message, /^[^\p{Cc}]+[.?]$/u);
        }
        // what counts is right by itself
        assert.deepEqual(parseFilter(filterText(filter)), { filter, problems: [] }, text);
      }),
      { numRuns: 3000 },
    );
  });

  it('P2: written out, it is read as the same', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const text = filterText(filter);
        assert.deepEqual(parseFilter(text), { filter, problems: [] }, text);
      }),
      { numRuns: 2000 },
    );
  });

  it('passes the rows that the slow oracle passes, whatever the events are', () => {
    const answers = new Map<string, number>();
    fc.assert(
      fc.property(
        arbitraryEvents,
        fc.array(fc.nat(1000), { minLength: 3, maxLength: 20 }),
        filters,
        (events, at, filter) => {
          // among them some that are messages
          const all = [...events];
          for (const n of at) all.splice(n % (all.length + 1), 0, MESSAGES[n % MESSAGES.length]!);
          const rows = rowsOf(all.map((event, seq) => ({ ...event, seq })));
          for (const one of [filter, ...filter.terms.map((term) => ({ terms: [term] }))]) {
            const fast = new RowFilter(rows, one);
            const slices = new RowFilter(rows, one);
            for (let row = 0; row < rows.length; row++) {
              const wanted = passes(rows, row, one);
              assert.equal(fast.matches(row), wanted, `row ${row} of ${filterText(one)}`);
              let answer = slices.look(row, 1);
              while (answer === MORE) answer = slices.look(row, 1);
              assert.equal(answer === YES, wanted, `row ${row} of ${filterText(one)}, in slices`);
              const [term] = one.terms;
              if (one.terms.length !== 1 || term === undefined) continue;
              const key = `${'quantity' in term ? term.quantity : 'field' in term ? term.field : term.test} ${wanted !== term.not}`;
              answers.set(key, (answers.get(key) ?? 0) + 1);
            }
          }
        },
      ),
      { numRuns: 600 },
    );
    // each key has held, and has not
    for (const { name, takes } of KEYS)
      for (const held of [true, false])
        assert.ok((answers.get(`${takes === 'ids' ? 'ids' : name} ${held}`) ?? 0) > 10, `${name} ${held}`);
  });

  it('E2: looks into a line of many MB in pieces', () => {
    const long = new Uint8Array(8 << 20).fill(0x61);
    long.set(encoder.encode('Needle'), long.length - 6);
    const rows = rowsOf([{ ...PLAIN, kind: 'stderr', line: '', bytes: long, fuel: 0, time: 0 }]);
    for (const [text, found] of [
      ['needle', true],
      ['needles', false],
      [`${'b'.repeat(50)}${'a'.repeat(500)}`, false],
      ['/Ne+dle$/', true],
      ['/(a|b)*a(a|b){9}c/', false],
      ['-text:zz,needle', false],
    ] as const) {
      const filter = new RowFilter(rows, parseFilter(text).filter);
      let pieces = 0;
      let before = 0;
      let answer: number = MORE;
      for (; answer === MORE; pieces++) {
        answer = filter.look(0, 100_000);
        assert.ok(filter.work - before < 2_300_000, `${text}: ${filter.work - before} in one piece`);
        before = filter.work;
      }
      assert.equal(answer === YES, found, text);
      assert.ok(pieces > 5, `${text}: ${pieces} pieces`);
    }
  });
});

const MESSAGES: readonly RunEvent[] = [
  ask('in', 0, 'Greet.all', '{"name":"Ada"}'),
  ask('out', 1, 'echo'),
  reply('in', 1),
  refuse('in', 1),
  reply('out', 0, '"a9B"'),
  ask('out', '18446744073709551615', 'a*b'),
  refuse('in', '18446744073709551615'),
  syscall('fd_read', 6, true),
  syscall('clock_time_get', 0),
  log('{}'),
];

const amount = fc.oneof(
  fc.constantFrom(0, 1, 3, 6, 100, 1e3, 1e6),
  fc.nat(60),
  fc.double({ min: 0, max: 1e7, noNaN: true }).map(Math.abs),
);
const range = fc.oneof(
  amount.map((low) => ({ low, high: Number.POSITIVE_INFINITY, open: true })),
  amount.map((low) => ({ low, high: Number.POSITIVE_INFINITY, open: false })),
  amount.map((high) => ({ low: Number.NEGATIVE_INFINITY, high, open: true })),
  amount.map((high) => ({ low: Number.NEGATIVE_INFINITY, high, open: false })),
  fc.tuple(amount, amount).map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b), open: false })),
);
const id = fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.constantFrom(2n ** 64n - 1n, 2n ** 64n - 2n, 10n ** 15n));
const someText = fc.oneof(
  fc.string({ minLength: 1, maxLength: 2 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('a', '"', 'ada', '\\', '\\"', 'NO SUCH', 'E', '_get', 'RESULT":1'),
);
const name = fc.oneof(
  fc.constantFrom(
    '*',
    'echo',
    'ECHO',
    'a*b',
    'g*',
    '*.*',
    '*e*',
    '*_get',
    'stderr',
    'memory.grow',
    'trap',
    'panic',
    '***',
    ':*',
    ':a',
    '\\\\',
    '//',
    'yield',
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
/** A list of values, and whether they are excepted. */
const list = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.tuple(fc.constant(false), fc.array(value, { maxLength: 3 })),
    fc.tuple(fc.constant(true), fc.array(value, { minLength: 1, maxLength: 3 })),
  );
const names = fc.tuple(name, fc.boolean()).map(([text, literal]) => ({
  text,
  quoted: text.includes('*') && (literal || /^[!"]|[\s,]/.test(text)),
}));
const wordsOf = (field: string): readonly string[] => {
  const key = KEYS.find((one) => one.name === field);
  return key?.takes === 'words' ? [...key.words.keys()] : [];
};
const term: fc.Arbitrary<Term> = fc
  .tuple(
    fc.boolean(),
    fc.oneof(
      fc
        .tuple(fc.constantFrom('method' as const, 'name' as const), list(names))
        .map(([field, [except, all]]) => ({ test: 'names' as const, field, except, names: all })),
      list(fc.constantFrom(...SYSCALLS, '*', 'fd_*', '*_get')).map(([except, all]) => ({
        test: 'names' as const,
        field: 'syscall' as const,
        except,
        names: all.map((text) => ({ text, quoted: false })),
      })),
      fc.constantFrom('kind' as const, 'dir' as const, 'level' as const, 'is' as const).chain((field) =>
        list(fc.constantFrom(...wordsOf(field))).map(([except, words]) => ({
          test: 'words' as const,
          field,
          except,
          words,
        })),
      ),
      fc
        .tuple(
          fc.constantFrom(...(['fuel', 'total', 'dur', 'time', 'bytes', 'depth', 'event', 'errno'] as const)),
          list(range),
        )
        .map(([quantity, [except, ranges]]) => ({ test: 'numbers' as const, quantity, except, ranges })),
      list(fc.tuple(id, id).map(([a, b]) => ({ low: a < b ? a : b, high: a < b ? b : a }))).map(([except, ranges]) => ({
        test: 'ids' as const,
        except,
        ranges,
      })),
      fc
        .tuple(
          fc.boolean(),
          fc.array(
            fc.oneof(
              someText.map((text) => ({ text })),
              fc
                .tuple(fc.constantFrom('[a-c]\\d', '^["{]', '(a|_g)e?t', 'e+$', '^$', '\\bfd'), fc.boolean())
                .map(([pattern, ignoreCase]) => ({ pattern, ignoreCase })),
            ),
            { minLength: 1, maxLength: 3 },
          ),
        )
        .map(([except, texts]) => ({ test: 'text' as const, except, texts })),
    ),
  )
  .map(([not, rest]) => ({ not, ...rest }));
const filters: fc.Arbitrary<Filter> = fc
  .array(term, { maxLength: 4 })
  .map((terms) => (terms.length === 0 ? Filter.empty : { terms }));
