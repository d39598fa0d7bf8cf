// Mutated JSON texts, lines of stdout and conversations. Contracts P1, P2, M1.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('json', 3000);
fuzzTest('lines', 2500);
fuzzTest('endpoint', 2000);
