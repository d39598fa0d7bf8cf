// Every row of the line tables of real plugins against what llvm-dwarfdump prints of them. Not which frames are inlined at a place:
// oracle-frames.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, needsLlvm } from '../testing/llvm-tools.ts';
import { Differences, meant, needs, ORACLE_PLUGINS, openPlugin, pluginFile } from '../testing/oracle-program.ts';
import { RowFlag } from './program.ts';

interface Row {
  readonly address: number;
  readonly line: number;
  readonly column: number;
  readonly file: string;
  readonly flags: number;
}

const FLAGS: Readonly<Record<string, number>> = {
  is_stmt: RowFlag.Statement,
  basic_block: RowFlag.Block,
  end_sequence: RowFlag.EndSequence,
  prologue_end: RowFlag.PrologueEnd,
  epilogue_begin: RowFlag.EpilogueBegin,
};

interface Table {
  version: number;
  directories: string[];
  files: { name: string; directory: number }[];
}

/** DW_AT_comp_dir by DW_AT_stmt_list: what relative folders of version 4 are in. */
async function compilationFolders(file: string): Promise<Map<number, string>> {
  const folders = new Map<number, string>();
  let table = -1;
  for await (const lines of linesOf('llvm-dwarfdump', ['--debug-info', '--recurse-depth=0', file]))
    for (const line of lines) {
      const [, attribute = '', value = ''] = /^ +DW_AT_(stmt_list|comp_dir)\t\((.*)\)$/.exec(line) ?? [];
      if (line.includes('DW_TAG_')) table = -1;
      if (attribute === 'stmt_list') table = Number(value);
      // rustc and clang write it behind the line table
      if (attribute === 'comp_dir' && table >= 0) folders.set(table, value.slice(1, -1));
    }
  return folders;
}

const isAbsolute = (file: string): boolean => file.startsWith('/') || /^[a-z]+:\/\//.test(file);
const joined = (folder: string, file: string): string =>
  isAbsolute(file) || folder === '' ? file : `${folder}/${file}`;

function pathIn(table: Table, compilation: string, index: number): string {
  const file = table.files[index];
  if (file === undefined) return '';
  const folder = file.directory === 0 && table.version < 5 ? '' : (table.directories[file.directory] ?? '');
  return meant(joined(joined(compilation, folder), file.name));
}

/** The rows of living code, a sequence at a time. */
async function sequencesOf(file: string, codeSize: number): Promise<Row[][]> {
  const folders = await compilationFolders(file);
  const sequences: Row[][] = [];
  let table: Table = { version: 0, directories: [], files: [] };
  let paths: string[] = [];
  let compilation = '';
  let entry = -1;
  let rows: Row[] = [];
  for await (const lines of linesOf('llvm-dwarfdump', ['--debug-line', file]))
    for (const line of lines) {
      if (line.startsWith('0x')) {
        const [address = '', number = '', column = '', index = '', , , , ...flags] = line.trim().split(/ +/);
        const at = Number(index);
        paths[at] ??= pathIn(table, compilation, at);
        rows.push({
          address: Number(address),
          line: Number(number),
          column: Number(column),
          file: paths[at] ?? '',
          flags: flags.reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0),
        });
        if (!flags.includes('end_sequence')) continue;
        const low = rows[0]?.address ?? 0;
        // code that the linker dropped is at 0, -1 or -2
        if (low > 0 && low < codeSize) sequences.push(rows);
        rows = [];
        continue;
      }
      const start = /^debug_line\[(0x[0-9a-f]+)\]/.exec(line);
      if (start !== null) {
        table = { version: 0, directories: [], files: [] };
        paths = [];
        compilation = folders.get(Number(start[1])) ?? '';
        continue;
      }
      const [, key = '', index = '', value = ''] =
        /^ *(version|include_directories|file_names|name|dir_index)(?:\[ *(\d+)\])?(?:: | = |:$)(.*)$/.exec(line) ?? [];
      if (key === 'version') table.version = Number(value);
      else if (key === 'include_directories') table.directories[Number(index)] = value.slice(1, -1);
      else if (key === 'file_names') entry = Number(index);
      else if (key === 'name') table.files[entry] = { name: value.slice(1, -1), directory: 0 };
      else if (key === 'dir_index')
        table.files[entry] = { name: table.files[entry]?.name ?? '', directory: Number(value) };
    }
  return sequences;
}

describe('every row of the line tables is what llvm-dwarfdump prints', needsLlvm('llvm-dwarfdump'), () => {
  for (const name of ORACLE_PLUGINS)
    it(name, needs(name), async () => {
      const { program, codeStart, codeSize } = openPlugin(name);
      const sequences = await sequencesOf(pluginFile(name), codeSize);
      // the rows of one address stay in their order
      sequences.sort(([a], [b]) => (a?.address ?? 0) - (b?.address ?? 0));
      const wanted = sequences.flat();
      const { lines } = program;
      const files = lines.files.map(meant);
      const differences = new Differences();
      for (const [row, { address, line, column, file, flags }] of wanted.entries()) {
        const where = (what: string) => () => `${what} of row ${row}, at 0x${address.toString(16)}`;
        differences.compare((lines.offset[row] ?? 0) - codeStart, address, where('the address'));
        differences.compare(lines.line[row], line, where('the line'));
        differences.compare(lines.column[row], column, where('the column'));
        differences.compare(lines.flags[row], flags, where('the flags'));
        differences.compare(files[lines.file[row] ?? -1], file, where('the file'));
      }
      differences.none(400);
      assert.equal(lines.count, wanted.length);
      assert.deepEqual(program.problems, []);
    });
});
