// Where the variables of real plugins are: every variable of every function, at every border of its location lists, against what llvm-dwarfdump
// prints of it, and an evaluator of that text that shares nothing with ours. Of plugins too large for that some units.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { needsLlvm } from '../testing/llvm-tools.ts';
import { needs, ORACLE_PLUGINS, pluginFile } from '../testing/oracle-program.ts';
import { parseModule } from '../wasm/module.ts';
import { DwarfFile } from './dwarf-file.ts';
import type { Location, Machine } from './location.ts';
import { bitsOf } from './location-expression-values.ts';
import { VariableLocations } from './location-variable.ts';
import { findSections } from './sections.ts';
import { type DumpedDie, dump, everyDie } from './types-dwarfdump.ts';

const FRAME_BASE = 0x10000;
const held = (kind: number, index: number): bigint => BigInt(kind * 0x100000 + 0x2000 + index * 16);

/** What eight bytes of memory hold: it tells where they were read. */
const wordAt = (address: number): bigint => BigInt(((address * 7) & 0xffff) + 0x100);

/** A program in which everything can be had. */
const machine: Machine = {
  local: (index) => held(0, index),
  global: (index) => held(1, index),
  operand: (index) => held(2, index),
  memory(address, length) {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setBigUint64(0, wordAt(address), true);
    return bytes.subarray(0, length);
  },
  frameBase: () => FRAME_BASE,
  stackPointer: () => undefined,
  entry: ({ index }) => held(0, index),
};

type Meaning = string | undefined;
const PLACES = ['local', 'global', 'operand', 'global'];

/** Memory at an address goes on where the last piece of memory ends. */
function appended(pieces: string[], place: string, size: number): void {
  const before = /^memory (\d+) (\d+)$/.exec(pieces.at(-1) ?? '');
  const now = /^memory (\d+)$/.exec(place);
  if (before !== null && now !== null && Number(before[1]) + Number(before[2]) === Number(now[1]))
    pieces[pieces.length - 1] = `memory ${before[1]} ${Number(before[2]) + size}`;
  else pieces.push(`${place} ${size}`);
}

const integer = (operand: string): bigint => {
  const [digits = '0'] = /(?:0x[0-9a-f]+|\d+)/.exec(operand) ?? [];
  return operand.startsWith('-') ? -BigInt(digits) : BigInt(digits);
};

/** What the text of an expression means; undefined: it has operators that this does not know. */
function meaning(text: string): Meaning {
  const stack: { value: bigint; place?: string | undefined }[] = [];
  const pieces: string[] = [];
  let ended: string | undefined;
  const pop = () => stack.pop() ?? assert.fail(text);
  const finish = (): string => {
    const top = stack.pop();
    const place = ended ?? (top === undefined ? 'nothing' : `memory ${BigInt.asUintN(32, top.value)}`);
    ended = undefined;
    stack.length = 0;
    return place;
  };
  for (const operation of text.split(', ')) {
    const [op = '', ...operands] = operation.split(' ');
    const [a = 0n, b = 0n] = operands.map(integer);
    switch (op.replace(/^DW_OP_lit\d+$/, 'DW_OP_lit')) {
      case 'DW_OP_lit':
        stack.push({ value: BigInt(op.slice('DW_OP_lit'.length)) });
        break;
      case 'DW_OP_constu':
      case 'DW_OP_consts':
        stack.push({ value: a });
        break;
      case 'DW_OP_WASM_location':
        if (a === 3n && b === 0xffff_ffffn) stack.push({ value: 0n });
        else stack.push({ value: held(a === 3n ? 1 : Number(a), Number(b)), place: `${PLACES[Number(a)]} ${b}` });
        break;
      case 'DW_OP_fbreg':
        stack.push({ value: BigInt(FRAME_BASE) + a });
        break;
      case 'DW_OP_addr':
        if (a >= 0xffff_fffen) return 'dropped';
        stack.push({ value: a });
        break;
      case 'DW_OP_deref':
        stack.push({ value: BigInt.asUintN(32, wordAt(Number(pop().value))) });
        break;
      case 'DW_OP_plus_uconst':
        if (stack.length === 0) return 'nothing'; // LLVM's, of variables of no size whose place it dropped
        stack.push({ value: pop().value + a });
        break;
      case 'DW_OP_plus':
        stack.push({ value: pop().value + pop().value });
        break;
      case 'DW_OP_and':
        stack.push({ value: pop().value & pop().value });
        break;
      case 'DW_OP_not':
        stack.push({ value: ~pop().value });
        break;
      case 'DW_OP_stack_value': {
        const { value, place } = pop();
        ended = place ?? `value ${BigInt.asUintN(64, value)}`;
        break;
      }
      case 'DW_OP_piece':
        appended(pieces, finish(), Number(a));
        break;
      default:
        return undefined;
    }
  }
  return pieces.length > 0 ? pieces.join(' + ') : finish();
}

