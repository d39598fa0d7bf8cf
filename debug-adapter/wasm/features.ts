// What production accepts: one table for features, one for imports, and the check before the first instruction
// (UPSTREAM.md "Before the first instruction"). Whether the code itself is valid is V8's to say. (E3)

import { featuresUsed } from './feature-scan.ts';
import { InstructionReader } from './instructions.ts';
import { functionType, ImportKind, SectionId, sectionOf, type WasmModule } from './module.ts';
import { FunctionNames } from './names.ts';
import { type Feature, opcodeNamed } from './opcodes.ts';
import { quoted } from './quoted.ts';
import { I32, I64, valueTypeName } from './value-types.ts';

export interface FeatureVerdict {
  /** What it is called in a sentence. */
  readonly title: string;
  readonly accepted: boolean;
  /** Why production refuses it; '' where it does not. */
  readonly why: string;
}

const ACCEPTED = (title: string): FeatureVerdict => ({ title, accepted: true, why: '' });
const REFUSED = (title: string, why: string): FeatureVerdict => ({ title, accepted: false, why });
const NO_SIMD = 'wasmi knows it, but the host builds wasmi without its "simd" feature';
const NOT_IN_WASMI = 'wasmi 1.0.3 does not have it';
const OFF = 'wasmi 1.0.3 has it, but leaves it off unless it is asked for, and the host does not ask';

/** For each feature, whether wasmi 1.0.3 as the hdk builds and configures it accepts it. */
export const PRODUCTION: Readonly<Record<Feature, FeatureVerdict>> = {
  mvp: ACCEPTED('WebAssembly 1.0'),
  'mutable-globals': ACCEPTED('mutable globals'),
  'multi-value': ACCEPTED('multi-value'),
  'multi-memory': ACCEPTED('multi-memory'),
  'saturating-conversions': ACCEPTED('saturating float-to-int conversions'),
  'sign-extension': ACCEPTED('sign extension'),
  'bulk-memory': ACCEPTED('bulk memory'),
  'reference-types': ACCEPTED('reference types'),
  'tail-calls': ACCEPTED('tail calls'),
  'extended-const': ACCEPTED('extended constant expressions'),
  memory64: ACCEPTED('memory64'),
  simd: REFUSED('SIMD', NO_SIMD),
  'relaxed-simd': REFUSED('relaxed SIMD', NO_SIMD),
  threads: REFUSED('threads', NOT_IN_WASMI),
  exceptions: REFUSED('exceptions', NOT_IN_WASMI),
  'typed-function-references': REFUSED('typed function references', NOT_IN_WASMI),
  gc: REFUSED('garbage collection', NOT_IN_WASMI),
  'wide-arithmetic': REFUSED('wide arithmetic', OFF),
  'custom-page-sizes': REFUSED('custom page sizes', OFF),
  'stack-switching': REFUSED('stack switching', NOT_IN_WASMI),
};

/** The features that a launch may let through although production refuses them; `simd` means both kinds, as wasmi's own does. */
export const OPTIONAL_FEATURES: readonly string[] = ['simd', 'relaxed-simd'];

export const WASI_MODULE = 'wasi_snapshot_preview1';

/** The 14 imports of `wasi_snapshot_preview1` that production has, with the types it gives them (i i32, l i64; parameters:results). */
export const PRODUCTION_IMPORTS: Readonly<Record<string, string>> = {
  args_get: 'ii:i',
  args_sizes_get: 'ii:i',
  environ_get: 'ii:i',
  environ_sizes_get: 'ii:i',
  fd_read: 'iiii:i',
  fd_write: 'iiii:i',
  fd_fdstat_get: 'ii:i',
  fd_close: 'i:i',
  clock_time_get: 'ili:i',
  random_get: 'ii:i',
  sched_yield: ':i',
  poll_oneoff: 'iiii:i',
  proc_raise: 'i:',
  proc_exit: 'i:',
};

export type ProductionFaultKind =
  | 'feature'
  | 'missing-import'
  | 'import-type'
  | 'no-start'
  | 'start-type'
  | 'no-memory'
  | 'start-section';

export interface ProductionFault {
  readonly kind: ProductionFaultKind;
  /** One sentence that names the thing, the place, and the way out. */
  readonly message: string;
  /** Byte offset in the file. */
  readonly offset: number;
}

/**
 * What makes the plugin unusable in production, in the order in which production would find it; empty if nothing does.
 * @param features names that are let through although production refuses them (`simd`). @throws WasmError for broken code.
 */
export function checkProduction(
  module: WasmModule,
  options: { readonly features: readonly string[] },
): ProductionFault[] {
  const faults: ProductionFault[] = [];
  for (const { feature, offset } of featuresUsed(module)) {
    const { accepted, title, why } = PRODUCTION[feature];
    if (accepted || isLetThrough(feature, options.features)) continue;
    const out = OPTIONAL_FEATURES.includes(feature)
      ? `; build the plugin without it, or run it here with the feature "${feature}"`
      : '; build the plugin without it';
    faults.push({
      kind: 'feature',
      message: `The plugin uses ${title} (at byte 0x${offset.toString(16)}), which production refuses: ${why}${out}.`,
      offset,
    });
  }
  checkImports(module, faults);
  const startSection = sectionOf(module, SectionId.Start);
  if (startSection !== undefined)
    faults.push({
      kind: 'start-section',
      message:
        'The plugin has a start section, which production can never run: a module is instantiated with no fuel; move that code into `_start`.',
      offset: startSection.offset,
    });
  checkExports(module, faults);
  return faults;
}

