// The modules that the differential tests run: those that the native program test-plugins/generator makes at random, and the test suite that
// it unpacks. Only tests import it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OUT = new URL('../../test-plugins/out/', import.meta.url);
const GENERATOR = fileURLToPath(new URL(process.platform === 'win32' ? 'generator.exe' : 'generator', OUT));
const SUITE = fileURLToPath(new URL('testsuite.bin', OUT));

/** Test options that skip, with a sentence, where the generator could not be built; where CI is set the tests run, and fail. */
export function needsGenerator(): { skip?: string } {
  if ([GENERATOR, SUITE].every((file) => fs.existsSync(file)) || process.env['CI']) return {};
  return {
    skip: 'test-plugins/out/generator is not built: node test-plugins/build.ts generator testsuite builds it where cargo is.',
  };
}

/** `relaxed` is `simd` with relaxed SIMD; `nans` is `simd` with NaNs whose bits engines choose. */
export type GeneratedFeatures = 'plain' | 'simd' | 'relaxed' | 'nans';

export interface GeneratedModule {
  readonly seed: string;
  readonly features: GeneratedFeatures;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of `nans`: the same module with canonical NaNs after all arithmetic, woven in by the generator. */
  readonly canonical?: Uint8Array<ArrayBuffer>;
  /** Name of the exported global that ends loops and recursion when it has come to 0. */
  readonly fuel: string;
  /** What to set that global to before a call. */
  readonly termination: number;
}

/** `[place, size]` among the modules. */
type Place = readonly [at: number, size: number];

interface Container<T> {
  readonly description: T;
  module(place: Place): Uint8Array<ArrayBuffer>;
}

/** Splits the generator's output: the length of the JSON, the JSON, the modules. */
function open<T>(bytes: Uint8Array): Container<T> {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + length));
  const start = 4 + length;
  return {
    // the generator's own output, made by its source beside this one
    description: JSON.parse(text) as T,
    module: ([at, size]) => Uint8Array.from(bytes.subarray(start + at, start + at + size)),
  };
}

interface GeneratedList {
  readonly termination: number;
  readonly modules: readonly {
    readonly seed: string;
    readonly module: Place;
    readonly canonical?: Place;
    readonly fuel: string;
    readonly refused?: string;
  }[];
}

export interface Generated {
  readonly modules: readonly GeneratedModule[];
  /** What wasm-smith did not make, or wasmi 1.0.3 does not take: one sentence each. */
  readonly refused: readonly string[];
}

/** What the generator writes for these arguments. */
function generate<T>(...args: string[]): Container<T> {
  const { status, stdout, stderr, error } = spawnSync(GENERATOR, args, { maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`generator ${args.join(' ')} failed: ${error?.message ?? String(stderr)}`);
  return open<T>(stdout);
}

/** Modules `seed`, `seed` + 1, … */
export function generatedModules(seed: number, count: number, features: GeneratedFeatures): Generated {
  const args = ['random', '--seed', String(seed), '--count', String(count), '--features', features];
  const { description, module } = generate<GeneratedList>(...args);
  const { termination } = description;
  const refused = description.modules.flatMap((row) => (row.refused ? [`${row.seed}: ${row.refused}`] : []));
  const modules = description.modules
    .filter((row) => row.refused === undefined)
    .map((row) => ({
      seed: row.seed,
      features,
      bytes: module(row.module),
      ...(row.canonical && { canonical: module(row.canonical) }),
      fuel: row.fuel,
      termination,
    }));
  return { modules, refused };
}

/** What a call came to under wasmi. */
export interface MeasuredCall {
  readonly function: string;
  readonly args: readonly SuiteValue[];
  readonly results?: readonly SuiteValue[];
  /** wasmi's words. */
  readonly trap?: string;
  /** What it consumed. */
  readonly fuel: number;
}

/** A module without imports, and what wasmi 1.0.3 made of it. */
export interface MeasuredModule {
  readonly seed: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly fuel: string;
  readonly termination: number;
  readonly measured:
    | { readonly uninstantiable: string }
    | {
        /** Fuel that the start function consumed. */
        readonly start: number;
        readonly calls: readonly MeasuredCall[];
        /** FNV-1a of the words of each exported memory after the last call. */
        readonly memories: readonly (readonly [name: string, hash: number])[];
      };
}

/** Modules `seed`, `seed` + 1, … with what their calls come to and cost under wasmi. */
export function measuredModules(seed: number, count: number): readonly MeasuredModule[] {
  const { description, module } = generate<{
    readonly termination: number;
    readonly modules: readonly (Omit<MeasuredModule, 'bytes' | 'termination'> & { readonly module: Place })[];
  }>('measured', '--seed', String(seed), '--count', String(count));
  const { termination } = description;
  return description.modules.map(({ module: place, ...row }) => ({ ...row, termination, bytes: module(place) }));
}

/** `[type, value]`, as test-plugins/generator/src/suite.rs writes it. */
export type SuiteValue = readonly [type: string, value?: unknown];

export interface SuiteCall {
  /** The instance; null for the latest. */
  readonly name: string | null;
  readonly function: string;
  readonly args: readonly SuiteValue[];
}

interface SuiteModule {
  readonly module: Place;
  /** What wasmi 1.0.3 says to it: accepted as production builds it, with its feature `simd`, or why not. */
  readonly wasmi: 'production' | 'simd' | { readonly refused: string };
}

export type SuiteCommand = { readonly line: number } & (
  | ({ readonly type: 'module' | 'definition'; readonly name: string | null } & SuiteModule)
  | { readonly type: 'instance'; readonly name: string | null; readonly of: string | null }
  | ({ readonly type: 'refused'; readonly how: 'malformed' | 'invalid'; readonly message: string } & SuiteModule)
  | ({ readonly type: 'uninstantiable' | 'unlinkable'; readonly message: string } & SuiteModule)
  | { readonly type: 'register'; readonly as: string; readonly name: string | null }
  | { readonly type: 'invoke'; readonly call: SuiteCall }
  | { readonly type: 'return'; readonly call: SuiteCall; readonly results: readonly SuiteValue[] }
  | {
      readonly type: 'get';
      readonly name: string | null;
      readonly global: string;
      readonly results: readonly SuiteValue[];
    }
  | { readonly type: 'trap' | 'exhaustion'; readonly call: SuiteCall; readonly message: string }
  | { readonly type: 'unsupported'; readonly what: string }
);

export interface SuiteFile {
  readonly file: string;
  /** The same text as this one, which comes before. */
  readonly sameAs?: string;
  /** Modules that are malformed as text, and have no bytes. */
  readonly textOnly?: number;
  readonly commands?: readonly SuiteCommand[];
}

export interface Suite {
  readonly files: readonly SuiteFile[];
  module(place: Place): Uint8Array<ArrayBuffer>;
}

export function testSuite(): Suite {
  const { description, module } = open<{ readonly files: readonly SuiteFile[] }>(fs.readFileSync(SUITE));
  return { files: description.files, module };
}
