// The module of one call: checked against the recording, and loaded, with the driving side asked for what was rewritten before. Not the
// rewriting itself, which is loading.ts's. Contracts R2, E2.
import type { FoundFiles } from '../source/files.ts';
import type { AskedSources } from '../source/source-search.ts';
import { REQUEST } from './control.ts';
import { type LoadCache, type Loaded, loadPlugin, Unusable } from './loading.ts';
import type { ToWorker } from './messages.ts';
import type { KnownLines } from './module-cache.ts';
import type { RunParts } from './run-parts.ts';

type CallModuleContext = Pick<RunParts, 'platform' | 'start' | 'options' | 'control' | 'pauses' | 'replayer'>;

/** Loads the plugin, whose SHA-256 this is. @returns why it can't run, where it can't. */
export function loadCallModule(run: CallModuleContext, sha256: string): Loaded | Unusable {
  const { options, platform } = run;
  const { bytes, path } = options.plugin;
  const recorded = run.start.replay?.header.module.sha256 ?? sha256;
  if (recorded !== sha256)
    return new Unusable(
      'other-module',
      `${path} is not the module that was recorded: its SHA-256 is ${sha256.slice(0, 12)}…, and the recording's is ${recorded.slice(0, 12)}…; name the right one in "plugin", or with --plugin.`,
    );
  const problem = (message: string): void => platform.post({ type: 'problem', message });
  try {
    return loadPlugin(
      bytes,
      { ...options, path, sha256, ...needs(run), locate: (asked) => located(run, asked), problem },
      (phase, fraction) => platform.post({ type: 'progress', phase, fraction }),
      {
        get: (content, plan) => cached(run, content, plan),
        put: (content, plan, known, built) => platform.post({ type: 'made', content, plan, known, built }),
        lines: () => linesKnown(run, sha256),
        putLines: (lines) => platform.post({ type: 'linesRead', sha256, lines }),
      },
    );
  } catch (error) {
    if (error instanceof Unusable) return error;
    throw error;
  }
}

/** Asks the driving side for what was rewritten before. */
function cached(run: CallModuleContext, content: string, plan: string): ReturnType<LoadCache['get']> {
  run.platform.post({ type: 'wants', content, plan });
  return answered(run, 'cached') ?? { known: undefined, built: undefined };
}

/** Asks the driving side for the line table, which takes longer to read than to send. */
function linesKnown(run: CallModuleContext, sha256: string): KnownLines | undefined {
  run.platform.post({ type: 'wantsLines', sha256 });
  return answered(run, 'linesKnown')?.lines;
}

/** Asks the driving side where the files of the source are. */
function located(run: CallModuleContext, asked: AskedSources): FoundFiles {
  run.platform.post({ type: 'sources', asked });
  return answered(run, 'sourcesFound')?.found ?? [];
}

/** Waits for a message, and takes in those before it; undefined: the call is to end. */
function answered<T extends ToWorker['type']>(
  { platform, control, pauses }: CallModuleContext,
  type: T,
): Extract<ToWorker, { type: T }> | undefined {
  for (;;) {
    const seen = control.wakeCount();
    for (let message = platform.receive(); message !== undefined; message = platform.receive()) {
      if (isOf(message, type)) return message;
      pauses.take(message);
    }
    if (control.pending() & REQUEST.terminate) return undefined;
    control.wait(seen, 1000);
  }
}

const isOf = <T extends ToWorker['type']>(message: ToWorker, type: T): message is Extract<ToWorker, { type: T }> =>
  message.type === type;

/** What the plan needs besides: sites for edits of a recording and for calls whose frames are asked for. */
function needs({ replayer, start, options }: CallModuleContext): { offsets: readonly number[]; moments: boolean } {
  const edits = replayer?.edits ?? [];
  const edited = edits.flatMap(({ offset }) => (offset >= 0 ? [offset] : []));
  return {
    offsets: [...edited, ...(start.continues?.calls ?? [])],
    moments: edits.length > 0 || options.moments === true,
  };
}
