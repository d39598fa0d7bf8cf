// The client of a process that answers host methods, over lines: numbers whole, nonsense reported, death told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HostCommand } from './host-command.ts';

function start() {
  const sent: string[] = [];
  const complaints: string[] = [];
  const command = new HostCommand({
    name: 'python host.py',
    send: (line) => sent.push(line),
    unexpected: (sentence) => complaints.push(sentence),
  });
  return { command, sent, complaints };
}

describe('the host command', () => {
  it('P2: asks with its own ids, and numbers go through whole', async () => {
    const { command, sent } = start();
    const first = command.call('echo', '{"v":18446744073709551615}');
    const second = command.call('other', 'null');
    assert.deepEqual(sent, [
      '{"jsonrpc":"2.0","id":0,"method":"echo","params":{"v":18446744073709551615}}',
      '{"jsonrpc":"2.0","id":1,"method":"other","params":null}',
    ]);
    assert.equal(command.pending, 2);
    command.receiveLine('{"jsonrpc":"2.0","id":1,"result":null}');
    command.receiveLine('{"jsonrpc": "2.0", "result": {"v": 18446744073709551615, "e": 1e400}, "id": 0}\r');
    assert.deepEqual(await first, { result: '{"e":1e400,"v":18446744073709551615}' });
    assert.deepEqual(await second, { result: 'null' });
    assert.equal(command.pending, 0);
  });

  it('passes errors on as they are written', async () => {
    const { command } = start();
    const calls = [command.call('a', '1'), command.call('b', '1'), command.call('c', '1')];
    command.receiveLine('{"jsonrpc":"2.0","id":0,"error":{"code":9223372036854775807,"message":"no","data":1}}');
    command.receiveLine('{"id":1,"error":"just text"}');
    command.receiveLine('{"id":2,"error":null,"result":[]}');
    assert.deepEqual(await Promise.all(calls), [
      { error: { code: '9223372036854775807', message: 'no' } },
      { error: { code: -32000, message: '"just text"' } },
      { result: '[]' },
    ]);
  });

  it('reports lines that are no replies, and goes on', async () => {
    const { command, complaints } = start();
    const call = command.call('echo', '1');
    command.receiveLine('listening on port 1');
    command.receiveLine('');
    command.receiveLine('[1]');
    command.receiveLine('{"jsonrpc":"2.0","id":0,"method":"hello","params":1}');
    command.receiveLine('{"jsonrpc":"2.0","id":9,"result":1}');
    command.receiveLine('{"jsonrpc":"2.0","id":"0","result":1}');
    command.receiveLine('{"jsonrpc":"2.0","id":0}');
    command.receiveLine('{"jsonrpc":"2.0","id":0,"result":2}');
    command.receiveLine('{"jsonrpc":"2.0","id":0,"result":3}');
    assert.deepEqual(await call, { result: '2' });
    assert.deepEqual(complaints, [
      'The host command `python host.py` wrote `listening on port 1`: it is no JSON, expected a value at column 1.',
      'The host command `python host.py` wrote `[1]`: a reply is an object.',
      'The host command `python host.py` wrote `{"jsonrpc":"2.0","id":0,"method":"hello","params":1}`: it is a request, and only replies are taken.',
      'The host command `python host.py` wrote `{"jsonrpc":"2.0","id":9,"result":1}`: nothing was asked with id 9, or it was answered already.',
      'The host command `python host.py` wrote `{"jsonrpc":"2.0","id":"0","result":1}`: its id is none that was asked.',
      'The host command `python host.py` wrote `{"jsonrpc":"2.0","id":0}`: it has neither result nor error.',
      'The host command `python host.py` wrote `{"jsonrpc":"2.0","id":0,"result":3}`: nothing was asked with id 0, or it was answered already.',
    ]);
  });

  it('rejects all that wait when the process ends, and all that come after', async () => {
    const { command } = start();
    const calls = [command.call('a', '1'), command.call('b', '1')];
    command.closed('ended (exit code 1)');
    const after = command.call('c', '1');
    const messages = (await Promise.allSettled([...calls, after])).map((result) => {
      assert.ok(result.status === 'rejected');
      return (result.reason as Error).message;
    });
    assert.deepEqual(messages, [
      'The host command `python host.py` ended (exit code 1) before it answered host method `a`.',
      'The host command `python host.py` ended (exit code 1) before it answered host method `b`.',
      'The host command `python host.py` ended (exit code 1) before it answered host method `c`.',
    ]);
  });

  it('rejects a call that could not be written', async () => {
    const command = new HostCommand({
      name: 'x',
      send: () => {
        throw new Error('write EPIPE');
      },
      unexpected: () => {},
    });
    await assert.rejects(command.call('a', '1'), {
      message: 'The host command `x` could not be asked `a`: write EPIPE.',
    });
    assert.equal(command.pending, 0);
  });

  it('E4: no line makes it throw', () => {
    const { command, complaints } = start();
    command.call('a', '1').catch(() => {});
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"id"',
      '"result"',
      '"error"',
      '"code"',
      '"message"',
      '0',
      '1',
      '"x"',
      'null',
      '-',
      '\\',
      '[[[[',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        command.receiveLine(pieces.join(''));
      }),
      { numRuns: 2000 },
    );
    command.receiveLine(`{"id":0,"result":${'['.repeat(1_000_000)}`);
    assert.match(complaints.at(-1) ?? '', /nested deeper than 127 levels/);
  });
});
