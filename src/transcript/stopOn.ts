// What a breakpoint on messages or syscalls like a row's is called (docs/dap-extensions.md, "Where a call stops"). Pure.
import type { RowTable } from '../../debug-adapter/transcript/row-table.ts';

/** Characters that such a name can't have: what stands behind ` log: ` is a log message. */
const ODD = /\slog:|[\p{Cc}]|^\s|\s$/u;

/** The name of the function breakpoint. @throws Error with a sentence where there is no such breakpoint */
export function breakpointFor(rows: RowTable, row: number): string {
  const kind = rows.kind(row);
  const name = rows.name(row);
  switch (kind) {
    case 'request':
    case 'result':
    case 'error':
      if (name === '') throw new Error('This reply answers nothing that was asked, so there is no method to stop on.');
      if (ODD.test(name)) throw new Error('This method has a name that no breakpoint can have.');
      return `${kind === 'request' ? 'rpc' : 'rpc-reply'}:${name}`;
    case 'syscall':
    case 'polls':
      return `syscall:${name}`;
    case 'stderr':
      throw new Error('Calls stop on log lines where Every log line is ticked in the Breakpoints view.');
    case 'yield':
      throw new Error('Calls stop on yields where Every yield is ticked in the Breakpoints view.');
    case 'diagnosis':
    case 'invalid':
      throw new Error('Calls stop on faults where Protocol faults is ticked in the Breakpoints view.');
    default:
      throw new Error('Calls can stop on messages and syscalls, and this row is neither.');
  }
}
