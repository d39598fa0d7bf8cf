// What the Debug Console shows: by kind, in order, and bounded however much comes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConsoleEntry, ConsoleFeed } from './console-feed.ts';
import type { TraceKind } from './launch.ts';
import { Filler } from './store-fixture.ts';

/** A feed over `filler`'s store, with a clock that only `clock.ms` moves. */
function feedOf(filler: Filler, trace: readonly TraceKind[] = ['rpc', 'stderr']) {
  const shown: ConsoleEntry[] = [];
  const clock = { ms: 0 };
  const feed = new ConsoleFeed(
    filler.store,
    trace,
    (entry) => shown.push(entry),
    () => clock.ms,
  );
  const advance = () => {
    filler.flush();
    while (!feed.advance(1));
  };
  return { shown, clock, feed, advance, texts: () => shown.map(({ text }) => text) };
}

describe('console feed', () => {
  it('shows messages with way, id, method, time and fuel, and log lines as they are', () => {
    const filler = new Filler()
      .request('in', 0, 'run', '[18446744073709551615]')
      .syscall('random_get', [0, 4])
      .stderr('a log')
      .yields();
    const { shown, advance } = feedOf(filler);
    filler.log.diagnosis('stray-text', 'Stray text.', 'fault', 1, 1);
    advance();
    assert.deepEqual(shown, [
      { category: 'stdout', text: '→ #0 run [18446744073709551615]  · 0.001 ms · ≈100 fuel', seq: 0 },
      { category: 'stderr', text: 'a log', seq: undefined },
      { category: 'console', text: '✗ Stray text.', seq: undefined },
    ]);
  });

  it('syscalls and yields when they are asked for; diagnoses always', () => {
    const filler = new Filler().request('in', 0, 'run').syscall('fd_close', [7], 8).yields(2).stderr('a log');
    filler.log.diagnosis('hang', 'The call hangs.', 'warning', 1, 1);
    const { texts, advance } = feedOf(filler, ['syscall', 'fuel']);
    advance();
    assert.deepEqual(texts(), [
      'fd_close(7) = EBADF  · 0.002 ms · ≈200 fuel',
      'yield ×2  · 0.003 ms · ≈300 fuel',
      '⚠ The call hangs.',
    ]);
  });

  it('E2: a flood is counted; its last lines are shown when the call stops', () => {
    const filler = new Filler();
    const { texts, advance, feed, shown } = feedOf(filler);
    for (let i = 0; i < 100_000; i++) filler.stderr(`line ${i}`);
    advance();
    assert.equal(shown.length, 400);
    feed.settle();
    assert.deepEqual(texts().slice(400), [
      '… 99 590 lines more: see the transcript',
      ...Array.from({ length: 10 }, (_, i) => `line ${99_990 + i}`),
    ]);
    feed.settle();
    assert.equal(shown.length, 411, 'told once');
  });

  it('a diagnosis comes through a flood, after what was counted before it', () => {
    const filler = new Filler();
    const { texts, advance } = feedOf(filler);
    for (let i = 0; i < 500; i++) filler.stderr(`line ${i}`);
    filler.log.diagnosis('panic', 'It panicked.', 'fault', 1, 1);
    advance();
    assert.deepEqual(texts().slice(400), ['… 100 lines more: see the transcript', '✗ It panicked.']);
  });

  it('after a flood lines are shown again', () => {
    const filler = new Filler();
    const { texts, advance, clock } = feedOf(filler);
    for (let i = 0; i < 500; i++) filler.stderr(`line ${i}`);
    advance();
    clock.ms += 500; // 50 lines' worth: not yet
    filler.stderr('soon');
    advance();
    clock.ms += 1000;
    filler.stderr('later');
    advance();
    assert.deepEqual(texts().slice(400), ['… 101 lines more: see the transcript', 'later']);
  });

  it('E2: a turn ends when its time is over', () => {
    const filler = new Filler();
    let ms = 0;
    for (let i = 0; i < 10_000; i++) filler.syscall('random_get', [0, 4]);
    filler.flush();
    const feed = new ConsoleFeed(
      filler.store,
      ['rpc'],
      () => {},
      () => ms++,
    );
    let turns = 1;
    while (!feed.advance(2)) turns++;
    assert.ok(turns > 5);
  });
});
