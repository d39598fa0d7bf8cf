// The panel's model as the webview meets it: rows by range, filter, find, details, the debugger's position; and what nobody should send.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CALL, LINE } from '../../debug-adapter/recording/log-format.ts';
import { FakeCall, FakePanel } from './panel-fixture.ts';
import type { RequestName } from './protocol.ts';

const MAX = '18446744073709551615';

function sampleCall(id = 1): FakeCall {
  const call = new FakeCall(id);
  call.filler
    .request('in', 0, 'run', `{"n":${MAX}}`)
    .syscall('fd_read', [0, 16, 1, 8])
    .request('out', 0, 'echo', '{"text":"first"}')
    .poll()
    .result('in', 0, `[1.0,${MAX}]`)
    .stderr('<b>not bold</b> \u202e\u001b[31m')
    .request('out', 1, 'echo', '{"text":"second"}')
    .message('in', '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}')
    .message('out', Uint8Array.of(0x7b, 0xff, 0xfe), LINE.notUtf8)
    .syscall('fd_close', [7], 8, CALL.hostWouldPanic)
    .flush();
  return call;
}

describe('panel model', () => {
  it('P3: rows come by range, and answers of an older query are none', async () => {
    const panel = new FakePanel(sampleCall());
    const { generation, total, shown } = await panel.settled();
    assert.deepEqual([total, shown], [10, 10]);
    const { rows, from } = await panel.ask('rows', { generation, from: 2, to: 4 });
    assert.equal(from, 2);
    assert.deepEqual(
      rows.map(({ row, kind, name }) => [row, kind, name]),
      [
        [2, 'request', 'echo'],
        [3, 'polls', 'fd_read'],
      ],
    );
    assert.deepEqual((await panel.ask('rows', { generation: generation - 1, from: 0, to: 9 })).rows, []);
    panel.model.dispose();
  });

  it('P2, E4: what a row says: pairs, digits, errors, text that stays text', async () => {
    const panel = new FakePanel(sampleCall());
    const rows = await panel.rows();
    assert.equal(rows[0]?.pending, true);
    assert.match(rows[0]?.summary ?? '', new RegExp(MAX));
    assert.deepEqual([rows[2]?.pair, rows[4]?.pair], [4, 2]);
    assert.equal(rows[4]?.name, 'echo');
    assert.ok((rows[2]?.duration ?? 0) > 0);
    assert.equal(rows[5]?.summary, '<b>not bold</b> \\u202e\\u001b[31m');
    assert.equal(rows[7]?.kind, 'error');
    assert.equal(rows[8]?.severity, 'fault');
    assert.match(rows[8]?.diagnosis ?? '', /not UTF-8/);
    assert.deepEqual([rows[9]?.errno, rows[9]?.severity], ['EBADF', 'warning']);
    assert.equal(rows[3]?.errno, undefined);
    panel.model.dispose();
  });

  it('a filter and an order narrow and sort, and say what is wrong with them', async () => {
    const panel = new FakePanel(sampleCall());
    assert.deepEqual((await panel.ask('query', { filter: 'method:echo dir:out', order: undefined })).problems, []);
    assert.deepEqual(
      (await panel.rows()).map(({ row }) => row),
      [2, 6],
    );
    assert.deepEqual(await panel.ask('locate', { row: 6 }), { index: 1, exact: true });
    assert.deepEqual(await panel.ask('locate', { row: 3 }), { index: 1, exact: false });
    const { problems } = await panel.ask('query', { filter: 'nonsense:1 dir:out', order: undefined });
    assert.equal(problems.length, 1);
    assert.ok(problems[0]?.from === 0 && problems[0].message.length > 0);
    await panel.ask('query', { filter: '', order: { column: 'fuel', descending: true } });
    assert.deepEqual(
      (await panel.rows()).map(({ row }) => row),
      [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    );
    panel.model.dispose();
  });

  it('find goes forwards and backwards, and says which of how many', async () => {
    const panel = new FakePanel(sampleCall());
    await panel.settled();
    const first = await panel.ask('find', { text: 'echo', from: -1, backwards: false });
    assert.deepEqual([first.row, first.ordinal], [2, 1]);
    const next = await panel.ask('find', { text: 'echo', from: first.index, backwards: false });
    assert.ok(next.row > 2 && next.ordinal === 2 && next.count === first.count);
    const back = await panel.ask('find', { text: 'echo', from: next.index, backwards: true });
    assert.equal(back.row, 2);
    assert.equal((await panel.ask('find', { text: 'nowhere', from: -1, backwards: false })).index, -1);
    panel.model.dispose();
  });

  it('a running call: rows come as they happen, and the webview hears of it at most ten times a second', async () => {
    const call = new FakeCall(1);
    const panel = new FakePanel(call);
    await panel.settled();
    const before = panel.states.length;
    for (let i = 0; i < 50; i++) {
      call.filler.stderr(`line ${i}`).flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(panel.states.length - before < 15, `${panel.states.length - before} states`);
    assert.equal((await panel.settled()).total, 50);
    panel.model.dispose();
  });

  it('S6: the row at which the debugger stands is told at once, and where a filter hides it', async () => {
    const call = sampleCall();
    const panel = new FakePanel(call);
    await panel.settled();
    call.stopAt(6);
    assert.deepEqual(panel.states.at(-1)?.present, { row: 6, index: 6 });
    await panel.ask('query', { filter: 'kind:stderr', order: undefined });
    await panel.settled();
    assert.deepEqual(panel.states.at(-1)?.present, { row: 6, index: -1 });
    call.stopAt(undefined);
    assert.equal(panel.states.at(-1)?.present, undefined);
    panel.model.dispose();
  });

  it('a call that begins is shown, one that is gone is not', async () => {
    const [first, second] = [sampleCall(1), sampleCall(2)];
    const panel = new FakePanel(first);
    panel.calls.set(first, second);
    assert.equal((await panel.settled()).call, 2);
    await panel.ask('show', { call: 1 });
    assert.equal((await panel.settled()).call, 1);
    panel.calls.set(second);
    assert.equal((await panel.settled()).call, 2);
    panel.calls.set();
    assert.equal((await panel.settled()).call, undefined);
    await assert.rejects(panel.ask('details', { row: 0 }), /No call is shown/);
    panel.model.dispose();
  });

  it('details: facts with links, the message as a tree with its digits, the raw line, what can be done', async () => {
    const panel = new FakePanel(sampleCall());
    await panel.settled();
    const request = await panel.ask('details', { row: 0 });
    assert.equal(request.params, `{"n":${MAX}}`);
    assert.ok(request.doors.includes('sendAgain'));
    const reply = await panel.ask('details', { row: 4 });
    assert.equal(reply.facts.find(({ name }) => name === 'answers')?.row, 2);
    assert.ok(!reply.doors.includes('sendAgain'));
    assert.match(reply.raw?.text ?? '', /"result":\[1\.0,18446744073709551615\]/);
    const members = await panel.ask('children', { handle: reply.tree[0]?.handle ?? 0, from: 0, count: 10 });
    const result = members.find(({ name }) => name === 'result');
    const items = await panel.ask('children', { handle: result?.handle ?? 0, from: 0, count: 10 });
    assert.deepEqual(
      items.map(({ value }) => value),
      ['1.0', MAX],
    );
    assert.equal((await panel.ask('details', { row: 6 })).previous, 2);
    await assert.rejects(
      panel.ask('children', { handle: result?.handle ?? 0, from: 0, count: 10 }),
      /not shown any more/,
    );
    const bad = await panel.ask('details', { row: 8 });
    assert.equal(bad.raw?.utf8, false);
    assert.match(bad.diagnoses.join(), /not UTF-8/);
    assert.equal(Buffer.from(await panel.ask('bytes', { row: 8, from: 1, to: 99 }), 'base64').toString('hex'), 'fffe');
    const syscall = await panel.ask('details', { row: 9 });
    assert.ok(syscall.tree.some(({ name, value }) => name === 'fd' && value.startsWith('7')));
    panel.model.dispose();
  });

  it('E4: a message of 10 MB costs nothing until it is opened, and then a page at a time', async () => {
    const call = new FakeCall(1);
    call.filler.result('in', 0, `[${'{"k":"v"},'.repeat(1_000_000)}1]`).flush();
    const panel = new FakePanel(call);
    await panel.settled();
    const details = await panel.ask('details', { row: 0 });
    assert.equal(details.raw?.cut, true);
    assert.ok((details.raw?.text.length ?? 0) <= 65536 && (details.row.summary.length ?? 0) < 500);
    const [message] = details.tree;
    const members = await panel.ask('children', { handle: message?.handle ?? 0, from: 0, count: 10 });
    const list = members.find(({ name }) => name === 'result');
    assert.equal(list?.count, 1_000_001);
    const page = await panel.ask('children', { handle: list?.handle ?? 0, from: 999_999, count: 1e6 });
    assert.deepEqual(
      page.map(({ value }) => value),
      ['{"k":"v"}', '1'],
    );
    assert.equal((await panel.ask('bytes', { row: 0, from: 0, to: 1e9 })).length, Math.ceil(65536 / 3) * 4);
    panel.model.dispose();
  });

  it('the stack is asked once a row, and given up when another one is asked for', async () => {
    const panel = new FakePanel(sampleCall());
    await panel.settled();
    assert.deepEqual(await panel.ask('stack', { row: 2 }), [{ name: 'f', func: 1, offset: 16 }]);
    await panel.ask('stack', { row: 2 });
    assert.equal(panel.world.stacks, 1);
    panel.world.frames = () => new Promise(() => {});
    void panel.ask('stack', { row: 3 }).catch(() => {});
    panel.world.frames = () => Promise.reject(new Error('The module has changed.'));
    await assert.rejects(panel.ask('stack', { row: 4 }), /The module has changed/);
    assert.equal(panel.world.aborted >= 1, true);
    panel.model.dispose();
  });

  it('doors, settings and history go to the world', async () => {
    const panel = new FakePanel(sampleCall());
    await panel.settled();
    await panel.ask('open', { door: 'sendAgain', row: 0, params: '{"n":1}' });
    assert.deepEqual(panel.world.opened, [['sendAgain', 0, { params: '{"n":1}', frame: undefined }]]);
    await panel.ask('keep', { columns: [{ column: 'fuel', width: 80 }], details: 0.4 });
    assert.deepEqual(await panel.ask('hello', {}), { columns: [{ column: 'fuel', width: 80 }], details: 0.4 });
    assert.deepEqual(await panel.ask('history', { add: 'method:echo' }), ['method:echo']);
    assert.deepEqual(await panel.ask('history', { add: '  ' }), ['method:echo']);
    panel.model.dispose();
  });

  it('the strip says where the debugger stands', async () => {
    const call = sampleCall();
    const panel = new FakePanel(call);
    await panel.settled();
    call.stopAt(4);
    const strip = await panel.ask('strip', { axis: 'fuel', buckets: 10 });
    assert.equal(strip.present, call.rows.fuel(4));
    assert.equal(await panel.ask('rowAt', { axis: 'fuel', at: strip.present ?? 0 }), 4);
    panel.model.dispose();
  });

  it('E4: whatever is sent, the answer is a result or a sentence', async () => {
    const panel = new FakePanel(sampleCall());
    await panel.settled();
    const names = [
      'show',
      'query',
      'rows',
      'locate',
      'find',
      'complete',
      'details',
      'children',
      'bytes',
      'stack',
      'strip',
      'rowAt',
      'open',
      'keep',
      'toString',
    ];
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.constant(null),
      fc.boolean(),
      fc.constant('fuel'),
      fc.array(fc.anything()),
    );
    const params = fc.oneof(
      fc.anything(),
      fc.dictionary(
        fc.constantFrom(
          'row',
          'from',
          'to',
          'count',
          'handle',
          'generation',
          'filter',
          'text',
          'axis',
          'buckets',
          'at',
          'door',
          'order',
          'call',
        ),
        value,
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), params, async (name, given) => {
        await panel
          .ask(name as RequestName, given as never)
          .catch((error: Error) => assert.match(error.message, /\.$|\?$/));
      }),
      { numRuns: 500 },
    );
    panel.model.dispose();
  });
});
