// The plugins that our reader of debug information is compared on with LLVM's, opened once for a test file. Only tests import it.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { openDwarf } from '../dwarf/dwarf.ts';
import type { DwarfProgram } from '../dwarf/program.ts';
import { parseModule, SectionId } from '../wasm/module.ts';

/** C of both versions of DWARF, optimised and not; Rust of two compilers, optimised and not. */
export const ORACLE_PLUGINS = [
  'c-minimal',
  'c-minimal.optimized',
  'c-views',
  'c-views.dwarf4',
  'c-views.optimized',
  'rust-tiny/dwarf4',
  'rust-tiny/dwarf5',
  'rust-views.kept',
  'rust-pdk.debug',
  'rust-pdk.optimized',
] as const;

/** Of those with a folder the module is in git. */
export const pluginFile = (name: string): string =>
  fileURLToPath(new URL(`../../test-plugins/${name.includes('/') ? '' : 'out/'}${name}.wasm`, import.meta.url));

/** Test options that skip, with a sentence, where a plugin could not be built; where CI is set nothing is skipped, and the test fails. */
export function needs(name: string): { skip?: string } {
  if (process.env['CI'] || fs.existsSync(pluginFile(name))) return {};
  return {
    skip: `test-plugins/out/${name}.wasm is not built: node test-plugins/build.ts builds it where the compilers are.`,
  };
}

export interface OracleProgram {
  readonly program: DwarfProgram;
  /** The offset in the file of address 0 of DWARF. */
  readonly codeStart: number;
  readonly codeSize: number;
}

export function openPlugin(name: string): OracleProgram {
  const module = parseModule(new Uint8Array(fs.readFileSync(pluginFile(name))));
  const code = module.sections.find(({ id }) => id === SectionId.Code);
  const program = openDwarf(module);
  if (code === undefined || program === undefined) throw new Error(`${name} has no code, or no debug information.`);
  return { program, codeStart: code.start, codeSize: code.end - code.start };
}

/** Compilers write `a/./b/../c`, and each reader joins folders in its own way: what the path means. */
export function meant(file: string): string {
  const [, scheme = '', rest = ''] = /^([a-z]+:\/\/)?(.*)$/s.exec(file.replaceAll('\\', '/')) ?? [];
  return scheme + path.posix.normalize(rest);
}

/** Told of the first few differences; the rest is counted. */
export class Differences {
  readonly #told: string[] = [];
  #count = 0;
  /** What was compared. */
  compared = 0;

  compare(got: unknown, wanted: unknown, where: () => string): void {
    this.compared++;
    if (got === wanted) return;
    const [ours, theirs] = [JSON.stringify(got) ?? 'undefined', JSON.stringify(wanted) ?? 'undefined'];
    if (ours === theirs) return;
    this.#count++;
    if (this.#told.length < 20) this.#told.push(`${where()}: ${ours}, LLVM has ${theirs}`);
  }

  /** @throws Error that tells them, if there are any; or if no more than `least` things were compared. */
  none(least: number): void {
    if (this.#count > 0) throw new Error(`${this.#count} differences, such as:\n${this.#told.join('\n')}`);
    if (this.compared <= least) throw new Error(`Only ${this.compared} things were compared.`);
  }
}
