// Breakpoints on lines of real plugins: columns, conditions, hit counts, log messages, copies of a line; set before launch, while the call runs and
// while it is paused. Contract S3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needs } from '../testing/run-call.ts';
import { breakOn, lineWith, SourceSession, sourceFile, textAt } from '../testing/source-session.ts';
import { ECHO } from '../testing/source-walk.ts';
import { until } from '../testing/until.ts';

const CONTROL = 'rust-views/src/control.rs';
const ASYNC = 'rust-views/src/asynchronous.rs';
const COMPUTATION = 'rust-pdk/src/computation.rs';
const BASICS = 'rust-pdk/src/basics.rs';

/** Goes on until the call ends, and gives what a variable is at each stop; '' where it is not there. */
async function valuesOf(session: SourceSession, name: string): Promise<string[]> {
  const found: string[] = [];
  for (let standing = await session.standing(); standing.stop !== undefined; ) {
    assert.equal(standing.stop.reason, 'breakpoint');
    found.push((await session.locals()).find((row) => row.name === name)?.value ?? '');
    standing = await session.go({ until: undefined });
  }
  return found;
}

describe('breakpoints on lines, in debug builds', needs('rust-views.debug', 'rust-pdk.debug'), () => {
  const NAMES = 'let names: Vec<String> = numbers.iter().map(|number| format!("n{number}")).collect();';

  it('S3: a line of a function and of a closure stops in both, a column in one of them', async (test) => {
    const line = lineWith(CONTROL, NAMES);
    const at = (column?: number) => ({
      id: `${column}`,
      place: { path: sourceFile(CONTROL), line, ...(column && { column }) },
    });
    const stops = async (column?: number) => {
      const session = SourceSession.of(test, 'rust-views.debug', 'iterators', 'null', [at(column)], ECHO);
      return valuesOf(session, 'number');
    };
    const source = `    ${NAMES}`;
    const inClosure = ['&1', '&2', '&3', '&4'];
    assert.deepEqual(await stops(), ['', ...inClosure]);
    assert.deepEqual(await stops(source.indexOf('format!') + 1), inClosure);
    assert.deepEqual(await stops(source.indexOf('numbers.iter') + 1), ['']);
  });

  it('S3: the head of a loop stops wherever control comes from: once before each round, and when it ends', async (test) => {
    const session = SourceSession.of(test, 'rust-views.debug', 'loops', 'null', [
      breakOn(CONTROL, 'while rounds < 3 {'),
    ]);
    assert.deepEqual(await valuesOf(session, 'rounds'), ['0', '1', '2', '3']);
  });

  it('S3: conditions, hit counts and log messages over the variables of a line', async (test) => {
    const push = 'primes.push(candidate);';
    const session = SourceSession.of(
      test,
      'rust-pdk.debug',
      'prime_sieve',
      '{"limit":20}',
      [
        breakOn(COMPUTATION, push, {
          id: 'logs',
          logMessage: '{candidate} up to {limit}, after {primes.len()} others',
        }),
        breakOn(COMPUTATION, push, { id: 'condition', condition: 'candidate > 5 && candidate < 13' }),
        breakOn(COMPUTATION, push, { id: 'third', hitCondition: '3' }),
        breakOn(COMPUTATION, push, { id: 'unknown', condition: 'candidates == 1' }),
      ],
      ECHO,
    );
    const hits: string[] = [];
    for (let standing = await session.standing(); standing.stop !== undefined; ) {
      const candidate = (await session.locals()).find(({ name }) => name === 'candidate')?.value;
      hits.push(`${candidate}: ${standing.stop.rules}`);
      standing = await session.go({ until: undefined });
    }
    assert.deepEqual(hits, ['5: third', '7: condition', '11: condition']);
    const logged = session.logs.filter((text) => text.includes('up to'));
    assert.deepEqual(
      logged,
      [2, 3, 5, 7, 11, 13, 17, 19].map((prime, n) => `${prime} up to 20, after ${n} others`),
    );
    assert.match([...session.resolved.map(({ message }) => message), ...session.logs].join(), /candidates/);
  });

  it('S3: set while the call is paused, and taken away again', async (test) => {
    const first = breakOn(COMPUTATION, 'let mut primes = Vec::new();');
    const session = SourceSession.of(test, 'rust-pdk.debug', 'prime_sieve', '{"limit":12}', [first], ECHO);
    assert.equal(textAt(await session.standing()), 'let mut primes = Vec::new();');
    session.run.setBreakpoints([
      first,
      breakOn(COMPUTATION, 'composite[multiple] = true;', { condition: 'multiple == 9' }),
    ]);
    assert.equal(textAt(await session.go({ until: undefined })), 'composite[multiple] = true;');
    assert.equal((await session.locals()).find(({ name }) => name === 'candidate')?.value, '3');
    session.run.setBreakpoints([]);
    assert.equal((await session.go({ until: undefined })).at, 'result');
  });

  it('S3: set while the call runs', async (test) => {
    const session = SourceSession.of(test, 'rust-pdk.debug', 'spin', 'null', [], ECHO);
    // it never ends by itself
    const stopped = session.standing();
    await until('the request', () => [...session.run.store.range()].some(({ kind }) => kind === 'rpc'));
    session.run.setBreakpoints([breakOn(COMPUTATION, 'turns = black_box(turns.wrapping_add(1));')]);
    const standing = await stopped;
    assert.equal(textAt(standing), 'turns = black_box(turns.wrapping_add(1));');
    assert.equal(standing.stop.reason, 'breakpoint');
    // and at each turn from then on
    const turns = async () => Number((await session.locals()).find(({ name }) => name === 'turns')?.value);
    const before = await turns();
    await session.go({ until: undefined });
    assert.equal(await turns(), before + 1);
  });

  it('S3: a line with an .await is met before what it does, once for each time', async (test) => {
    const asks = breakOn(ASYNC, 'host.call("echo", json!(left)).await?;');
    const session = SourceSession.of(test, 'rust-views.debug', 'boxed', 'null', [asks], ECHO);
    const asked: number[] = [];
    for (let standing = await session.standing(); standing.stop !== undefined; ) {
      asked.push([...session.run.store.range()].filter((event) => event.kind === 'rpc' && event.dir === 'out').length);
      standing = await session.go({ until: undefined });
    }
    assert.deepEqual(asked, [0, 1, 2]);
  });
});

