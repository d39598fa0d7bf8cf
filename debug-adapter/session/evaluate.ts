// What a person writes into the Debug Console, a watch, or points at: an expression of the one language (docs/expressions.md) over the
// present event and the guest, as a row. Only while the call is stopped. Contracts P2, E2 (a watch never parses a message of megabytes).

import type { Stop } from '../executor/options.ts';
import {
  evaluateParsed,
  jsonText,
  type Parsed,
  parseAssignment,
  parseExpression,
  type Scope,
  scopeOf,
  usesOf,
} from '../expressions/expression.ts';
import type { RunEvent } from '../recording/event.ts';
import type { Row } from '../transcript/json-tree.ts';
import { grouped } from '../transcript/transcript-line.ts';
import { evaluatedRow } from './evaluate-rows.ts';
import { eventScope } from './event-rows.ts';
import type { SessionRun } from './session-run.ts';
import { notStopped } from './stopped.ts';

/** Longer lines are looked into only when a person asks by hand. */
const WATCHED = 1024 * 1024;

/** Where an expression was written, as DAP's `context`. */
export type EvaluateContext = 'repl' | 'watch' | 'hover' | 'clipboard' | 'other';

/** Names that a stop in code has of its own, and not from the last event: the worker knows them. */
const OF_CODE: ReadonlySet<string> = new Set(['kind', 'function', 'offset', 'moment', 'fuel', 'time']);

/**
 * The value of `text` at the present stop, in a frame. In the Debug Console `count = 5` assigns.
 * @throws Error with a sentence.
 */
export async function evaluate(
  run: SessionRun,
  text: string,
  context: EvaluateContext,
  { frame, level, hasSource }: EvaluationFrame = INNERMOST,
): Promise<Row> {
  const { stop } = run;
  if (stop === undefined) throw new Error(notStopped(run));
  const written = text.trim();
  if (written === '') throw new Error('There is nothing to evaluate.');
  const source = context === 'clipboard' ? wholly(written) : written;
  const assignment = context === 'repl' ? parseAssignment(source) : undefined;
  if (assignment !== undefined) {
    const { target, value } = assignment;
    const assigned = await run.assign(target, value, frame, level);
    return evaluatedRow(run, { source: target, frame, level, names: {} }, assigned);
  }
  const parsed = parseExpression(source, true);
  const { names, state } = usesOf(parsed);
  const event = presentEvent(run, stop, context);
  // variables come first; what none has may be the event's, or a static
  const variables = hasSource && names.length > 0 ? await run.visible(names, frame, level) : [];
  const others = names.filter((name) => !variables.includes(name) && !(stop.inCode && OF_CODE.has(name)));
  const ofWorker = stop.inCode || state.length > 0 || variables.length > 0;
  if (ofWorker || (hasSource && (others.some((name) => event(name) === undefined) || castsToSource(parsed)))) {
    const asked = { source, frame, level, names: valuesOf(others, event) };
    return evaluatedRow(run, asked, await run.evaluate(source, frame, asked.names, level));
  }
  // no round trip, and no message of megabytes on its way
  const scope = scopeOf(event, { state: undefined, known: () => known(run, stop.seq), cast: undefined });
  return evaluatedRow(run, { source, frame, level, names: {} }, evaluateParsed(scope, parsed));
}

/** What is copied is copied whole. */
const wholly = (source: string): string =>
  parseExpression(source, true).format === undefined ? `${source}, w` : source;

/** A frame to evaluate in: of the machine's, and of those of source in it, both from the innermost. */
export interface EvaluationFrame {
  readonly frame: number;
  readonly level: number;
  /** Its variables are known. */
  readonly hasSource: boolean;
}
const INNERMOST: EvaluationFrame = { frame: 0, level: 0, hasSource: false };

/** Whether a cast to a type of the source is in it, as Rust writes it or as C does. */
const castsToSource = ({ source }: Parsed): boolean => /\bas\s*\*|\*\s*\)/.test(source);

/** The values of the event's names, for the worker: as JSON, with all their digits. */
function valuesOf(names: readonly string[], event: Scope): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = event(name);
    if (value !== undefined) values[name] = jsonText(value);
  }
  return values;
}

/** Names that the present event has, or the place in the code. */
export function namesOfEvent(run: SessionRun, { seq, inCode }: Stop): string[] {
  const ofEvent = seq < 0 ? [] : NAMES[run.store.kind(seq)].filter((name) => /^\w+$/.test(name));
  return [...new Set(['kind', 'fuel', 'time', ...(inCode ? OF_CODE : []), ...ofEvent])];
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
  edit: ['text', 'moment'],
  exit: ['reason', 'code', 'message'],
  folded: ['count'],
};

/** The names of the event on which the call stands; nothing is parsed before one is asked for. */
function presentEvent(run: SessionRun, { seq, moment }: Stop, context: EvaluateContext): Scope {
  let ofEvent: Scope | undefined;
  return (name) => {
    if (name === 'moment') return moment;
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
  return /^[\w$.[\]:*&>"'(), -]+$/.test(text) && !/^\s*\d/.test(text);
}
