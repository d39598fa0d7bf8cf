// Rules of mock files in whole calls: delays, faults on demand, stops that ask, answers by hand, mocks that change; and that each call replays exactly.
// Contracts M1, P1, P2, E7, R2, R3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drive } from '../testing/drive.ts';
import {
  type CallOptions,
  type EndedCall,
  echoHost,
  endedCall,
  messages,
  needs,
  ofKind,
  pluginFile,
  replaysExactly,
  runCall,
  startCall,
  VIRTUAL,
} from '../testing/run-call.ts';
import { stopRule } from '../testing/stop-rule.ts';

const PDK = 'rust-pdk.release';
const full = (hostMethods: unknown, rest: object = {}): string => JSON.stringify({ ...rest, hostMethods });
const echo = (...rules: unknown[]): string => full({ echo: rules });
const call = (method: string, params: string, mocks: string, options: CallOptions = {}): Promise<EndedCall> =>
  runCall(PDK, method, params, { mocks, clock: VIRTUAL, seed: '1', ...options });
const kinds = ({ events }: EndedCall): string[] => ofKind(events(), 'diagnosis').map(({ diagnosis }) => diagnosis);
const replies = ({ events }: EndedCall): string[] =>
  messages(events()).filter((line) => line.startsWith('>') && !line.includes('"method"'));

describe('rules of mock files in a call', needs(PDK), () => {
  it('P2: a template quotes params with their digits', async () => {
    const ended = await call('u64_extremes', 'null', echo({ reply: { result: { $param: '' } } }));
    assert.equal(ended.outcome.kind, 'result');
    assert.match(replies(ended)[0] ?? '', /18446744073709551615/);
    await replaysExactly(ended, PDK);
  });

  it('E7: a delay passes on the run’s clock, and the same seed gives the same one', async () => {
    const mocks = echo({ reply: { result: 1 }, delay: [100, 600] });
    const times = async (options: CallOptions): Promise<number[]> => {
      const ended = await call('many_echo', '{"n":3}', mocks, options);
      assert.equal(ended.outcome.kind, 'result', ended.outcome.fault?.message);
      await replaysExactly(ended, PDK);
      return ofKind(ended.events(), 'rpc').map(({ time }) => time);
    };
    const first = await times({});
    assert.ok((first.at(-1) ?? 0) > 300);
    assert.deepEqual(await times({}), first);
    assert.notDeepEqual(await times({ seed: '2' }), first);
  });

  it('E7: a delay passes on a real clock', async () => {
    const ended = await call('many_echo', '{"n":2}', echo({ reply: { result: 1 }, delay: 60 }), {
      clock: { kind: 'real' },
    });
    const [, asked = 0, answered = 0] = ofKind(ended.events(), 'rpc').map(({ time }) => time);
    assert.ok(answered - asked >= 60, `${answered - asked}`);
    await replaysExactly(ended, PDK);
  });

  it('M1: an answer that never comes holds up the call, which hangs', async () => {
    const ended = await call(
      'many_echo',
      '{"n":2}',
      echo({ when: { nth: 2 }, reply: { never: true } }, { reply: { result: 1 } }),
    );
    assert.equal(ended.outcome.fault?.kind, 'hang');
    await replaysExactly(ended, PDK);
  });

  it('P1: a malformed line', async () => {
    const ended = await call('many_echo', '{"n":2}', echo({ reply: { malformed: true } }));
    assert.deepEqual(replies(ended), ['> {"jsonrpc":"2.0","i']);
    assert.notEqual(ended.outcome.kind, 'result');
    await replaysExactly(ended, PDK);
  });

  it('P1: a wrong id', async () => {
    const ended = await call('many_echo', '{"n":2}', echo({ reply: { result: 1, wrongId: 7 } }));
    assert.deepEqual(replies(ended), ['> {"jsonrpc":"2.0","id":7,"result":1}']);
    assert.ok(kinds(ended).includes('unknown-response'));
    await replaysExactly(ended, PDK);
  });

  it('P1: a duplicate', async () => {
    const ended = await call('many_echo', '{"n":2}', echo({ reply: { result: 1, duplicate: true } }));
    assert.deepEqual(
      replies(ended).map((line) => line.slice(2)),
      [0, 0, 1, 1].map((id) => `{"jsonrpc":"2.0","id":${id},"result":1}`),
    );
    assert.deepEqual(kinds(ended), ['unknown-response', 'unknown-response']);
    await replaysExactly(ended, PDK);
  });

  it('M1: a reply leaves out of order where that is asked for, with its diagnosis; the pdk hangs', async () => {
    const ended = await call(
      'joined',
      'null',
      echo({ when: { nth: 1 }, reply: { result: 1, outOfOrder: true } }, { reply: { result: 2 } }),
    );
    assert.deepEqual(replies(ended), [
      '> {"jsonrpc":"2.0","id":1,"result":2}',
      '> {"jsonrpc":"2.0","id":0,"result":1}',
    ]);
    assert.deepEqual(kinds(ended), ['out-of-order-reply', 'hang']);
    await replaysExactly(ended, PDK);
  });

  it('M1: one that is to leave out of order leaves where no other comes', async () => {
    const ended = await call('many_echo', '{"n":2}', echo({ reply: { result: 1, outOfOrder: true } }));
    assert.equal(ended.outcome.kind, 'result');
    await replaysExactly(ended, PDK);
  });

  it('a template that refers to nothing is an error that names the rule', async () => {
    const ended = await call('echo', '{"message":"x"}', echo({ reply: { result: { $param: 'user.id' } } }));
    assert.match(
      ended.outcome.error?.message ?? '',
      /^test\.mocks\.json:1:\d+: \{"\$param": "user\.id"\} refers to nothing/,
    );
    await replaysExactly(ended, PDK);
  });

  it('P1: an unmatched call says which rule came closest', async () => {
    const ended = await call('echo', '{"message":"x"}', echo({ when: { params: 'y' }, reply: { result: 1 } }));
    const source = ofKind(ended.events(), 'rpc').find(({ answeredBy }) => answeredBy !== undefined)?.answeredBy;
    assert.deepEqual(source, {
      by: 'nobody',
      why: 'the rule on line 1 came closest: `params` is "x", and the rule wants "y"',
    });
    await replaysExactly(ended, PDK);
  });

  it('without a debugger, `pause` is an unknown method', async () => {
    const ended = await call('echo', '{"message":"x"}', echo({ pause: true }));
    assert.equal(ended.outcome.error?.code, -32601);
    await replaysExactly(ended, PDK);
  });
});

