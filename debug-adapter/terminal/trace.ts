// The trace on stderr while a call runs: one line an event of the kinds that were asked for. A reader of the event store like any view.
import type { Run } from '../executor/run.ts';
import type { RunEvent } from '../recording/event.ts';
import { arrow, eventText, grouped, milliseconds } from '../session/transcript-line.ts';

export const TRACE_KINDS = ['rpc', 'syscall', 'stderr', 'fuel'] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

/** Whether an event belongs to what was asked for; diagnoses always do. */
function wanted(event: RunEvent, kinds: ReadonlySet<TraceKind>): boolean {
  switch (event.kind) {
    case 'rpc':
      return kinds.has('rpc');
    case 'stderr':
      return kinds.has('stderr');
    case 'yield':
      return kinds.has('fuel');
    case 'diagnosis':
      return true;
    case 'exit':
      return kinds.has('syscall') || event.reason !== 'returned';
    default:
      return kinds.has('syscall');
  }
}

/** Writes lines for the events of `run` as they come. @returns what writes out the rest at the end. */
export function traceRun(run: Run, kinds: ReadonlySet<TraceKind>, write: (text: string) => void): () => void {
  let shown = 0;
  const fuel = kinds.has('fuel');
  const show = (): void => {
    let text = '';
    for (; shown < run.store.length; shown++) {
      const event = run.store.get(shown);
      if (!wanted(event, kinds)) continue;
      const columns = `${milliseconds(event.time).padStart(10)} ms  ${fuel ? `≈${grouped(event.fuel)}`.padStart(14) : ''}  `;
      text += `${columns}${arrow(event)} ${eventText(event)}\n`;
    }
    if (text !== '') write(text);
  };
  run.store.onAppend(show);
  return show;
}
