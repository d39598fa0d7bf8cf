// Mutated mock files. Contract P2.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('mocks', 3000);
