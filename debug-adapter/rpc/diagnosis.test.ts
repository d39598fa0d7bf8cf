// Every diagnosis of P1, with the whole of its sentence.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Diagnoser, type Diagnosis } from './diagnosis.ts';
import { HostEndpoint } from './endpoint.ts';
import { classifyBytes, classifyLine, errorLine, requestLine, responseLine } from './message.ts';
import { PanicReader } from './panic.ts';

const WHERE = 'function `app::main`';
const out = (diagnoser: Diagnoser, line: string) => diagnoser.out(classifyLine(line), WHERE);
const sentences = (found: Diagnosis[]) => found.map(({ kind, severity, message }) => [kind, severity, message]);

describe('diagnosis of what the plugin writes', () => {
  const single: [name: string, line: string, expected: [string, string, string]][] = [
    [
      'stray text',
      'hello',
      [
        'stray-text',
        'error',
        'Stray text on stdout, `hello`, written by function `app::main`: it is no JSON, so the host stops reading with Parse error (-32700).',
      ],
    ],
    [
      'malformed JSON',
      '{"jsonrpc":"2.0","id":0,"result":}',
      [
        'malformed-json',
        'error',
        'Malformed JSON on stdout, `{"jsonrpc":"2.0","id":0,"result":}`, written by function `app::main`: expected a value at column 34, so the host stops reading with Parse error (-32700).',
      ],
    ],
    [
      'a request without id',
      '{"jsonrpc":"2.0","method":"log","params":null}',
      [
        'invalid-message',
        'error',
        'A message that production cannot read, `{"jsonrpc":"2.0","method":"log","params":null}`, written by function `app::main`: request `log` without id (production knows no notifications), so the host stops reading with Parse error (-32700).',
      ],
    ],
    [
      'a request without method',
      '{"jsonrpc":"2.0","id":4,"params":null}',
      [
        'invalid-message',
        'error',
        'A message that production cannot read, `{"jsonrpc":"2.0","id":4,"params":null}`, written by function `app::main`: request without method, so the host stops reading with Parse error (-32700).',
      ],
    ],
    [
      'a response to an id that was never asked',
      responseLine('7', '1'),
      [
        'unknown-response',
        'warning',
        'A response to id 7, written by function `app::main`, answers nothing: the host asked only `run` (id 0), so production ignores it.',
      ],
    ],
    [
      'an error response that production pins on another call',
      errorLine('7', { code: 42, message: 'boom' }),
      [
        'error-pinned',
        'error',
        'An error response with id 7, written by function `app::main`, answers nothing, but production pins it on `run` (id 0), which fails with `boom` (-32000).',
      ],
    ],
  ];
  for (const [name, line, expected] of single)
    it(`P1: ${name}`, () => {
      assert.deepEqual(sentences(out(new Diagnoser('run'), line)), [expected]);
    });

  it('P1: bytes that are not UTF-8', () => {
    const found = new Diagnoser('run').out(classifyBytes(Uint8Array.of(0x61, 0xff)), WHERE);
    assert.deepEqual(sentences(found), [
      [
        'not-utf8',
        'error',
        'A line on stdout that is not UTF-8, `a\uFFFD`, written by function `app::main`: its bytes are not UTF-8, so the host stops reading with Internal error (-32603).',
      ],
    ]);
  });

  it('P1: nothing is wrong with a call as it should be', () => {
    const diagnoser = new Diagnoser('run');
    diagnoser.in(classifyLine(requestLine('0', 'run', 'null')));
    assert.deepEqual(out(diagnoser, requestLine('0', 'echo', '1')), []);
    assert.deepEqual(diagnoser.in(classifyLine(responseLine('0', '1'))), []);
    assert.deepEqual(out(diagnoser, responseLine('0', '1')), []);
    assert.ok(diagnoser.responded);
    assert.deepEqual(diagnoser.end({ kind: 'exit', code: 0 }), []);
    const failing = new Diagnoser('run');
    assert.deepEqual(out(failing, errorLine('0', { code: -32000, message: 'no' })), []);
    assert.deepEqual(failing.end({ kind: 'exit', code: 3 }), []);
  });

  it('P1: a second response, be it an error', () => {
    for (const second of [responseLine('0', '2'), errorLine('0', { code: 1, message: '' })]) {
      const diagnoser = new Diagnoser('run');
      out(diagnoser, responseLine('0', '1'));
      const [found] = out(diagnoser, second);
      assert.equal(found?.kind, 'duplicate-response');
      assert.match(
        found?.message ?? '',
        /^A second response to `run` \(id 0\).* written by function `app::main`: it was answered already/,
      );
    }
  });

  it('P1: what is written after the host has stopped reading', () => {
    const diagnoser = new Diagnoser('run');
    out(diagnoser, 'debug');
    assert.deepEqual(sentences(out(diagnoser, requestLine('2', 'echo', '1'))), [
      [
        'unread-message',
        'error',
        'The request `echo` (id 2), written by function `app::main`, is never read: the host stopped reading at `debug`, and production hangs if the plugin waits for the reply.',
      ],
    ]);
    assert.deepEqual(sentences(out(diagnoser, responseLine('0', '1'))), [
      [
        'unread-message',
        'error',
        'The response to `run` (id 0), written by function `app::main`, is never read: the host stopped reading at `debug`.',
      ],
    ]);
    const answered = new Diagnoser('run');
    out(answered, responseLine('0', '1'));
    assert.deepEqual(sentences(out(answered, 'bye')), [
      [
        'unread-message',
        'warning',
        'The line `bye`, written by function `app::main`, is never read: the host stopped reading at the response.',
      ],
    ]);
  });

  it('E4: a plugin that goes on writing gets no endless diagnoses', () => {
    const diagnoser = new Diagnoser('run');
    let count = 0;
    for (let i = 0; i < 1000; i++) count += out(diagnoser, 'x').length;
    assert.equal(count, 11);
  });

  it('the place is asked only when there is something to tell', () => {
    const diagnoser = new Diagnoser('run');
    let asked = 0;
    const where = () => {
      asked++;
      return undefined;
    };
    diagnoser.out(classifyLine(requestLine('0', 'echo', '1')), where);
    diagnoser.in(classifyLine(responseLine('0', '1')));
    diagnoser.stderr('log', where);
    assert.equal(asked, 0);
    assert.match(diagnoser.out(classifyLine('x'), where)[0]?.message ?? '', /, written by the plugin: /);
    assert.equal(asked, 1);
  });

  it('text of the plugin is quoted on one line and cut', () => {
    const [found] = out(new Diagnoser('run'), `${'ü'.repeat(100)}\t`);
    assert.ok(found?.message.includes(`\`${'ü'.repeat(60)}…\``));
    assert.ok(out(new Diagnoser('run'), 'a\tb\u0007c')[0]?.message.includes('`a\\tb\uFFFDc`'));
  });
});

