// I1: what V8 refuses in the original is not made valid by what the pass appends: memories, types, exports. Found by the test suite.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PLANS } from '../testing/plans.ts';
import { WasmError } from '../wasm/error.ts';
import { parseModule } from '../wasm/module.ts';
import { instrument } from './instrument.ts';

const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** One function of type 0, `() -> ()`, with this body. */
const withBody = (...body: number[]) =>
  Uint8Array.from([
    ...[...HEAD, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
    ...[10, body.length + 3, 1, body.length + 1, ...body, 0x0b],
  ]);

const CASES: readonly (readonly [what: string, bytes: Uint8Array<ArrayBuffer>, message: RegExp])[] = [
  ['a load without a memory', withBody(0, 0x41, 0, 0x28, 2, 0, 0x1a), /memory 0 does not exist/],
  ['a store without a memory', withBody(0, 0x41, 0, 0x41, 0, 0x36, 2, 0), /memory 0 does not exist/],
  ['memory.size without a memory', withBody(0, 0x3f, 0, 0x1a), /memory 0 does not exist/],
  ['memory.size of memory 1', withBody(0, 0x3f, 1, 0x1a), /memory 1 does not exist/],
  ['a select of typed references', withBody(0, 0x00, 0x1c, 1, 0x64, 0x1a), /A select has the type 0x64/],
  ['a local of a typed reference', withBody(1, 1, 0x63, 0), /A local has the type 0x63/],
  [
    'a start function that takes a value',
    Uint8Array.from([...HEAD, 1, 5, 1, 0x60, 1, 0x7f, 0, 3, 2, 1, 0, 8, 1, 0, 10, 4, 1, 2, 0, 0x0b]),
    /its start function takes or gives values/,
  ],
];

describe('what the pass appends makes nothing valid', () => {
  for (const [what, bytes, message] of CASES)
    it(`I1: ${what} is refused under every plan`, () => {
      for (const plan of PLANS)
        assert.throws(
          () => {
            const module = parseModule(bytes);
            instrument(module, plan.make(module));
          },
          (error) => error instanceof WasmError && message.test(error.message),
          plan.name,
        );
    });
});
