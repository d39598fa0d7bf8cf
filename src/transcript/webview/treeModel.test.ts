// A tree that opens a level at a time: pages, refusals, what is listed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TreeNode } from '../protocol.ts';
import { TreeModel } from './treeModel.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

function tree(count: number | undefined, size: number) {
  const asked: number[][] = [];
  const model = new TreeModel(
    async (handle, from, wanted) => {
      asked.push([handle, from, wanted]);
      if (handle === 9) throw new Error('It is gone.');
      return Array.from(
        { length: Math.max(0, Math.min(wanted, size - from)) },
        (_, index): TreeNode => ({ name: String(from + index), value: 'x' }),
      );
    },
    () => {},
  );
  const root: TreeNode = { name: 'list', value: '[…]', handle: 1, ...(count === undefined ? {} : { count }) };
  return { model, asked, root };
}

describe('tree', () => {
  it('E2: the only root opens by itself, by a page; more come when they are asked for', async () => {
    const { model, asked, root } = tree(100_000, 100_000);
    model.show([root]);
    await settle();
    assert.deepEqual(asked, [[1, 0, 100]]);
    assert.equal(model.items.length, 102);
    const more = model.items.at(-1);
    assert.ok(more?.more === 'more');
    assert.equal(more.node.value, '99900 more');
    model.toggle(more);
    await settle();
    assert.deepEqual(asked[1], [1, 100, 1000]);
    assert.equal(model.items.length, 1102);
  });

  it('where the count is not known, a page that is not full is the last', async () => {
    const { model, root } = tree(undefined, 30);
    model.show([root]);
    await settle();
    assert.deepEqual(model.items.map(({ level }) => level).slice(0, 3), [1, 2, 2]);
    assert.equal(model.items.length, 31);
    model.toggle(model.items[0] ?? assert.fail());
    assert.equal(model.items.length, 1);
  });

  it('a refusal stands where the children would, and another tree forgets it', async () => {
    const { model, root } = tree(5, 5);
    model.show([{ ...root, handle: 9 }]);
    await settle();
    assert.deepEqual([model.items[1]?.more, model.items[1]?.node.value], ['refused', 'It is gone.']);
    model.show([
      { name: 'a', value: '1' },
      { name: 'b', value: '{}', handle: 2 },
    ]);
    assert.deepEqual(
      model.items.map(({ opens }) => opens),
      [false, true],
    );
  });
});
