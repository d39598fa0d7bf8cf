// What a person writes into the Debug Console, a watch, or points at: an expression of the one language (docs/expressions.md) over the
// present event and the guest, as a row. Only while the call is stopped. Contracts P2, E2 (a watch never parses a message of megabytes).
import { evaluateParsed, parseExpression, type Scope, scopeOf } from '../executor/expression.ts';
import type { RunEvent } from '../recording/event.ts';
import { evaluatedRow } from './evaluate-rows.ts';
import { FetchedState } from './evaluate-state.ts';
import { eventScope } from './event-rows.ts';
import type { Row } from './json-tree.ts';
import type { SessionRun } from './session-run.ts';
import { notStopped } from './stopped.ts';
import { grouped } from './transcript-line.ts';

/** Longer lines are looked into only when a person asks by hand. */
const WATCHED = 1024 * 1024;

/** Where an expression was written, as DAP's `context`. */
export type EvaluateContext = 'repl' | 'watch' | 'hover' | 'other';

/** The value of `text` at the present stop. @throws Error with a sentence. */
export async function evaluate(run: SessionRun, text: string, context: EvaluateContext): Promise<Row> {
  const stop = run.stop;
  if (stop === undefined) throw new Error(notStopped(run));
  const source = text.trim();
  if (source === '') throw new Error('There is nothing to evaluate.');
  const parsed = parseExpression(source, true);
  const state = new FetchedState(run);
  const scope = scopeOf(presentEvent(run, stop.seq, context), {
    state,
    known: () => known(run, stop.seq),
    cast: undefined,
  });
  return evaluatedRow(source, await state.complete(() => evaluateParsed(scope, parsed)));
}

function known(run: SessionRun, seq: number): string {
  const names = ['kind', 'fuel', 'time', ...(seq < 0 ? [] : NAMES[run.store.kind(seq)])];
  return `The present event has ${names.join(', ')}; besides there are memory[address, length], global[index] and $name of a global.`;
}

const NAMES: Readonly<Record<RunEvent['kind'], readonly string[]>> = {
  rpc: ['dir', 'type', 'id', 'method', 'params', 'result', 'error', 'line', 'bytes'],
  syscall: ['name', 'errno', 'its arguments by name'],
  stderr: ['line', 'bytes'],
  yield: ['count', 'required'],
  grow: ['space', 'index', 'delta', 'result'],
  diagnosis: ['diagnosis', 'message', 'severity'],
  exit: ['reason', 'code', 'message'],
  folded: ['count'],
};

/** The names of the event on which the call stands; nothing is parsed before one is asked for. */
function presentEvent(run: SessionRun, seq: number, context: EvaluateContext): Scope {
  let ofEvent: Scope | undefined;
  return (name) => {
    if (ofEvent === undefined) {
      const present = seq < 0 ? undefined : run.store.get(Math.min(seq, run.store.length - 1));
      const long = present?.kind === 'rpc' && present.bytes.length > WATCHED && context !== 'repl';
      if (long)
        throw new Error(
          `This message has ${grouped(present.bytes.length)} bytes: ask for its fields in the Debug Console.`,
        );
      ofEvent = present === undefined ? () => undefined : eventScope(run.store, present);
    }
    return ofEvent(name);
  };
}

/** What a pointer over a word of the transcript shows: only names that mean something here, so that nothing pops up over prose. */
export function isHoverable(text: string): boolean {
  return /^[\w$.[\], ]+$/.test(text) && !/^\d+$/.test(text);
}
