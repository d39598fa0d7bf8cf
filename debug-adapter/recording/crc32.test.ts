// CRC-32 against zlib's. Contract R3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from './crc32.ts';

describe('crc32', () => {
  it('R3: the check value of the catalogue', () => {
    assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
    assert.equal(crc32(new Uint8Array()), 0);
  });

  it('R3: is zlib’s, in one piece or in several', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, at) => {
        const expected = zlib.crc32(bytes);
        assert.equal(crc32(bytes), expected);
        assert.equal(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at))), expected);
      }),
    );
  });
});
