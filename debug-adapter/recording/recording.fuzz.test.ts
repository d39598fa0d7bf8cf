// Mutated recordings, and event logs written and damaged. Contracts R1, R4.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('recording', 1500);
fuzzTest('event-log', 1500);
