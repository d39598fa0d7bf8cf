// The host's state machine: what it reads, what it writes, where it stops; and whose reply a reply is.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Answer, HostEndpoint } from './endpoint.ts';
import { Fifo } from './fifo.ts';
import { classifyLine, errorLine, requestLine, responseLine } from './message.ts';
import { Pairer } from './pairing.ts';

const echo = ({ params }: { params: string }): Answer => ({ result: params });

function endpoint(...lines: string[]): HostEndpoint {
  const host = new HostEndpoint('run', 'null');
  host.start();
  for (const line of lines) host.receiveLine(line);
  return host;
}

const written = (host: HostEndpoint) => host.takeLines().map((line) => line.text);

describe('the host endpoint', () => {
  it('begins with request 0, as serde_json writes it', () => {
    const host = new HostEndpoint('a"b', '{"x":18446744073709551615}');
    const line = host.start();
    assert.equal(line.text, '{"jsonrpc":"2.0","id":0,"method":"a\\"b","params":{"x":18446744073709551615}}');
    assert.deepEqual(line.message, classifyLine(line.text));
  });

  it('answers a host call, and ends with the response', () => {
    const host = endpoint(requestLine('0', 'echo', '[1]'), responseLine('0', '"done"'));
    host.pump(echo);
    assert.deepEqual(written(host), ['{"jsonrpc":"2.0","id":0,"result":[1]}']);
    assert.deepEqual(host.outcome, { kind: 'result', result: '"done"' });
    assert.deepEqual(host.waits(), { host: [], plugin: [] });
  });

  it('P2: 2^64-1 as id, in params and in a result', () => {
    const max = '18446744073709551615';
    const host = endpoint(requestLine(max, 'echo', `{"v":${max}}`), responseLine('0', max));
    host.pump(echo);
    const [line] = host.takeLines();
    assert.equal(line?.text, `{"jsonrpc":"2.0","id":${max},"result":{"v":${max}}}`);
    assert.deepEqual(line?.message, classifyLine(line?.text ?? ''));
    assert.deepEqual(host.outcome, { kind: 'result', result: max });
  });

  it('M1: while a reply is pending nothing further is read, and replies leave in the order of the requests', () => {
    const host = endpoint(requestLine('0', 'slow', '1'), requestLine('1', 'fast', '2'), responseLine('0', '3'));
    const asked: string[] = [];
    const answer = ({ method, params }: { method: string; params: string }): Answer => {
      asked.push(method);
      return method === 'slow' ? 'pending' : { result: params };
    };
    host.pump(answer);
    host.pump(answer);
    assert.deepEqual(asked, ['slow']);
    assert.equal(host.answering?.method, 'slow');
    assert.equal(host.repliesOwed, 2);
    assert.deepEqual(host.waits(), {
      host: [{ id: '0', method: 'run', state: 'unanswered' }],
      plugin: [
        { id: '0', method: 'slow', state: 'being answered' },
        { id: '1', method: 'fast', state: 'queued' },
      ],
    });
    assert.equal(host.settle('1', { result: 'x' }), false);
    assert.deepEqual(written(host), []);
    assert.equal(host.settle('0', { result: 'true' }), true);
    assert.equal(host.settle('0', { result: 'true' }), false);
    host.pump(answer);
    assert.deepEqual(written(host), [responseLine('0', 'true'), responseLine('1', '2')]);
    assert.equal(host.outcome?.kind, 'result');
    assert.equal(host.repliesOwed, 0);
  });

  it('M1: an answer that never comes holds up all behind it', () => {
    const host = endpoint(requestLine('0', 'silent', '1'), requestLine('1', 'echo', '2'), responseLine('0', '3'));
    host.pump(({ method, params }) => (method === 'silent' ? 'never' : { result: params }));
    host.endOfOutput();
    host.pump(echo);
    assert.deepEqual(written(host), []);
    assert.equal(host.outcome, undefined);
    assert.equal(host.settle('0', { result: 'null' }), false);
    assert.equal(host.answering, undefined);
    assert.equal(host.repliesOwed, 0);
    assert.deepEqual(
      host.waits().plugin.map((wait) => wait.state),
      ['never answered', 'queued'],
    );
  });

  it('E3: errors leave with the code and the message that production gives them', () => {
    const host = endpoint(requestLine('0', 'a', 'null'), requestLine('1', 'b', 'null'), requestLine('2', 'c', 'null'));
    host.pump(({ id }) => {
      if (id === '2') throw new Error('the mock broke');
      return { error: { code: id === '0' ? -32601 : 42, message: 'mine' } };
    });
    const lines = host.takeLines();
    assert.deepEqual(
      lines.map(({ request }) => request?.method),
      ['a', 'b', 'c'],
    );
    const sent = lines.map(({ request: _, ...line }) => line);
    assert.deepEqual(sent, [
      {
        text: '{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"Method not found"}}',
        message: { type: 'error', id: '0', code: '-32601', message: 'Method not found', hasData: false },
      },
      {
        text: '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"mine"}}',
        message: { type: 'error', id: '1', code: '-32000', message: 'mine', hasData: false },
      },
      {
        text: '{"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"the mock broke"}}',
        message: { type: 'error', id: '2', code: '-32000', message: 'the mock broke', hasData: false },
        answeredBy: { by: 'debugger', why: 'the call could not be answered: the mock broke' },
      },
    ]);
  });

  it('P1: a reply goes with who gave it, at once or later', () => {
    const host = endpoint(requestLine('0', 'a', '1'), requestLine('1', 'b', '2'), requestLine('2', 'c', '3'));
    const answeredBy = { by: 'host', command: 'x' } as const;
    host.pump(({ id }) => (id === '1' ? 'pending' : { result: 'true', answeredBy }));
    host.settle('1', { error: { code: 1, message: 'no' }, answeredBy: { by: 'nobody' } });
    host.pump(() => ({ result: 'null' }));
    assert.deepEqual(
      host.takeLines().map((line) => line.answeredBy),
      [answeredBy, { by: 'nobody' }, undefined],
    );
  });

  it('E3: a line that is no message ends the reading with ParseError, and nobody answers what follows', () => {
    const host = endpoint('hello', requestLine('0', 'echo', '1'));
    host.pump(echo);
    host.receiveLine(requestLine('1', 'echo', '2'));
    host.pump(echo);
    assert.deepEqual(written(host), []);
    assert.ok(host.outcome?.kind === 'invalid-line');
    assert.deepEqual(host.outcome.error, { code: -32700, message: 'Parse error' });
    assert.equal(host.outcome.line.text, 'hello');
    assert.equal(host.repliesOwed, 0);
    assert.deepEqual(host.waits(), {
      host: [],
      plugin: [
        { id: '0', method: 'echo', state: 'never read' },
        { id: '1', method: 'echo', state: 'never read' },
      ],
    });
  });

  it('E3: a line that is not UTF-8 is InternalError', () => {
    const host = endpoint();
    host.receiveLine(Uint8Array.of(0x7b, 0xff));
    host.pump(echo);
    assert.ok(host.outcome?.kind === 'invalid-line');
    assert.deepEqual(host.outcome.error, { code: -32603, message: 'Internal error' });
  });

  it('E3: any error response ends the call with its error, whichever id it carries', () => {
    for (const id of ['0', '7', '18446744073709551615']) {
      const host = endpoint(errorLine(id, { code: 42, message: 'boom' }), responseLine('0', '1'));
      host.pump(echo);
      assert.ok(host.outcome?.kind === 'error-response');
      assert.deepEqual(host.outcome.error, { code: -32000, message: 'boom' });
      assert.equal(host.outcome.response.code, '42');
      assert.equal(host.outcome.response.id, id);
    }
  });

  it('E3: a response to another id is ignored, and the host reads on', () => {
    const host = endpoint(responseLine('1', '1'), responseLine('0', '2'), responseLine('0', '3'));
    host.pump(echo);
    assert.deepEqual(host.outcome, { kind: 'result', result: '2' });
  });

  it('E3: the end of stdout without a response is InternalError, once all that came before is read', () => {
    const host = endpoint(requestLine('0', 'slow', '1'));
    host.endOfOutput();
    host.pump(() => 'pending');
    assert.equal(host.outcome, undefined);
    host.settle('0', { result: '1' });
    host.pump(echo);
    assert.deepEqual(host.outcome, { kind: 'end-of-output', error: { code: -32603, message: 'Internal error' } });
    const answered = endpoint(responseLine('0', '1'));
    answered.endOfOutput();
    answered.pump(echo);
    assert.equal(answered.outcome?.kind, 'result');
  });

  it('E6: replies are owed only for requests that the host will come to', () => {
    const host = endpoint(
      requestLine('0', 'slow', '1'),
      requestLine('1', 'echo', '1'),
      responseLine('5', '1'),
      requestLine('2', 'echo', '1'),
      'stray',
      requestLine('3', 'echo', '1'),
    );
    assert.equal(host.repliesOwed, 3);
    host.pump(() => 'pending');
    assert.equal(host.repliesOwed, 3);
    host.settle('0', { result: '1' });
    assert.equal(host.repliesOwed, 2);
    host.pump(echo);
    assert.equal(host.repliesOwed, 0);
  });

  it('E4: requests that nobody reads are listed up to a bound', () => {
    const host = endpoint('stray');
    host.pump(echo);
    for (let i = 0; i < 10_000; i++) host.receiveLine(requestLine(String(i), 'echo', '1'));
    assert.equal(host.waits().plugin.length, 100);
  });

  it('M1: replies are those of a host that does one thing after the other, however the lines and the answers arrive', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('line' as const),
        line: fc.constantFrom('ask', 'slow', 'ignored', 'stray', 'done'),
      }),
      fc.record({ kind: fc.constant('settle' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const host = endpoint();
        const asked: string[] = [];
        const answer = ({ id, method }: { id: string; method: string }): Answer => {
          asked.push(id);
          return method === 'slow' ? 'pending' : { result: id };
        };
        const expected: string[] = [];
        let next = 0;
        let over = false;
        for (const current of steps) {
          if (current.kind === 'settle') {
            const waiting = host.answering;
            if (waiting) assert.ok(host.settle(waiting.id, { result: waiting.id }));
          } else {
            const { line } = current;
            if (line === 'ask' || line === 'slow') {
              if (!over) expected.push(String(next));
              host.receiveLine(requestLine(String(next++), line, 'null'));
            } else host.receiveLine(line === 'stray' ? 'x' : responseLine(line === 'done' ? '0' : '9', '1'));
            over ||= line === 'stray' || line === 'done';
          }
          host.pump(answer);
          assert.ok(asked.length <= expected.length);
        }
        for (let waiting = host.answering; waiting; waiting = host.answering) {
          host.settle(waiting.id, { result: waiting.id });
          host.pump(answer);
        }
        assert.deepEqual(asked, expected);
        assert.deepEqual(
          written(host),
          expected.map((id) => responseLine(id, id)),
        );
        assert.equal(host.outcome !== undefined, over);
      }),
    );
  });
});

