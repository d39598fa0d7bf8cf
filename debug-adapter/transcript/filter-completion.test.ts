// What the filter's text goes on with: the right list for each place, and that a word that was completed is right.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EventStore } from '../recording/event-store.ts';
import { LogWriter } from '../recording/log.ts';
import { parseFilter } from './filter.ts';
import { completions } from './filter-completion.ts';
import { KEYS } from './filter-keys.ts';
import { RowTable } from './row-table.ts';

function calling(methods: readonly string[]): RowTable {
  const log = new LogWriter();
  methods.forEach((method, id) => {
    const line = `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":null}`;
    log.rpc('out', new TextEncoder().encode(line), 0, id, id);
  });
  log.stderr(new TextEncoder().encode('hello'), 0, 0, 0);
  const store = new EventStore();
  store.append(log.take());
  const rows = new RowTable(store, () => 0);
  while (!rows.advance(1));
  return rows;
}

const METHODS = [
  'echo',
  'store.get',
  'with space',
  'a,b',
  'quo"te',
  '!bang',
  '/slash/',
  'st*r',
  'évé',
  'line\nbreak',
  'x'.repeat(200),
];
const rows = calling(METHODS);

/** The list at `|`, as what the text becomes. */
function offered(text: string): string[] {
  const caret = text.indexOf('|');
  const whole = text.slice(0, caret) + text.slice(caret + 1);
  return completions(whole, caret, rows).map(
    ({ from, to, text: piece }) => whole.slice(0, from) + piece + whole.slice(to),
  );
}

describe('completion', () => {
  it('offers keys where a word begins, and where one is written', () => {
    const keys = KEYS.map(({ name }) => `${name}:`);
    assert.deepEqual(offered('|'), keys);
    assert.deepEqual(
      offered('kind:error |'),
      keys.map((key) => `kind:error ${key}`),
    );
    assert.deepEqual(
      offered('| kind:error'),
      keys.map((key) => `${key} kind:error`),
    );
    assert.deepEqual(
      offered('-|'),
      keys.map((key) => `-${key}`),
    );
    assert.deepEqual(offered('!me|'), ['!method:', '!time:', '!name:']);
    assert.deepEqual(offered('D|'), ['dir:', 'dur:', 'depth:', 'method:', 'kind:', 'id:']);
    assert.deepEqual(offered('di|r:out x'), ['dir:out x']);
    assert.deepEqual(offered('zz|'), []);
    assert.deepEqual(offered('"di|'), []);
    assert.deepEqual(offered('/di/|'), []);
    assert.deepEqual(completions('', 0, rows)[0], {
      from: 0,
      to: 0,
      text: 'method:',
      label: 'method:',
      detail: 'requests of a method, and their replies: method:greet.*',
    });
  });

  it('offers values of the key, those that begin so first', () => {
    assert.deepEqual(offered('kind:e|'), [
      'kind:error',
      'kind:edit',
      'kind:exit',
      'kind:request',
      'kind:result',
      'kind:stderr',
      'kind:yield',
      'kind:folded',
      'kind:message',
      'kind:reply',
    ]);
    assert.deepEqual(offered('-kind:error,in|'), ['-kind:error,invalid']);
    assert.deepEqual(offered('kind:!error,in|'), ['kind:!error,invalid']);
    assert.deepEqual(offered('kind:error,erro|'), [], 'it is there already');
    assert.deepEqual(offered('dir:|'), ['dir:out', 'dir:in']);
    assert.deepEqual(offered('dir:| x'), ['dir:out x', 'dir:in x']);
    assert.deepEqual(offered('errno:|').slice(0, 4), ['errno:!0', 'errno:EAGAIN', 'errno:EBADF', 'errno:EFAULT']);
    assert.deepEqual(offered('errno:!|')[0], 'errno:!EAGAIN');
    assert.deepEqual(offered('errno:8,ebadf|'), ['errno:8,EBADF']);
    assert.equal(offered('errno:|').length, 50);
    assert.deepEqual(offered('syscall:fd_r|'), ['syscall:fd_read']);
    assert.deepEqual(offered('dur:>10|'), ['dur:>10ms', 'dur:>100ms']);
    assert.deepEqual(offered('text:e|'), []);
    assert.deepEqual(offered('id:|'), []);
    assert.deepEqual(offered('nosuch:|'), []);
  });

  it('offers the methods of the call, quoted where they must be', () => {
    assert.deepEqual(offered('method:|'), [
      'method:echo',
      'method:store.get',
      'method:"with space"',
      'method:"a,b"',
      'method:quo"te',
      'method:"!bang"',
      'method:/slash/',
      'method:"st*r"',
      'method:évé',
      `method:${'x'.repeat(200)}`,
    ]);
    assert.deepEqual(offered('method:"with s|'), ['method:"with space"']);
    assert.deepEqual(offered('method:GET|'), ['method:store.get']);
    assert.deepEqual(offered('name:std|'), ['name:stderr']);
    const long = completions('method:xx', 9, rows)[0];
    assert.match(long?.label ?? '', /^x{80}… \(200 bytes\)$/);
  });

  it('completes to a word that is right, and leaves the others', () => {
    const word = fc.oneof(
      fc.constantFrom(...KEYS.map(({ name }) => `${name}:`), ...KEYS.map(({ example }) => example)),
      fc.constantFrom(
        'd',
        'ki',
        'kind:e',
        '-level:w',
        'errno:e',
        'errno:!',
        '!method:s',
        'method:"w',
        'free',
        '"quoted text"',
        'dir:in,',
        'is:',
      ),
    );
    let applied = 0;
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(), (words, at, pick) => {
        const text = words.join(' ');
        const caret = at % (text.length + 1);
        const list = completions(text, caret, rows);
        assert.ok(list.length <= 50);
        const one = list[pick % Math.max(1, list.length)];
        if (one === undefined) return;
        assert.ok(one.from <= caret && caret <= one.to && one.to <= text.length);
        const after = text.slice(0, one.from) + one.text + text.slice(one.to);
        const { problems } = parseFilter(after);
        const end = one.from + one.text.length;
        const own = problems.filter(({ from, to }) => from < end && to > one.from);
        // a value behind the key is another key's now; what was there before the caret is the person's
        const wasKey = one.text.endsWith(':') && one.to < text.length && text[one.to] !== ' ';
        if (!wasKey) assert.deepEqual(own, [], JSON.stringify([text, caret, after]));
        applied++;
      }),
      { numRuns: 3000 },
    );
    assert.ok(applied > 1500, `${applied} were applied`);
  });

  it('never throws, wherever the caret is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.oneof(fc.integer(), fc.constant(Number.NaN)),
        (text, caret) => {
          for (const { from, to } of completions(text, caret, rows))
            assert.ok(from >= 0 && from <= to && to <= text.length);
        },
      ),
    );
  });
});