describe('diagnosis of what the host writes', () => {
  it('P1: an unknown host method, once for each', () => {
    const diagnoser = new Diagnoser('run');
    for (let i = 0; i < 3; i++) {
      out(diagnoser, requestLine(String(i), 'ech', '1'));
      const found = diagnoser.in(classifyLine(errorLine(String(i), { code: -32601, message: 'Method not found' })));
      assert.deepEqual(
        sentences(found),
        i > 0
          ? []
          : [
              [
                'unknown-host-method',
                'error',
                'Host method `ech` (id 0), called by function `app::main`, is unknown to the host, which answers Method not found (-32601).',
              ],
            ],
      );
    }
  });

  it('P1: an error reply that reaches a plugin with several calls open', () => {
    const diagnoser = new Diagnoser('run');
    out(diagnoser, requestLine('0', 'a', '1'));
    out(diagnoser, requestLine('1', 'b', '1'));
    assert.deepEqual(sentences(diagnoser.in(classifyLine(errorLine('0', { code: -32000, message: 'no' })))), [
      [
        'error-pinned',
        'warning',
        'The error reply to `a` (id 0) comes while `b` (id 1) also waits: a plugin on the pdk pins it on whichever call reads it, whatever its id.',
      ],
    ]);
    assert.deepEqual(diagnoser.in(classifyLine(errorLine('1', { code: -32000, message: 'no' }))), []);
  });

  it('M1: a reply out of order', () => {
    const diagnoser = new Diagnoser('run');
    out(diagnoser, requestLine('0', 'a', '1'));
    out(diagnoser, requestLine('1', 'b', '1'));
    assert.deepEqual(sentences(diagnoser.in(classifyLine(responseLine('1', '1')))), [
      [
        'out-of-order-reply',
        'warning',
        'The reply to `b` (id 1) left before the one to `a` (id 0), which was asked first: production never does this, and a plugin on the pdk may wait for ever.',
      ],
    ]);
    const { message } = diagnoser.hang({ host: [], plugin: [] }, 'polling');
    assert.match(message, /a reply went out before an earlier request was answered/);
  });

  it('P1: a reply to an id the plugin never asked', () => {
    const [found] = new Diagnoser('run').in(classifyLine(responseLine('5', '1')));
    assert.equal(found?.kind, 'unknown-response');
    assert.equal(found?.message, 'The host replied to id 5, which the plugin is not waiting for.');
  });
});

