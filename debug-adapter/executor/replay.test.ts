// Replays: of recordings of which any part was changed, that were cut short anywhere, that were made of another module or under another
// model of fuel, or whose syscalls were folded. Contracts R2, R3, R4, R5.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { EventStore } from '../recording/event-store.ts';
import { RecordingError } from '../recording/fields.ts';
import { formatEvent } from '../recording/jsonl.ts';
import { parseRecording } from '../recording/reader.ts';
import { chance } from '../testing/chance.ts';
import { measured } from '../testing/lateness.ts';
import {
  type EndedCall,
  echoHost,
  messages,
  needs,
  ofKind,
  replaysExactly,
  replayText,
  runCall,
  timeless,
  VIRTUAL,
} from '../testing/run-call.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every way to change one value of an event, with a path that names it. */
function* changes(value: Json, path: string): Generator<[path: string, changed: Json]> {
  if (typeof value === 'number') yield [path, value + 1];
  else if (typeof value === 'boolean') yield [path, !value];
  else if (typeof value === 'string' && value !== '') {
    const last = value.charCodeAt(value.length - 1);
    yield [`${path} (last letter)`, value.slice(0, -1) + String.fromCharCode(last ^ 1)];
  } else if (Array.isArray(value)) {
    for (const [at, item] of value.entries())
      for (const [inner, changed] of changes(item, `${path}[${at}]`))
        yield [inner, value.map((one, i) => (i === at ? changed : one))];
    if (value.length > 0) yield [`${path} (last item gone)`, value.slice(0, -1)];
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      for (const [inner, changed] of changes(item, `${path}.${key}`)) yield [inner, { ...value, [key]: changed }];
      const { [key]: _, ...rest } = value;
      yield [`${path}.${key} (gone)`, rest];
    }
  }
}

/** What says nothing of the guest: when an event was, and how its end is worded. */
const NOT_COMPARED = /^\w+\.t( |$)|^exit\.message (?!\(gone\))|^diagnosis\.(message|severity)/;

/** Replays `lines`, and tells the difference; undefined for an exact replay. */
async function difference(lines: readonly string[], plugin: string): Promise<string | undefined> {
  try {
    const { divergence, cutShort } = await replayText(`${lines.join('\n')}\n`, plugin);
    return divergence?.message ?? cutShort;
  } catch (error) {
    assert.ok(error instanceof RecordingError, String(error));
    return error.message;
  }
}

/** Does all of `jobs`, two at a time: each replay is a worker. */
async function inPairs(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) await job();
  };
  await Promise.all([lane(), lane()]);
}

const linesOf = (call: EndedCall): string[] => call.recordingText.trimEnd().split('\n');

describe('a recording with one thing changed', () => {
  let lines: string[] = [];
  const PLUGIN = 'rpc-call-echo';
  before(async () => {
    lines = linesOf(await runCall(PLUGIN, 'run', '[1]', { host: echoHost(), clock: VIRTUAL }));
    assert.equal(await difference(lines, PLUGIN), undefined);
  });

  it('R3: no value of any event can be another without being named', async () => {
    const unseen: string[] = [];
    const jobs: (() => Promise<void>)[] = [];
    for (const [at, line] of lines.entries()) {
      if (at === 0) continue;
      const event = JSON.parse(line) as { kind: string };
      for (const [path, changed] of changes(event, event.kind)) {
        if (NOT_COMPARED.test(path)) continue;
        const text = JSON.stringify(changed);
        jobs.push(async () => {
          const found = await difference(lines.with(at, text), PLUGIN);
          if (found === undefined) unseen.push(`line ${at + 1}: ${path}`);
          else
            assert.match(
              found,
              /^(The replay differs|test\.jsonl(:\d+: this line of the recording is damaged| was cut short))/,
            );
        });
      }
    }
    assert.ok(jobs.length > 150, `${jobs.length} changes`);
    await inPairs(jobs);
    assert.deepEqual(unseen, []);
  });

  it('R3: no event can be missing, be there twice, or change places with the next', async () => {
    const unseen: string[] = [];
    const jobs: (() => Promise<void>)[] = [];
    const check = (what: string, changed: readonly string[]): void => {
      jobs.push(async () => {
        if ((await difference(changed, PLUGIN)) === undefined) unseen.push(what);
      });
    };
    for (let at = 1; at < lines.length; at++) {
      const [line = '', next] = lines.slice(at);
      check(`line ${at + 1} gone`, lines.toSpliced(at, 1));
      check(`line ${at + 1} twice`, lines.toSpliced(at, 0, line));
      if (next !== undefined) check(`lines ${at + 1} and ${at + 2} swapped`, lines.toSpliced(at, 2, next, line));
    }
    await inPairs(jobs);
    assert.deepEqual(unseen, []);
  });

  it('R3: the difference is named by its event, and the replay ends there', async () => {
    const at = lines.findIndex((line) => line.includes('"name":"fd_write"'));
    const changed = lines.with(at, (lines[at] ?? '').replace('"args":[1,', '"args":[2,'));
    const replay = await replayText(`${changed.join('\n')}\n`, PLUGIN);
    assert.deepEqual(replay.divergence, {
      seq: at - 1,
      message: `The replay differs at event ${at - 1}: the recording has fd_write(2, 16, 1, 24), and the plugin did fd_write(1, 16, 1, 24).`,
    });
    assert.equal(replay.run.store.get(replay.run.store.length - 1).kind, 'exit');
    assert.ok(replay.run.store.length <= at + 1);
  });
});

