// Assembles WAT text for tests, by wabt, with every feature on that some room handles. Only tests import it.
import wabt from 'wabt';

const FEATURES = {
  exceptions: true,
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  relaxed_simd: true,
  threads: true,
  multi_value: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  memory64: true,
  multi_memory: true,
  extended_const: true,
};

const assembler = await wabt();

/** The binary module of `text`. @throws Error with line and column for text that can't be assembled. */
export function wat(text: string, options: { readonly names?: boolean } = {}): Uint8Array<ArrayBuffer> {
  const module = assembler.parseWat('test.wat', text, FEATURES);
  try {
    const { buffer } = module.toBinary({ write_debug_names: options.names ?? false, canonicalize_lebs: true });
    return Uint8Array.from(buffer);
  } finally {
    module.destroy();
  }
}
