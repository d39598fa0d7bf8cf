// Steps into one call of several on a line, in real code: what is offered, and where they end. Contract S1.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { StepTarget } from '../source/step-targets.ts';
import { needs } from '../testing/run-call.ts';
import { breakOn, SourceSession, type Standing, sourceFile, textAt } from '../testing/source-session.ts';

const FILE = 'rust-calls/main.rs';
const SOURCE = { sourceMap: [['/rust-calls', sourceFile('rust-calls')]], justMyCode: true } as const;

interface Stopped {
  readonly session: SourceSession;
  readonly standing: Standing;
  readonly targets: readonly StepTarget[];
}

async function stoppedOn(test: TestContext, plugin: string, text: string, justMyCode = true): Promise<Stopped> {
  const source = { ...SOURCE, justMyCode };
  const session = SourceSession.of(test, plugin, 'none', 'null', [breakOn(FILE, text)], { source });
  return targetsOf(session);
}

async function targetsOf(session: SourceSession): Promise<Stopped> {
  const standing = await session.standing();
  const { index = 0, level = 0 } = standing.own ?? {};
  return { session, standing, targets: await session.run.stepTargets(index, level) };
}

const labels = ({ targets }: Stopped): string[] => targets.map(({ label }) => label);

/** Steps into the call that is called so: function and line. */
async function into({ session, standing, targets }: Stopped, label: string): Promise<string> {
  const target = targets.find((one) => one.label === label);
  assert.ok(target, `${label} is none of ${JSON.stringify(targets)}`);
  const { index = 0, level = 0 } = standing.own ?? {};
  // a breakpoint that it comes by on its way would end it
  session.run.setBreakpoints([]);
  const ended = await session.go({
    until: undefined,
    step: 'into',
    statement: true,
    target: { frame: index, level, at: target.at },
  });
  assert.equal(ended.stop.reason, 'step');
  return textAt(ended);
}

