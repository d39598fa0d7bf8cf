// All that is to be said of one row: facts, the message or the syscall as a tree, the raw line, what answered it, what can be done with it.
// Read from the event store; a message of many MB is not looked into before somebody opens it. Contracts E2, E4, P2.
import type { RpcEvent, RunEvent, SyscallEvent } from '../../debug-adapter/recording/event.ts';
import { answerText } from '../../debug-adapter/rpc/answered-by.ts';
import { headline, isLong } from '../../debug-adapter/transcript/headline.ts';
import { lineRow, listed, type Row } from '../../debug-adapter/transcript/json-tree.ts';
import type { RowTable } from '../../debug-adapter/transcript/row-table.ts';
import { finishedCall, grouped, milliseconds, visible } from '../../debug-adapter/transcript/transcript-line.ts';
import { type DescribedField, describeCall, readerOfWrites } from '../../debug-adapter/wasi/describe.ts';
import type { Details, Door, TreeNode } from './protocol.ts';
import { diagnosisOf, rowView } from './rowView.ts';
import type { ShownCall } from './shownCall.ts';
import type { TreeHandles } from './treeHandles.ts';

/** Bytes of a raw line that are shown as text; all of them can be looked at as bytes. */
const RAW = 64 * 1024;
const decoder = new TextDecoder();
/** Params up to this size (bytes of the line) can be edited in the panel's form. */
const EDITABLE = 1024 * 1024;

/** @param call its row `row`; children of trees are asked for by `handles` */
export function detailsOf(call: ShownCall, row: number, handles: TreeHandles): Details {
  const { rows } = call;
  const event = rows.store.get(rows.event(row));
  const view = rowView(rows, row);
  const params = row === firstRequest(rows) ? editableParams(event) : undefined;
  const previous = previousLike(rows, row);
  const raw = rawOf(event);
  const diagnosis = diagnosisOf(rows, row);
  const answer = answerOf(rows, row);
  return {
    row: view,
    facts: facts(rows, row, event),
    tree: tree(event, handles),
    ...(raw === undefined ? {} : { raw }),
    ...(answer === undefined ? {} : { answer }),
    diagnoses: diagnosis === undefined ? [] : [diagnosis],
    ...(previous < 0 ? {} : { previous }),
    ...(params === undefined ? {} : { params }),
    doors: doorsOf(call, row, event, previous),
  };
}

/** The row of the call's own request; -1 before it. */
export function firstRequest(rows: RowTable): number {
  return rows.length > 0 && rows.kind(0) === 'request' && rows.dir(0) === 'in' ? 0 : -1;
}

function editableParams(event: RunEvent): string | undefined {
  if (event.kind !== 'rpc' || event.bytes.length > EDITABLE) return undefined;
  const head = headline(event);
  if (head.kind !== 'request') return undefined;
  return isLong(event) ? undefined : head.payload;
}

/** Who answered the host call whose request or reply this is, and why; undefined where that is not known. */
function answerOf(rows: RowTable, row: number): string | undefined {
  const reply = rows.kind(row) === 'request' && rows.dir(row) === 'out' ? rows.pair(row) : row;
  if (reply < 0 || rows.dir(reply) !== 'in') return undefined;
  const event = rows.store.get(rows.event(reply));
  if (event.kind !== 'rpc' || event.answeredBy === undefined) return undefined;
  const { answeredBy } = event;
  // the whole path is in the recording: here its last part tells more
  const shown =
    answeredBy.by === 'mock' ? { ...answeredBy, file: answeredBy.file.replace(/^.*[\\/]/, '') } : answeredBy;
  return `Answered by ${answerText(shown)}.`;
}

/** The message before `row` of the same method, kind and direction; -1: none. */
export function previousLike(rows: RowTable, row: number): number {
  const dir = rows.dir(row);
  if (dir === undefined || rows.kind(row) === 'invalid') return -1;
  const kind = rows.kindCode(row);
  const name = rows.nameNumber(row);
  let other = row - 1;
  while (other >= 0 && !(rows.kindCode(other) === kind && rows.nameNumber(other) === name && rows.dir(other) === dir))
    other--;
  return other;
}

/** What can be done with a row, of what can be done with its call. */
function doorsOf(call: ShownCall, row: number, event: RunEvent, previous: number): Door[] {
  const isMessage = event.kind === 'rpc';
  const named = call.rows.name(row) !== '';
  const fits: Record<Door, boolean> = {
    runToHere: true,
    stopOnLike: (isMessage || event.kind === 'syscall') && named,
    changeReply: isMessage && call.canChangeReply?.(row) === true,
    sendAgain: row === firstRequest(call.rows),
    copyCommand: true,
    copyJson: isMessage,
    copyMarkdown: true,
    revealFunction: event.kind !== 'exit' || event.reason === 'trap',
    openMessage: isMessage,
    comparePrevious: isMessage && previous >= 0,
    selectForCompare: isMessage,
    compareSelected: isMessage,
    saveRecording: true,
  };
  return call.doors.filter((door) => fits[door]);
}

