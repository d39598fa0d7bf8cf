// Mutated Rust symbols: always a text, in bounded time.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('demangle', 3000);
