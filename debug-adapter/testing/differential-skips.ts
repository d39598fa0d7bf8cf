// Steps of the WebAssembly test suite that need not come out as the suite asks, each with its reason. A skip that is not needed any more fails
// the test. What needs no entry: modules that wasmi 1.0.3 refuses, and what older files call invalid though wasmi 1.0.3 accepts it.
export interface Skip {
  readonly files: readonly string[];
  /** Lines of the files, in their order. */
  readonly lines: readonly (readonly number[])[];
  readonly reason: string;
}

export const SKIPS: readonly Skip[] = [
  {
    files: [
      'wasm-v2/linking.wast',
      'wasm-v3/linking.wast',
      'reference-types/linking.wast',
      'function-references/linking.wast',
      'multi-memory/linking0.wast',
    ],
    lines: [[275, 288], [410, 423], [275, 288], [427, 440], [42]],
    reason:
      'An instance that could not be made has left its functions in the table of another one. There was nobody to give it hooks, which the first charge wants. A plugin is a single module, and is not run when it could not be instantiated.',
  },
  {
    files: ['mutable-global/linking.wast'],
    lines: [[236, 248, 342, 354]],
    reason:
      'This file is older than bulk memory: it wants all segments checked before any is written. V8 and wasmi write those that come first.',
  },
  {
    files: ['wasm-v2/ref_func.wast'],
    lines: [[112]],
    reason:
      'An invalid module whose start function refers to itself. The pass exports the start function, since the hooks must be set before it runs, and an export makes the reference valid. Production takes no plugin with a start function.',
  },
];

/** The reason why a step is skipped; undefined for nearly all. */
export function skipOf(file: string, line: number): Skip | undefined {
  return SKIPS.find(({ files, lines }) => lines[files.indexOf(file)]?.includes(line));
}
