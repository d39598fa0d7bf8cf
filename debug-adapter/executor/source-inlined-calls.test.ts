// Breakpoints on lines of which an optimiser left only calls to the library that it inlined: conditions and log messages see the variables of the author's
// function, as the frame that is shown has them. Contract S3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needs } from '../testing/run-call.ts';
import { breakOn, SourceSession } from '../testing/source-session.ts';

const FILE = 'rust-views/src/cells.rs';
const LINE = 'let exclusive = RefCell::new(1.5f64);';

describe('breakpoints on inlined calls', needs('rust-views.optimized'), () => {
  it('S3: what they print and ask is of the frame that is on the line', async (test) => {
    const session = SourceSession.of(test, 'rust-views.optimized', 'ref_cells', 'null', [
      breakOn(FILE, LINE, { id: 'logs', logMessage: 'first is {first}, of {free[0]}' }),
      breakOn(FILE, LINE, { id: 'holds', condition: 'first == "shared"' }),
      breakOn(FILE, LINE, { id: 'not', condition: 'first == "other"' }),
    ]);
    const { stop, own } = await session.standing();
    assert.deepEqual(
      [stop?.reason, stop?.rules, session.logs, session.problems],
      ['breakpoint', ['holds'], ['first is shared, of 1'], []],
    );
    assert.equal((await session.locals()).find(({ name }) => name === 'first')?.value, '"shared"');
    assert.notEqual(own?.level, 0);
  });
});