function isLetThrough(feature: Feature, features: readonly string[]): boolean {
  return features.includes(feature) || (feature === 'relaxed-simd' && features.includes('simd'));
}

function checkImports(module: WasmModule, faults: ProductionFault[]): void {
  const bad: { index: number; fault: (users: string) => ProductionFault }[] = [];
  for (const item of module.imports) {
    const name = quoted(`${item.module}.${item.name}`);
    const { offset } = item;
    const expected =
      item.module === WASI_MODULE && Object.hasOwn(PRODUCTION_IMPORTS, item.name)
        ? PRODUCTION_IMPORTS[item.name]
        : undefined;
    if (item.kind !== ImportKind.Function) {
      const kind = ['function', 'table', 'memory', 'global'][item.kind] ?? 'thing';
      const message = `The plugin imports the ${kind} ${name}, and production offers no ${kind} to import.`;
      faults.push({ kind: expected === undefined ? 'missing-import' : 'import-type', message, offset });
      continue;
    }
    if (expected === undefined) {
      bad.push({
        index: item.index,
        fault: (users) => ({
          kind: 'missing-import',
          message: `The plugin imports ${name}, which production does not have${users}.`,
          offset,
        }),
      });
      continue;
    }
    const actual = functionType(module, module.functionTypes[item.index]!);
    const wanted = typeWords(expected);
    if (actual !== wanted)
      bad.push({
        index: item.index,
        fault: (users) => ({
          kind: 'import-type',
          message: `The plugin imports ${name} as ${actual}, and production has it as ${wanted}${users}.`,
          offset,
        }),
      });
  }
  if (bad.length === 0) return;
  const users = callers(module, new Set(bad.map(({ index }) => index)));
  for (const { index, fault } of bad) faults.push(fault(usersText(module, users.get(index) ?? [])));
}

function typeWords(signature: string): string {
  const [parameters = '', results = ''] = signature.split(':');
  const words = (letters: string) =>
    Array.from(letters, (letter) => valueTypeName(letter === 'l' ? I64 : I32)).join(', ');
  return `(${words(parameters)}) -> (${words(results)})`;
}

function usersText(module: WasmModule, users: readonly number[]): string {
  if (users.length === 0) return '; no function calls it by name';
  const names = new FunctionNames(module);
  const shown = users.slice(0, 3).map((index) => `\`${quoted(names.display(index))}\``);
  const more = users.length > shown.length ? ` and ${users.length - shown.length} more` : '';
  return `; it is called by ${shown.join(', ')}${more}`;
}

/** The functions that call one of `wanted` directly, in order. */
function callers(module: WasmModule, wanted: ReadonlySet<number>): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const call = opcodeNamed('call');
  const tail = opcodeNamed('return_call');
  const reader = new InstructionReader(module.bytes);
  for (let n = 0; n < module.bodyStart.length; n++) {
    reader.reset(module.bodyStart[n]!, module.bodyEnd[n]!);
    reader.offset = module.bodyStart[n]!;
    for (let left = reader.u32(); left > 0; left--) {
      reader.u32();
      reader.byte();
    }
    const index = module.importedFunctions + n;
    while (reader.next()) {
      if ((reader.opcode !== call && reader.opcode !== tail) || !wanted.has(reader.index)) continue;
      const users = found.get(reader.index);
      if (users === undefined) found.set(reader.index, [index]);
      else if (users.at(-1) !== index) users.push(index);
    }
  }
  return found;
}

function checkExports(module: WasmModule, faults: ProductionFault[]): void {
  const offset = sectionOf(module, SectionId.Export)?.offset ?? module.bytes.length;
  const start = module.exports.find((item) => item.name === '_start');
  if (start === undefined || start.kind !== ImportKind.Function) {
    faults.push({
      kind: 'no-start',
      message:
        'The plugin exports no function `_start`, so production cannot run it; build it as a program (a binary crate, not a library).',
      offset: start?.offset ?? offset,
    });
  } else {
    const type = functionType(module, module.functionTypes[start.index]!);
    if (type !== '() -> ()')
      faults.push({
        kind: 'start-type',
        message: `The plugin's \`_start\` has the type ${type}, and production calls it as () -> ().`,
        offset: start.offset,
      });
  }
  const memory = module.exports.find((item) => item.name === 'memory');
  if (memory === undefined || memory.kind !== ImportKind.Memory)
    faults.push({
      kind: 'no-memory',
      message:
        'The plugin exports no memory named `memory`, so the first syscall would make production panic; export its memory under that name.',
      offset: memory?.offset ?? offset,
    });
}
