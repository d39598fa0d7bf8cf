// What a row looks like and how it is read out: icons with their words, texts of cells, the sentence for a screen reader. Pure.
import type { Column, Door, RowKind, RowView } from '../protocol.ts';
import { bytesText, fuelText, grouped, msText } from './numbers.ts';

export interface Sign {
  /** Name of a codicon. */
  readonly icon: string;
  readonly words: string;
}

const KINDS: Record<RowKind, Sign> = {
  request: { icon: 'symbol-method', words: 'request' },
  result: { icon: 'pass', words: 'result' },
  error: { icon: 'error', words: 'error response' },
  invalid: { icon: 'warning', words: 'no message' },
  syscall: { icon: 'server-process', words: 'syscall' },
  polls: { icon: 'sync', words: 'polls' },
  stderr: { icon: 'output', words: 'log line' },
  yield: { icon: 'debug-pause', words: 'yield' },
  grow: { icon: 'database', words: 'memory growth' },
  edit: { icon: 'edit', words: 'edit' },
  diagnosis: { icon: 'bug', words: 'diagnosis' },
  exit: { icon: 'debug-stop', words: 'end' },
  folded: { icon: 'ellipsis', words: 'events that were only counted' },
};

export const kindSign = (kind: RowKind): Sign => KINDS[kind] ?? { icon: 'question', words: kind };

export function directionSign(dir: RowView['dir']): Sign | undefined {
  if (dir === 'in') return { icon: 'arrow-right', words: 'host to plugin' };
  if (dir === 'out') return { icon: 'arrow-left', words: 'plugin to host' };
  return undefined;
}

/** Whether a row is to look like an error: a fault of the plugin is more than that. */
export function rowTone(row: RowView): 'fault' | 'warning' | 'failed' | 'plain' {
  if (row.severity === 'fault') return 'fault';
  if (row.severity === 'warning' || row.kind === 'invalid') return 'warning';
  return row.kind === 'error' || row.errno !== undefined ? 'failed' : 'plain';
}

/** Text of a cell. Direction and name have icons too. */
export function cellText(row: RowView, column: Column): string {
  switch (column) {
    case 'event':
      return row.events > 1 ? `${grouped(row.event)} +${grouped(row.events - 1)}` : grouped(row.event);
    case 'dir':
      return directionSign(row.dir)?.words ?? '';
    case 'kind':
      return kindSign(row.kind).words;
    case 'name':
      return row.name;
    case 'id':
      return row.id ?? '';
    case 'summary':
      return row.summary;
    case 'bytes':
      return row.bytes === undefined ? '' : grouped(row.bytes);
    case 'fuelSince':
      return row.fuelSince === 0 ? '' : fuelText(row.fuelSince);
    case 'fuel':
      return fuelText(row.fuel);
    case 'time':
      return msText(row.time);
    case 'duration':
      return row.pending ? 'pending' : row.duration === undefined ? '' : msText(row.duration);
  }
}

/** The row in one sentence, the most telling first. */
export function rowLabel(row: RowView, present: boolean): string {
  const parts = [
    present ? 'The debugger stands here' : undefined,
    row.severity === 'fault' ? 'Fault' : row.severity === 'warning' ? 'Warning' : undefined,
    `${kindSign(row.kind).words} ${row.name}`.trim(),
    row.id === undefined ? undefined : `id ${row.id}`,
    directionSign(row.dir)?.words,
    row.errno,
    row.summary,
    row.diagnosis === undefined || row.diagnosis === row.summary ? undefined : row.diagnosis,
    row.pending ? 'no reply so far' : undefined,
    row.duration === undefined ? undefined : `answered after ${msText(row.duration)}`,
    row.bytes === undefined ? undefined : bytesText(row.bytes),
    row.depth > 0 ? `level ${row.depth + 1}` : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

/** What the context menu of VS Code knows of a row: keys for `when` clauses in package.json. */
export function rowContext(row: RowView, call: number): string {
  return JSON.stringify({
    webviewSection: 'row',
    preventDefaultContextMenuItems: true,
    call,
    row: row.row,
    rowKind: row.kind,
    ...(row.dir === undefined ? {} : { rowDir: row.dir }),
  });
}

const DOORS: Record<Door, Sign> = {
  runToHere: { icon: 'run-all', words: 'Run to Here' },
  stopOnLike: { icon: 'debug-breakpoint-function', words: 'Stop on Messages Like This' },
  changeReply: { icon: 'edit', words: 'Change This Reply…' },
  sendAgain: { icon: 'send', words: 'Send Again…' },
  copyCommand: { icon: 'terminal', words: 'Copy as Terminal Command' },
  copyJson: { icon: 'json', words: 'Copy as JSON' },
  copyMarkdown: { icon: 'markdown', words: 'Copy as Markdown' },
  revealFunction: { icon: 'symbol-function', words: 'Reveal Guest Function' },
  openMessage: { icon: 'go-to-file', words: 'Open in Editor' },
  comparePrevious: { icon: 'diff', words: 'Compare with Previous' },
  selectForCompare: { icon: 'list-selection', words: 'Select for Compare' },
  compareSelected: { icon: 'git-compare', words: 'Compare with Selected' },
  saveRecording: { icon: 'save', words: 'Save Recording…' },
};

export const doorSign = (door: Door): Sign => DOORS[door];
