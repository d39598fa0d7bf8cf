// Disassembly held against wabt's: where instructions begin and what bytes they have (wasm-objdump), what they are and how deep they
// stand (wasm2wat). What ours adds in comments is checked by the shape of the code itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';
import { buildWat } from '../../test-plugins/wat/build.ts';
import { randomModule } from '../testing/random-module.ts';
import { Disassembly, type DisassemblyRow } from './disassembly.ts';
import { WasmError } from './error.ts';
import { parseModule, type WasmModule } from './module.ts';

const OBJDUMP = fileURLToPath(new URL('../../node_modules/wabt/bin/wasm-objdump', import.meta.url));
const OUT = fileURLToPath(new URL('../../test-plugins/out', import.meta.url));
const FEATURES = {
  exceptions: true,
  simd: true,
  relaxed_simd: true,
  threads: true,
  tail_call: true,
  memory64: true,
  multi_memory: true,
  extended_const: true,
};
const assembler = await wabt();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'disassembly-'));
after(() => fs.rmSync(folder, { recursive: true }));

interface Instruction {
  readonly text: string;
  readonly depth: number;
}

/** The instructions of each function as wasm2wat prints them, without the functions' last `end`. */
function wabtFunctions(bytes: Uint8Array): Instruction[][] {
  const module = assembler.readWasm(bytes, { readDebugNames: false, ...FEATURES });
  const text = module.toText({ foldExprs: false, inlineExport: false });
  module.destroy();
  const types = new Map<string, string>();
  for (const [, index, type] of text.matchAll(/^ {2}\(type \(;(\d+);\) (\(func.*\))\)$/gm)) types.set(index!, type!);
  const functions: Instruction[][] = [];
  let current: Instruction[] | undefined;
  for (const line of text.split('\n')) {
    const [, indent = '', rest = ''] = /^( *)(.*)$/.exec(line)!;
    if (indent.length === 2) {
      current = rest.startsWith('(func ') ? [] : undefined;
      if (current !== undefined) functions.push(current);
    } else if (current !== undefined && indent.length >= 4 && !rest.startsWith('(local')) {
      const opened = rest.split('(').length - rest.split(')').length;
      const whole = opened < 0 ? rest.slice(0, -1) : rest;
      current.push({
        text: whole.replace(/\(type (\d+)\)/, (_, index) => `(type ${types.get(index)})`),
        depth: indent.length / 2 - 2,
      });
    }
  }
  return functions;
}

