// Variables of async functions behind an `.await`: what the future did not keep is not shown as if it had, and what was set again since is. S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needs } from '../testing/run-call.ts';
import { breakOn, SourceSession } from '../testing/source-session.ts';
import { ECHO } from '../testing/source-walk.ts';

const FILE = 'rust-views/src/asynchronous.rs';
const stop = (word: string) => breakOn(FILE, `// stop: given_up ${word}`);

describe('variables behind an .await', needs('rust-views.debug'), () => {
  it('S6: say that they were not kept, or what they were set to since', async (test) => {
    const session = SourceSession.of(
      test,
      'rust-views.debug',
      'given_up',
      'null',
      ['before', 'behind', 'round'].map(stop),
      ECHO,
    );
    const seen: string[] = [];
    for (let { own } = await session.standing(); own !== undefined; { own } = await session.go({ until: undefined })) {
      const rows = (await session.locals()).filter(({ name }) => !['host', '_params'].includes(name));
      seen.push(rows.map(({ name, value, settable }) => `${name} ${settable ? ':=' : '='} ${value}`).join(', '));
    }
    const gone = (line: number) => `first = ‹it was not kept over the .await in line ${line}›`;
    const at = (text: string) => session.resolved.find(({ id }) => id === stop(text).id)?.line ?? 0;
    const [first, second] = [at('behind') - 1, at('round') - 2];
    const since = `‹right if it was set since the .await in line ${second}›`;
    assert.deepEqual(seen, [
      'first := 6, second := 12',
      `${gone(first)}, second := 12`,
      // the call in the loop was answered before it had to wait
      `${gone(first)}, second := 12, sum := 0, last := 2`,
      `${gone(second)}, second := 12, sum := 2, last := 4 ${since}`,
      `${gone(second)}, second := 12, sum := 6, last := 8 ${since}`,
    ]);
  });

  it('S6: conditions and log messages have them as the rows do', async (test) => {
    const logged = (word: string, logMessage: string) => ({ ...stop(word), logMessage });
    const when = (word: string, condition: string) => ({ ...stop(word), condition });
    const breakpoints = [
      logged('before', '{first} {second}'),
      logged('behind', '{first} {second}'),
      logged('round', '{first} {sum} {last}'),
      when('behind', 'first == 6'),
      when('round', 'first > 0'),
      when('round', 'last == 8'),
    ].map((breakpoint, at) => ({ ...breakpoint, id: `${at}` }));
    const session = SourceSession.of(test, 'rust-views.debug', 'given_up', 'null', breakpoints, ECHO);
    await session.standing();
    const last = (await session.locals()).find(({ name }) => name === 'last');
    assert.match(last?.value ?? '', /^8 /);
    const lineOf = (text: string) => session.resolved.find(({ id }) => id === text)?.line ?? 0;
    const gone = (line: number) => `'first' is not available here: it was not kept over the .await in line ${line}.`;
    const [first, second] = [lineOf('1') - 1, lineOf('2') - 2];
    assert.deepEqual(session.logs, [
      '6 12',
      `<${gone(first)}> 12`,
      `The condition 'first == 6' counts as false where it has no value: ${gone(first)}`,
      `<${gone(first)}> 0 2`,
      `The condition 'first > 0' counts as false where it has no value: ${gone(first)}`,
      `<${gone(second)}> 2 4`,
      `<${gone(second)}> 6 8`,
    ]);
  });

  it('S6: count in conditions, and can be set', async (test) => {
    const when = { ...stop('round'), condition: 'last == 4' };
    const session = SourceSession.of(test, 'rust-views.debug', 'given_up', 'null', [when], ECHO);
    const { own } = await session.standing();
    assert.ok(own !== undefined);
    const rows = await session.locals();
    const index = rows.findIndex(({ name }) => name === 'last');
    assert.match(rows[index]?.value ?? '', /^4 /);
    const asked = { frame: own.index, level: own.level, scope: 'locals', path: [index] } as const;
    assert.match((await session.run.setVariable(asked, '10'))?.value ?? '', /^10\b/);
    await session.go({ until: undefined });
    const outcome = await session.run.ended;
    assert.equal(outcome.kind, 'result');
    assert.deepEqual(session.logs, []);
  });
});
