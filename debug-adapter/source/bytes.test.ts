// Where the bytes of values are, and what is shown of those that lie nowhere: locals whole, pieces, pointers that were optimised away. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Machine } from '../dwarf/location.ts';
import { noMachine } from '../dwarf/location-expression.ts';
import { bytesAt, MissingBytes } from './bytes.ts';
import { pointedTo } from './views/dereference.ts';
import { Encoding, Made } from './views/made-program.ts';
import { show, wholeText } from './views/show.ts';

const machine: Machine = { ...noMachine, local: () => 0x0000_0004_0000_0003n };

function types() {
  const made = new Made();
  const u32 = made.base('u32', Encoding.Unsigned, 4);
  const point = made.struct('app::Point', 8, [
    ['x', u32, 0],
    ['y', u32, 4],
  ]);
  return { made, u32, point };
}

describe('where values lie', () => {
  it('S6: what lies in a local can be set as a whole, its parts and what is held twice can not', () => {
    const { made, u32, point } = types();
    const whole = show({ type: u32, bytes: bytesAt({ kind: 'local', index: 2 }, machine, { size: 4 }) }, made);
    assert.equal(whole.text, '3');
    const assigned = whole.assign?.('7');
    assert.deepEqual(assigned && 'writes' in assigned && assigned.writes[0]?.to.slot, {
      kind: 'local',
      index: 2,
      size: 4,
    });
    const held = show({ type: point, bytes: bytesAt({ kind: 'local', index: 2 }, machine, { size: 8 }) }, made);
    assert.equal(held.text, 'Point { x: 3, y: 4 }');
    assert.deepEqual(
      held.children(0, 2).map((child) => child.shown().assign),
      [undefined, undefined],
    );
    const ofCaller = { type: u32, bytes: bytesAt({ kind: 'local', index: 2 }, machine, { size: 4, fixed: true }) };
    assert.deepEqual([show(ofCaller, made).text, show(ofCaller, made).assign], ['3', undefined]);
    const operand = { type: u32, bytes: bytesAt({ kind: 'bytes', bytes: Uint8Array.of(9, 0, 0, 0) }, machine) };
    assert.deepEqual([show(operand, made).text, show(operand, made).assign], ['9', undefined]);
  });

  it('S6: a pointer that was optimised away shows what it pointed to', () => {
    const { made, u32, point } = types();
    made.words(0x100, 1, 5, 6);
    const described = (die: number) => (die === 77 ? made.memory(0x100) : undefined);
    const location = { kind: 'implicitPointer', die: 77, offset: 4 } as const;
    for (const [name, text] of [
      ['&app::Point', '&Point { x: 5, y: 6 }'],
      ['&mut app::Point', '&mut Point { x: 5, y: 6 }'],
      ['', '&Point { x: 5, y: 6 }'],
    ] as const) {
      const value = { type: made.pointer(name, point), bytes: bytesAt(location, machine, { described }) };
      assert.equal(show(value, made).text, text, name);
      const behind = pointedTo(value, made);
      assert.equal(behind && show(behind, made).text, 'Point { x: 5, y: 6 }');
    }
    const unknown = bytesAt({ ...location, die: 1 }, machine, { described });
    assert.equal(
      show({ type: made.pointer('&u32', u32), bytes: unknown }, made).text,
      '‹the pointer was optimised away›',
    );
  });

  it('S6: what is copied says why it is not there', () => {
    const { made, u32 } = types();
    const value = { type: u32, bytes: new MissingBytes('it was optimised away') };
    assert.equal(wholeText(value, made), '‹it was optimised away›');
  });

  it('S6: what is not in its place of memory yet is not read from it, nor set; where that is, is known', () => {
    const { made, u32 } = types();
    made.words(0x100, 77);
    const reason = 'it has not been written to its place in memory yet';
    const bytes = bytesAt({ kind: 'unavailable', reason, address: 0x100 }, machine);
    const shown = show({ type: u32, bytes }, made);
    assert.deepEqual([shown.text, shown.assign, bytes.address], [`‹not readable: ${reason}›`, undefined, 0x100]);
    assert.deepEqual(bytes.at(2).read(0, 1), { reason });
  });
});
