// Calls that are kept, filled by hand. Only tests import it.
import { DEFAULT_LIMITS, type RecordingHeader } from '../../debug-adapter/recording/event.ts';
import { checkLaunch } from '../../debug-adapter/session/launch.ts';
import { Filler } from '../../debug-adapter/session/store-fixture.ts';
import { RowTable } from '../../debug-adapter/transcript/row-table.ts';
import { Calls, type KeptCall, type Origin } from './calls.ts';

export const header: RecordingHeader = {
  format: 'wasmi-plugin-recording',
  version: 1,
  module: { sha256: 'ab'.repeat(32), bytes: 1234, path: '/plugins/hello.wasm' },
  call: { method: 'greet', params: '{"n":18446744073709551615}' },
  fuelModel: 'm',
  slice: 100_000,
  clock: 'real',
  missingImports: 'fail',
  features: [],
  limits: DEFAULT_LIMITS,
  nan: 'canonical',
  created: '2026-01-02T03:04:05.000Z',
};

/** A call as a session starts it with `launch`, its events filled in. */
export function launched(
  launch: Readonly<Record<string, unknown>> = {},
  fill: (filler: Filler) => unknown = () => {},
): KeptCall {
  const configuration = {
    type: 'wasmi-plugin',
    request: 'launch',
    name: 'Greet',
    plugin: '/plugins/hello.wasm',
    method: 'greet',
    ...launch,
  };
  const { plan, problems } = checkLaunch(configuration);
  if (plan === undefined) throw new Error(problems.join(' '));
  const filler = new Filler();
  fill(filler);
  filler.flush();
  const rows = new RowTable(filler.store, () => 0);
  rows.advance(1000);
  const run = { store: filler.store, header, state: 'running', stop: undefined, on: () => () => {} } as const;
  const origin: Origin = { kind: 'session', session: 's', configuration, folder: 'file:///work' };
  return new Calls(() => 0).started({ run, plan, rows, module: () => undefined }, origin);
}

/** A call that was read from a recording. */
export function recorded(
  changes: Partial<RecordingHeader> = {},
  fill: (filler: Filler) => unknown = () => {},
): KeptCall {
  const filler = new Filler();
  fill(filler);
  filler.flush();
  const rows = new RowTable(filler.store, () => 0);
  rows.advance(1000);
  const read = { header: { ...header, ...changes }, store: filler.store, rows, note: undefined };
  return new Calls(() => 0).opened('/r.recording.jsonl', read, read.header.module.path);
}
