// Mutated filters. Contracts E2, P2.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('filter', 1500);
