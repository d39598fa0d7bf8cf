// Replies changed at a stop, as long as the plugin has not read them: in stdin, on their way, being made; taken back; and that each call replays
// exactly, and goes on in another worker as it would have here. Contracts R1, R2, R3, M1, S4, P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRecording } from '../recording/reader.ts';
import { type Driven, drive } from '../testing/drive.ts';
import {
  type CallOptions,
  type EndedCall,
  echoHost,
  endedCall,
  messages,
  needs,
  ofKind,
  platform,
  pluginBytes,
  recordingOf,
  replaysExactly,
  replayText,
  startCall,
  timeless,
  VIRTUAL,
} from '../testing/run-call.ts';
import { stopRule } from '../testing/stop-rule.ts';
import { wat } from '../testing/wat.ts';
import type { Stop, StopRule } from './options.ts';
import { replayOptions } from './replay-options.ts';
import { Run } from './run.ts';

const PDK = 'rust-pdk.release';
const DEBUG = 'rust-pdk.debug';

const rule = (kind: StopRule['class'], name?: string, condition?: string): StopRule =>
  stopRule(kind, { id: `${kind} ${name}`, name, condition });
const REPLY = rule('rpc-reply', 'echo');
const REQUEST = rule('rpc', 'echo', "dir == 'out' && type == 'request'");
const READ = rule('syscall', 'fd_read');

const echo = (...rules: unknown[]): string => JSON.stringify({ hostMethods: { echo: rules } });
const MOCKS = echo({ reply: { result: { $count: 'method' } } });

const start = (method: string, params: string, options: CallOptions = {}): Driven =>
  drive(
    startCall(PDK, method, params, {
      mocks: MOCKS,
      clock: VIRTUAL,
      seed: '1',
      debug: true,
      rules: [REPLY],
      ...options,
    }),
  );

/** Runs on to the end, stopping nowhere, and replays it. */
async function end({ run }: Driven, plugin = PDK): Promise<EndedCall> {
  run.setRules([]);
  run.resume({ until: undefined });
  const ended = endedCall(run, await run.ended);
  await replaysExactly(ended, plugin);
  return ended;
}

const replies = ({ events }: EndedCall): string[] =>
  messages(events())
    .filter((line) => line.startsWith('>') && !line.includes('"method"'))
    .map((line) => line.replace('> {"jsonrpc":"2.0","id":', ''));

const changeable = ({ stop }: Driven['run']): readonly number[] => stop?.unread ?? [];

