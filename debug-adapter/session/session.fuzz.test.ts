// Launch configurations and DAP requests of any shape, as values and as bytes. Contracts E4, P2.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('launch', 3000);
fuzzTest('dap', 800);
fuzzTest('dap-stream', 1500);
