// Rows of the tree in groups where there are very many: VS Code asks for all children of a row at once, and ten thousand of them hold up its extension
// host. Pure. Contract E2.
import { cut, grouped } from '../../debug-adapter/transcript/transcript-line.ts';
import type { HostMethodsNode, MethodNode } from './model.ts';

/** So many rows stand beside each other without groups, */
const MOST_ROWS = 500;
/** and so many are in a group. */
export const GROUP_ROWS = 250;

/** A part of the rules of a method, or of the methods. */
export interface RowGroup {
  readonly kind: 'group';
  readonly id: string;
  readonly rows: readonly HostMethodsNode[];
  /** The number of the first row, from 1. */
  readonly from: number;
  /** The method whose rules they are. */
  readonly of: MethodNode | undefined;
}

/** The rows themselves, or, where they are too many, groups of them. */
export function inGroups(
  rows: readonly HostMethodsNode[],
  of: MethodNode | undefined,
): readonly (HostMethodsNode | RowGroup)[] {
  if (rows.length <= MOST_ROWS) return rows;
  return Array.from({ length: Math.ceil(rows.length / GROUP_ROWS) }, (_, i) => ({
    kind: 'group',
    id: `g:${of?.id ?? ''}:${i}`,
    rows: rows.slice(i * GROUP_ROWS, (i + 1) * GROUP_ROWS),
    from: i * GROUP_ROWS + 1,
    of,
  }));
}

/** What a group's row says. */
export function groupLook({ rows, from, of }: RowGroup): { readonly label: string; readonly description: string } {
  const label = `${of === undefined ? 'host methods' : 'rules'} ${grouped(from)} to ${grouped(from + rows.length - 1)}`;
  let hits = 0;
  let calls = 0;
  let unmatched = 0;
  for (const row of rows)
    if (row.kind === 'rule') hits += row.hits;
    else {
      calls += row.calls;
      if (row.state === 'unmatched') unmatched++;
    }
  if (of !== undefined)
    return { label, description: hits === 0 ? 'no hits' : `${grouped(hits)} hit${hits === 1 ? '' : 's'}` };
  const [first, last] = [rows[0], rows.at(-1)].map((row) =>
    row?.kind === 'method' ? cut(row.name, row.name.length, 30) : '',
  );
  const nobody = unmatched === 0 ? '' : ` · ${grouped(unmatched)} that nothing answers`;
  return { label, description: `${first} … ${last} · ${grouped(calls)} call${calls === 1 ? '' : 's'}${nobody}` };
}
