// `inspect`: what there is to say about a plugin without running it, as text or JSON.
import { grouped, visible } from '../transcript/transcript-line.ts';
import { WasmError } from '../wasm/error.ts';
import { parseModule, type WasmModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { type ModuleSummary, summarize } from '../wasm/summary.ts';
import { EXIT } from './exit-codes.ts';
import { readFile, terminalPlatform } from './files.ts';
import { print } from './output.ts';
import { parseWords, UsageError } from './words.ts';

const HELP = `Usage: wasmi-plugin-debugger inspect PLUGIN [--json]

Shows imports (those that production lacks are marked), features, exports, functions, debug info and the size of each section.
Exit code: 0; 2 when the file is no module that can be read.
`;

/** So many functions are named, the largest first. */
const LARGEST = 10;

export interface FunctionSize {
  readonly index: number;
  /** Demangled. */
  readonly name: string;
  /** Of its body. */
  readonly bytes: number;
}

/** `inspect --json` prints this. */
export interface Inspected extends ModuleSummary {
  readonly functions: ModuleSummary['functions'] & { readonly largest: readonly FunctionSize[] };
}

export async function inspectCommand(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords('inspect', words, {
    json: { type: 'flag' },
    help: { type: 'flag', short: 'h' },
  });
  if (values.help) {
    await print(HELP);
    return EXIT.result;
  }
  const [plugin, ...more] = positionals;
  if (plugin === undefined) throw new UsageError('The plugin is missing: inspect PLUGIN.');
  if (more.length > 0) throw new UsageError(`'${more[0]}' is one word too many: inspect takes one plugin.`);
  const bytes = await readFile(terminalPlatform(), plugin, 'The plugin');
  let inspected: Inspected;
  try {
    inspected = inspect(parseModule(bytes));
  } catch (error) {
    if (error instanceof WasmError) throw new UsageError(`${plugin}: ${error.message}.`);
    throw error;
  }
  await print(values.json ? `${JSON.stringify(inspected)}\n` : inspectText(plugin, inspected));
  return EXIT.result;
}

function inspect(module: WasmModule): Inspected {
  const summary = summarize(module, { features: [] });
  return { ...summary, functions: { ...summary.functions, largest: largestFunctions(module) } };
}

function largestFunctions(module: WasmModule): FunctionSize[] {
  const { bodyStart, bodyEnd, importedFunctions } = module;
  const sizes = bodyStart.map((start, n) => (bodyEnd[n] ?? start) - start);
  const order = Uint32Array.from(sizes.keys()).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  const names = new FunctionNames(module);
  return Array.from(order.subarray(0, LARGEST), (n) => {
    const index = importedFunctions + n;
    return { index, name: names.display(index), bytes: sizes[n] ?? 0 };
  });
}

/** A module's summary as text: a heading and its rows, one block after the other. */
function inspectText(plugin: string, summary: Inspected): string {
  const { debug, functions } = summary;
  const blocks: [string, string[]][] = [
    [
      `${plugin}: ${grouped(summary.size)} bytes`,
      summary.faults.length === 0
        ? ['  production can run it']
        : summary.faults.map((fault) => `✗ ${visible(fault.message)}`),
    ],
    [
      `Imports (${summary.imports.length})`,
      summary.imports.map(({ inProduction, module, name, type, kind }) =>
        marked(inProduction, `${visible(module)}.${visible(name)} ${type || kind}`, 'production lacks it'),
      ),
    ],
    [
      'Features beyond WebAssembly 1.0',
      summary.features.map(({ accepted, title, offset }) =>
        marked(accepted, title, `production rejects it (at byte 0x${offset.toString(16)})`),
      ),
    ],
    [
      `Exports (${summary.exports.length})`,
      summary.exports.map(({ name, kind, index }) => `  ${visible(name)}  ${kind} ${index}`),
    ],
    [
      `Functions (${grouped(functions.defined)}, and ${grouped(functions.imported)} imported), the largest first, in bytes`,
      functions.largest.map(({ bytes, name }) => sized(bytes, name)),
    ],
    ['Debug info', debugRows(debug)],
    ['Sections, in bytes', summary.sections.map(({ bytes, name }) => sized(bytes, name))],
  ];
  return blocks
    .map(([title, rows]) => `${title}\n${(rows.length > 0 ? rows : ['  none']).map((row) => `  ${row}\n`).join('')}`)
    .join('\n');
}

const marked = (fine: boolean, text: string, mark: string): string => (fine ? `  ${text}` : `✗ ${text}  ${mark}`);

const sized = (bytes: number, name: string): string => `  ${grouped(bytes).padStart(12)}  ${visible(name)}`;

function debugRows({ nameSection, dwarf, sourceMapUrl, externalDwarf }: ModuleSummary['debug']): string[] {
  const rows: string[] = [];
  if (nameSection) rows.push('  function names (name section)');
  if (dwarf.length > 0) rows.push(`  DWARF: ${dwarf.map(visible).join(' ')}`);
  if (sourceMapUrl !== undefined) rows.push(`  source map: ${visible(sourceMapUrl)}`);
  if (externalDwarf !== undefined) rows.push(`  DWARF in another file: ${visible(externalDwarf)}`);
  return rows;
}