describe('a recording cut short', () => {
  let call: EndedCall;
  const header = (): number => call.recordingText.indexOf('\n') + 1;
  before(async () => {
    call = await runCall(chance, 'go', '[1]', { host: echoHost(), seed: '5' });
    assert.equal(call.outcome.kind, 'result');
  });

  const exactAsFarAsItGoes = async (text: string): Promise<void> => {
    const replay = await replayText(text, chance);
    assert.equal(replay.divergence?.message, undefined, `cut at ${text.length}`);
    assert.match(replay.cutShort ?? '', /was cut short/);
    assert.equal(replay.outcome.kind, 'terminated');
    const store = new EventStore();
    store.append(parseRecording(text, 'x').records);
    const replayed = replay.events().map(formatEvent);
    const recorded = [...store.range()].map(formatEvent);
    // the replay ends somewhere after the last recorded event: with an end of its own
    assert.deepEqual(timeless(replayed.slice(0, -1).join('\n')), timeless(recorded.join('\n')));
  };

  it('R4: at each line is exact up to there', async () => {
    const text = call.recordingText;
    const ends = [...text.matchAll(/\n/g)].map(({ index }) => index + 1).slice(0, -1);
    assert.ok(ends.length > 30, `${ends.length} lines`);
    await inPairs(ends.map((cut) => () => exactAsFarAsItGoes(text.slice(0, cut))));
  });

  it('R4: at any byte is exact up to the last whole line', async () => {
    const text = call.recordingText;
    const jobs = Array.from({ length: 10 }, (_, n) => {
      const cut = header() + Math.floor(((n * 0.618) % 1) * (text.length - header() - 2));
      return () => exactAsFarAsItGoes(text.slice(0, cut));
    });
    await inPairs(jobs);
  });
});

