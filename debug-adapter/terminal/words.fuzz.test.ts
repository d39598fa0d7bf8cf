// Mutated command lines.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('words', 2500);