function told(location: Location): string {
  switch (location.kind) {
    case 'memory':
      return `memory ${location.address}`;
    case 'bytes':
      return `value ${bitsOf(location.bytes)}`;
    case 'pieces':
      return location.pieces.map((piece) => `${told(piece.location)} ${piece.size / 8}`).join(' + ');
    case 'unavailable':
      if (location.reason.startsWith('it was optimised away')) return 'nothing';
      return location.reason === 'the linker dropped it' ? 'dropped' : location.reason;
    case 'implicitPointer':
      return `pointer to ${location.die}`;
    default:
      return `${location.kind} ${location.index}`;
  }
}

/** What our evaluator may say of an expression whose text is not evaluated here. */
const CANT = new Set(['it is a thread-local of which only an offset is known']);

interface Tally {
  compared: number;
  /** Expressions with operators that `meaning` does not know. */
  other: number;
}

function compare(file: DwarfFile, locations: VariableLocations, die: DumpedDie, tally: Tally): void {
  let around = die.parent;
  while (around !== undefined && around.tag !== 'subprogram') around = around.parent;
  const here = (address: number) =>
    told(locations.locate(die.offset, around?.offset, file.sections.codeStart + address, machine));
  const check = (address: number, text: string) => {
    const expected = meaning(text);
    const got = here(address);
    const where = `DIE 0x${die.offset.toString(16)} at 0x${address.toString(16)}: ${text}`;
    if (expected !== undefined) {
      assert.equal(got, expected, where);
      tally.compared++;
    } else {
      assert.ok(
        /^(memory|local|global|operand|value|nothing|dropped|\d)/.test(got) || CANT.has(got),
        `${got}: ${where}`,
      );
      tally.other++;
    }
  };
  const text = die.attributes.get('location');
  if (text?.startsWith('DW_OP')) check(1, text);
  const entries = die.locations.filter(({ low, high }) => low < high && low < 0xffff_fffe);
  const at = (address: number) => entries.find(({ low, high }) => address >= low && address < high);
  for (const { low, high } of entries)
    for (const address of [low, high - 1, high]) {
      const entry = at(address);
      if (entry === undefined)
        assert.equal(here(address), 'nothing', `DIE 0x${die.offset.toString(16)} at 0x${address.toString(16)}`);
      else check(address, entry.text);
    }
}

/** Of plugins too large for that some units. */
const SOME_UNITS: Readonly<Record<string, number>> = {
  'rust-pdk.debug': 5,
  'rust-pdk.optimized': 3,
};

describe('variables of real plugins are where llvm-dwarfdump says', needsLlvm('llvm-dwarfdump'), () => {
  for (const name of ORACLE_PLUGINS)
    it(name, needs(name), async () => {
      const path = pluginFile(name);
      const file = new DwarfFile(findSections(parseModule(new Uint8Array(fs.readFileSync(path)))));
      const locations = new VariableLocations(file);
      const tally: Tally = { compared: 0, other: 0 };
      for (const die of everyDie(await dump(path, file, SOME_UNITS[name])))
        if (die.tag === 'variable' || die.tag === 'formal_parameter') compare(file, locations, die, tally);
      assert.ok(
        tally.compared >= 80 && tally.other * 4 < tally.compared,
        `${tally.compared} compared, ${tally.other} not`,
      );
      assert.deepEqual(file.problems, []);
    });
});