describe('a reply in stdin', needs(PDK, DEBUG), () => {
  it('R1: becomes another one, which the plugin reads, and the recording tells both', async () => {
    for (const plugin of [PDK, DEBUG]) {
      const driven = drive(
        startCall(plugin, 'echo', '{"message":"x"}', { mocks: MOCKS, debug: true, rules: [REPLY], seed: '1' }),
      );
      const { run } = driven;
      const stop = await driven.stop();
      assert.deepEqual(stop.unread, [stop.seq]);
      const seq = await run.changeReply('0', { result: '{"n":18446744073709551615, "a": 1.5}' });
      assert.deepEqual(changeable(run), [seq]);
      const event = run.store.get(seq);
      assert.ok(event.kind === 'rpc');
      assert.equal(event.line, '{"jsonrpc":"2.0","id":0,"result":{"a":1.5,"n":18446744073709551615}}');
      assert.deepEqual(event.answeredBy, {
        by: 'hand',
        changes: stop.seq,
        why: 'in place of the answer of rule 1 of mock `echo` of test.mocks.json, line 1',
      });
      const ended = await end(driven, plugin);
      assert.equal(ended.outcome.result, '{"a":1.5,"n":18446744073709551615}');
    }
  });

  it('R1: again and again, to a longer one, an error, a shorter one', async () => {
    const driven = start('many_echo', '{"n":3}');
    const { run } = driven;
    await driven.stop();
    for (const reply of [
      { result: JSON.stringify('x'.repeat(20_000)) },
      { error: { code: -32000, message: 'no' } },
      { result: '7' },
    ])
      await run.changeReply('0', reply);
    await driven.on();
    const before = run.store.length;
    await run.changeReply('1', { result: '8' });
    await run.changeReply('1', { result: '8' });
    assert.equal(run.store.length, before + 1, 'the same again is no change');
    const ended = await end(driven);
    assert.equal(ended.outcome.kind, 'result', ended.outcome.fault?.message);
    assert.deepEqual(replies(ended), [
      '0,"result":1}',
      `0,"result":"${'x'.repeat(20_000)}"}`,
      '0,"error":{"code":-32000,"message":"no"}}',
      '0,"result":7}',
      '1,"result":2}',
      '1,"result":8}',
      '2,"result":3}',
    ]);
  });

  it('R1: an error of it reaches the plugin as production gives it', async () => {
    const driven = start('echo', '{"message":"x"}');
    await driven.stop();
    await driven.run.changeReply('0', { error: { code: 42, message: 'by hand' } });
    const { outcome } = await end(driven);
    assert.deepEqual([outcome.error?.code, outcome.error?.message], [-32000, 'by hand']);
  });

  it('P1: one that never comes hangs the call, and its replay', async () => {
    const driven = start('echo', '{"message":"x"}', { rules: [REPLY] });
    await driven.stop();
    await driven.run.changeReply('0', 'never');
    const stop = await driven.on();
    assert.equal(stop.diagnosis?.diagnosis, 'hang');
    await driven.run.terminate();
    await replaysExactly(endedCall(driven.run, await driven.run.ended), PDK);
  });

  it('a part of a long one that was read can not be taken back', async () => {
    const long = echo({ reply: { result: 'x'.repeat(30_000) } });
    const driven = start('echo', '{"message":"x"}', { mocks: long });
    const { run } = driven;
    await driven.stop();
    run.setRules([rule('syscall', 'fd_read', 'errno == 0')]);
    await driven.on();
    await assert.rejects(
      run.changeReply('0', { result: '1' }),
      /^Error: The plugin has read \d+ of the 30037 bytes of the reply to call 0: it can't be changed any more\.$/,
    );
    assert.deepEqual(changeable(run), []);
    assert.equal((await end(driven)).outcome.kind, 'result');
  });

  it('a result that is not JSON is refused, and so is a call that never was', async () => {
    const driven = start('echo', '{"message":"x"}');
    await driven.stop();
    await assert.rejects(driven.run.changeReply('0', { result: '{' }), /^Error: The result is not JSON/);
    await assert.rejects(driven.run.changeReply('9', { result: '1' }), /^Error: No call with the id 9/);
    assert.equal((await end(driven)).outcome.result, '1');
    await assert.rejects(driven.run.changeReply('0', { result: '1' }), /running|ended/);
  });

  it('E2: the call may be ended right behind it', async () => {
    for (const reply of [{ result: '5' }, 'never'] as const) {
      const driven = start('echo', '{"message":"x"}');
      await driven.stop();
      await driven.run.changeReply('0', reply);
      await driven.run.terminate();
      await replaysExactly(endedCall(driven.run, await driven.run.ended), PDK);
    }
  });

  it('R3: a replay refuses to change any, and tells a change of what was read', async () => {
    const driven = start('many_echo', '{"n":2}');
    const stop = await driven.stop();
    const seq = await driven.run.changeReply('0', { result: '7' });
    await end(driven);
    const text = recordingOf(driven.run);
    const other = await replayText(text.replace(`"changes":${stop.seq}`, '"changes":0'), PDK);
    assert.match(
      other.divergence?.message ?? '',
      new RegExp(`differs at event ${seq}: it changes the reply of event 0`),
    );
    const replay = await replayText(text, PDK);
    assert.equal(replay.divergence, undefined);
    const recording = parseRecording(text, 'test.jsonl');
    const options = replayOptions(recording.header, PDK, pluginBytes(PDK));
    const replayed = drive(Run.replay(platform, recording, { ...options, debug: true, rules: [REPLY] }));
    const again = await replayed.stop();
    assert.equal(again.unread, undefined);
    await assert.rejects(replayed.run.changeReply('0', { result: '1' }), /^Error: This is a replay/);
    await replayed.run.terminate();
  });
});

/**
 * Asks `echo` three times in one write, gives the host its turn, and then reads 16 bytes at a time, which it logs, until it has read as many lines as
 * it has asked.
 */
