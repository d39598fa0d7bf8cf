// The header of a recording of nothing in particular, for tests of what reads and writes recordings. Only tests import it.
import { DEFAULT_LIMITS, type RecordingHeader } from '../recording/event.ts';

export const RECORDING_HEADER: RecordingHeader = {
  format: 'wasmi-plugin-recording',
  version: 2,
  module: { sha256: 'ab'.repeat(32), bytes: 10 },
  call: { method: 'greet', params: 'null' },
  fuelModel: 'plain-1',
  slice: 100_000,
  clock: 'real',
  args: [],
  env: [],
  missingImports: 'fail',
  features: [],
  limits: DEFAULT_LIMITS,
  nan: 'canonical',
  created: '2024-02-03T04:05:06.000Z',
};
