// Mutated Rust sources.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('rust-source', 1000);