describe('a step into one call of a line', () => {
  const nested = 'let nested = sum(one(), twice(next(3)));';

  it('S1: calls are offered in the order in which they are made, by the names that they have in the source', async (test) => {
    const stopped = await stoppedOn(test, 'rust-calls/level0', nested);
    assert.deepEqual(labels(stopped), ['one', 'next', 'twice', 'sum']);
    const columns = ['one', 'next', 'twice', 'sum'].map((name) => `    ${nested}`.indexOf(`${name}(`) + 1);
    assert.deepEqual(
      stopped.targets.map(({ column }) => column),
      columns,
    );
  });

  for (const [label, ...lines] of [
    // optimised, its first line has no code
    ['one', 'let one = black_box(1);', '}'],
    ['next', 'let next = black_box(number) + 1;'],
    ['twice', 'let twice = black_box(number) * 2;'],
    ['sum', 'let sum = black_box(left) + right;'],
  ] as const)
    for (const [level, line = lines[0]] of [['level0'], ['level2', lines[1]]] as const)
      it(`S1: into ${label}, over the others, ${level}`, async (test) => {
        const stopped = await stoppedOn(test, `rust-calls/${level}`, nested);
        assert.equal(await into(stopped, label), line);
      });

  it('S1: what was passed of the line is not offered again', async (test) => {
    const stopped = await stoppedOn(test, 'rust-calls/level0', nested);
    await into(stopped, 'next');
    const { standing } = await targetsOf(stopped.session);
    const caller = standing.frames.findIndex((levels) => levels.some(({ name }) => name === '')) + 1;
    const rest = await stopped.session.run.stepTargets(caller, 0);
    assert.deepEqual(
      rest.map(({ label }) => label),
      ['twice', 'sum'],
    );
  });

  it('S1: a call that is not made ends the step on the next line', async (test) => {
    const stopped = await stoppedOn(test, 'rust-calls/level0', 'let skipped =');
    assert.deepEqual(labels(stopped), ['next', 'twice']);
    assert.equal(await into(stopped, 'twice'), 'let mapped = Some(nested).map(|some| next(some) + 1).unwrap_or(0);');
  });

  it("S1: a library's function that is given a closure is offered by it, and the step ends in the closure", async (test) => {
    const stopped = await stoppedOn(test, 'rust-calls/level0', 'let mapped =');
    assert.deepEqual(labels(stopped), ['closure in _start, by Option::map']);
    assert.equal(await into(stopped, 'closure in _start, by Option::map'), textAt(stopped.standing));
    const { own } = await stopped.session.standing();
    assert.equal(own?.index, 0);
    assert.notEqual(stopped.session.run.stop?.frames[0]?.func, stopped.standing.stop.frames[0]?.func);
  });

  it('S1: libraries are offered where their code is stepped too', async (test) => {
    const stopped = await stoppedOn(test, 'rust-calls/level0', 'let mapped =', false);
    assert.deepEqual(labels(stopped), ['Option::map', 'Option::unwrap_or']);
  });

  it('S1: closures by where they were written, methods by their types, generics without what they are of', async (test) => {
    const closed = await stoppedOn(test, 'rust-calls/level0', 'let closed = add(one());');
    assert.deepEqual(labels(closed), ['one', 'closure in _start']);
    assert.equal(await into(closed, 'closure in _start'), 'let add = |more: u32| sum(nested, more);');
    const bumped = await stoppedOn(test, 'rust-calls/level0', 'let bumped =');
    assert.deepEqual(labels(bumped), ['one', 'Counter::bump', 'Counter::reset']);
    assert.equal(await into(bumped, 'Counter::reset'), 'self.count = 0;');
    const wide = await stoppedOn(test, 'rust-calls/level0', 'let wide = generic(');
    assert.deepEqual(labels(wide), ['generic (column 16)', 'generic (column 31)']);
    assert.equal(await into(wide, 'generic (column 31)'), 'let wide = item.into();');
    assert.match((await wide.session.locals()).find(({ name }) => name === 'item')?.value ?? '', /^2$/);
  });

  it('S1: an indirect call ends wherever it leads', async (test) => {
    const stopped = await stoppedOn(test, 'rust-calls/level0', 'let dynamic =');
    assert.deepEqual(labels(stopped), ['one', 'indirect call']);
    assert.equal(await into(stopped, 'indirect call'), 'self.count += black_box(by);');
  });

  it('S1: an indirect call has the name of what it will call, where its operands are known', async (test) => {
    const { session, targets } = await stoppedOn(test, 'rust-calls/level0', 'let dynamic =');
    const call = targets.find(({ label }) => label === 'indirect call')?.at;
    assert.ok(call !== undefined && 'calls' in call);
    const [offset = 0] = call.calls;
    session.run.setBreakpoints([{ id: 'call', place: { offset } }]);
    const at = await session.go({ until: undefined });
    assert.deepEqual([at.stop.reason, at.stop.frames[0]?.offset], ['breakpoint', offset]);
    const stopped = await targetsOf(session);
    assert.deepEqual(labels(stopped), ['Counter::bump']);
    assert.equal(await into(stopped, 'Counter::bump'), 'self.count += black_box(by);');
  });

  it('S1: a call that was inlined is a call', async (test) => {
    const stopped = await stoppedOn(test, 'rust-calls/level2', 'let both =');
    assert.deepEqual(labels(stopped), ['inlined (column 20)', 'one', 'inlined (column 32)', 'sum']);
    assert.equal(await into(stopped, 'inlined (column 32)'), 'let inlined = black_box(number) * 3;');
    assert.deepEqual(
      (await stopped.session.standing()).frames[0]?.map(({ inlined }) => inlined),
      [true, false],
    );
    // one of its calls is not the line's
    assert.deepEqual(labels(await targetsOf(stopped.session)), []);
  });

  it('S1: in a recursive function it is the call of this frame that counts', async (test) => {
    const stopped = await stoppedOn(test, 'rust-calls/level0', 'let below = sum(0, factorial(number - 1));');
    assert.deepEqual(labels(stopped), ['factorial', 'sum']);
    assert.equal(await into(stopped, 'sum'), 'let sum = black_box(left) + right;');
    const { stop } = await stopped.session.standing();
    assert.equal(stop.frames.length, 3, 'sum of the first call, whose factorial has returned');
  });

  it('S1: async functions by their names, through what polls them', needs('rust-views.debug'), async (test) => {
    const mocks = JSON.stringify({
      default: 'unknown',
      hostMethods: { echo: [{ reply: { result: { $param: '' } } }] },
    });
    const session = SourceSession.of(
      test,
      'rust-views.debug',
      'nested',
      'null',
      [breakOn('rust-views/src/asynchronous.rs', 'let first = inner(host, count).await?;')],
      { mocks },
    );
    const stopped = await targetsOf(session);
    assert.deepEqual(labels(stopped), ['async inner']);
    assert.equal(await into(stopped, 'async inner'), 'let doubled = number * 2;');
  });
});
