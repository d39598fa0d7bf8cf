// cargo's JSON messages, as cargo 1.9x prints them, cut down to what is read.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readCargoLine } from './cargoMessages.ts';

const root = path.resolve('/w');
const span = {
  file_name: 'src/main.rs',
  is_primary: true,
  line_start: 2,
  line_end: 2,
  column_start: 17,
  column_end: 23,
  label: 'expected `u8`, found `&str`',
  text: [{ text: '    let x: u8 = "text";' }],
};
const compilerMessage = (message: object) => JSON.stringify({ reason: 'compiler-message', message });

describe('cargo messages', () => {
  it('an error is printed as rustc renders it, and marked', () => {
    const line = compilerMessage({
      level: 'error',
      message: 'mismatched types',
      code: { code: 'E0308' },
      rendered: 'error[E0308]: mismatched types\n',
      spans: [{ ...span, is_primary: false, line_start: 9 }, span],
    });
    assert.deepEqual(readCargoLine(line, root), {
      text: 'error[E0308]: mismatched types\n',
      executable: undefined,
      mark: {
        file: path.join(root, 'src/main.rs'),
        from: [1, 16],
        to: [1, 22],
        severity: 'error',
        message: 'mismatched types: expected `u8`, found `&str`',
        code: 'E0308',
      },
    });
  });

  it('columns count UTF-16 units', () => {
    const text = [{ text: 'let 🦀 = oops;' }];
    const line = compilerMessage({
      level: 'warning',
      message: 'm',
      spans: [{ ...span, text, column_start: 9, column_end: 13 }],
    });
    const { mark } = readCargoLine(line, root);
    assert.deepEqual([mark?.from, mark?.to, mark?.severity], [[1, 9], [1, 13], 'warning']);
    assert.equal(text[0]?.text.slice(9, 13), 'oops');
  });

  it('notes, summaries and what macros made are printed only', () => {
    for (const message of [
      { level: 'failure-note', rendered: 'x', spans: [] },
      { level: 'error', rendered: 'x', spans: [] },
      { level: 'error', rendered: 'x', spans: [{ ...span, file_name: '<::core::macros::panic macros>' }] },
    ])
      assert.deepEqual(readCargoLine(compilerMessage(message), root), {
        text: 'x',
        mark: undefined,
        executable: undefined,
      });
  });

  it('the module that was made is known by its path', () => {
    const line = JSON.stringify({
      reason: 'compiler-artifact',
      target: { name: 'hello', kind: ['bin'] },
      filenames: ['/t/hello.wasm'],
      executable: '/t/hello.wasm',
      fresh: true,
    });
    assert.deepEqual(readCargoLine(line, root).executable, { binary: 'hello', file: '/t/hello.wasm' });
    const library = JSON.stringify({ reason: 'compiler-artifact', target: { name: 'serde' }, executable: null });
    assert.equal(readCargoLine(library, root).executable, undefined);
  });

  it('what is no message is printed', () => {
    assert.equal(readCargoLine('warning: hello', root).text, 'warning: hello\n');
    assert.equal(readCargoLine('1', root).text, '1\n');
    assert.equal(readCargoLine('{"reason":"build-finished","success":true}', root).text, '');
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.json(), (line) => typeof readCargoLine(line, root).text === 'string'));
    fc.assert(
      fc.property(fc.object(), fc.object(), (message, target) => {
        readCargoLine(JSON.stringify({ reason: 'compiler-message', message: { ...message, spans: [target] } }), root);
        readCargoLine(JSON.stringify({ reason: 'compiler-artifact', target, executable: message }), root);
      }),
    );
  });
});
