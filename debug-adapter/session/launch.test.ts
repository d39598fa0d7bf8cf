// Launch arguments, field by field: what is taken, and the sentence for what is not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../recording/event.ts';
import { scanJson } from '../rpc/json-scan.ts';
import { stopRule } from '../testing/stop-rule.ts';
import { checkLaunch, parseClock, runOptions } from './launch.ts';

const LEAST = { plugin: 'p.wasm', method: 'm' };
const plan = (more: object) => {
  const checked = checkLaunch({ ...LEAST, ...more });
  assert.deepEqual(checked.problems, []);
  assert.ok(checked.plan);
  return checked.plan;
};
const problems = (more: object) => checkLaunch({ ...LEAST, ...more }).problems;

describe('launch arguments', () => {
  it('the least there can be has production’s defaults', () => {
    assert.deepEqual(plan({}), {
      plugin: 'p.wasm',
      method: 'm',
      params: 'null',
      args: [],
      env: [],
      mocks: undefined,
      hostCommand: undefined,
      cwd: undefined,
      clock: { kind: 'real' },
      seed: undefined,
      slice: 100_000,
      limits: DEFAULT_LIMITS,
      missingImports: 'fail',
      features: [],
      record: undefined,
      recording: undefined,
      stopAt: undefined,
      stopOnEntry: false,
      noDebug: false,
      source: { sourceMap: [], justMyCode: true },
      trace: ['rpc', 'stderr'],
    });
  });

  it('every field is taken, and fields of editors are ignored', () => {
    const full = plan({
      params: { name: 'Ada', list: [1, 2.5] },
      args: ['-v'],
      env: { A: '1', B: '' },
      mocks: 'm.json',
      hostCommand: 'node host.js',
      clock: 'virtual:2020-02-02T00:00:00Z',
      seed: 7,
      slice: 10,
      limits: { wallMs: 5, fuel: null },
      missingImports: 'enosys',
      features: ['simd'],
      record: 'r.jsonl',
      stopOnEntry: true,
      noDebug: null,
      trace: true,
      __sessionId: 'x',
      type: 'wasmi-plugin',
    });
    assert.equal(full.params, '{"name":"Ada","list":[1,2.5]}');
    assert.deepEqual(full.env, ['A=1', 'B=']);
    assert.deepEqual(full.clock, { kind: 'virtual', startMs: Date.UTC(2020, 1, 2) });
    assert.equal(full.seed, '7');
    assert.deepEqual(full.limits, { ...DEFAULT_LIMITS, wallMs: 5 });
    assert.deepEqual(full.trace, ['rpc', 'syscall', 'stderr', 'fuel']);
  });

  it('P2: paramsText is sent digit by digit, on one line', () => {
    assert.equal(
      plan({ paramsText: ' {"id":18446744073709551615,\r\n "f": 1.0}\n' }).params,
      '{"id":18446744073709551615,  "f": 1.0}',
    );
    assert.match(problems({ params: 1, paramsText: '1' })[0] ?? '', /both given/);
    assert.equal(problems({ paramsText: '{"a":}' })[0], '"paramsText" is not JSON: expected a value at character 6.');
    assert.match(problems({ paramsText: 5 })[0] ?? '', /^"paramsText" is 5, and must be a text/);
  });

  it('P2: a whole number in params that may have been rounded is refused, with its place', () => {
    for (const value of [2 ** 53, -(2 ** 64), JSON.parse('1e400') as number])
      assert.match(
        problems({ params: { a: [0, { b: value }] } })[0] ?? '',
        /^"params\.a\[1\]\.b" is .*"paramsText"\.$/,
      );
    assert.equal(plan({ params: [2 ** 53 - 1, 0.1, 1e-300] }).params, '[9007199254740991,0.1,1e-300]');
  });

  it('E4: params nested too deep to be written out are refused', () => {
    let deep: unknown = 0;
    for (let i = 0; i < 200_000; i++) deep = [deep];
    assert.match(problems({ params: deep })[0] ?? '', /nested too deep/);
  });

  it('a sentence for each wrong field, and all of them at once', () => {
    const wrong: [field: string, value: unknown, sentence: RegExp][] = [
      ['plugin', '', /^"plugin" is "", and must be the path of a \.wasm file\.$/],
      ['method', 3, /^"method" is 3, and must be the name of a plugin method\.$/],
      ['args', ['a', 1], /^"args" is a list, and must be a list of texts/],
      ['args', ['a\0'], /^"args" is a list, and must be a list of texts without NUL/],
      ['env', { 'A=': '1' }, /^"env" has the name "A="/],
      ['env', { A: 1 }, /^"env\.A" is 1, and must be a text/],
      ['mocks', {}, /^"mocks" is an object, and must be the path of a mock file\.$/],
      ['hostCommand', ['a'], /^"hostCommand" is a list, and must be a command line/],
      ['unmatched', 'ask', /^"unmatched" is "ask", and must be "unknown" or "pause" or "host"\.$/],
      ['clock', 'virtual:yesterday', /^"clock" is "virtual:yesterday", and must be "real", "virtual", or/],
      ['clock', 'virtual:1969-01-01', /since 1970/],
      ['seed', 2 ** 60, /past 2\^53 as a text/],
      ['slice', 1.5, /^"slice" is 1\.5, and must be a whole number of fuel/],
      ['limits', 5, /^"limits" is 5, and must be an object/],
      ['limits', { memory: '1 GB' }, /^"limits\.memory" is "1 GB", and must be a whole number of bytes from 1 up\.$/],
      ['missingImports', 'ignore', /must be "fail" or "enosys"\.$/],
      ['features', 'simd', /must be a list of WebAssembly features/],
      [
        'features',
        ['simd', 'gc'],
        /^"features" has "gc", which can't be let through: only simd and relaxed-simd can\.$/,
      ],
      ['record', true, /must be the path of the recording to write\.$/],
      ['stopOnEntry', 'yes', /^"stopOnEntry" is "yes", and must be true or false\.$/],
      ['trace', 'rpc,fule', /must be true, false, or a list of/],
    ];
    for (const [field, value, sentence] of wrong) {
      const found = problems({ [field]: value });
      assert.equal(found.length, 1, field);
      assert.match(found[0] ?? '', sentence);
    }
    const all = Object.fromEntries(wrong.map(([field, value]) => [field, value]));
    assert.equal(checkLaunch(all).problems.length, new Set(wrong.map(([field]) => field)).size);
    assert.match(checkLaunch([1]).problems[0] ?? '', /must be an object/);
    assert.deepEqual(checkLaunch({}).problems, [
      '"plugin" is missing: give the path of the .wasm file to run.',
      '"method" is missing: name the plugin method to call.',
    ]);
  });

  it('E4: whatever is given, it is a plan or sentences, and the params of a plan are one line of JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('params', 'paramsText', 'env', 'limits', 'clock', 'trace', 'seed', 'args'),
          fc.anything(),
        ),
        (more) => {
          const checked = checkLaunch({ ...LEAST, ...more });
          if (checked.plan === undefined)
            assert.ok(checked.problems.length > 0 && checked.problems.every((sentence) => sentence.endsWith('.')));
          else {
            assert.equal(scanJson(checked.plan.params, { maxDepth: Number.POSITIVE_INFINITY }).fault, undefined);
            assert.doesNotMatch(checked.plan.params, /[\r\n]/);
          }
        },
      ),
    );
  });

  it('E7: clocks', () => {
    assert.deepEqual(parseClock('real'), { kind: 'real' });
    assert.deepEqual(parseClock('virtual'), { kind: 'virtual', startMs: Date.UTC(2024, 0, 1) });
    assert.deepEqual(parseClock('virtual:1970-01-01T00:00:00Z'), { kind: 'virtual', startMs: 0 });
    for (const text of ['Real', 'virtual:', 'virtual:x', 'virtual:3000-01-01T00:00:00Z', ''])
      assert.equal(parseClock(text), undefined, text);
  });

  it('without debugging there are no stops, whatever was asked for', () => {
    const rule = stopRule('rpc');
    const bytes = new Uint8Array();
    const quiet = runOptions(plan({ noDebug: true, stopOnEntry: true }), bytes, undefined, [rule]);
    assert.deepEqual([quiet.debug, quiet.stopOnEntry, quiet.rules.length], [false, false, 0]);
    const loud = runOptions(plan({ stopOnEntry: true, mocks: 'a.json' }), bytes, { name: 'a.json', text: '{}' }, [
      rule,
    ]);
    assert.deepEqual(
      [loud.debug, loud.stopOnEntry, loud.rules.length, loud.mocks],
      [true, true, 1, { name: 'a.json', text: '{}' }],
    );
  });

  it('what is quoted of a field stays on one line, and is cut', () => {
    assert.deepEqual(problems({ limits: { 'wallMs\n': 1 } }), [
      '"limits.wallMs\\u000a" is no limit: there are wallMs, fuel, memory, events, output, line.',
    ]);
    const [problem = ''] = problems({ features: [`\u001b[2J\u2028${'x'.repeat(1000)}`] });
    assert.match(problem, /^"features" has "\\u001b\[2J\\u2028x+…", which/);
    assert.ok(problem.length < 200);
    const [rounded = ''] = problems({ params: { [`\n\u0085${'x'.repeat(1000)}`]: 2 ** 60 } });
    assert.match(rounded, /^"params\.\\u000a\\u0085x+" is 1152921504606847000, which may have been rounded/);
    assert.ok(rounded.length < 500);
  });

  it('R2: a launch of a recording takes what a replay can have', () => {
    assert.deepEqual(checkLaunch({ recording: 'r.recording.jsonl', method: null, name: 'Replay' }), {
      problems: [],
      recorded: {
        recording: 'r.recording.jsonl',
        plugin: undefined,
        stopAt: undefined,
        stopOnEntry: false,
        noDebug: false,
        source: { sourceMap: [], justMyCode: true },
        trace: ['rpc', 'stderr'],
      },
    });
    const more = { plugin: 'p.wasm', stopAt: 7, stopOnEntry: true, noDebug: true, trace: false };
    assert.deepEqual(checkLaunch({ recording: 'call:3', ...more }).recorded, {
      recording: 'call:3',
      ...more,
      source: { sourceMap: [], justMyCode: true },
      trace: [],
    });
  });

  it('S6: how the source is seen, of a call and of a recording', () => {
    const seen = { sourceMap: { '/build': '/here' }, sourceFolders: ['/w', '/v'], justMyCode: false };
    const source = { sourceMap: [['/build', '/here']], justMyCode: false, folders: ['/w', '/v'] };
    assert.deepEqual(checkLaunch({ plugin: 'p.wasm', method: 'm', ...seen }).plan?.source, source);
    assert.deepEqual(checkLaunch({ recording: 'a', ...seen }).recorded?.source, source);
    const wrong = { sourceMap: [], sourceFolders: '/w', justMyCode: 1 };
    assert.deepEqual(
      checkLaunch({ plugin: 'p.wasm', method: 'm', ...wrong })
        .problems.map((one) => one.slice(0, 22))
        .sort(),
      ['"justMyCode" is 1, and ', '"sourceFolders" is "/w', '"sourceMap" is a list,'].map((one) => one.slice(0, 22)),
    );
  });

  it('R2: a sentence for each field that the recording has itself', () => {
    const values = {
      ...{ method: 'm', params: 1, paramsText: '1', args: [], env: {}, mocks: 'm.json', hostCommand: 'h', cwd: '.' },
      ...{ clock: 'real', seed: 1, slice: 5, limits: {}, missingImports: 'fail', features: [], record: 'r' },
    };
    for (const [name, value] of Object.entries(values)) {
      const { problems, recorded } = checkLaunch({ recording: 'a', [name]: value });
      assert.equal(problems.length, 1, name);
      assert.match(
        problems[0] ?? '',
        new RegExp(`^"${name}" is given, and .*: leave it out, or leave out "recording"\\.$`),
      );
      assert.equal(recorded, undefined);
    }
    assert.equal(checkLaunch({ recording: 'a', ...values }).problems.length, Object.keys(values).length);
  });

  it('a recording and an event that are none are named', () => {
    assert.deepEqual(checkLaunch({ recording: ['a'] }).problems, [
      '"recording" is a list, and must be the path of a recording.',
    ]);
    for (const stopAt of [-1, 1.5, '3', 2 ** 60])
      assert.match(
        checkLaunch({ recording: 'a', stopAt }).problems.join(),
        /^"stopAt" is .+, and must be the number of an event, from 0 up\.$/,
      );
    assert.deepEqual(problems({ stopAt: 3 }), [
      '"stopAt" is the number of an event of a recording, and there is no "recording".',
    ]);
  });

  it('a host method that no mock matches stops the call only where somebody debugs it', () => {
    const of = (values: Record<string, unknown>) => runOptions(plan(values), new Uint8Array(), undefined, []).unmatched;
    assert.equal(of({}), undefined);
    assert.equal(of({ unmatched: 'pause' }), 'pause');
    assert.equal(of({ unmatched: 'pause', noDebug: true }), undefined);
    assert.equal(of({ unmatched: 'unknown', noDebug: true }), 'unknown');
  });

  it('R4: a recording never takes the place of what it is made from', () => {
    for (const [record, what] of [
      ['./a.wasm', 'plugin'],
      ['b/../m.json', 'mock file'],
    ]) {
      const { problems } = checkLaunch({ plugin: 'a.wasm', method: 'm', mocks: 'm.json', record });
      assert.deepEqual(problems, [
        `"record" is "${record}", the ${what} itself, which the recording would overwrite: name another file.`,
      ]);
    }
  });
});