describe('the answer of another plugin', needs(PDK), () => {
  const other = (rest: object, delay = 0): string =>
    echo({ delay, reply: { $call: { plugin: pluginFile(PDK), ...rest } } });

  it('is the reply, and a replay needs only this one', async () => {
    const mocks = other({ method: 'ping', params: null }, 50);
    const ended = await call('echo', '{"message":1}', mocks);
    assert.equal(ended.outcome.result, '"pong"', ended.outcome.error?.message);
    assert.equal(
      ofKind(ended.events(), 'rpc').find(({ answeredBy }) => answeredBy !== undefined)?.answeredBy?.by,
      'mock',
    );
    await replaysExactly(ended, PDK);
  });

  it('P2: its own host calls are answered by the same mocks', async () => {
    const mocks = full({
      echo: [
        {
          when: { params: 'out' },
          reply: { $call: { plugin: pluginFile(PDK), method: 'echo', params: { message: 'in' } } },
        },
        { when: { params: 'in' }, reply: { result: 'digits' } },
      ],
    });
    const digits = mocks.replace('"digits"', '18446744073709551615');
    assert.equal((await call('echo', '{"message":"out"}', digits)).outcome.result, '18446744073709551615');
  });

  it('E4: one that is not there, that fails, that leads back to itself', async () => {
    const why = async (mocks: string): Promise<string> => {
      const ended = await call('echo', '{"message":"x"}', mocks);
      await replaysExactly(ended, PDK);
      const source = ofKind(ended.events(), 'rpc').find(({ answeredBy }) => answeredBy !== undefined)?.answeredBy;
      return source?.by === 'debugger' ? source.why : (ended.outcome.error?.message ?? 'nothing');
    };
    assert.match(
      await why(echo({ reply: { $call: { plugin: 'no.wasm', method: 'x' } } })),
      /^plugin no\.wasm can't be read/,
    );
    assert.match(
      await why(echo({ reply: { $call: { plugin: pluginFile('end-trap'), method: 'x' } } })),
      /^method x of plugin .* did not answer: The plugin trapped/,
    );
    assert.equal(await why(other({ method: 'no such method' })), 'Method not found');
    assert.match(await why(other({ method: 'echo', params: { message: 1 } })), /Internal error|wait for one another/);
  });
});

