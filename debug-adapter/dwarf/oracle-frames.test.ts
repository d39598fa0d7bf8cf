// Frames at some thousand places of real plugins, the inlined ones too, against llvm-symbolizer: function, file, line, column of each.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, needsLlvm } from '../testing/llvm-tools.ts';
import {
  Differences,
  meant,
  needs,
  ORACLE_PLUGINS,
  type OracleProgram,
  openPlugin,
  pluginFile,
} from '../testing/oracle-program.ts';
import { RandomSource } from '../testing/random-source.ts';
import { type LineRows, RowFlag, type Scope } from './program.ts';

const PLACES = 5000;

interface Frame {
  readonly function: string;
  readonly declaredLine: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The last row at or before an offset; undefined: no sequence has code there. */
function rowAt(lines: LineRows, offset: number): number | undefined {
  let [low, high] = [0, lines.count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines.offset[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low === 0 || ((lines.flags[low - 1] ?? 0) & RowFlag.EndSequence) !== 0 ? undefined : low - 1;
}

function holds({ ranges }: Scope, offset: number): boolean {
  for (let n = 0; n < ranges.length; n += 2)
    if (offset >= (ranges[n] ?? 0) && offset < (ranges[n + 1] ?? 0)) return true;
  return false;
}

/** The function at an offset and the calls inlined there, innermost first. */
function framesAt({ program }: OracleProgram, offset: number): Frame[] {
  const { lines } = program;
  const file = (index: number | undefined) => meant(lines.files[index ?? -1] ?? '');
  const stack: Scope[] = [];
  for (
    let scope = program.functionAt(offset);
    scope !== undefined;
    scope = scope.scopes.find((one) => holds(one, offset))
  )
    if (scope.kind !== 'block') stack.unshift(scope);
  const row = rowAt(lines, offset);
  let place = {
    file: file(row === undefined ? undefined : lines.file[row]),
    line: (row === undefined ? undefined : lines.line[row]) ?? 0,
    column: (row === undefined ? undefined : lines.column[row]) ?? 0,
  };
  const frames: Frame[] = [];
  for (const scope of stack) {
    frames.push({ function: scope.name, declaredLine: scope.declared.line, ...place });
    const { called } = scope;
    if (called !== undefined) place = { file: file(called.file), line: called.line, column: called.column };
  }
  return frames;
}

interface Symbol {
  readonly FunctionName: string;
  readonly FileName: string;
  readonly Line: number;
  readonly Column: number;
  readonly StartLine: number;
}

/** As the symbolizer has it: the function's own name alone. */
function compare(differences: Differences, got: readonly Frame[], wanted: readonly Symbol[], at: string): void {
  differences.compare(got.length, wanted.length, () => `frames at ${at}`);
  for (const [depth, symbol] of wanted.entries()) {
    const frame = got[depth];
    if (frame === undefined) return;
    const where = (what: string) => () => `${what} of frame ${depth} at ${at}`;
    const own = frame.function === symbol.FunctionName || frame.function.endsWith(`::${symbol.FunctionName}`);
    differences.compare(own ? symbol.FunctionName : frame.function, symbol.FunctionName, where('the function'));
    differences.compare(frame.line, symbol.Line, where('the line'));
    differences.compare(frame.column, symbol.Column, where('the column'));
    differences.compare(frame.declaredLine, symbol.StartLine, where('the declaration'));
    differences.compare(frame.file, meant(symbol.FileName), where('the file'));
  }
}

/** Addresses of DWARF all over the code: rows of the line table, bytes between them, and any. */
function placesOf({ program, codeStart, codeSize }: OracleProgram): number[] {
  const source = new RandomSource(6);
  const { lines } = program;
  const places = new Set<number>();
  for (let n = 0; n < PLACES; n++) {
    const row = source.below(lines.count);
    const at = (lines.offset[row] ?? 0) - codeStart;
    places.add(source.chance(0.9) ? at + (source.chance(0.5) ? 0 : source.below(12)) : 1 + source.below(codeSize - 1));
  }
  return [...places].filter((place) => place > 0 && place < codeSize);
}

describe('frames, inlined ones too, are those of llvm-symbolizer', needsLlvm('llvm-symbolizer'), () => {
  for (const name of ORACLE_PLUGINS)
    it(name, needs(name), async () => {
      const plugin = openPlugin(name);
      const places = placesOf(plugin);
      const input = `${places.map((place) => `0x${place.toString(16)}`).join('\n')}\n`;
      const options = ['--inlines', '--functions=short', '--no-demangle', '--output-style=JSON'];
      const differences = new Differences();
      let answered = 0;
      let inlined = 0;
      for await (const lines of linesOf('llvm-symbolizer', [`--obj=${pluginFile(name)}`, ...options], input))
        for (const line of lines) {
          if (line === '') continue;
          const { Address: address, Symbol: symbols = [] } = JSON.parse(line) as { Address: string; Symbol?: Symbol[] };
          answered++;
          // code without debug information
          const known = symbols.filter((symbol) => symbol.FunctionName !== '' || symbol.StartLine > 0);
          if (known.length > 1) inlined++;
          compare(differences, framesAt(plugin, Number(address) + plugin.codeStart), known, address);
        }
      assert.equal(answered, places.length);
      differences.none(400);
      if (name.endsWith('.optimized')) assert.ok(inlined > 20, `${inlined} places of inlined code`);
    });
});