/** Offset and bytes of each instruction of each file as wasm-objdump prints them, functions one after the other. */
function objdumpInstructions(files: readonly string[]): { offset: number; bytes: string }[][] {
  const text = execFileSync(process.execPath, [OBJDUMP, '-d', ...files], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const parts = text.split(/:\tfile format wasm .*$/m).slice(1);
  assert.equal(parts.length, files.length);
  return parts.map((part) => {
    const found: { offset: number; bytes: string }[] = [];
    for (const [, offset, bytes, what] of part.matchAll(/^ ([0-9a-f]+): ((?:[0-9a-f]{2} )+) *\| *(.*)$/gm)) {
      if (what!.startsWith('local[')) continue;
      if (what === '') found.at(-1)!.bytes += ` ${bytes!.trim()}`;
      else found.push({ offset: Number.parseInt(offset!, 16), bytes: bytes!.trim() });
    }
    return found;
  });
}

/** The number that a WAT float stands for, NaNs as they are written. */
function floatValue(text: string): number | string {
  const [, sign, whole, fraction = '', exponent] = /^(-?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?p([+-]\d+)$/.exec(text) ?? [];
  if (text.includes('nan')) return text;
  if (text.endsWith('inf')) return text;
  if (whole === undefined) return Number(text);
  const digits = Number.parseInt(whole + fraction, 16) * (sign === '-' ? -1 : 1);
  // In two steps: the power alone may be too small for a number.
  const power = Number(exponent) - 4 * fraction.length;
  return digits * 2 ** Math.trunc(power / 2) * 2 ** (power - Math.trunc(power / 2));
}

/** Labels of a br_table of ours, runs written out; an ellipsis stays. */
function labels(text: string): string {
  return text
    .split(' ')
    .flatMap((word) => {
      const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(word) ?? [];
      if (first !== undefined)
        return Array.from({ length: Number(last) - Number(first) + 1 }, (_, n) => String(Number(first) + n));
      const [, label, times] = /^(\d+)×(\d+)$/.exec(word) ?? [];
      return label === undefined ? [word] : new Array<string>(Number(times)).fill(label);
    })
    .join(' ');
}

/** Both texts without what only one of them has. */
function plain(text: string): string {
  const words = text
    .replace(/ {2};; label = @\d+$/, '')
    .replace(/\$(?:"(?:[^"\\]|\\.)*"|\S+) \(;(\d+);\)/g, '$1')
    .replace(/ ?\(;.*?;\)/g, '')
    .trim();
  const [, name, number] = /^(f(?:32|64)\.const) (.*)$/.exec(words) ?? [];
  if (name !== undefined) {
    const value = floatValue(number!);
    return `${name} ${typeof value === 'string' ? value : Object.is(value, -0) ? '-0' : name === 'f32.const' ? Math.fround(value) : value}`;
  }
  return words.startsWith('br_table ') ? `br_table ${labels(words.slice(9))}` : words;
}

/** Where a branch from row `at` to `label` lands, found by indentation alone. */
function landing(rows: readonly DisassemblyRow[], at: number, label: number): string {
  const depth = rows[at]!.depth - 1 - label;
  if (depth < 0) return 'return';
  let opener = at - 1;
  while (rows[opener]!.depth !== depth) opener--;
  // An else arm: the opener is further up.
  while (!/^(block|loop|if)\b/.test(rows[opener]!.text) || rows[opener]!.depth !== depth) opener--;
  let lands = opener;
  if (!rows[opener]!.text.startsWith('loop')) {
    lands = at;
    while (rows[lands]!.depth !== depth || !rows[lands]!.text.startsWith('end')) lands++;
  }
  return `@${depth + 1} → 0x${rows[lands + 1]!.offset.toString(16)}`;
}

function checkTargets(rows: readonly DisassemblyRow[]): number {
  let checked = 0;
  for (const [at, { text }] of rows.entries()) {
    const [, label, target] = /^br(?:_if)? (\d+) \(;(.*);\)$/.exec(text) ?? [];
    if (label !== undefined) {
      assert.equal(target, landing(rows, at, Number(label)), text);
      checked++;
    }
    if (text.startsWith('br_table'))
      for (const [, entry, lands] of text.matchAll(/(\d+): (@\d+ → 0x[0-9a-f]+|return)/g)) {
        assert.equal(lands, landing(rows, at, Number(entry)), text);
        checked++;
      }
    const [, otherwise] = /^if.*else → (0x[0-9a-f]+)/.exec(text) ?? [];
    if (otherwise !== undefined) {
      let lands = at + 1;
      while (rows[lands]!.depth !== rows[at]!.depth || !/^(else|end)/.test(rows[lands]!.text)) lands++;
      assert.equal(otherwise, `0x${rows[lands + 1]!.offset.toString(16)}`, text);
      checked++;
    }
  }
  return checked;
}

interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly file: string;
}

/** Holds all of some modules against wabt; answers the number of instructions. */
function check(subjects: readonly Subject[]): number {
  const dumps = objdumpInstructions(subjects.map(({ file }) => file));
  let checked = 0;
  for (const [n, subject] of subjects.entries()) checked += checkModule(subject, dumps[n]!);
  return checked;
}

function checkModule({ name, bytes }: Subject, dumped: readonly { offset: number; bytes: string }[]): number {
  const whole = parseModule(bytes);
  // Without names, indices are printed as wasm2wat prints them. Offsets stay.
  const module: WasmModule = { ...whole, exports: [], sections: whole.sections.filter(({ id }) => id !== 0) };
  const disassembly = new Disassembly(module);
  const functions = wabtFunctions(bytes);
  assert.equal(functions.length, module.bodyStart.length, name);
  let next = 0;
  let targets = 0;
  for (const [definedFunction, expected] of functions.entries()) {
    const rows = disassembly.rowsOf(definedFunction);
    assert.equal(rows.length, disassembly.instructionCount(definedFunction));
    let line = 0;
    for (const [n, row] of rows.entries()) {
      const { offset, bytes: hex } = dumped[next++]!;
      const place = `${name}, function ${definedFunction}, row ${n} at 0x${offset.toString(16)}`;
      assert.equal(row.offset, offset, place);
      assert.equal(row.length, hex.split(' ').length, place);
      assert.ok(row.bytes === hex || (row.bytes.endsWith(' …') && hex.startsWith(row.bytes.slice(0, -2))), place);
      assert.ok(row.valid);
      if (n === rows.length - 1) {
        assert.equal(row.text, 'end');
        assert.equal(line, expected.length, place);
        continue;
      }
      const got = plain(row.text);
      // wasm2wat leaves out an else arm that is empty.
      if (got === 'else' && plain(expected[line]!.text) === 'end' && rows[n + 1]!.text.startsWith('end')) continue;
      const { text, depth } = expected[line++]!;
      const wanted = plain(text);
      const cut = got.indexOf('…');
      if (cut >= 0) assert.ok(wanted.startsWith(got.slice(0, cut)), place);
      else assert.equal(got, wanted, place);
      assert.equal(row.depth, depth, place);
      const [, label] = /label = @(\d+)$/.exec(text) ?? [];
      if (label !== undefined) assert.match(row.text, new RegExp(`\\(;@${label}[;,]`), place);
    }
    targets += checkTargets(rows);
  }
  assert.equal(next, dumped.length, name);
  return next + targets;
}

describe('disassembly and wabt', () => {
  it('agree on the wat plugins', async () => {
    const subjects: Subject[] = [];
    for (const { name, source, wasm } of await buildWat()) {
      // Written in hex because wabt can't read them either.
      if (source.endsWith('.hex')) continue;
      const bytes = Uint8Array.from(fs.readFileSync(wasm));
      try {
        const module = parseModule(bytes);
        const disassembly = new Disassembly(module);
        if (module.bodyStart.every((_, n) => disassembly.rowsOf(n).every(({ valid }) => valid)))
          subjects.push({ name, bytes, file: wasm });
        else assert.match(name, /^feature-/);
      } catch (error) {
        if (!(error instanceof WasmError)) throw error;
        assert.match(name, /^feature-/);
      }
    }
    assert.ok(check(subjects) > 1000);
  });

  for (const plugin of ['c-minimal.wasm', 'hello.wasm'])
    it(`agree on ${plugin}`, () => {
      const file = path.join(OUT, plugin);
      assert.ok(check([{ name: plugin, bytes: Uint8Array.from(fs.readFileSync(file)), file }]) > 1000);
    });

  it('agree on programs made at random', () => {
    const subjects = Array.from({ length: 12 }, (_, seed) => {
      const { bytes } = randomModule({ seed, simd: true, functions: 8 });
      const file = path.join(folder, `${seed}.wasm`);
      fs.writeFileSync(file, bytes);
      return { name: `seed ${seed}`, bytes, file };
    });
    assert.ok(check(subjects) > 1000);
  });
});
