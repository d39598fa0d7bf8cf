// Mutated texts through the language server's services. Contracts R4, E4, P2.
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';

fuzzTest('editor', 800);
