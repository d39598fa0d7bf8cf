// Mutated expressions, log messages and hit conditions. Contract P2.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('expression', 2500);