const THREE = wat(
  `(module
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "${[0, 1, 2].map((id) => `{"jsonrpc":"2.0","id":${id},"method":"echo","params":null}\n`.replaceAll('"', '\\"').replace('\n', '\\n')).join('')}")
    (global $lines (mut i32) (i32.const 0))
    (func $write (param $fd i32) (param $from i32) (param $bytes i32)
      (i32.store (i32.const 2048) (local.get $from))
      (i32.store (i32.const 2052) (local.get $bytes))
      (drop (call $fd_write (local.get $fd) (i32.const 2048) (i32.const 1) (i32.const 2056))))
    (func $read (result i32) (local $at i32)
      (i32.store (i32.const 2048) (i32.const 4096))
      (i32.store (i32.const 2052) (i32.const 16))
      (i32.store (i32.const 2056) (i32.const 0))
      (if (call $fd_read (i32.const 0) (i32.const 2048) (i32.const 1) (i32.const 2056)) (then (return (i32.const 0))))
      (loop $next
        (global.set $lines (i32.add (global.get $lines)
          (i32.eq (i32.load8_u (i32.add (i32.const 4096) (local.get $at))) (i32.const 10))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at) (i32.load (i32.const 2056)))))
      (call $write (i32.const 2) (i32.const 4096) (i32.load (i32.const 2056)))
      (i32.load (i32.const 2056)))
    (func (export "_start")
      (loop $request (drop (call $read)) (br_if $request (i32.lt_u (global.get $lines) (i32.const 1))))
      (call $write (i32.const 1) (i32.const 0) (i32.const ${3 * 55}))
      (drop (call $yield))
      (loop $replies (drop (call $read)) (br_if $replies (i32.lt_u (global.get $lines) (i32.const 4))))))`,
  { names: true },
);

/** What the plugin has read of the replies. */
const readBy = ({ events }: EndedCall): string =>
  ofKind(events(), 'stderr')
    .map(({ line }) => line)
    .join('\n')
    .split('\n')
    .slice(1)
    .join('\n');
const line = (id: number, result: string): string => `{"jsonrpc":"2.0","id":${id},"result":${result}}`;

const three = (options: CallOptions = {}): Driven =>
  drive(
    startCall(THREE, 'x', 'null', { mocks: MOCKS, clock: VIRTUAL, seed: '1', debug: true, rules: [REPLY], ...options }),
  );

async function endThree({ run }: Driven): Promise<EndedCall> {
  run.setRules([]);
  run.resume({ until: undefined });
  const ended = endedCall(run, await run.ended);
  await replaysExactly(ended, THREE);
  return ended;
}

