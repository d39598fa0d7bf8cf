// I1 on modules that wasm-smith makes at random, by the thousand: rewritten under every plan they do what the original does, to the offset of
// each frame of each trap; and fuel and moments agree between the plans (I2, I3). SIMD: differential-simd.test.ts.
import { describe, it } from 'node:test';
import { needsGenerator } from '../testing/differential-corpus.ts';
import { runGenerated } from '../testing/differential-volume.ts';

describe('modules made at random', needsGenerator(), () => {
  it('I1, I2, I3: modules of wasm-smith do rewritten, under every plan, what they do as they are', (test) => {
    runGenerated(test, 'plain', 1200);
  });
});