function fact(name: string, value: string, row?: number): TreeNode {
  return row === undefined ? { name, value } : { name, value, row };
}

const KINDS = { request: 'request', result: 'result', error: 'error response', invalid: 'no message' } as const;

function facts(rows: RowTable, row: number, event: RunEvent): TreeNode[] {
  const found: TreeNode[] = [];
  const { seq } = event;
  const end = rows.eventsEnd(row) - 1;
  if (event.kind === 'rpc') found.push(...messageFacts(rows, row, event));
  else if (event.kind === 'syscall' && rows.kind(row) === 'syscall') found.push(...syscallFacts(event));
  else if (event.kind === 'yield')
    found.push(
      fact('yields', grouped(event.count)),
      fact('what the last charge asked for', `${grouped(event.required)} fuel`),
    );
  else if (event.kind === 'exit') {
    if (event.code !== undefined) found.push(fact('exit code', String(event.code)));
    if (event.memorySha256 !== undefined) found.push(fact('SHA-256 of memory', event.memorySha256));
  } else if (event.kind === 'edit') found.push(fact('at moment', grouped(event.moment)));
  const about = rows.about(row);
  if (about >= 0 && event.kind === 'diagnosis') found.push(fact('about', rows.name(about) || 'a message', about));
  found.push(
    fact(end > seq ? 'events' : 'event', end > seq ? `${seq} to ${end}` : String(seq)),
    fact('at', `${milliseconds(event.time)} ms, ≈${grouped(event.fuel)} fuel`),
  );
  return found;
}

function messageFacts(rows: RowTable, row: number, event: RpcEvent): TreeNode[] {
  const kind = rows.kind(row);
  const id = rows.id(row);
  const pair = rows.pair(row);
  const duration = rows.duration(row);
  const found = [
    fact('direction', event.dir === 'in' ? 'host → plugin (stdin)' : 'plugin → host (stdout)'),
    fact('kind', KINDS[kind as keyof typeof KINDS] ?? kind),
  ];
  if (id !== undefined) found.push(fact('id', id));
  if (kind === 'request') {
    found.push(fact('method', visible(rows.name(row))));
    if (pair >= 0) found.push(fact('reply', `after ${milliseconds(duration)} ms`, pair));
    else found.push(fact('reply', 'none so far'));
  } else if (pair >= 0) found.push(fact('answers', visible(rows.name(row)), pair));
  else if (kind !== 'invalid') found.push(fact('answers', 'no request with this id is open'));
  found.push(fact('size', `${grouped(event.bytes.length)} bytes`));
  if (rows.neverRead(row))
    found.push(
      pair >= 0 && rows.pair(pair) >= 0
        ? fact('in the plugin', 'never read: it was changed at a stop', rows.pair(pair))
        : fact('in the plugin', 'never read: it was taken back at a stop'),
    );
  const changes = event.answeredBy?.by === 'hand' ? event.answeredBy.changes : undefined;
  if (changes !== undefined && changes < event.seq)
    found.push(fact('in place of', `event ${changes}, of which the plugin had read nothing`, rows.rowOf(changes)));
  if (!event.utf8) found.push(fact('encoding', 'not UTF-8: production fails the call at this line'));
  if (event.unread) found.push(fact('in production', 'the host has stopped reading before this line'));
  if (!event.complete) found.push(fact('newline', 'missing: the plugin ended before it'));
  return found;
}

function syscallFacts(event: SyscallEvent): TreeNode[] {
  const { flags } = event;
  const found: TreeNode[] = [];
  if (flags.fuelToZero) found.push(fact('fuel', 'set to 0: the next charge yields'));
  if (flags.sleepMs !== undefined) found.push(fact('sleeps', `${milliseconds(flags.sleepMs)} ms`));
  if (flags.hostWouldPanic) found.push(fact('in production', 'the host would panic on these arguments'));
  return found;
}

/** The message, or the decoded syscall, as far as the recording has it. */
function tree(event: RunEvent, handles: TreeHandles): TreeNode[] {
  if (event.kind === 'rpc') return [handles.node(lineRow(messageName(event), event))];
  if (event.kind !== 'syscall') return [];
  return describeCall(finishedCall(event), readerOfWrites(event.writes)).map((field) => handles.node(fieldRow(field)));
}

const messageName = (event: RpcEvent): string => (event.utf8 ? 'message' : 'bytes');

function fieldRow({ name, value, children }: DescribedField): Row {
  return { name, value, ...(children.length === 0 ? {} : { children: listed(children.map(fieldRow)) }) };
}

function rawOf(event: RunEvent): Details['raw'] {
  if (event.kind === 'rpc' || event.kind === 'stderr') {
    const text = decoder.decode(event.bytes.subarray(0, RAW));
    return {
      bytes: event.bytes.length,
      utf8: event.utf8,
      text,
      cut: event.bytes.length > RAW,
    };
  }
  return undefined;
}
