// What an expression gave, as rows of the Variables view: JSON a level at a time, bytes as a hex dump, cells one by one. The same whether it
// was evaluated here or in the worker. Contract P2.
import { type CellType, cellCount, cellText, type Evaluated, WIDTHS } from '../expressions/expression.ts';
import type { ExpressionAsked } from '../expressions/source-evaluation.ts';
import type { VariableRow } from '../source/frame-variables.ts';
import { type Children, jsonRow, listed, type Row } from '../transcript/json-tree.ts';
import type { SessionRun } from './session-run.ts';
import { bareRow } from './source-scopes.ts';

const ROW_BYTES = 16;
/** More cells than this come in pages. */
const PAGED = 100;

/** What members can be written behind. */
const PATH = /^[\p{ID_Start}_][\p{ID_Continue}$]*(?:\.[\p{ID_Start}_$][\p{ID_Continue}$]*|\[\d+\])*$/u;

type CellsBelow = Extract<NonNullable<Evaluated['children']>, { kind: 'cells' }>;

/** The value of an expression as a row; `run` is asked for what opens below a variable of the source. */
export function evaluatedRow(run: Pick<SessionRun, 'rowsBelow'>, asked: ExpressionAsked, evaluated: Evaluated): Row {
  const { value, type, memoryReference, children, assignable, extent } = evaluated;
  const { source, frame, level } = asked;
  const row: Row = {
    name: source,
    value,
    type,
    ...(memoryReference === undefined ? {} : { address: memoryReference }),
    ...(extent === undefined ? {} : { extent }),
    ...(assignable ? { target: { expression: source, frame, level } } : {}),
  };
  if (children === undefined) return row;
  if (children.kind === 'source') return { ...row, children: sourceRows(run, asked, [], children) };
  if (children.kind === 'json')
    return { ...row, ...jsonRow(source, children.text, PATH.test(source) ? source : undefined) };
  return { ...row, children: cellRows(children) };
}

/** Rows below a variable of the source, a page at a time. */
function sourceRows(
  run: Pick<SessionRun, 'rowsBelow'>,
  asked: ExpressionAsked,
  path: readonly number[],
  { named, indexed }: { readonly named: number; readonly indexed: number },
): Children {
  return {
    ...(indexed > 0 ? { named, indexed } : {}),
    rows: async (start, count) => {
      const rows = await run.rowsBelow(asked, path, start, count);
      return rows.map((row, at) => sourceRow(run, asked, [...path, start + at], row));
    },
  };
}

function sourceRow(
  run: Pick<SessionRun, 'rowsBelow'>,
  asked: ExpressionAsked,
  path: readonly number[],
  row: VariableRow,
): Row {
  const { expression, settable } = row;
  const { frame, level } = asked;
  return {
    ...bareRow(row),
    ...(settable && expression !== '' ? { target: { expression, frame, level } } : {}),
    ...(row.named + row.indexed === 0 ? {} : { children: sourceRows(run, asked, path, row) }),
  };
}

function cellRows(cells: CellsBelow): Children {
  const { type, bytes, address } = cells;
  const plainBytes = type === 'memory' || (type === 'u8' && (cells.format === undefined || cells.format === 'x'));
  if (plainBytes && address !== undefined) return hexRows(bytes, address);
  return numberRows(cells, type === 'memory' ? 'u8' : type);
}

function hexRows(bytes: Uint8Array, address: number): Children {
  const rows: Row[] = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    const line = bytes.subarray(at, at + ROW_BYTES);
    const hex = Array.from(line, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(line, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    const name = `0x${(address + at).toString(16).padStart(8, '0')}`;
    rows.push({ name, value: `${hex.padEnd(ROW_BYTES * 3 - 1)}  ${text}`, address: address + at });
  }
  return listed(rows);
}

function numberRows({ bytes, address, format }: CellsBelow, type: CellType): Children {
  const count = cellCount(type, bytes);
  const rows = (start: number, length: number): Row[] => {
    const found: Row[] = [];
    for (let i = start; i < Math.min(count, start + length); i++) {
      const row = { name: `[${i}]`, value: cellText(type, bytes, i, format), type };
      const at = address === undefined ? undefined : address + i * WIDTHS[type].bytes;
      found.push(at === undefined ? row : { ...row, address: at, expression: `${type}[0x${at.toString(16)}]` });
    }
    return found;
  };
  return count > PAGED ? { indexed: count, rows } : { rows };
}
