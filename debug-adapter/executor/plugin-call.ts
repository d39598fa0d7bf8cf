// A call into another plugin, whose answer is the reply of a mock: one run beside the one that waits, with the same mocks and choices, and without a
// debugger. Contracts E1, E4, P2.
import { INTERNAL_ERROR } from '../rpc/errors.ts';
import type { HostReply } from './messages.ts';
import { type Outcome, type RunOptions, settingsOf } from './options.ts';
import type { Platform } from './platform.ts';

/** Plugins that wait for one another, at most: mocks may lead back to where they came from. */
const DEEPEST = 8;

/** Calls `method` of the plugin in file `plugin`. Never rejects: what goes wrong is the error of the reply. `base` is the waiting call's. */
export async function callPlugin(
  platform: Platform,
  base: Omit<RunOptions, 'plugin'>,
  { plugin, method, params }: { readonly plugin: string; readonly method: string; readonly params: string },
  start: (options: RunOptions) => { readonly ended: Promise<Outcome> },
): Promise<HostReply> {
  const failed = (why: string): HostReply => ({
    error: { code: INTERNAL_ERROR.code, message: why },
    answeredBy: { by: 'debugger', why },
  });
  const callDepth = (base.callDepth ?? 0) + 1;
  if (callDepth > DEEPEST)
    return failed(`plugin ${plugin} was not called: ${DEEPEST} plugins wait for one another already`);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await platform.readFile(plugin);
  } catch (error) {
    return failed(`plugin ${plugin} can't be read: ${(error as Error).message}`);
  }
  const outcome = await start({
    plugin: { path: plugin, bytes },
    method,
    params,
    args: [],
    env: [],
    ...settingsOf(base),
    mocks: base.mocks,
    unmatched: base.unmatched,
    callDepth,
    hasHost: false,
    stopOnEntry: false,
    debug: false,
    rules: [],
  }).ended;
  if (outcome.result !== undefined) return { result: outcome.result };
  if (outcome.error !== undefined) return { error: outcome.error.seenAs };
  return failed(`method ${method} of plugin ${plugin} did not answer: ${outcome.fault?.message ?? outcome.kind}`);
}
