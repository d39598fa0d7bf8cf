// Why a file of the debug information can't be shown here, and what brings it: a sentence for whoever stands in it. Pure. Contract S6.
import { quoted } from '../wasm/quoted.ts';
import type { RustCompiler } from './compiler.ts';
import { normalized } from './files.ts';
import { LONGEST_PATH } from './source-search.ts';

/** @param path as `SourceFiles.path` has it: where it was looked for last */
export function missingSource(path: string, compiler: RustCompiler | undefined): string {
  const nowhere = `There is no file ${quoted(path)} here: "sourceMap" in the launch configuration can say where its folder is.`;
  if (path.length > LONGEST_PATH) return nowhere;
  const slashed = normalized(path);
  const [, commit = ''] = /(?:^|\/)rustc\/([0-9a-f]{40})\//.exec(slashed) ?? [];
  if (commit !== '') return standardLibrary(commit, compiler);
  const [, dependency] = /^\/rust\/deps\/([^/]+)\//.exec(slashed) ?? [];
  if (dependency !== undefined)
    return `The sources of ${quoted(dependency)}, which the standard library uses, are not in this machine's cargo registry: "sourceMap" can say where they are.`;
  const [, crate] =
    /(?:^|\/)registry\/(?:(?:src\/)?[^/]+-[0-9a-f]{16}\/)?([^/]+-\d+\.\d+\.\d+[^/]*)\//.exec(slashed) ?? [];
  if (crate !== undefined)
    return `The sources of ${quoted(crate)} are not in this machine's cargo registry: "cargo fetch" in the plugin's folder brings those that it uses.`;
  if (/(?:^|\/)(?:wasi-libc[^/]*|libc-(?:top|bottom)-half)\/|^dlmalloc\/|^wasisdk:/.test(slashed))
    return 'The sources of wasi-libc are not on this machine: "sourceMap" can say where some are.';
  return nowhere;
}

/** Another version's sources are of no use: its lines are others. */
function standardLibrary(commit: string, compiler: RustCompiler | undefined): string {
  const of = compiler !== undefined && compiler.commit !== '' && commit.startsWith(compiler.commit);
  const release = of && /^\d+\.\d+\.\d+$/.test(compiler.version);
  const which = of ? `rustc ${compiler.version}` : `rustc ${commit.slice(0, 9)}`;
  const toolchain = release ? ` --toolchain ${compiler.version}` : '';
  return `The standard library's sources of ${which}, which built this plugin, are not installed: rustup component add rust-src${toolchain}`;
}