describe('several replies in stdin', () => {
  it('M1: one that is changed keeps its place among others, those on their way behind it included', async () => {
    const driven = three();
    const { run } = driven;
    const stop = await driven.stop();
    // the third has not left yet
    assert.equal(await run.changeReply('2', { result: '"c"' }), -1);
    assert.ok((await run.changeReply('0', { result: '"a"' })) > stop.seq);
    await driven.on();
    assert.equal(run.stop?.unread?.length, 2);
    const long = JSON.stringify('long '.repeat(3000));
    await run.changeReply('0', { result: long });
    await run.changeReply('1', { result: '"b"' });
    const ended = await endThree(driven);
    assert.equal(readBy(ended), [line(0, long), line(1, '"b"'), line(2, '"c"')].join('\n'));
  });

  it('M1: one that never comes is taken out, and so are those behind it; it can still be given', async () => {
    for (const takesOver of [false, true]) {
      const driven = three();
      const { run } = driven;
      await driven.stop();
      await driven.on();
      const stop = await driven.on();
      const takeOver = async (): Promise<void> => {
        if (takesOver) await run.frameValues((run.stop?.frames.length ?? 1) - 1);
      };
      await takeOver();
      const [, second] = stop.unread ?? [];
      const taken = run.store.get(await run.changeReply('1', 'never'));
      assert.ok(taken.kind === 'edit' && taken.space === 'reply');
      assert.deepEqual(
        [taken.index, taken.text],
        [second, 'the reply to echo (id 1) taken back, unread, and the one behind it: it never comes'],
      );
      assert.equal(run.stop?.unread?.length, 1);
      assert.deepEqual(
        (await run.openRequests()).filter(({ dir }) => dir === 'out').map(({ id }) => id),
        ['1', '2'],
      );
      await takeOver();
      run.setRules([]);
      const hang = await driven.on();
      assert.equal(hang.diagnosis?.diagnosis, 'hang');
      await takeOver();
      assert.equal(await run.changeReply('1', { result: '"late"' }), -1);
      run.resume({ until: undefined });
      const ended = endedCall(run, await run.ended);
      assert.equal(readBy(ended), [line(0, '1'), line(1, '"late"'), line(2, '4')].join('\n'));
      const replay = await replayText(ended.recordingText, THREE);
      assert.equal(replay.divergence?.message, undefined);
      assert.deepEqual(timeless(replay.recordingText), timeless(ended.recordingText));
    }
  });

  it('S4: another worker takes over with them as they are, also amid a change', async () => {
    const driven = three();
    const { run } = driven;
    await driven.stop();
    await run.changeReply('1', { result: '"unsent"' });
    await run.changeReply('0', { result: '"changed"' });
    await run.frameValues((run.stop?.frames.length ?? 1) - 1);
    await driven.on();
    const values = run.frameValues((run.stop?.frames.length ?? 1) - 1);
    await run.changeReply('0', { result: '"again"' });
    await run.changeReply('2', { result: '"third"' });
    await values;
    assert.equal(run.stop?.unread?.length, 2);
    const ended = await endThree(driven);
    assert.equal(readBy(ended), [line(0, '"again"'), line(1, '"unsent"'), line(2, '"third"')].join('\n'));
  });

  it('a change anywhere before a byte is read counts, and none from there on', async () => {
    const driven = three({ rules: [READ] });
    const { run } = driven;
    const told = { changed: 0, partly: 0, read: 0 };
    const expected = [line(0, '1'), line(1, '2'), line(2, '3')];
    for (let stop: Stop = await driven.stop(); !stop.over && run.state === 'stopped'; ) {
      for (const id of [0, 1, 2]) {
        const result = `${10 * stop.seq + id}`;
        const asked = [...run.store.range()].some((event) => event.kind === 'rpc' && event.dir === 'out');
        if (!asked) continue;
        await run.changeReply(String(id), { result }).then(
          () => {
            told.changed++;
            expected[id] = line(id, result);
          },
          ({ message }: Error) => {
            if (/^The plugin has read \d+ of the \d+ bytes of the reply/.test(message)) told.partly++;
            else if (/^No call with the id \d has a reply that could be changed/.test(message)) told.read++;
            else assert.fail(message);
          },
        );
      }
      run.resume({ until: undefined });
      const next = await Promise.race([driven.stop().catch(() => undefined), run.ended.then(() => undefined)]);
      if (next === undefined) break;
      stop = next;
    }
    const ended = endedCall(run, await run.ended);
    await replaysExactly(ended, THREE);
    assert.equal(readBy(ended), expected.join('\n'));
    assert.ok(told.changed > 3 && told.partly > 3 && told.read > 0, JSON.stringify(told));
  });
});