describe('what no rule matches', needs(PDK), () => {
  const asked = async (mocks: string, options: CallOptions = {}): Promise<string | undefined> => {
    const { outcome } = await call('echo', '{"message":"x"}', mocks, options);
    return outcome.result ?? outcome.error?.message;
  };

  it('goes where the method says, or the file, or the run', async () => {
    const host = (): CallOptions => ({ host: echoHost() });
    assert.equal(await asked(full({}), host()), '"x"');
    assert.equal(await asked(full({}, { default: 'unknown' }), host()), 'Method not found');
    assert.equal(await asked(full({ echo: { default: 'host', rules: [] } }, { default: 'unknown' }), host()), '"x"');
    assert.equal(await asked(full({ echo: [] }, { default: 'host' })), 'Method not found');
    assert.equal(await asked(full({}), { ...host(), unmatched: 'unknown' }), 'Method not found');
  });

  it('E4: ten thousand rules, and an answer of 10 MB', async () => {
    const rules = Array.from({ length: 10_000 }, (_, i) => ({ when: { params: { id: i } }, reply: { result: i } }));
    assert.equal(await asked(echo(...rules, { reply: { result: { $param: '' } } })), '"x"');
    const large = `"${'x'.repeat(10_000_000)}"`;
    assert.equal(await asked(`{"echo":${large}}`), large);
  });

  it('expected calls that did not come are told at the end', async () => {
    const run = startCall(PDK, 'echo', '{"message":"x"}', { mocks: echo({ times: [2, 3], reply: { result: 1 } }) });
    const problems: string[] = [];
    run.on({ problem: (sentence) => problems.push(sentence) });
    await run.ended;
    assert.deepEqual(problems, [
      'Rule 1 of `echo` in test.mocks.json, line 1, was to answer 2 to 3 calls, and answered 1.',
    ]);
  });
});

