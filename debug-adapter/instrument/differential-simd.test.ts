// I1 on modules that wasm-smith makes at random, with SIMD and relaxed SIMD, which wasmi 1.0.3 has behind its feature `simd`; and R3 on such whose
// NaNs engines choose.
import { describe, it } from 'node:test';
import { needsGenerator } from '../testing/differential-corpus.ts';
import { runGenerated } from '../testing/differential-volume.ts';

describe('modules with SIMD made at random', needsGenerator(), () => {
  it('I1, I2, I3: modules of wasm-smith with SIMD do rewritten, under every plan, what they do as they are', (test) => {
    runGenerated(test, 'simd', 600);
  });
  it('I1, I2, I3: the same with relaxed SIMD, under every plan that does not settle it', (test) => {
    runGenerated(test, 'relaxed', 200);
  });
  it('R3: the plan makes the same NaNs canonical as the generator, which weaves it in on its own', (test) => {
    runGenerated(test, 'nans', 400);
  });
});
