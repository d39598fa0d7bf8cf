// Types of real plugins against what llvm-dwarfdump prints of each: names, namespaces, sizes, where members are, discriminants, enumerators, counts.
// Of plugins too large for that some units. And Rust's vtables, all of them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { needsLlvm } from '../testing/llvm-tools.ts';
import { needs, ORACLE_PLUGINS, pluginFile } from '../testing/oracle-program.ts';
import { parseModule } from '../wasm/module.ts';
import { DwarfFile } from './dwarf-file.ts';
import { findSections } from './sections.ts';
import type { Member, Type } from './type.ts';
import { TypeGraph } from './types.ts';
import { type DumpedDie, dump, everyDie, numberOf, textOf } from './types-dwarfdump.ts';

const nameOf = (die: DumpedDie): string => textOf(die.attributes.get('name'));
const number = (die: DumpedDie, attribute: string): number | undefined => numberOf(die.attributes.get(attribute));
const children = (die: DumpedDie, tag: string): DumpedDie[] => die.children.filter((child) => child.tag === tag);

const STRUCTS = new Set(['structure_type', 'union_type', 'class_type']);

function namespaceOf(die: DumpedDie): string[] {
  const names: string[] = [];
  for (let around = die.parent; around !== undefined; around = around.parent) {
    // Types in functions: whatever is around the function is not looked for.
    if (around.tag === 'subprogram' || around.tag === 'lexical_block') break;
    if ((around.tag === 'namespace' || STRUCTS.has(around.tag)) && nameOf(around) !== '') names.unshift(nameOf(around));
  }
  return names;
}

/** Values that compare with `deepEqual`: what a member's DIE says, and what we have of it. */
const dumpedMember = (die: DumpedDie): unknown[] => {
  const bits = number(die, 'data_bit_offset');
  const offset = bits === undefined ? (number(die, 'data_member_location') ?? 0) : Math.floor(bits / 8);
  return [nameOf(die), number(die, 'type'), offset, number(die, 'bit_size'), die.attributes.has('artificial')];
};
const ourMember = ({ name, type, offset, bits, artificial }: Member): unknown[] => [
  name,
  type,
  offset,
  bits?.size,
  artificial,
];

/** `0x80000000`, or `<0x10> 01 00 …` of 128 bits. */
function discriminantOf(value: string | undefined): bigint | undefined {
  const block = value === undefined ? null : /^<0x[0-9a-f]+> ([0-9a-f ]+)/.exec(value);
  if (block !== null) return BigInt(`0x${(block[1] ?? '').trim().split(' ').reverse().join('')}`);
  return value === undefined ? undefined : BigInt(value);
}

function dumped(die: DumpedDie): unknown {
  const name = nameOf(die);
  const size = number(die, 'byte_size');
  const target = number(die, 'type');
  switch (die.tag) {
    case 'base_type':
      return { name, size };
    case 'pointer_type':
    case 'typedef':
    case 'const_type':
    case 'volatile_type':
    case 'restrict_type':
      return { name, target };
    case 'subroutine_type':
      return { result: target, parameters: children(die, 'formal_parameter').map((child) => number(child, 'type')) };
    case 'array_type':
      return { element: target, counts: children(die, 'subrange_type').map((child) => number(child, 'count')) };
    case 'enumeration_type': {
      const enumerators = children(die, 'enumerator').map((child) => [nameOf(child), number(child, 'const_value')]);
      return { name, size, namespace: namespaceOf(die), enumerators };
    }
    case 'structure_type':
    case 'class_type':
    case 'union_type': {
      const [part] = children(die, 'variant_part');
      return {
        name,
        size,
        union: die.tag === 'union_type',
        namespace: namespaceOf(die),
        members: children(die, 'member').map(dumpedMember),
        templates: children(die, 'template_type_parameter').map((child) => [nameOf(child), number(child, 'type')]),
        containing: number(die, 'containing_type'),
        discriminant: part && children(part, 'member').map(dumpedMember),
        variants:
          part &&
          children(part, 'variant').map((variant) => [
            discriminantOf(variant.attributes.get('discr_value')),
            children(variant, 'member').map(dumpedMember),
          ]),
      };
    }
    default:
      return undefined;
  }
}

