// How a call ended, in the Debug Console's words, and as an exit code. Pure. Contract S5.
import type { Outcome } from '../executor/options.ts';
import { cut, grouped, visible } from '../transcript/transcript-line.ts';
import { explain } from './explain.ts';

export interface OutcomeText {
  /** The first line. */
  readonly text: string;
  readonly category: 'stdout' | 'stderr' | 'console' | 'important';
  /** JSON text that the line opens to. */
  readonly json: string | undefined;
  /** Fuel, time and what was counted. */
  readonly summary: string;
}

/** `said`: kinds of fault that a stop has shown already; they are not shouted again. */
export function outcomeText(method: string, outcome: Outcome, said: ReadonlySet<string>): OutcomeText {
  const { fuel, events } = outcome;
  const about = fuel.exact ? '' : '≈';
  const count = (n: number, unit: string): string => `${grouped(n)} ${unit}${n === 1 ? '' : 's'}`;
  const summary = `${about}${grouped(fuel.consumed)} fuel, ${count(fuel.yields, 'yield')}, ${count(events.rpc, 'message')}, ${count(events.syscall, 'syscall')}, ${grouped(outcome.wallMs)} ms`;
  const name = visible(method);
  switch (outcome.kind) {
    case 'result': {
      const json = outcome.result ?? 'null';
      return { text: `✓ ${name} returned ${cut(json, json.length, 1000)}`, category: 'stdout', json, summary };
    }
    case 'error': {
      const { code, message, seenAs } = outcome.error ?? { code: 0, message: '', seenAs: { code: 0, message: '' } };
      const seen =
        seenAs.code === code && seenAs.message === message
          ? ''
          : `; production's caller sees ${seenAs.code} ${visible(seenAs.message)}`;
      const text = `✗ ${name} answered with error ${code} ${cut(message, message.length, 1000)}${seen}`;
      return { text, category: 'console', json: undefined, summary };
    }
    case 'terminated':
      return { text: `■ ${name} was ended by the debugger`, category: 'console', json: undefined, summary };
    default: {
      const { kind, message } = outcome.fault ?? { kind: outcome.kind, message: 'the call failed' };
      const text = `✗ ${name} failed: ${visible(message)} ${explain(kind).production}`;
      return { text, category: said.has(kind) ? 'console' : 'important', json: undefined, summary };
    }
  }
}

/** The terminal's exit codes: 0 a result, 1 an error response, 3 a fault of the plugin, 4 a limit or an end from outside. */
export function outcomeExitCode(outcome: Outcome): number {
  return { result: 0, error: 1, fault: 3, limit: 4, terminated: 4 }[outcome.kind];
}