describe('diagnosis of the end', () => {
  it('P1: an exit without a response', () => {
    assert.deepEqual(sentences(new Diagnoser('run').end({ kind: 'exit', code: 0 })), [
      [
        'no-response',
        'error',
        "The plugin ended with exit code 0 without a response to `run` (id 0): production's call fails with Internal error (-32603).",
      ],
    ]);
    const stray = new Diagnoser('run');
    out(stray, 'x');
    assert.deepEqual(stray.end({ kind: 'exit', code: 0 }), []);
  });

  it('P1: a trap, before and after the response', () => {
    const trap = { kind: 'trap', message: 'out of bounds memory access', where: WHERE } as const;
    const before = new Diagnoser('run').end(trap);
    assert.deepEqual(sentences(before), [
      ['trap', 'error', 'The plugin trapped in function `app::main`: out of bounds memory access.'],
    ]);
    const diagnoser = new Diagnoser('run');
    out(diagnoser, responseLine('0', '1'));
    assert.deepEqual(sentences(diagnoser.end(trap)), [
      [
        'trap',
        'warning',
        'The plugin trapped in function `app::main`, after its response, so that production does not mind: out of bounds memory access.',
      ],
    ]);
  });

  it('P1: a panic, with its text and its location, instead of the unreachable that ends it', () => {
    const diagnoser = new Diagnoser('run');
    assert.deepEqual(diagnoser.stderr("thread 'main' panicked at src/main.rs:12:5:", WHERE), []);
    assert.deepEqual(diagnoser.stderr('assertion failed: x == 1', WHERE), []);
    const found = diagnoser.stderr(
      'note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace',
      WHERE,
    );
    assert.deepEqual(sentences(found), [
      ['panic', 'error', 'The plugin panicked at src/main.rs:12:5 in function `app::main`: assertion failed: x == 1.'],
    ]);
    assert.deepEqual(found[0]?.panic, {
      thread: 'main',
      message: 'assertion failed: x == 1',
      file: 'src/main.rs',
      line: 12,
      column: 5,
    });
    assert.deepEqual(diagnoser.end({ kind: 'trap', message: 'unreachable' }), []);
    assert.equal(diagnoser.end({ kind: 'trap', message: 'call stack exhausted' })[0]?.kind, 'trap');
  });

  it('P1: a panic whose last line comes with the end', () => {
    const diagnoser = new Diagnoser('run');
    diagnoser.stderr("thread 'main' panicked at src/lib.rs:1:2:");
    diagnoser.stderr('left: 1');
    diagnoser.stderr('right: 2');
    const found = diagnoser.end({ kind: 'exit', code: 101 });
    assert.deepEqual(sentences(found), [
      ['panic', 'error', 'The plugin panicked at src/lib.rs:1:2: left: 1 ⏎ right: 2.'],
    ]);
    assert.equal(found[0]?.panic?.message, 'left: 1\nright: 2');
  });
});

describe('a panic after the response', () => {
  it('P1: is a warning, for production does not mind', () => {
    const diagnoser = new Diagnoser('run');
    out(diagnoser, responseLine('0', '1'));
    const [found] = diagnoser.stderr("thread 'main' panicked at 'late', src/main.rs:3:4", WHERE);
    assert.equal(found?.severity, 'warning');
    assert.equal(found?.message, 'The plugin panicked at src/main.rs:3:4 in function `app::main`: late.');
  });
});

