// Modules whose debug information lies: sections of DWARF with bytes, numbers and references changed, cut short, dropped, exchanged between modules.
// The modules stay modules. Only the target `dwarf` imports it.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseModule, SectionId } from '../../wasm/module.ts';
import type { RandomSource } from '../random-source.ts';
import { type Bytes, changeBytes, joined, spliced, stretch } from './bytes.ts';
import { fileBytes } from './seeds.ts';
import { awkwardLeb, leb } from './wasm-bytes.ts';

interface Seed {
  /** All that stands before the sections of DWARF. */
  readonly rest: Bytes;
  /** Contents by name. */
  readonly sections: ReadonlyMap<string, Bytes>;
}

/** Rust and C, as DWARF 4 and 5. Those in out/ are taken where they are built. */
const SEEDS = [
  ...['test-plugins/rust-tiny/dwarf4.wasm', 'test-plugins/rust-tiny/dwarf5.wasm', 'test-plugins/out/c-views.wasm'],
  ...['test-plugins/out/c-views.dwarf4.wasm', 'test-plugins/out/c-minimal.optimized.wasm'],
].filter((file) => fs.existsSync(fileURLToPath(new URL(`../../../${file}`, import.meta.url))));

const seeds: readonly Seed[] = SEEDS.map((file) => {
  const { bytes, sections } = parseModule(fileBytes(file));
  const debug = sections.filter(({ id, name }) => id === SectionId.Custom && name.startsWith('.debug_'));
  const first = Math.min(...debug.map(({ offset }) => offset));
  return {
    rest: Uint8Array.from(bytes.subarray(0, first)),
    sections: new Map(debug.map(({ name, start, end }) => [name, Uint8Array.from(bytes.subarray(start, end))])),
  };
});

function assembled(rest: Bytes, sections: ReadonlyMap<string, Bytes>): Bytes {
  const parts: Bytes[] = [rest];
  for (const [name, content] of sections) {
    const named = joined([leb(name.length), new TextEncoder().encode(name), content]);
    parts.push(joined([Uint8Array.of(0), leb(named.length), named]));
  }
  return joined(parts);
}

/** Most is in these. */
const LIKELY = ['.debug_info', '.debug_info', '.debug_abbrev', '.debug_line'];

/** Four bytes of a number that means something: an end, a tombstone, an offset here or there. */
function word(source: RandomSource, near: number, size: number): Bytes {
  const number = source.one([
    ...[0, 1, 2, 4, 11, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff],
    ...[near + 1, near - 1, near ^ (1 << source.below(32)), size, size - 1, size + 1],
    ...Array.from({ length: 6 }, () => source.below(size + 1)),
  ]);
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, number >>> 0, true);
  return out;
}

function changeSection(source: RandomSource, content: Bytes, other: Bytes): Bytes {
  if (content.length < 4) return changeBytes(source, content, other);
  const at = source.below(content.length);
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  switch (source.below(8)) {
    case 0:
    case 1: {
      const from = Math.min(at, content.length - 4);
      return spliced(content, from, from + 4, word(source, view.getUint32(from, true), content.length));
    }
    case 2: {
      // sizes of units, and of what is in them, stay in step where the number is as long as before
      const number = awkwardLeb(source, content[at] ?? 0);
      return spliced(content, at, Math.min(content.length, at + (source.chance(0.5) ? number.length : 1)), number);
    }
    case 3: {
      const [from, to] = stretch(source, content.length);
      const out = Uint8Array.from(content);
      out.copyWithin(at, from, to);
      return out;
    }
    case 4: {
      // another number of few bits: an abbreviation, a form, a tag, an operator
      const out = Uint8Array.from(content);
      out[at] = source.below(source.one([8, 64, 128, 256]));
      return out;
    }
    default:
      return changeBytes(source, content, other);
  }
}

export function makeDwarf(source: RandomSource): Bytes {
  const { rest, sections: own } = source.one(seeds);
  const sections = new Map(own);
  for (let left = 1 + source.below(source.chance(0.8) ? 3 : 30); left > 0; left--) {
    const name = source.chance(0.6) ? source.one(LIKELY) : source.one([...sections.keys()]);
    const content = sections.get(name);
    if (content === undefined) continue;
    const theirs = source.one(seeds).sections.get(name) ?? content;
    switch (source.below(50)) {
      case 0:
        sections.delete(name);
        break;
      case 1:
        sections.set(name, theirs);
        break;
      case 2:
        sections.set(source.one([...own.keys(), '.debug_types']), content);
        break;
      default:
        sections.set(name, changeSection(source, content, theirs));
    }
  }
  return assembled(rest, sections);
}
