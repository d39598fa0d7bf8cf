// The compiler that a plugin says it was built by, from its `producers` section. Pure. See the tool conventions, ProducersSection.
import { SectionId, type WasmModule } from '../wasm/module.ts';

export interface RustCompiler {
  /** `1.95.0`, `1.97.0-nightly`. */
  readonly version: string;
  /** The first digits of its commit; '' where it does not say. */
  readonly commit: string;
}

/** Bytes of the section that are read; it is short. */
const MOST_BYTES = 4096;

/** The rustc that a plugin was built by; undefined where it does not say: tools that strip a module take the section out too. */
export function rustCompilerOf(module: WasmModule): RustCompiler | undefined {
  const section = module.sections.find(({ id, name }) => id === SectionId.Custom && name === 'producers');
  if (section === undefined) return undefined;
  const bytes = module.bytes.subarray(section.start, Math.min(section.end, section.start + MOST_BYTES));
  // `rustc`, the length of its version, and that
  const match = /rustc[\s\S](\d+\.\d+\.\d+[\w.+-]*)(?: \(([0-9a-f]{7,40}))?/.exec(
    new TextDecoder('latin1').decode(bytes),
  );
  const [, version, commit = ''] = match ?? [];
  return version === undefined ? undefined : { version, commit };
}
