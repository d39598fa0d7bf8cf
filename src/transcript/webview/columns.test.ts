// Columns: what was kept is made whole, toggled, resized, sorted.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ariaSort, DEFAULTS, nextOrder, resized, shownColumns, toggled } from './columns.ts';

const names = (shown: typeof DEFAULTS) => shown.map(({ column }) => column);

describe('columns', () => {
  it('settings of another version, or broken ones, still show a table', () => {
    assert.deepEqual(shownColumns({}), DEFAULTS);
    assert.deepEqual(shownColumns({ columns: [] }), DEFAULTS);
    const kept = JSON.parse(
      '[{"column":"name","width":5},{"column":"gone","width":9},{"column":"name","width":7},{"column":"id","width":null}]',
    );
    assert.deepEqual(shownColumns({ columns: kept }), [
      { column: 'name', width: 24 },
      { column: 'id', width: 24 },
    ]);
  });

  it('a column comes back at its place; the last one stays', () => {
    const without = toggled(DEFAULTS, 'id');
    assert.ok(!names(without).includes('id'));
    assert.deepEqual(names(toggled(without, 'id')), names(DEFAULTS));
    assert.equal(names(toggled(DEFAULTS, 'event'))[0], 'event');
    const one = [{ column: 'name', width: 50 }] as const;
    assert.equal(toggled(one, 'name'), one);
  });

  it('widths have bounds', () => {
    assert.equal(resized(DEFAULTS, 'name', -5)[1]?.width, 24);
    assert.equal(resized(DEFAULTS, 'name', 1e9)[1]?.width, 2000);
    assert.equal(resized(DEFAULTS, 'name', 100.4)[1]?.width, 100);
  });

  it('a header goes round: ascending, descending, order of events', () => {
    const up = nextOrder(undefined, 'fuel');
    const down = nextOrder(up, 'fuel');
    assert.deepEqual(
      [up, down, nextOrder(down, 'fuel')],
      [{ column: 'fuel', descending: false }, { column: 'fuel', descending: true }, undefined],
    );
    assert.deepEqual(nextOrder(down, 'time'), { column: 'time', descending: false });
    assert.deepEqual(
      [ariaSort(up, 'fuel'), ariaSort(down, 'fuel'), ariaSort(up, 'time')],
      ['ascending', 'descending', 'none'],
    );
  });
});
