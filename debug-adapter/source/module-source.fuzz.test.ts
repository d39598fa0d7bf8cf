// Debug information that is damaged anywhere: lines, statements, frames and breakpoints of it are wrong, but nothing throws, and what is said stays
// inside of the code. The reader itself has its own (dwarf/dwarf.fuzz.test.ts). Contract E4.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { findSections } from '../dwarf/sections.ts';
import { parseModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { ALL_MINE } from './files.ts';
import { openSource } from './module-source.ts';

/** A xorshift generator: the same damage for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);

for (const name of ['dwarf4', 'dwarf5'])
  describe(`damaged debug information, ${name}`, () => {
    const original = new Uint8Array(
      fs.readFileSync(new URL(`../../test-plugins/rust-tiny/${name}.wasm`, import.meta.url)),
    );
    const whole = parseModule(original);
    const { sections } = whole;
    const debug = sections.filter((section) => section.name.startsWith('.debug_') && section.end > section.start);

    it(`E4: nothing throws (seed ${SEED})`, () => {
      assert.ok(debug.length > 3);
      assert.ok(findSections(whole).info.end > 0);
      const next = random(SEED);
      for (let round = 0; round < 150; round++) {
        const bytes = original.slice();
        for (let n = 1 + next(8); n > 0; n--) {
          const section = debug[next(debug.length)];
          if (section !== undefined) bytes[section.start + next(section.end - section.start)] = next(256);
        }
        const module = parseModule(bytes);
        const source = openSource(module, new FunctionNames(module), ALL_MINE);
        if (source === undefined) continue;
        const { statements, files } = source;
        const from = module.bodyStart[0] ?? 0;
        const to = module.bodyEnd.at(-1) ?? 0;
        for (const offset of source.statements.steppedOffsets()) assert.ok(offset >= from && offset < to);
        for (let n = 0; n < 20; n++) {
          const offset = from + next(Math.max(1, to - from));
          assert.ok(source.framesAt(offset).length >= 1);
          source.originAt(offset);
          source.coroutineAt(offset);
          const path = files.path(next(files.count + 1));
          for (const found of source.resolveLine({ path, line: next(200), column: next(3) || undefined }).offsets)
            assert.ok(found >= from && found < to);
          source.breakpointPlaces(path, 1, 500);
        }
        for (let n = 0; n < module.bodyStart.length; n++) {
          const first = source.firstOffset(n);
          assert.ok(first === undefined || statements.functionOf(first) === n);
        }
      }
    });
  });
