// The trace on stderr while a call runs: one line an event of the kinds that were asked for. A reader of the event store like any view.
import type { Run } from '../executor/run.ts';
import type { ExitEvent, RunEvent } from '../recording/event.ts';
import { arrow, eventText, grouped, milliseconds } from '../transcript/transcript-line.ts';
import { limitInWords } from './option-names.ts';

export const TRACE_KINDS = ['rpc', 'syscall', 'stderr', 'fuel'] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

/** Whether an event belongs to what was asked for. Where anything is traced, diagnoses and an end out of the ordinary are. */
function wanted(event: RunEvent, kinds: ReadonlySet<TraceKind>): boolean {
  switch (event.kind) {
    case 'rpc':
      return kinds.has('rpc');
    case 'stderr':
      return kinds.has('stderr');
    case 'yield':
      return kinds.has('fuel');
    case 'diagnosis':
      return kinds.size > 0;
    case 'exit':
      return isTold(event, kinds);
    default:
      return kinds.has('syscall');
  }
}

/** Of an end that is a diagnosis, or ours, a sentence tells already. */
function isTold({ reason, code }: ExitEvent, kinds: ReadonlySet<TraceKind>): boolean {
  switch (reason) {
    case 'returned':
    case 'trap':
      return kinds.has('syscall');
    case 'exit':
      return kinds.has('syscall') || (kinds.size > 0 && code !== 0);
    default:
      return false;
  }
}

const inWords = (event: RunEvent): RunEvent =>
  event.kind === 'diagnosis' ? { ...event, message: limitInWords(event.message) } : event;

export interface Trace {
  /** Writes the events that are left. */
  finish(): void;
  /** The diagnosis in the line that was written last, if it is one. */
  readonly lastDiagnosis: string | undefined;
}

/** Writes lines for the events of `run` as they come. */
export function traceRun(run: Run, kinds: ReadonlySet<TraceKind>, write: (text: string) => void): Trace {
  let shown = 0;
  let lastDiagnosis: string | undefined;
  const fuel = kinds.has('fuel');
  const show = (): void => {
    let text = '';
    for (; shown < run.store.length; shown++) {
      const event = inWords(run.store.get(shown));
      if (!wanted(event, kinds)) continue;
      const columns = `${milliseconds(event.time).padStart(10)} ms  ${fuel ? `≈${grouped(event.fuel)}`.padStart(14) : ''}  `;
      text += `${columns}${arrow(event)} ${eventText(event)}\n`;
      lastDiagnosis = event.kind === 'diagnosis' ? event.message : undefined;
    }
    if (text !== '') write(text);
  };
  run.store.onAppend(show);
  // what came before anybody listened, as while a recording's file was opened: of a plugin in an endless loop it may be all
  show();
  return {
    finish: show,
    get lastDiagnosis() {
      return lastDiagnosis;
    },
  };
}
