// The filter's language: what its tokens pass, and what it says of mistakes. Contracts E2, P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Filter, MOST, parseFilter } from './filter.ts';
import { ask, log, PLAIN, refuse, reply, restartClock, rowsOf, syscall } from './filter-fixture.ts';
import { RowFilter } from './filter-rows.ts';
import { MORE, YES } from './filter-text.ts';
import type { RowTable } from './row-table.ts';

const encoder = new TextEncoder();

/** A call: 0 request, 1 log line, 2 host call, 3 polls (two events), 4 its reply, 5 a call refused, 6 the refusal, 7 a syscall that fails, 8 a call that waits. */
function call(): RowTable {
  restartClock();
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
      ['/a(/', '/a(/', /^\/a\(\/ is no pattern: missing closing \): `a\(`\. Quoted/, ''],
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

  it('E2: looks into a line of many MB in pieces', () => {
    const long = new Uint8Array(8 << 20).fill(0x61);
    long.set(encoder.encode('Needle'), long.length - 6);
    const rows = rowsOf([{ ...PLAIN, kind: 'stderr', line: '', bytes: long, fuel: 0, time: 0 }]);
    for (const [text, found] of [
      ['needle', true],
      ['needles', false],
      [`${'b'.repeat(50)}${'a'.repeat(500)}`, false],
      // of so long a line a pattern sees the beginning only
      ['/Ne+dle$/', false],
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
