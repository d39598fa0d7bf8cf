// Rows for the clipboard: the lines as they crossed, and a report that nothing in a message can break out of.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LINE } from '../../debug-adapter/recording/log-format.ts';
import type { Filler } from '../../debug-adapter/session/store-fixture.ts';
import { launched } from './callFixture.ts';
import { rowJson, rowLine, rowMarkdown } from './exports.ts';

const versions = { debugger: 'Debugger 1', editor: 'Editor 2', system: 'System 3' };
const greet = (fill: (filler: Filler) => unknown) => launched({ params: { name: 'Ada' } }, fill);

describe('a row as JSON', () => {
  it('P2: request and reply, each the line that it was, whichever of them is copied', () => {
    const { rows } = greet((filler) =>
      filler.request('in', 0, 'greet', '{ "n": 18446744073709551615 }').stderr('x').result('out', 0, '1.50'),
    );
    const both =
      '{"jsonrpc":"2.0","id":0,"method":"greet","params":{ "n": 18446744073709551615 }}\n{"jsonrpc":"2.0","id":0,"result":1.50}\n';
    assert.equal(rowJson(rows, 0), both);
    assert.equal(rowJson(rows, 2), both);
    assert.equal(JSON.parse(rowJson(rows, 1)).kind, 'stderr');
  });

  it('E4: bytes that are no UTF-8 come as base64', () => {
    const { rows } = greet((filler) => filler.message('out', Uint8Array.of(0x7b, 0xff), LINE.notUtf8));
    assert.equal(JSON.parse(rowJson(rows, 0)).line.base64, 'e/8=');
  });

  it('more than a clipboard takes is refused', () => {
    const { rows } = greet((filler) => filler.message('out', 'x'.repeat(17 * 1024 * 1024)));
    assert.throws(() => rowJson(rows, 0), /save the recording instead/);
  });
});

describe('a row as Markdown', () => {
  it('has the call, the message, its reply, cost and versions', () => {
    const call = greet((filler) =>
      filler
        .request('in', 0, 'greet')
        .stderr('who is Ada?')
        .request('out', 0, 'get_user', '{"name":"Ada"}')
        .result('in', 0, '{}'),
    );
    const text = rowMarkdown(call, 2, versions);
    assert.match(text, /^## `greet` of `hello\.wasm`$/m);
    assert.match(text, /SHA-256 (ab){32}/);
    assert.match(text, /^### Request, from the plugin: `get_user` #0$/m);
    assert.match(text, /^### Result, to the plugin: `get_user` #0$/m);
    assert.match(text, /^Answered after 0\.001 ms\.$/m);
    assert.match(text, /```text\nwho is Ada\?\n```/);
    assert.match(text, /- Debugger 1; Editor 2; System 3/);
  });

  it('E4: backticks, markup and control characters stay inside', () => {
    const evil = '{"a":"```\\n# <img src=x onerror=alert(1)> ````` \u202e\u001b[31m"}';
    const call = launched({ method: 'a`b`` \n# c' }, (filler) => filler.request('in', 0, 'a`b', evil));
    const text = rowMarkdown(call, 0, versions);
    const [fence = ''] = /^`{3,}(?=text$)/m.exec(text) ?? [];
    assert.equal(fence.length, 6);
    assert.equal(text.split(`\n${fence}\n`).length, 2, 'it ends once');
    assert.doesNotMatch(text, /^# /m);
    for (const unseen of ['\u202e', '\u001b']) assert.ok(!text.includes(unseen));
  });

  it('a long message is cut, and says how long it is', () => {
    const call = greet((filler) => filler.request('in', 0, 'greet', `"${'x'.repeat(100_000)}"`));
    const text = rowMarkdown(call, 0, versions);
    assert.ok(text.length < 12_000, String(text.length));
    assert.match(text, /The first 8 000 characters of 100 0\d\d bytes\./);
  });

  it('says what is wrong', () => {
    const call = greet((filler) => {
      filler.request('in', 0, 'greet').message('out', 'stray');
      filler.log.diagnosis('stray-text', 'It wrote `stray`.', 'fault', 300, 0.003);
    });
    assert.match(rowMarkdown(call, 1, versions), /### What is wrong\n\n```text\nIt wrote `stray`\.\n```/);
  });
});

describe('a row as text', () => {
  it('is its line of the transcript', () => {
    const { rows } = greet((filler) => filler.request('in', 0, 'greet', '{"name":"Ada"}').poll().poll());
    assert.equal(rowLine(rows, 0), '0.001 ms  100  → #0 greet {"name":"Ada"}');
    assert.match(rowLine(rows, 1), /polled 2 times/);
  });
});
