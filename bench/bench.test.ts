// The benchmark runs, and its JSON has the form that it is said to have. No number is judged here: a timed test fails on a busy machine.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needs, pluginBytes, pluginFile } from '../debug-adapter/testing/run-call.ts';
import { findChromium } from '../src/test/harness/browser.ts';
import { call, compile, sourcesOf } from './guest.ts';
import { hasReference } from './native.ts';
import { numbersToHold } from './numbers.ts';
import { openingSpeed } from './opening.ts';
import { PLANS } from './plans.ts';
import type { Report } from './results.ts';
import { sampleOf } from './sample.ts';
import { stacks } from './stacks.ts';
import { reportText } from './table.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** `bench --quick hello`, once for all tests. */
async function quick(): Promise<{ report: Report; text: string }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-bench-'));
  const out = path.join(folder, 'latest.json');
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--quick', '--out', out, 'hello']);
    return { report: JSON.parse(fs.readFileSync(out, 'utf8')) as Report, text: stdout };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

describe('bench', () => {
  it('measures every plan, writes a JSON, and prints it as tables', async () => {
    const { report, text } = await quick();
    const ids = [...PLANS.map(({ id }) => id), ...(hasReference() ? ['wasmi'] : [])];
    assert.deepEqual([report.version, report.quick, report.machine.node], [1, true, process.versions.node]);
    assert.deepEqual(
      report.workloads.map(({ plugin, method, cold }) => [plugin, method, cold]),
      [
        ['hello', 'roll', false],
        ['hello', 'roll', true],
      ],
    );
    for (const { rows } of report.workloads) {
      assert.deepEqual(
        rows.map(({ id }) => id),
        ids,
      );
      for (const { id, wall, ratio } of rows) assert.ok(wall.best > 0 && wall.rounds === 1 && ratio > 0, id);
    }
    assert.deepEqual(
      report.rewriting.map(({ plan }) => plan),
      ['fuel', 'engine', 'armed'],
    );
    for (const { code, rewritten, coldSpeed, warmSpeed } of report.rewriting)
      assert.ok(rewritten > code && coldSpeed > 0 && warmSpeed > 0);
    // it has none
    assert.deepEqual(report.openings, []);
    assert.deepEqual(
      report.launches.map(({ plugin, first, second }) => [plugin, first.best > 0, second.best > 0]),
      [['hello', true, true]],
    );
    for (const { before, most, events } of report.memory) assert.ok(before > 0 && most >= before && events > 0);
    for (const { filter, order, rows, shown, all, page } of report.filters)
      assert.ok(rows === 1001 && shown <= rows && all.best > 0 && page.best <= all.worst, `${filter} ${order}`);
    assert.ok(report.filters.some(({ shown }) => shown > 0) && report.filters.some(({ shown }) => shown === 0));
    for (const { rules, read, turn, rows, refresh, stretch } of report.hostMethods)
      assert.ok(rules === 1000 && read.best >= turn.best && rows.best > 0 && refresh.best > 0 && stretch > 0);
    assert.equal(report.hostMethods.length, 2);
    if (typeof report.source === 'string') assert.match(report.source, /node test-plugins\/build\.ts rust-/);
    else {
      assert.deepEqual(
        report.source.collections.map(({ entries }) => entries),
        [100_000, 10_000],
      );
      for (const { frame, firstPage, middlePage, lastPage } of report.source.collections)
        for (const { best, rounds } of [frame, firstPage, middlePage, lastPage])
          assert.deepEqual([best > 0, rounds], [true, 1]);
      for (const { evaluated, perSecond } of report.source.conditions) assert.ok(evaluated > 1000 && perSecond > 0);
      assert.equal(report.source.conditions.length, 4);
    }
    if (findChromium() === undefined) assert.match(String(report.panel), /there is no Chromium/);
    else {
      assert.ok(typeof report.panel === 'object');
      const { load, show, scroll, fling, filters, live } = report.panel;
      for (const { best, rounds } of [load, show, live.alone, live.watched])
        assert.deepEqual([best > 0, rounds], [true, 1]);
      for (const { count, p95, longest } of [scroll, fling, live.frames])
        assert.ok(count > 0 && p95 > 0 && longest >= p95);
      assert.deepEqual(
        filters.map(({ shown }) => shown > 0),
        [true, false, false, false, true, false, true],
      );
      assert.ok(live.events > 1000);
    }
    assert.deepEqual(report.numbers, JSON.parse(JSON.stringify(numbersToHold(report))));
    assert.ok(text.startsWith(reportText(report)));
  });

  it('says what is wrong with its arguments in a sentence', async () => {
    const fails = (args: string[]): Promise<{ stderr: string }> =>
      promisify(execFile)(process.execPath, [MAIN, ...args]).then(
        () => assert.fail('it took them'),
        (error: { stderr: string }) => error,
      );
    assert.match(
      (await fails(['--rounds', 'many', 'hello'])).stderr,
      /^--rounds takes a whole number from 1 on, not many\.$/m,
    );
    assert.match((await fails(['--quick', 'nobody'])).stderr, /nobody\.wasm is not there; .* builds it\.$/m);
  });
});