/** @param dimensions the ranges of arrays: types by which the dimensions behind the first are known */
function ours(type: Type, types: TypeGraph, dimensions: ReadonlySet<number>): unknown {
  switch (type.kind) {
    case 'base':
      return { name: type.name, size: type.size };
    case 'pointer':
    case 'typedef':
    case 'modified':
      return { name: type.name, target: type.target };
    case 'function':
      return { result: type.result, parameters: type.parameters };
    case 'array': {
      const counts: (number | undefined)[] = [];
      let element: Type = type;
      let last = type.element;
      for (; element.kind === 'array'; element = types.at(last)) {
        if (counts.length > 0 && !dimensions.has(element.die)) break;
        // of a VLA the variable that has it, whose DIE is printed in the same place
        counts.push(element.count ?? element.countIn);
        last = element.element;
      }
      return { element: last, counts };
    }
    case 'enum': {
      const enumerators = type.enumerators.map(({ name, value }) => [name, Number(value)]);
      return { name: type.name, size: type.size, namespace: type.namespace, enumerators };
    }
    case 'struct': {
      const { name, size, union, namespace, containing, variants } = type;
      return {
        name,
        size,
        union,
        namespace,
        members: type.members.map(ourMember),
        templates: type.templates.map((one) => [one.name, one.type]),
        containing,
        discriminant: variants && (variants.discriminant === undefined ? [] : [ourMember(variants.discriminant)]),
        variants: variants?.variants.map(({ values, members }) => {
          assert.ok(values.length <= 1 && values.every(({ low, high }) => low === high));
          return [values[0]?.low, members.map(ourMember)];
        }),
      };
    }
    case 'unknown':
      return type.reason;
  }
}

const open = (path: string): DwarfFile =>
  new DwarfFile(findSections(parseModule(new Uint8Array(fs.readFileSync(path)))));

/** Of plugins too large for that some units. */
const SOME_UNITS: Readonly<Record<string, number>> = {
  'rust-pdk.debug': 2,
  'rust-pdk.optimized': 2,
};

describe('types of real plugins are what llvm-dwarfdump says', needsLlvm('llvm-dwarfdump'), () => {
  for (const name of ORACLE_PLUGINS)
    it(name, needs(name), async () => {
      const file = open(pluginFile(name));
      const types = new TypeGraph(file);
      const dies = await dump(pluginFile(name), file, SOME_UNITS[name]);
      let compared = 0;
      const dimensions = new Set<number>();
      for (const die of everyDie(dies)) if (die.tag === 'subrange_type') dimensions.add(die.offset);
      for (const die of everyDie(dies)) {
        const expected = dumped(die);
        if (expected === undefined || die.attributes.has('declaration')) continue;
        const got = ours(types.at(die.offset), types, dimensions);
        assert.deepEqual(got, expected, `DIE 0x${die.offset.toString(16)} ${nameOf(die)}`);
        compared++;
      }
      assert.ok(compared >= 80, `${compared} compared`);
      assert.deepEqual(file.problems, []);
    });
});

describe('Rust’s vtables', () => {
  it('each is found, and its type says so itself', needs('rust-pdk.debug'), () => {
    const file = open(pluginFile('rust-pdk.debug'));
    const types = new TypeGraph(file);
    assert.equal(types.vtableAt(3), undefined);
    let found = 0;
    // Vtables lie in the data, aligned: from the end of the stack on.
    for (let address = 0x100000; address < 0x130000; address += 4) {
      const concrete = types.vtableAt(address);
      if (concrete === undefined) continue;
      found++;
      assert.notEqual(types.at(concrete).kind, 'unknown');
      assert.notEqual(types.sizeOf(types.at(concrete)), undefined);
    }
    assert.ok(found > 300, `${found} vtables`);
  });
});