describe('breakpoints on lines, in optimised builds', needs('rust-views.optimized', 'rust-pdk.optimized'), () => {
  it('S3: each copy of an unrolled loop is met, once for each pass', async (test) => {
    const names = breakOn(CONTROL, 'let names: Vec<String> = numbers.iter()');
    const session = SourceSession.of(test, 'rust-views.optimized', 'iterators', 'null', [names], ECHO);
    assert.deepEqual(await valuesOf(session, 'number'), ['&1', '&2', '&3', '&4']);
  });

  it('S3: an async function that is a function of its own, and inlined into others', async (test) => {
    const doubled = [breakOn(ASYNC, 'let doubled = number * 2;')];
    const names: string[] = [];
    for (const [method, times] of [
      ['nested', 2],
      ['joined', 1],
    ] as const) {
      const session = SourceSession.of(test, 'rust-views.optimized', method, 'null', doubled, ECHO);
      for (let n = 0; n < times; n++) {
        const { own } = n === 0 ? await session.standing() : await session.go({ until: undefined });
        names.push(`${own?.frame.name}${own?.frame.inlined ? ', inlined' : ''}`);
      }
      assert.equal((await session.go({ until: undefined })).at, 'result');
    }
    const inner = 'async rust_views::asynchronous::inner';
    assert.deepEqual(names, [inner, inner, `${inner}, inlined`]);
  });

  it('S3: in a loop over .await once for each round', async (test) => {
    const asks = breakOn(BASICS, 'let response = host.call("echo", json!(number)).await?;');
    const session = SourceSession.of(test, 'rust-pdk.optimized', 'many_echo', '{"n":3}', [asks], ECHO);
    assert.equal((await valuesOf(session, 'number')).length, 3);
  });
});
