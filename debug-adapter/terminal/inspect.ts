// `inspect`: what there is to say about a plugin without running it, as text or JSON.
import { grouped, visible } from '../session/transcript-line.ts';
import { WasmError } from '../wasm/error.ts';
import { parseModule } from '../wasm/module.ts';
import { type ModuleSummary, summarize } from '../wasm/summary.ts';
import { parseWords, readFile, terminalPlatform, UsageError } from './arguments.ts';
import { EXIT } from './main.ts';

const HELP = `Usage: wasmi-plugin-debugger inspect PLUGIN [--json] [--features simd]

Shows imports (those that production lacks are marked), features, exports, functions, debug info and sizes.
Exit code: 0; 2 when the file is no module that can be read.
`;

export async function inspectCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(args, {
    json: { type: 'boolean' },
    features: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return EXIT.result;
  }
  const [plugin, ...more] = positionals;
  if (plugin === undefined || more.length > 0) throw new UsageError('inspect takes one plugin: inspect PLUGIN.');
  const bytes = await readFile(terminalPlatform(), plugin, 'The plugin');
  let summary: ModuleSummary;
  try {
    summary = summarize(parseModule(bytes), { features: values.features?.flatMap((list) => list.split(',')) ?? [] });
  } catch (error) {
    if (error instanceof WasmError) throw new UsageError(`${plugin}: ${error.message}.`);
    throw error;
  }
  process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : inspectText(plugin, summary));
  return EXIT.result;
}

/** A module's summary as text: a heading and its rows, one block after the other. */
export function inspectText(plugin: string, summary: ModuleSummary): string {
  const blocks: [string, string[]][] = [];
  const { debug, functions } = summary;
  blocks.push([
    `${plugin}: ${grouped(summary.size)} bytes, ${grouped(functions.defined)} functions`,
    summary.faults.length === 0 ? ['production runs it'] : summary.faults.map((fault) => `✗ ${visible(fault.message)}`),
  ]);
  blocks.push([
    `Imports (${summary.imports.length})`,
    summary.imports.map(
      (item) =>
        `${item.inProduction ? ' ' : '✗'} ${visible(item.module)}.${visible(item.name)} ${item.type || item.kind}${item.inProduction ? '' : '  production lacks it'}`,
    ),
  ]);
  blocks.push([
    'Features',
    summary.features.map(
      (item) =>
        `${item.accepted ? ' ' : '✗'} ${item.title}${item.accepted ? '' : `  production rejects it (byte ${item.offset})`}`,
    ),
  ]);
  blocks.push([
    `Exports (${summary.exports.length})`,
    summary.exports.map((item) => `  ${visible(item.name)}  ${item.kind} ${item.index}`),
  ]);
  const info: string[] = [];
  if (debug.nameSection) info.push('  function names (name section)');
  if (debug.dwarf.length > 0) info.push(`  DWARF: ${debug.dwarf.join(' ')}`);
  if (debug.sourceMapUrl !== undefined) info.push(`  source map: ${visible(debug.sourceMapUrl)}`);
  if (debug.externalDwarf !== undefined) info.push(`  DWARF in another file: ${visible(debug.externalDwarf)}`);
  blocks.push(['Debug info', info.length > 0 ? info : ['  none: build with debug info to see functions and lines']]);
  blocks.push([
    'Sections',
    summary.sections.map((section) => `  ${grouped(section.bytes).padStart(12)}  ${visible(section.name)}`),
  ]);
  return blocks.map(([title, rows]) => `${title}\n${rows.map((row) => `  ${row}`).join('\n')}\n`).join('\n');
}
