// Rows pulled by range: one request at a time, nothing kept but what is near, answers of an older query dropped.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Requests, RowView } from '../protocol.ts';
import { RowWindow } from './rowWindow.ts';

type Asked = Requests['rows']['params'];
type Answer = Requests['rows']['result'];

const row = (index: number): RowView => ({
  row: index,
  event: index,
  events: 1,
  kind: 'syscall',
  name: 'fd_read',
  depth: 0,
  summary: '',
  fuelSince: 0,
  fuel: index,
  time: 0,
});

class Extension {
  readonly asked: Asked[] = [];
  readonly #waiting: ((answer: Answer) => void)[] = [];
  count = 1_000_000;
  changes = 0;
  readonly window = new RowWindow(
    (params) => {
      this.asked.push(params);
      return new Promise((resolve) => this.#waiting.push(resolve));
    },
    () => this.changes++,
  );

  /** Answers the oldest request, as of `generation`. */
  async answer(generation: number): Promise<void> {
    const asked = this.asked[this.asked.length - this.#waiting.length];
    const resolve = this.#waiting.shift();
    assert.ok(asked && resolve, 'nothing was asked');
    const rows = [];
    if (asked.generation === generation)
      for (let index = asked.from; index < Math.min(asked.to, this.count); index++) rows.push(row(index));
    resolve({ generation, from: asked.from, rows });
    await new Promise((after) => setImmediate(after));
  }
}

describe('row window', () => {
  it('P3: a fling asks for where it ends, not for all between', async () => {
    const extension = new Extension();
    const { window, asked } = extension;
    window.generation(1);
    for (let from = 0; from < 50_000; from += 50) window.want(from, from + 40);
    assert.equal(asked.length, 1);
    await extension.answer(1);
    assert.equal(asked.length, 2);
    assert.ok((asked[1]?.from ?? 0) > 49_000);
    await extension.answer(1);
    assert.equal(asked.length, 2);
    assert.equal(window.at(49_950)?.row, 49_950);
    assert.equal(window.at(0), undefined);
    assert.ok(window.size <= 300);
  });

  it('a scroll within what is here asks for nothing', async () => {
    const extension = new Extension();
    extension.window.generation(1);
    extension.window.want(100, 140);
    await extension.answer(1);
    for (let from = 100; from < 200; from++) extension.window.want(from, from + 40);
    assert.equal(extension.asked.length, 1);
    // what comes next is asked for before it is drawn, most of it on the side to which the list moves
    extension.window.want(230, 270);
    assert.deepEqual(extension.asked.at(-1), { generation: 1, from: 190, to: 430 });
    await extension.answer(1);
    extension.window.want(200, 240);
    assert.deepEqual(extension.asked.at(-1), { generation: 1, from: 40, to: 280 });
  });

  it('answers of an older query are dropped, and what is there is seen until the new ones come', async () => {
    const extension = new Extension();
    const { window, asked } = extension;
    window.generation(1);
    window.want(0, 40);
    await extension.answer(1);
    window.generation(2);
    assert.equal(asked.length, 2);
    window.generation(3);
    await extension.answer(3);
    assert.equal(window.at(0)?.row, 0);
    assert.equal(asked.at(-1)?.generation, 3);
    await extension.answer(3);
    assert.equal(window.at(5)?.row, 5);
    assert.equal(asked.length, 3);
  });

  it('at the end there are fewer rows than were asked for, and that is all', async () => {
    const extension = new Extension();
    extension.count = 10;
    extension.window.generation(1);
    extension.window.want(0, 10);
    await extension.answer(1);
    for (let turn = 0; turn < 5; turn++) extension.window.want(0, 10);
    assert.equal(extension.asked.length, 1);
    extension.window.refresh();
    assert.equal(extension.asked.length, 2);
  });

  it('a row that says the same stays the same object: nothing is drawn again', async () => {
    const extension = new Extension();
    extension.window.generation(1);
    extension.window.want(0, 10);
    await extension.answer(1);
    const before = extension.window.at(3);
    extension.window.refresh();
    await extension.answer(1);
    assert.equal(extension.window.at(3), before);
    assert.equal(extension.changes, 2);
  });
});