describe('what is measured', () => {
  it('I1: is the same call under every plan', () => {
    const sources = sourcesOf(pluginBytes('hello'));
    for (const row of PLANS) {
      const { result } = call(compile(sources, row.plan(sources), row.breakpoints?.(sources)), 'roll', '{"dice":3}');
      assert.equal((JSON.parse(result) as unknown[]).length, 3, row.id);
    }
  });

  it('takes statements from .debug_line, at instructions of the code', needs('rust-pdk.debug'), () => {
    const sources = sourcesOf(pluginBytes('rust-pdk.debug'));
    const { module, statements } = sources;
    assert.ok(statements.length > 10_000);
    assert.ok(statements.every((offset, at) => at === 0 || offset > (statements[at - 1] ?? 0)));
    const last = module.bodyEnd[module.bodyEnd.length - 1] ?? 0;
    assert.ok((statements[0] ?? 0) > (module.bodyStart[0] ?? 0) && (statements.at(-1) ?? 0) < last);
    const { instrumented } = compile(sources, PLANS.find(({ id }) => id === 'sites')?.plan(sources) ?? null);
    // an offset that is no instruction's is passed over: nearly all of them are
    assert.ok((instrumented?.sites?.offset.length ?? 0) > statements.length * 0.99);
  });

  it('arms twenty breakpoints that the workloads do not come to', needs('rust-pdk.debug'), () => {
    const sources = sourcesOf(pluginBytes('rust-pdk.debug'));
    const row = PLANS.find(({ id }) => id === 'session');
    const armed = row?.breakpoints?.(sources) ?? [];
    assert.equal(new Set(armed).size, 20);
    for (const [method, params] of [
      ['prime_sieve', '{"limit":100}'],
      ['many_echo', '{"n":2}'],
    ] as const) {
      let reached = 0;
      call(compile(sources, row?.plan(sources) ?? null, armed), method, params, undefined, () => reached++);
      assert.equal(reached, 0, method);
    }
    // the same, armed where the call comes by
    const { statements, files } = sources.source ?? assert.fail();
    const passed = [...statements.offset].filter(
      (_, at) => files.path(statements.file(at)).endsWith('/computation.rs') && statements.line(at) > 0,
    );
    let reached = 0;
    const plan = row?.plan(sources) ?? null;
    call(compile(sources, plan, passed), 'prime_sieve', '{"limit":100}', undefined, () => reached++);
    assert.ok(reached > 100);
  });

  it('opens debug information in a fresh process, and again', needs('rust-pdk.debug'), async () => {
    const [file, bytes] = [pluginFile('rust-pdk.debug'), pluginBytes('rust-pdk.debug')];
    const found = (await openingSpeed({ name: 'rust-pdk.debug', file, bytes }, 2)) ?? assert.fail();
    assert.ok(found.rows > 50_000 && found.bytes === bytes.length);
    for (const { best, rounds } of [found.cold, found.warm, found.lines, found.functions])
      assert.deepEqual([best > 0, rounds], [true, 2]);
  });

  it('has the stack at every syscall, and by a replay', needs('rust-pdk.release'), async () => {
    const bytes = pluginBytes('rust-pdk.release');
    const found = await stacks({ name: 'rust-pdk.release', file: pluginFile('rust-pdk.release'), bytes }, 20, 1);
    assert.ok(found.syscalls >= 40 && found.frames > 10 && found.events > found.syscalls);
    for (const { best, rounds } of [found.without, found.captured, found.formatted, found.replay])
      assert.deepEqual([best > 0, rounds], [true, 1]);
    assert.ok(found.first > 0 && found.recorded > 0);
  });

  it('has a best, a median and a worst', () => {
    assert.deepEqual(sampleOf([3, 1, 2]), { best: 1, median: 2, worst: 3, rounds: 3 });
  });

  it('judges a number by its bound and its aim', () => {
    const mocks = (plugin: string, perSecond: number, share: number, rules = 1) =>
      numbersToHold({
        workloads: [],
        rewriting: [],
        launches: [],
        filters: [],
        mocks: [{ plugin, perSecond, share, rules }],
      } as never).map(({ verdict }) => verdict);
    assert.deepEqual(mocks('a.release', 60_000, 0), ['aim met']);
    assert.deepEqual(mocks('a.release', 20_000, 0), ['met']);
    assert.deepEqual(mocks('a.release', 19_999, 1), ['NOT met']);
    assert.deepEqual(mocks('a.debug', 0, 0.7), ['met']);
    assert.deepEqual(mocks('a.release', 19_999, 1, 100), ['NOT met']);
    assert.deepEqual(mocks('a.debug', 0, 0, 100), []);
    const speed = (filter: string, best: number, order = '') => ({ filter, order, rows: 100_001, all: { best } });
    const filters = [
      speed('dir:out', 20),
      speed('id:3', 60),
      speed('needle', 99),
      speed('/n/i', 101),
      speed('', 900, 'summary'),
    ];
    assert.deepEqual(
      numbersToHold({ workloads: [], rewriting: [], launches: [], mocks: [], filters } as never).map(
        ({ name, measured, verdict }) => [name, measured, verdict],
      ),
      [
        ['filter over 100001 rows, the slowest token (columns)', 60, 'met'],
        ['filter over 100001 rows, the slowest token (text)', 99, 'met'],
        ['filter over 100001 rows, the slowest token (/pattern/)', 101, 'NOT met'],
      ],
    );
  });
});