describe('a reply that has not left', needs(PDK), () => {
  it('at the request: what is typed takes its place, and the rule counts as hit', async () => {
    const driven = start('many_echo', '{"n":3}', { rules: [REQUEST] });
    await driven.stop();
    await driven.on();
    assert.equal(await driven.run.changeReply('1', { result: '"hand"' }), -1);
    const ended = await end(driven);
    assert.deepEqual(replies(ended), ['0,"result":1}', '1,"result":"hand"}', '2,"result":3}']);
  });

  it('S4: another worker that takes over knows, at once or later', async () => {
    const mocks = echo({ delay: 300, reply: { result: 1 } });
    for (const later of [false, true]) {
      const driven = start('echo', '{"message":"x"}', { rules: [REQUEST], mocks });
      const { run } = driven;
      let stop = await driven.stop();
      assert.equal(await run.changeReply('0', { result: '"hand"' }), -1);
      if (later) {
        run.setRules([READ]);
        for (let polls = 0; polls < 3; polls++) stop = await driven.on();
      }
      await run.frameValues(Math.min(1, stop.frames.length - 1));
      run.setRules([]);
      run.resume({ until: undefined, step: 'over' });
      await driven.stop();
      const ended = await end(driven);
      assert.equal(ended.outcome.result, '"hand"');
      assert.ok((ofKind(ended.events(), 'rpc')[2]?.time ?? 0) >= 300);
    }
  });

  it('a delay goes on, with another reply; or it never comes', async () => {
    const mocks = echo({ delay: 500, reply: { result: 1 } });
    const driven = start('echo', '{"message":"x"}', { rules: [REQUEST], mocks });
    await driven.stop();
    driven.run.setRules([READ]);
    await driven.on();
    await driven.on();
    await driven.run.changeReply('0', { result: '"hand"' });
    const ended = await end(driven);
    assert.equal(ended.outcome.result, '"hand"');
    const [, asked, answered] = ofKind(ended.events(), 'rpc');
    assert.ok((answered?.time ?? 0) - (asked?.time ?? 0) >= 500);
    assert.match(JSON.stringify(answered?.answeredBy), /in place of the answer of rule 1 of mock/);
    const never = start('echo', '{"message":"x"}', { rules: [REQUEST], mocks });
    await never.stop();
    await never.run.changeReply('0', 'never');
    never.run.setRules([]);
    assert.equal((await never.on()).diagnosis?.diagnosis, 'hang');
    await never.run.terminate();
    await replaysExactly(endedCall(never.run, await never.run.ended), PDK);
  });

  it('a host that is slow, or never answers, is answered for', async () => {
    const host = echoHost({ never: ['echo'] });
    const driven = drive(
      startCall(PDK, 'echo', '{"message":"x"}', { host, debug: true, clock: VIRTUAL, seed: '1', rules: [READ] }),
    );
    await driven.stop();
    while (host.asked.length === 0) await driven.on();
    assert.equal(await driven.run.changeReply('0', { result: '"for it"' }), -1);
    assert.equal((await end(driven)).outcome.result, '"for it"');
  });

  it('an answer by hand can be changed at once, and what a stop asks for is answered', async () => {
    const driven = start('echo', '{"message":"x"}', { mocks: echo({ pause: true }), rules: [] });
    await driven.stop();
    driven.run.answer('0', { result: '1' });
    await driven.run.changeReply('0', { result: '2' });
    assert.equal((await end(driven)).outcome.result, '2');
    const asked = start('echo', '{"message":"x"}', { mocks: echo({ pause: true }), rules: [] });
    await asked.stop();
    await asked.run.changeReply('0', { result: '3' });
    assert.equal((await end(asked)).outcome.result, '3');
  });

  it('M1: one that waits to leave out of order leaves out of order, and can not be held back for ever', async () => {
    const mocks = echo(
      { when: { nth: 1 }, reply: { result: 1, outOfOrder: true } },
      { delay: 200, reply: { result: 2 } },
    );
    const driven = start('joined', 'null', { mocks, rules: [REQUEST] });
    const { run } = driven;
    await driven.stop();
    await driven.on();
    run.setRules([READ]);
    await driven.on();
    await driven.on();
    await assert.rejects(run.changeReply('0', 'never'), /holds up no other/);
    await run.changeReply('0', { result: '"hand"' });
    run.setRules([]);
    const hang = await driven.on();
    assert.equal(hang.diagnosis?.diagnosis, 'hang');
    await run.terminate();
    const ended = endedCall(run, await run.ended);
    await replaysExactly(ended, PDK);
    assert.deepEqual(replies(ended), ['1,"result":2}', '0,"result":"hand"}']);
  });

  it('R3: one that leaves out of order is known so, whoever changes it on its way', async () => {
    const mocks = echo(
      { when: { nth: 1 }, reply: { result: 1, outOfOrder: true } },
      { delay: 200, reply: { result: 2 } },
    );
    const driven = start('joined', 'null', { mocks });
    const { run } = driven;
    await driven.stop();
    // the second has left, the first is right behind it
    assert.equal(await run.changeReply('0', { result: '"hand"' }), -1);
    run.setRules([]);
    assert.equal((await driven.on()).diagnosis?.diagnosis, 'hang');
    await run.terminate();
    const ended = endedCall(run, await run.ended);
    await replaysExactly(ended, PDK);
    assert.deepEqual(replies(ended), ['1,"result":2}', '0,"result":"hand"}']);
  });

  it('P1: faults of a reply that is changed are gone, but for its duplicate', async () => {
    for (const [fault, expected] of [
      [{ wrongId: 7 }, ['7,"result":1}', '0,"result":"hand"}']],
      [{ duplicate: true }, ['0,"result":1}', '0,"result":"hand"}', '0,"result":1}']],
    ] as const) {
      const mocks = echo({ reply: { result: 1, ...fault } });
      const driven = start('echo', '{"message":"x"}', {
        mocks,
        rules: [rule('rpc', undefined, "dir == 'in' && type == 'response'")],
      });
      await driven.stop();
      await driven.run.changeReply('0', { result: '"hand"' });
      const ended = await end(driven);
      assert.deepEqual(replies(ended), expected);
      assert.equal(ended.outcome.result, '"hand"');
    }
  });
});
