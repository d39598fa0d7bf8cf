// Mutated modules and name sections. Contracts E3, I1.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('wasm', 1500);
fuzzTest('code', 1500);
fuzzTest('names', 2000);