describe('a replay of', { concurrency: 2 }, () => {
  it('R2: another module is refused in a sentence', async () => {
    const call = await runCall('end-without-response', 'run');
    const replay = await replayText(call.recordingText, 'endless-loop');
    assert.equal(replay.outcome.fault?.kind, 'other-module');
    assert.match(
      replay.outcome.fault?.message ?? '',
      /^endless-loop\.wasm is not the module that was recorded: its SHA-256 is [0-9a-f]{12}…, and the recording's is [0-9a-f]{12}…; name the right one in "plugin", or with --plugin\.$/,
    );
  });

  for (const [what, plugin, method] of [
    ['a call that returns', 'hello', 'roll'],
    ['a trap', 'recursion-1001-frames', 'run'],
    ['a limit', 'endless-log', 'run'],
    ['a hang', 'endless-poll', 'run'],
  ] as const)
    it(`R5: ${what} under another fuel model: fuel and yields are not compared, the rest is`, async () => {
      const call = await runCall(plugin, method, '{"dice":3}', { clock: VIRTUAL, limits: { fuel: 250_000 } });
      const other = call.recordingText
        .replace(/"fuelModel":"[^"]+"/, '"fuelModel":"other-1"')
        // as another model would have it
        .replace(/"(fuel|lastFuel)":(\d+)/g, (_, name: string, fuel: string) => `"${name}":${Number(fuel) * 3 + 1}`);
      const replay = await replayText(other, plugin);
      assert.equal(replay.divergence?.message, undefined);
      assert.equal(replay.outcome.kind, call.outcome.kind);
      assert.equal(replay.outcome.result, call.outcome.result);
      const guest = (text: string): string[] =>
        timeless(text)
          .filter(
            (line) =>
              !line.startsWith('{"kind":"yield"') && line.startsWith('{"kind"') && !line.startsWith('{"kind":"exit"'),
          )
          .map((line) => line.replace(/"fuel":\d+/, ''));
      assert.deepEqual(guest(replay.recordingText), guest(other));
      const tampered = other.replace(/"args":\[1,/, '"args":[2,').replace(/"args":\[0,/, '"args":[3,');
      if (tampered !== other)
        assert.match((await replayText(tampered, plugin)).divergence?.message ?? '', /The replay differs/);
    });

  it('R4: a recording with unknown fields and unknown events in it is exact', async () => {
    const call = await runCall('rpc-call-echo', 'run', '[1]', { host: echoHost() });
    const text = call.recordingText
      .replaceAll('{"kind"', '{"later":{"a":[1]},"kind"')
      .replaceAll('\n{', '\n{"kind":"note","text":"later"}\n{');
    const replay = await replayText(text, 'rpc-call-echo');
    assert.equal(replay.divergence, undefined);
    assert.equal(replay.outcome.result, call.outcome.result);
  });

  it('R2: needs no host, no mocks and no time', needs('rust-pdk.release'), async (t) => {
    const call = await runCall('rust-pdk.release', 'sleep', '{"ms":700}', { seed: undefined });
    assert.ok(call.outcome.wallMs >= 700);
    const took = await measured(
      t,
      (ms) => ms < 600,
      async () => (await replaysExactly(call, 'rust-pdk.release')).outcome.wallMs,
    );
    assert.ok(took < 600, `${took} ms`);
  });
});

describe('past the bound on events', { concurrency: 2 }, () => {
  const folded = (call: EndedCall) => ofKind(call.events(), 'folded');

  for (const [plugin, method, params] of [
    ['rust-pdk.release', 'many_echo', '{"n":25}'],
    ['rust-pdk.release', 'payload', '{"bytes":300000}'],
    ['rust-pdk.release', 'random', '{"bytes":3000}'],
    ['rust-pdk.release', 'log', 'null'],
    ['rust-pdk.release', 'joined', 'null'],
    ['hello', 'roll', '{"dice":90}'],
  ] as const)
    it(
      `R3: ${plugin} ${method}: syscalls and yields are folded, messages and log lines are not, and the replay is exact`,
      needs(plugin),
      async () => {
        const options = { host: echoHost(), clock: VIRTUAL, seed: '3', slice: 20_000 };
        const whole = await runCall(plugin, method, params, options);
        const call = await runCall(plugin, method, params, {
          ...options,
          limits: { events: method === 'random' ? 8 : 20 },
        });
        assert.equal(call.outcome.kind, 'result', call.outcome.fault?.message);
        assert.ok(folded(call).length > 0);
        // A reply may overtake the second of two joined requests where the machine is slow: each way has its order.
        const waysOf = (of: EndedCall): readonly string[][] =>
          ['>', '<'].map((way) => messages(of.events()).filter((line) => line.startsWith(way)));
        assert.deepEqual(waysOf(call), waysOf(whole));
        // How often a guest polls while a host that lives elsewhere answers is not the same in two calls, and so is not compared.
        const asksHost = ['many_echo', 'payload', 'joined'].includes(method);
        const comparable = ({ wallMs: _, fuel, events, ...rest }: EndedCall['outcome']): object =>
          asksHost ? { ...rest, rpc: events.rpc } : { ...rest, fuel, events };
        assert.deepEqual(comparable(call.outcome), comparable(whole.outcome));
        assert.ok(ofKind(call.events(), 'syscall').length + ofKind(call.events(), 'yield').length <= 20);
        await replaysExactly(call, plugin);
      },
    );

  it('R3: a folded call that was changed is seen', async () => {
    const call = await runCall('hello', 'roll', '{"dice":90}', { limits: { events: 10 } });
    const lines = linesOf(call);
    const at = lines.findIndex((line) => line.startsWith('{"kind":"folded"'));
    const line = lines[at] ?? '';
    for (const changed of [
      line.replace('"name":"random_get"', '"name":"sched_yield"'),
      line.replace(/"base64":"./, (found) => `${found.slice(0, -1)}${found.endsWith('A') ? 'B' : 'A'}`),
      line.replace('"errno":0', '"errno":5'),
      line.replace(/\{"name":"random_get",.*?\},\{"name"/, '{"name"'),
    ]) {
      assert.notEqual(changed, line);
      assert.match((await difference(lines.with(at, changed), 'hello')) ?? 'exact', /The replay differs/);
    }
  });
});
