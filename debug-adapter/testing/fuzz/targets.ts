// All fuzz targets by name. A new decoder adds a file to targets/ and a line here.

const NAMES = [
  'wasm',
  'code',
  'names',
  'dwarf',
  'demangle',
  'recording',
  'event-log',
  'json',
  'lines',
  'endpoint',
  'mocks',
  'launch',
  'dap',
  'dap-stream',
  'expression',
  'words',
  'rust-source',
  'filter',
  'editor',
] as const;

export type TargetName = (typeof NAMES)[number];

export const TARGETS: readonly TargetName[] = NAMES;

export function isTarget(name: string): name is TargetName {
  return NAMES.some((known) => known === name);
}

/** The module of target `name`, for fuzz(). */
export function moduleOf(name: TargetName): string {
  return new URL(`./targets/${name}.ts`, import.meta.url).href;
}