describe('pairing', () => {
  const request = (id: string) => classifyLine(requestLine(id, 'm', 'null'));
  const response = (id: string) => classifyLine(responseLine(id, 'null'));

  it('goes by direction and id: both sides count from 0', () => {
    const pairer = new Pairer<string>();
    assert.deepEqual(pairer.add('in', request('0'), 'call'), { kind: 'request' });
    assert.deepEqual(pairer.add('out', request('0'), 'host call'), { kind: 'request' });
    assert.deepEqual(pairer.open('in'), [{ id: '0', request: 'call' }]);
    assert.deepEqual(pairer.open('out'), [{ id: '0', request: 'host call' }]);
    assert.deepEqual(pairer.add('in', response('0'), 'host reply'), { kind: 'reply', request: 'host call' });
    assert.deepEqual(pairer.add('out', response('0'), 'response'), { kind: 'reply', request: 'call' });
    assert.deepEqual([pairer.open('in'), pairer.open('out')], [[], []]);
  });

  it('knows replies to nothing, and second replies', () => {
    const pairer = new Pairer<number>();
    assert.deepEqual(pairer.add('out', response('0'), 1), { kind: 'unknown' });
    pairer.add('in', request('0'), 2);
    assert.deepEqual(pairer.add('out', classifyLine(errorLine('0', { code: 1, message: '' })), 3), {
      kind: 'reply',
      request: 2,
    });
    assert.deepEqual(pairer.add('out', response('0'), 4), { kind: 'duplicate', reply: 3 });
    assert.deepEqual(pairer.add('in', response('0'), 5), { kind: 'unknown' });
    assert.deepEqual(pairer.add('out', classifyLine('stray'), 6), { kind: 'none' });
  });

  it('gives an id that is asked twice its replies in the order of the requests', () => {
    const pairer = new Pairer<number>();
    pairer.add('out', request('3'), 1);
    pairer.add('out', request('3'), 2);
    assert.deepEqual(
      pairer.open('out').map((open) => open.request),
      [1, 2],
    );
    assert.deepEqual(pairer.add('in', response('3'), 3), { kind: 'reply', request: 1 });
    assert.deepEqual(pairer.add('in', response('3'), 4), { kind: 'reply', request: 2 });
    assert.deepEqual(pairer.add('in', response('3'), 5), { kind: 'duplicate', reply: 4 });
  });

  it('P2: ids that a double takes for one are two', () => {
    const pairer = new Pairer<number>();
    pairer.add('out', request('18446744073709551615'), 1);
    assert.deepEqual(pairer.add('in', response('18446744073709551614'), 2), { kind: 'unknown' });
    assert.deepEqual(pairer.add('in', response('18446744073709551615'), 3), { kind: 'reply', request: 1 });
  });
});

