// Mutated debug information of Rust and C.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('dwarf', 400);
