// Whether a variable that is in scope has its value still to come: C's compilers have all variables of a block in scope from its start, and optimisers
// move code. Told by lines: nothing here reads memory. Not parameters, not statics. Contract S6.
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';
import { lowerBound } from './statements.ts';

/** DW_LANG_Rust (DWARF 5 §7.12). */
const RUST = 0x1c;

/** Where a frame of source stands, in the numbers of the line table; undefined: nobody knows. */
export interface LineAt {
  readonly file: number;
  readonly line: number;
  /** The code at hand is the first of its line in the block around it, or a call. */
  readonly isFirst: boolean;
}

/** The row of the line table that the code at `offset` is of; -1: none, or no line stands for it. */
function rowAt({ lines }: DwarfProgram, offset: number): number {
  const at = lowerBound(lines.offset, offset + 1) - 1;
  return at >= 0 && lines.line[at] !== 0 ? at : -1;
}

/** The file and line of the code at `offset`; undefined: no line stands for it. */
export function lineOf(
  dwarf: DwarfProgram,
  offset: number,
): { readonly file: number; readonly line: number } | undefined {
  const at = rowAt(dwarf, offset);
  return at < 0 ? undefined : { file: dwarf.lines.file[at]!, line: dwarf.lines.line[at]! };
}

/** The line of the code at `offset`, in the innermost of the frames there; `scope` is the block around it. */
export function lineAt(dwarf: DwarfProgram, offset: number, scope: Scope): LineAt | undefined {
  const { lines } = dwarf;
  const at = rowAt(dwarf, offset);
  if (at < 0) return undefined;
  const [file, line] = [lines.file[at]!, lines.line[at]!];
  const start = scope.ranges[0] ?? 0;
  let isFirst = true;
  for (let row = at - 1; row >= 0 && lines.offset[row]! >= start; row--)
    if (lines.line[row] === line && lines.file[row] === file && lines.offset[row] !== lines.offset[at]) isFirst = false;
  return { file, line, isFirst };
}

/** Whether `variable` gets its value further down than where a frame stands. */
export function isNotYet({ kind, declared }: Variable, at: LineAt, language: number): boolean {
  if (kind === 'parameter' || declared.line === 0 || declared.file !== at.file) return false;
  // rustc has a variable in scope only behind its `let`: on its own line it has its value
  return declared.line > at.line || (declared.line === at.line && at.isFirst && language !== RUST);
}