describe('the queue', () => {
  it('is first in, first out', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat())), (steps) => {
        const queue = new Fifo<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (step === null) assert.equal(queue.shift(), model.shift());
          else {
            queue.push(step);
            model.push(step);
          }
          assert.deepEqual([queue.length, queue.peek(), [...queue]], [model.length, model[0], model]);
        }
      }),
    );
  });

  it('E4: 300 000 requests behind a pending reply are answered in proportion to their number', () => {
    const host = endpoint(requestLine('0', 'slow', '1'));
    host.pump(() => 'pending');
    const pairer = new Pairer<number>();
    const request = classifyLine(requestLine('0', 'echo', '1'));
    pairer.add('out', request, 0);
    for (let i = 1; i < 300_000; i++) {
      host.receive(request);
      pairer.add('out', request, i);
    }
    assert.equal(host.waits().plugin.length, 100);
    host.settle('0', { result: '1' });
    const started = process.cpuUsage();
    host.pump(echo);
    let expected = 0;
    for (const { message } of host.takeLines()) {
      const pairing = pairer.add('in', message, -1);
      assert.ok(pairing.kind === 'reply');
      assert.equal(pairing.request, expected++);
    }
    assert.equal(expected, 300_000);
    // With an array's shift it would be minutes.
    assert.ok(process.cpuUsage(started).user < 20e6);
  });
});
