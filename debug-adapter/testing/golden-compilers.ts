// Golden files of what compilers make of the test plugins: with another version, other variables are kept and other lines have code, and it is right as
// well. Such a module is walked all the same, and not compared. Only tests import it.
import fs from 'node:fs';
import { assertGolden } from './golden.ts';
import { pluginFile } from './run-call.ts';

/** The compilers of the modules that the golden files were made of, as `DW_AT_producer` names them. */
const COMPILERS: readonly (readonly [plugins: RegExp, compiler: string])[] = [
  [/^rust-.*\.kept$/, 'rustc version 1.85.0'],
  [/^(?:rust-|hello)/, 'rustc version 1.95.0'],
  [/^c-/, 'clang version 22.1.8'],
];

const others = new Map<string, string | undefined>();

/** Why a plugin is not what golden files are of, a sentence; undefined: it is. */
export function otherCompiler(plugin: string): string | undefined {
  if (!others.has(plugin)) {
    const compiler = COMPILERS.find(([plugins]) => plugins.test(plugin))?.[1] ?? '';
    const isSame = fs.readFileSync(pluginFile(plugin)).includes(compiler);
    others.set(
      plugin,
      isSame ? undefined : `${plugin} is not by ${compiler}, of which the golden files are: not compared.`,
    );
  }
  return others.get(plugin);
}

/** Compares `text`, which is of a plugin, with a golden file beside the test, if the plugin was compiled as that was. */
export function assertCompiledGolden(
  test: { diagnostic(message: string): void },
  plugin: string,
  beside: string,
  name: string,
  text: string,
): void {
  const other = otherCompiler(plugin);
  if (other !== undefined) test.diagnostic(other);
  else assertGolden(beside, name, text);
}
