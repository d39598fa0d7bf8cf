// What there is to say about a plugin without running it: imports, features, exports, functions, debug info, sizes. Values
// for `inspect`; no text layout. (E3)

import { ByteReader } from './byte-reader.ts';
import { featuresUsed } from './feature-scan.ts';
import { checkProduction, PRODUCTION, PRODUCTION_IMPORTS, type ProductionFault, WASI_MODULE } from './features.ts';
import { EXTERNAL_KINDS, functionType, type Section, SectionId, type WasmModule } from './module.ts';
import type { Feature } from './opcodes.ts';

export interface ModuleSummary {
  /** Of the whole file, in bytes. */
  readonly size: number;
  readonly imports: readonly {
    readonly module: string;
    readonly name: string;
    readonly kind: string;
    /** `(i32) -> ()` for functions, '' otherwise. */
    readonly type: string;
    /** Whether production has it under this name. Its type is checked by `faults`. */
    readonly inProduction: boolean;
  }[];
  readonly features: readonly {
    readonly feature: Feature;
    readonly title: string;
    readonly accepted: boolean;
    readonly offset: number;
  }[];
  readonly exports: readonly { readonly name: string; readonly kind: string; readonly index: number }[];
  readonly functions: { readonly imported: number; readonly defined: number };
  readonly debug: {
    /** Names of DWARF sections, `.debug_info` and so on. */
    readonly dwarf: readonly string[];
    readonly nameSection: boolean;
    readonly sourceMapUrl: string | undefined;
    readonly externalDwarf: string | undefined;
  };
  /** Sections in the order of the file; `bytes` includes the header. */
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
  readonly faults: readonly ProductionFault[];
}

const SECTION_NAMES = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
];

/** Summarizes a module as `inspect` shows it. @throws WasmError for broken code. */
export function summarize(module: WasmModule, options: { readonly features: readonly string[] }): ModuleSummary {
  const customs = module.sections.filter((section) => section.id === SectionId.Custom);
  return {
    size: module.bytes.length,
    imports: module.imports.map((item) => ({
      module: item.module,
      name: item.name,
      kind: EXTERNAL_KINDS[item.kind] ?? '',
      type: item.kind === 0 ? functionType(module, module.functionTypes[item.index]!) : '',
      inProduction: item.kind === 0 && item.module === WASI_MODULE && Object.hasOwn(PRODUCTION_IMPORTS, item.name),
    })),
    features: featuresUsed(module).map(({ feature, offset }) => ({
      feature,
      offset,
      title: PRODUCTION[feature].title,
      accepted: PRODUCTION[feature].accepted,
    })),
    exports: module.exports.map((item) => ({
      name: item.name,
      kind: EXTERNAL_KINDS[item.kind] ?? '',
      index: item.index,
    })),
    functions: { imported: module.importedFunctions, defined: module.bodyStart.length },
    debug: {
      dwarf: customs.map((section) => section.name).filter((name) => name.startsWith('.debug_')),
      nameSection: customs.some((section) => section.name === 'name'),
      sourceMapUrl: textOf(
        module,
        customs.find((section) => section.name === 'sourceMappingURL'),
      ),
      externalDwarf: textOf(
        module,
        customs.find((section) => section.name === 'external_debug_info'),
      ),
    },
    sections: module.sections.map((section) => ({
      name: section.id === SectionId.Custom ? section.name || 'custom' : (SECTION_NAMES[section.id] ?? ''),
      bytes: section.end - section.offset,
    })),
    faults: checkProduction(module, options),
  };
}

/** A custom section that holds one name. */
function textOf(module: WasmModule, section: Section | undefined): string | undefined {
  if (section === undefined) return undefined;
  try {
    return new ByteReader(module.bytes, section.start, section.end).name();
  } catch {
    return undefined;
  }
}