describe('stops that ask', needs(PDK), () => {
  const asked = (mocks: string | undefined, options: CallOptions = {}) =>
    drive(
      startCall(PDK, 'echo', '{"message":"x"}', {
        ...(mocks === undefined ? {} : { mocks }),
        clock: VIRTUAL,
        seed: '1',
        debug: true,
        ...options,
      }),
    );

  it('a rule says so, and the answer comes from outside', async () => {
    const driven = asked(echo({ name: 'by hand', pause: true }));
    const stop = await driven.stop();
    assert.equal(stop.reason, 'ask');
    const { seq = -1, ...ask } = stop.ask ?? {};
    assert.deepEqual(ask, {
      id: '0',
      method: 'echo',
      params: '"x"',
      rule: { file: 'test.mocks.json', line: 1, number: 1 },
    });
    assert.equal(driven.run.store.kind(seq), 'rpc');
    assert.throws(() => driven.run.answer('0', { result: '{' }), /^Error: The result is not JSON/);
    driven.run.answer('0', { result: '{"b":18446744073709551615,"a":1}' });
    driven.run.resume({ until: undefined });
    const ended = endedCall(driven.run, await driven.run.ended);
    assert.equal(ended.outcome.kind, 'result', ended.outcome.fault?.message);
    assert.deepEqual(replies(ended), ['> {"jsonrpc":"2.0","id":0,"result":{"a":1,"b":18446744073709551615}}']);
    const { answeredBy } = ofKind(ended.events(), 'rpc')[2] ?? {};
    assert.deepEqual(answeredBy, { by: 'hand' });
    await replaysExactly(ended, PDK);
  });

  it('nothing matches, and no file says what then', async () => {
    const driven = asked(undefined, { unmatched: 'pause' });
    assert.equal((await driven.stop()).ask?.rule, undefined);
    driven.run.answer('0', { error: { code: -32000, message: 'no' } });
    driven.run.resume({ until: undefined });
    const outcome = await driven.run.ended;
    assert.equal(outcome.error?.message, 'no');
  });

  it('going on without an answer stops again when nothing else happens; then it never comes', async () => {
    const driven = asked(full({}, { default: 'pause' }));
    assert.equal((await driven.stop()).reason, 'ask');
    assert.equal((await driven.on()).reason, 'ask');
    driven.run.answer('0', 'never');
    const stop = await driven.on();
    assert.equal(stop.diagnosis?.diagnosis, 'hang');
    await driven.run.terminate();
  });

  it('E2: terminate ends it there', async () => {
    const driven = asked(echo({ pause: true }));
    await driven.stop();
    await driven.run.terminate();
    const ended = endedCall(driven.run, await driven.run.ended);
    assert.equal(ended.outcome.kind, 'terminated');
    await replaysExactly(ended, PDK);
  });

  it('S4: another worker that takes over waits for the same answer', async () => {
    const driven = asked(echo({ pause: true }));
    const stop = await driven.stop();
    await driven.run.frameValues(Math.min(1, stop.frames.length - 1));
    assert.equal(driven.run.stop?.ask?.id, '0');
    driven.run.answer('0', { result: '"later"' });
    driven.run.resume({ until: undefined });
    const ended = endedCall(driven.run, await driven.run.ended);
    assert.deepEqual(replies(ended), ['> {"jsonrpc":"2.0","id":0,"result":"later"}']);
    await replaysExactly(ended, PDK);
  });

  it('an answer in the same breath as a take-over is not lost', async () => {
    const driven = asked(echo({ pause: true }));
    const stop = await driven.stop();
    const values = driven.run.frameValues(Math.min(1, stop.frames.length - 1)).catch(() => undefined);
    driven.run.answer('0', { result: '"now"' });
    driven.run.resume({ until: undefined });
    await values;
    const ended = endedCall(driven.run, await driven.run.ended);
    assert.deepEqual(replies(ended), ['> {"jsonrpc":"2.0","id":0,"result":"now"}']);
  });

  it('S4: the scenario goes on where it was, whoever takes over', async () => {
    const mocks = full(
      {
        echo: [
          { when: { state: 'b' }, reply: { result: { $count: 'method' } } },
          { reply: { result: 0 }, setState: 'b' },
        ],
      },
      { initialState: 'a' },
    );
    const rule = stopRule('rpc', { name: 'echo', hitCondition: '3' });
    const driven = drive(
      startCall(PDK, 'many_echo', '{"n":5}', { mocks, clock: VIRTUAL, seed: '1', debug: true, rules: [rule] }),
    );
    const stop = await driven.stop();
    await driven.run.frameValues(Math.min(1, stop.frames.length - 1));
    driven.run.resume({ until: undefined });
    const ended = endedCall(driven.run, await driven.run.ended);
    assert.deepEqual(
      replies(ended).map((line) => line.slice(line.indexOf('"result"'))),
      [0, 2, 3, 4, 5].map((n) => `"result":${n}}`),
    );
    await replaysExactly(ended, PDK);
  });
});

describe('mocks that change', needs(PDK), () => {
  it('count from the next call on; one with an error changes nothing', async () => {
    const rule = stopRule('rpc', { name: 'echo' });
    const driven = drive(
      startCall(PDK, 'many_echo', '{"n":4}', { mocks: '{"echo":1}', clock: VIRTUAL, debug: true, rules: [rule] }),
    );
    const problems: string[] = [];
    driven.run.on({ problem: (sentence) => problems.push(sentence) });
    await driven.stop();
    driven.run.setMocks({ name: 'test.mocks.json', text: '{"echo":2}' });
    await driven.on();
    driven.run.setMocks({ name: 'test.mocks.json', text: '{"echo":}' });
    await driven.on();
    driven.run.setMocks({ name: 'test.mocks.json', text: echo({ reply: { result: { $count: 'method' } } }) });
    await driven.on();
    driven.run.setRules([]);
    driven.run.resume({ until: undefined });
    const ended = endedCall(driven.run, await driven.run.ended);
    assert.deepEqual(
      replies(ended).map((line) => line.slice(line.indexOf('"result"'))),
      [2, 2, 3, 4].map((n) => `"result":${n}}`),
    );
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^The mocks stay as they were: test\.mocks\.json:1:9: Expected a value\.$/);
  });
});