describe('panics as rustc prints them', () => {
  const read = (text: string) => {
    const reader = new PanicReader();
    const found = text.split('\n').flatMap((line) => reader.line(line) ?? []);
    return [...found, ...[reader.end()].filter((panic) => panic !== undefined)];
  };

  it('P1: from Rust 1.73 on', () => {
    assert.deepEqual(
      read("thread 'main' panicked at src/a b.rs:1:2:\nfirst\n\nsecond\nnote: run with `RUST_BACKTRACE=1`\nlog"),
      [{ thread: 'main', message: 'first\n\nsecond', file: 'src/a b.rs', line: 1, column: 2 }],
    );
  });

  it('P1: with the id of the thread, from Rust 1.91 on', () => {
    assert.deepEqual(read("thread '<unnamed>' (12345) panicked at C:\\x\\y.rs:10:20:\nboom"), [
      { thread: '<unnamed>', message: 'boom', file: 'C:\\x\\y.rs', line: 10, column: 20 },
    ]);
  });

  it('P1: before Rust 1.73', () => {
    assert.deepEqual(read("thread 'main' panicked at 'it's over', src/main.rs:3:4\nnote: run with"), [
      { thread: 'main', message: "it's over", file: 'src/main.rs', line: 3, column: 4 },
    ]);
    assert.deepEqual(read("thread 'main' panicked at 'assertion failed\n  left: 1', src/main.rs:3:4"), [
      { thread: 'main', message: 'assertion failed\n  left: 1', file: 'src/main.rs', line: 3, column: 4 },
    ]);
  });

  it('P1: two in a row, and none in a log that only speaks of one', () => {
    const two = read(
      "thread 'main' panicked at a.rs:1:1:\none\nthread 'main' panicked at b.rs:2:2:\ntwo\nstack backtrace:\n 0: x",
    );
    assert.deepEqual(
      two.map((panic) => panic.message),
      ['one', 'two'],
    );
    assert.deepEqual(read("INFO thread 'main' panicked at noon\nall is well"), []);
  });

  it('E4: a message without end is cut', () => {
    const [panic] = read(`thread 'main' panicked at a.rs:1:1:\n${'x\n'.repeat(10_000)}`);
    assert.equal(panic?.message.split('\n').length, 50);
    assert.deepEqual(read(`thread 'main' panicked at '${'x\n'.repeat(10_000)}`), []);
  });
});

describe('diagnosis of a hang', () => {
  const run = (
    lines: string[],
    answer: 'never' | 'pending',
    activity: 'polling' | 'computing' | 'sleeping' = 'polling',
  ) => {
    const host = new HostEndpoint('run', 'null');
    const diagnoser = new Diagnoser('run');
    diagnoser.in(host.start().message);
    for (const line of lines) {
      const message = host.receiveLine(line);
      diagnoser.out(message, WHERE);
      host.pump(() => answer);
    }
    return diagnoser.hang(host.waits(), activity).message;
  };

  it('P1: says what it waits for', () => {
    assert.equal(
      run(['stray', requestLine('0', 'echo', '1')], 'pending'),
      'The call hangs, as in production: the plugin waits for the reply to `echo` (id 0), but the host stopped reading at `stray`.',
    );
    assert.equal(
      run([requestLine('3', 'echo', '1'), requestLine('4', 'more', '1')], 'never'),
      'The call hangs: the plugin waits for the reply to `echo` (id 3), which never comes, and one more request waits behind it.',
    );
    assert.equal(
      run([requestLine('3', 'echo', '1')], 'pending'),
      'The call hangs: the host has not answered `echo` (id 3) yet.',
    );
    assert.equal(
      run([], 'pending'),
      'The call hangs: the plugin keeps polling stdin, `run` (id 0) has no response, and the host owes no reply.',
    );
    assert.equal(
      run([], 'pending', 'computing'),
      'The call hangs: the plugin keeps computing without reading or writing, `run` (id 0) has no response, and the host owes no reply.',
    );
    assert.equal(
      run([responseLine('0', '1')], 'pending', 'sleeping'),
      "The plugin has answered `run` (id 0) but does not end: it sleeps, and production's call returns only when it ends.",
    );
    assert.equal(
      run([errorLine('9', { code: 1, message: '' })], 'pending'),
      'The call hangs, as in production: the host stopped reading at the error response with id 9, and the plugin keeps polling stdin.',
    );
  });
});
