// Stops and steps in the source of real plugins: where they land, as lines of text. Built with debug information from test-plugins.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needs } from '../testing/run-call.ts';
import { breakOn, lineWith, SourceSession, sourceFile, textAt } from '../testing/source-session.ts';

const COMPUTATION = 'rust-pdk/src/computation.rs';
const BASICS = 'rust-pdk/src/basics.rs';
const ECHO = JSON.stringify({ default: 'unknown', hostMethods: { echo: [{ reply: { result: { $param: '' } } }] } });

describe('source of rust-pdk', needs('rust-pdk.debug'), () => {
  it('S1: a breakpoint on a line, steps over and into a function, to the line after a loop, and out', async (test) => {
    const session = SourceSession.of(test, 'rust-pdk.debug', 'prime_sieve', '{"limit":5}', [
      breakOn(COMPUTATION, 'let primes = primes_up_to(params.limit);'),
    ]);
    const first = await session.standing();
    assert.equal(first.stop.reason, 'breakpoint');
    assert.equal(textAt(first), 'let primes = primes_up_to(params.limit);');
    assert.deepEqual(await session.lines('into', 1), ['let mut composite = vec![false; limit + 1];']);
    assert.deepEqual(await session.lines('over', 5), [
      'let mut primes = Vec::new();',
      'for candidate in 2..=limit {',
      'if composite[candidate] {',
      'primes.push(candidate);',
      'let mut multiple = candidate.saturating_mul(candidate);',
    ]);
    const out = await session.step('out');
    assert.match(textAt(out), /primes/);
    assert.match(out.own?.frame.name ?? '', /^async rust_pdk::computation::prime_sieve$/);
  });

  it('S1: a step over an .await on a host call ends on the next line of the same function', async (test) => {
    const session = SourceSession.of(
      test,
      'rust-pdk.debug',
      'echo',
      '{"message":["Ada",18446744073709551615]}',
      [breakOn(BASICS, 'let response = host.call("echo", params.message).await?;')],
      { mocks: ECHO },
    );
    await session.standing();
    const locals = await session.locals();
    assert.deepEqual(
      locals.map(({ name, value }) => [name, value]).filter(([name]) => name === 'params'),
      [['params', 'EchoParams { message: ["Ada", 18446744073709551615] }']],
    );
    assert.deepEqual(await session.lines('over', 1), ['Ok(response.result)']);
    assert.match((await session.locals()).find(({ name }) => name === 'response')?.value ?? '', /^RpcResponse \{/);
  });

  it('S1: in a loop a step over .await comes round to the loop, in the same task', async (test) => {
    const session = SourceSession.of(
      test,
      'rust-pdk.debug',
      'many_echo',
      '{"n":2}',
      [breakOn(BASICS, 'let response = host.call("echo", json!(number)).await?;')],
      { mocks: ECHO },
    );
    await session.standing();
    session.run.setBreakpoints([]);
    assert.deepEqual(await session.lines('over', 10), [
      'if response.result == json!(number) {',
      'unchanged += 1;',
      '}',
      'for number in 0..params.n {',
      'let response = host.call("echo", json!(number)).await?;',
      'if response.result == json!(number) {',
      'unchanged += 1;',
      '}',
      'for number in 0..params.n {',
      'Ok(unchanged)',
    ]);
  });

  it('S3: a line without code slides to the next of its function; one outside of any says so', async (test) => {
    const after = lineWith(COMPUTATION, 'let primes = primes_up_to(params.limit);');
    const place = (line: number) => ({ path: sourceFile(COMPUTATION), line });
    const session = SourceSession.of(test, 'rust-pdk.debug', 'prime_sieve', '{"limit":5}', [
      { id: 'slides', place: place(after - 1) },
      { id: 'comment', place: place(lineWith(COMPUTATION, '/// The sieve of Eratosthenes.')) },
      { id: 'elsewhere', place: { path: '/no/such/computation.rs', line: 1 } },
    ]);
    await session.standing();
    const [slides, comment, elsewhere] = session.resolved;
    assert.equal(slides?.places.length, 1);
    assert.ok((slides?.line ?? 0) > after - 1);
    assert.match(slides?.message ?? '', /has no code: it stands at line \d+/);
    assert.deepEqual(comment?.places, []);
    assert.match(comment?.message ?? '', /There is no code on line/);
    assert.match(elsewhere?.message ?? '', /say so in "sourceMap"/);
  });

  it('S6: a stop at a host call has the line that asked on the stack', async (test) => {
    const session = SourceSession.of(test, 'rust-pdk.debug', 'echo', '{"message":1}', [], {
      mocks: ECHO,
      rules: [{ id: 'r', class: 'rpc', name: 'echo', condition: undefined, hitCondition: '2', logMessage: undefined }],
    });
    const stop = await session.standing();
    assert.equal(stop.stop.reason, 'event');
    assert.equal(textAt(stop), 'let response = host.call("echo", params.message).await?;');
    // and a step goes on from there in the source
    assert.deepEqual(await session.lines('over', 1), ['Ok(response.result)']);
  });
});