describe('mocks that change, and another worker that takes over', needs(PDK), () => {
  const stopAt = (kind: 'rpc' | 'syscall', name: string, condition?: string) => stopRule(kind, { name, condition });
  const sequence = { reply: { sequence: [10, 11, 12, 13, 14, 15].map((result) => ({ result })) } };
  const random = { reply: { result: { $random: { from: 0, to: 1_000_000 } } } };
  const changes: readonly (readonly [what: string, before: string, after: string])[] = [
    ['a sequence', echo(sequence), echo({ when: { params: 99 }, reply: { result: 'none' } }, sequence)],
    [
      'a scenario',
      echo({ when: { state: 'start' }, reply: { result: 1 }, setState: 'b' }, { reply: { result: 2 } }),
      echo(
        { when: { state: 'start' }, reply: { result: 1 }, setState: 'c' },
        { when: { state: 'b' }, reply: { result: 3 } },
        { reply: { result: 4 } },
      ),
    ],
    [
      'what is out of order',
      echo({ reply: { result: 1 } }),
      echo({ when: { nth: { $lt: 4 } }, reply: { result: 2, outOfOrder: true } }, { reply: { result: 3 } }),
    ],
    ['what is asked', echo(random), echo({ when: { nth: { $lt: 3 } }, pause: true }, random)],
    [
      'what never comes',
      echo({ reply: { result: 1 } }),
      echo({ when: { nth: 1 }, reply: { never: true } }, { reply: { result: 2 } }),
    ],
  ];

  it('S4: the calls that were answered stay answered by the rules of then, and count so', async () => {
    for (const [what, before, after] of changes) {
      const seen = async (takesOver: boolean): Promise<string[]> => {
        const run = startCall(PDK, 'many_echo', '{"n":5}', {
          mocks: before,
          clock: VIRTUAL,
          seed: '7',
          debug: true,
          rules: [stopAt('rpc', 'echo', "dir == 'out' && type == 'request'")],
        });
        const driven = drive(run);
        const takeOver = async (frames: number): Promise<void> => {
          if (takesOver) await run.frameValues(Math.min(1, frames - 1));
        };
        await driven.stop();
        await driven.on();
        await takeOver((await driven.on()).frames.length);
        run.setMocks({ name: 'test.mocks.json', text: after });
        await takeOver(run.stop?.frames.length ?? 1);
        // the third is read by the rules that came while it was on its way
        run.setRules([stopAt('syscall', 'fd_read')]);
        await driven.on();
        run.setMocks({
          name: 'test.mocks.json',
          text: after.replace('"hostMethods"', '"default":"unknown","hostMethods"'),
        });
        await takeOver((await driven.on()).frames.length);
        run.setRules([stopAt('rpc', 'echo', "dir == 'out' && type == 'request'")]);
        for (;;) {
          run.resume({ until: undefined });
          const stop = await Promise.race([driven.stop().catch(() => undefined), run.ended.then(() => undefined)]);
          if (stop === undefined || stop.diagnosis !== undefined) break;
          if (stop.ask !== undefined) run.answer(stop.ask.id, { result: '"by hand"' });
          await takeOver(stop.frames.length);
        }
        if (run.state !== 'ended') await run.terminate();
        const ended = endedCall(run, await run.ended);
        await replaysExactly(ended, PDK);
        return replies(ended);
      };
      assert.deepEqual(await seen(true), await seen(false), what);
    }
  });
});

describe('methods that nobody answers', () => {
  it('P1: are told with the function that called them, where a file says "unknown" and the launch would ask', async () => {
    const mocks = '{ "default": "unknown", "hostMethods": { "log": [{ "reply": { "result": null } }] } }';
    const run = startCall('hello', 'greet', '{"name":"Ada"}', { mocks, unmatched: 'pause' });
    const ended = endedCall(run, await run.ended);
    const [diagnosis] = ofKind(ended.events(), 'diagnosis');
    assert.match(diagnosis?.message ?? '', /^Host method `get_user` \(id 0\), called by function `hello::main`/);
  });
});
