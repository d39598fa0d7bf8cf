// Whether a variable that is in scope has its value still to come: C's compilers have all variables of a block in scope from its start, and optimisers
// move code. Told by lines: nothing here reads memory. Not parameters, not statics. Contract S6.
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';

/** DW_LANG_Rust (DWARF 5 §7.12). */
const RUST = 0x1c;

/** Where a frame of source stands, in the numbers of the line table; undefined: nobody knows. */
export interface LineAt {
  readonly file: number;
  readonly line: number;
  /** The code at hand is the first of its line in the block around it, or a call. */
  readonly isFirst: boolean;
}

/** The row of the line table that the code at `offset` is of; -1: none. */
function rowAt({ lines }: DwarfProgram, offset: number): number {
  let low = 0;
  let high = lines.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lines.offset[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The file and line of the code at `offset`; undefined: no line stands for it. */
export function lineOf(
  dwarf: DwarfProgram,
  offset: number,
): { readonly file: number; readonly line: number } | undefined {
  const at = rowAt(dwarf, offset);
  const line = dwarf.lines.line[at] ?? 0;
  return line === 0 ? undefined : { file: dwarf.lines.file[at]!, line };
}

/** The line of the code at `offset`, in the innermost of the frames there; `scope` is the block around it. */
export function lineAt(dwarf: DwarfProgram, offset: number, scope: Scope): LineAt | undefined {
  const { lines } = dwarf;
  const found = lineOf(dwarf, offset);
  if (found === undefined) return undefined;
  const at = rowAt(dwarf, offset);
  const { file, line } = found;
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
