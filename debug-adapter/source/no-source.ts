// Why the lines of a plugin are not known, and how to build it so that they are: one sentence. Pure. The tool conventions name the sections.
import { ByteReader } from '../wasm/byte-reader.ts';
import { type Section, SectionId, type WasmModule } from '../wasm/module.ts';
import { quoted } from '../wasm/quoted.ts';

/** How each language's tools are told; the languages as the `producers` section names them. What is of Rust has C too: its C library. */
const BUILDS: readonly (readonly [language: RegExp, how: string])[] = [
  [/^Rust$/, 'build it with it (cargo build without --release, or debug = true in the profile), and do not strip it'],
  [/^C/, 'build it with it (clang -g), and do not strip it'],
];
const ANY_BUILD =
  'build it with it (cargo build without --release, or debug = true in the profile; clang -g), and do not strip it';

/** Characters of a name that are shown. */
const MOST_SHOWN = 200;

/** Of a plugin in which no lines were found. */
export function whyNoSource(module: WasmModule): string {
  const customs = module.sections.filter(({ id }) => id === SectionId.Custom);
  const named = (name: string): Section | undefined => customs.find((section) => section.name === name);
  const external = textOf(module, named('external_debug_info'));
  if (external !== undefined)
    return `The debug information of this plugin is in another file (${external}), which is not read, so its lines are not known: build it without -gseparate-dwarf.`;
  if (named('.debug_info') !== undefined || named('.debug_line') !== undefined)
    return 'The debug information of this plugin has no lines that can be read, so they are not known: it may have been cut or changed by a tool behind the compiler.';
  const map = textOf(module, named('sourceMappingURL'));
  if (map !== undefined)
    return `The debug information of this plugin is a source map (${map}), which is not read, so its lines are not known: those of rustc and clang are, which are DWARF.`;
  if (named('name') === undefined)
    return 'This plugin was stripped of its debug information and of the names of its functions, so neither these nor its lines are known: leave out strip = true in the profile, wasm-strip, and wasm-opt without -g.';
  const languages = languagesOf(module, named('producers'));
  const how = BUILDS.find(([pattern]) => languages.some((language) => pattern.test(language)))?.[1] ?? ANY_BUILD;
  return `This plugin has no debug information, so its lines are not known: ${how}.`;
}

/** A custom section that holds one name. */
function textOf({ bytes }: WasmModule, section: Section | undefined): string | undefined {
  if (section === undefined) return undefined;
  try {
    return quoted(new ByteReader(bytes, section.start, section.end).name().slice(0, MOST_SHOWN));
  } catch {
    return '…';
  }
}

/** The languages that the section names. */
function languagesOf({ bytes }: WasmModule, section: Section | undefined): string[] {
  const languages: string[] = [];
  if (section === undefined) return languages;
  try {
    const reader = new ByteReader(bytes, section.start, section.end);
    for (let fields = reader.u32(); fields > 0; fields--) {
      const field = reader.name();
      for (let values = reader.u32(); values > 0; values--) {
        const name = reader.name();
        reader.name();
        if (field === 'language') languages.push(name);
      }
    }
  } catch {
    // a section that is no such list says nothing
  }
  return languages;
}
