// The modules that targets of code begin from, and how one of them is changed. Only targets import it.
import { randomModule } from '../random-module.ts';
import type { RandomSource } from '../random-source.ts';
import { type Bytes, changeBytes } from './bytes.ts';
import { changed } from './json-text.ts';
import { hello, watModules } from './seeds.ts';
import { changeModule } from './wasm-bytes.ts';

const generated = Array.from({ length: 24 }, (_, seed) => randomModule({ seed, simd: seed % 4 === 0 }).bytes);
const seeds: readonly Bytes[] = [...watModules, ...generated, ...generated];
let large: readonly Bytes[] | undefined;

/** A module with something changed: of test-plugins, made at random, or now and then a real one. */
export function makeModule(source: RandomSource): Bytes {
  if (source.chance(0.003)) {
    large ??= [hello()];
    return changeModule(source, large[0]!, source.one(seeds));
  }
  if (source.chance(0.1)) {
    const { bytes } = randomModule({ seed: source.below(2 ** 31), simd: source.chance(0.2) });
    return changed(source, [bytes], changeModule);
  }
  return changed(source, seeds, source.chance(0.1) ? changeBytes : changeModule);
}
