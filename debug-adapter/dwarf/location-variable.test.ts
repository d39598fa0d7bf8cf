// Where variables are by their DIEs: expressions, lists, constants, what origins and specifications add, the frame base of the function around.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseModule } from '../wasm/module.ts';
import { At, Encoding, Form, Tag } from './constants.ts';
import { DieReader } from './die-reader.ts';
import { DwarfFile } from './dwarf-file.ts';
import type { Location, Machine } from './location.ts';
import { noMachine } from './location-expression.ts';
import { Op } from './location-expression-operators.ts';
import { VariableLocations } from './location-variable.ts';
import { type DwarfSections, findSections } from './sections.ts';
import { TypeGraph } from './types.ts';
import { type AttributeValue, CODE_START, type FixtureDie, unsigned, writeDwarf } from './types-fixture.ts';

type Given = readonly (readonly [number, number, AttributeValue])[];
const die = (tag: number, id: string, attributes: Given = [], children: readonly FixtureDie[] = []): FixtureDie => ({
  tag,
  id,
  attributes,
  children,
});

const machine: Machine = {
  ...noMachine,
  local: (index) => BigInt(0x100 * (index + 1)),
  memory: (_, length) => new Uint8Array(length),
};

const at = (...bytes: number[]): Given[number] => [At.Location, Form.Exprloc, bytes];
const frameBase = (...bytes: number[]): Given[number] => [At.FrameBase, Form.Exprloc, bytes];
const origin = (id: string): Given[number] => [At.AbstractOrigin, Form.Ref4, { to: id }];
const constant = (form: number, value: AttributeValue): Given[number] => [At.ConstValue, form, value];

/** From 0x10 on the frame base is local 1, the variable at 8 behind it; from 0x20 on it is local 2, the variable in local 5. */
const lists = [
  ...[...unsigned(0x10, 4), ...unsigned(0x20, 4), 4, 0, Op.WASM_location, 0, 1, Op.stack_value],
  ...[...unsigned(0x20, 4), ...unsigned(0x30, 4), 4, 0, Op.WASM_location, 0, 2, Op.stack_value],
  ...unsigned(0, 8),
];
const variableList = lists.length;
const loc = [
  ...lists,
  ...[...unsigned(0x10, 4), ...unsigned(0x20, 4), 2, 0, Op.fbreg, 8],
  ...[...unsigned(0x20, 4), ...unsigned(0x30, 4), 4, 0, Op.WASM_location, 0, 5, Op.stack_value],
  ...[...unsigned(0x30, 4), ...unsigned(0x38, 4), 0, 0],
  ...unsigned(0, 8),
];

const fixture = writeDwarf(
  [
    {
      version: 4,
      root: die(
        Tag.CompileUnit,
        'unit',
        [],
        [
          die(Tag.BaseType, 'i8', [
            [At.Encoding, Form.Data1, Encoding.Signed],
            [At.ByteSize, Form.Data1, 1],
          ]),
          die(
            Tag.Subprogram,
            'function',
            [frameBase(Op.WASM_location, 0, 3, Op.stack_value)],
            [
              die(Tag.Variable, 'local', [at(Op.fbreg, 12)]),
              die(Tag.Variable, 'listed', [[At.Location, Form.SecOffset, variableList]]),
              die(Tag.Variable, 'empty', [at()]),
              die(Tag.Variable, 'nowhere'),
              die(Tag.Variable, 'called', [at(Op.call4, 0, 0, 0, 0)]),
              die(Tag.Variable, 'odd', [at(0xff)]),
              die(Tag.FormalParameter, 'inlined', [origin('abstract')]),
              die(Tag.FormalParameter, 'inlined with a place', [origin('abstract'), at(Op.fbreg, 4)]),
              die(Tag.FormalParameter, 'ring', [origin('ring')]),
            ],
          ),
          die(Tag.Subprogram, 'listed function', [[At.FrameBase, Form.SecOffset, 0]]),
          die(Tag.FormalParameter, 'abstract', [constant(Form.Sdata, -2)]),
          die(Tag.Variable, 'u8', [constant(Form.Data1, 0xff)]),
          die(Tag.Variable, 'block', [constant(Form.Block1, [1, 2, 3])]),
          die(Tag.Variable, 'text', [constant(Form.String, 'Ada')]),
          die(Tag.Variable, 'wide', [constant(Form.Data16, unsigned(2n ** 100n, 16))]),
          die(Tag.Variable, 'address', [constant(Form.Addr, 0x1234)]),
          die(Tag.Variable, 'reference', [constant(Form.Ref4, 0)]),
          die(Tag.Variable, 'extern', [[At.Declaration, Form.FlagPresent, 1]]),
          die(Tag.Variable, 'defined', [[At.Specification, Form.Ref4, { to: 'extern' }], at(Op.addr, 0, 4, 0, 0)]),
          die(Tag.Variable, 'computed', [at(Op.const1u, 0xff, Op.convert, 0x7f, Op.stack_value)]),
        ],
      ),
    },
  ],
  { loc },
);

const locations = new VariableLocations(fixture.file);

function locate(
  id: string,
  options: { offset?: number; size?: number; around?: string; machine?: Machine } = {},
): Location {
  const around = fixture.die(options.around ?? 'function');
  return locations.locate(
    fixture.die(id),
    around,
    CODE_START + (options.offset ?? 0),
    options.machine ?? machine,
    options.size,
  );
}
const why = (location: Location): string => (location.kind === 'unavailable' ? location.reason : location.kind);
const bytes = (...values: number[]): Location => ({ kind: 'bytes', bytes: Uint8Array.from(values) });
const memory = (address: number): Location => ({ kind: 'memory', address });

describe('the location of a variable', () => {
  it('counts from the frame base of the function around', () => {
    assert.deepEqual(locate('local'), memory(0x400 + 12));
    const unwound = { ...machine, frameBase: () => 0x9000 };
    assert.deepEqual(locate('local', { machine: unwound }), memory(0x9000 + 12));
    assert.deepEqual(locate('inlined with a place'), memory(0x404));
  });
  it('by lists: its own and the frame base’s, at places of the file', () => {
    const listed = (offset: number) => locate('listed', { offset, around: 'listed function' });
    assert.deepEqual(listed(0x10), memory(0x200 + 8));
    assert.deepEqual(listed(0x2f), { kind: 'local', index: 5 });
    assert.equal(why(listed(0x30)), 'it was optimised away'); // an entry with an empty expression
    assert.equal(why(listed(0x40)), 'it was optimised away here');
  });
  it('none: it was optimised away', () => {
    assert.equal(why(locate('empty')), 'it was optimised away');
    assert.equal(why(locate('nowhere')), 'it was optimised away');
    assert.equal(why(locate('called')), 'it was optimised away'); // what it calls has no location
  });
  it('but a value of no bytes is there all the same', () => {
    for (const id of ['empty', 'nowhere', 'odd']) assert.deepEqual(locate(id, { size: 0 }), bytes());
    assert.deepEqual(locate('local', { size: 0 }), memory(0x400 + 12));
  });
  it('constants: of the size of the type, of eight bytes where that is not known', () => {
    assert.deepEqual(locate('u8', { size: 1 }), bytes(0xff));
    assert.deepEqual(locate('u8', { size: 4 }), bytes(0xff, 0, 0, 0));
    assert.deepEqual(locate('u8'), bytes(0xff, 0, 0, 0, 0, 0, 0, 0));
    assert.deepEqual(locate('inlined', { size: 4 }), bytes(0xfe, 0xff, 0xff, 0xff));
    assert.deepEqual(locate('inlined', { size: 16 }), bytes(0xfe, ...Array(15).fill(0xff)));
    assert.deepEqual(locate('block'), bytes(1, 2, 3));
    assert.deepEqual(locate('text'), bytes(0x41, 0x64, 0x61, 0));
    assert.deepEqual(locate('wide', { size: 16 }), bytes(...unsigned(2n ** 100n, 16)));
    assert.deepEqual(locate('address', { size: 4 }), bytes(0x34, 0x12, 0, 0));
    assert.equal(why(locate('reference')), 'its constant value is of a form that is not known');
  });
  it('what is declared here and defined elsewhere', () => {
    assert.equal(why(locate('extern')), 'it is declared here and defined elsewhere');
    assert.deepEqual(locate('defined'), memory(0x400));
  });
  it('base types are named from the start of the unit', () =>
    assert.match(why(locate('computed')), /names a base type that is not there/));
  it('origins that go round', () => assert.equal(why(locate('ring')), 'its description cannot be read'));
  it('no DIE at all', () =>
    assert.equal(why(locations.locate(0xffff, undefined, CODE_START, machine)), 'its description cannot be read'));
});

describe('garbage', () => {
  const plugin = new URL('../../test-plugins/out/c-minimal.optimized.wasm', import.meta.url);
  it('a real plugin with bytes changed: every variable is somewhere or says why, every type is one', {
    skip: !fs.existsSync(plugin) && 'it is not built',
  }, () => {
    const sections = findSections(parseModule(new Uint8Array(fs.readFileSync(plugin))));
    const sound = new DwarfFile(sections);
    const variables: [variable: number, around: number][] = [];
    const reader = new DieReader(sound);
    for (const unit of sound.units) {
      if (!reader.root(unit)) continue;
      for (let on = reader.child(), depth = 1, around = 0; depth > 0; ) {
        if (on && reader.tag === Tag.Subprogram) around = reader.offset;
        if (on && (reader.tag === Tag.Variable || reader.tag === Tag.FormalParameter))
          variables.push([reader.offset, around]);
        if (on && reader.hasChildren) {
          depth++;
          on = reader.child();
          continue;
        }
        if (!on) depth--;
        if (depth > 0) on = reader.next();
      }
    }
    assert.ok(variables.length > 300);
    const changed = fc.constantFrom<(keyof DwarfSections)[]>('info', 'info', 'abbrev', 'loc', 'loclists', 'addr');
    const change = fc.tuple(changed, fc.nat(1 << 20), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const whole = Uint8Array.from(sections.bytes);
        for (const [name, where, byte] of changes) {
          const section = sections[name];
          if (typeof section !== 'object' || !('start' in section)) continue;
          whole[section.start + (where % (section.end - section.start))] = byte;
        }
        const file = new DwarfFile({ ...sections, bytes: whole });
        const found = new VariableLocations(file);
        const types = new TypeGraph(file);
        for (const [variable, around] of variables) {
          const type = types.at(variable + 4);
          const size = types.sizeOf(type);
          const location = found.locate(variable, around, sections.codeStart + 0x144, machine, size);
          assert.equal(typeof location.kind, 'string');
          if (location.kind === 'unavailable') assert.ok(location.reason.length > 5);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the location of a variable, held against the code of its function', () => {
  // no locals declared; local.get 0, drop, i32.const 1, local.set 0, nop, end
  const body = [0x00, 0x20, 0, 0x1a, 0x41, 1, 0x21, 0, 0x01, 0x0b];
  const [before, behind] = [0x13, 0x18];
  const inLocal = [Op.WASM_location, 0, 0] as const;
  const described = writeDwarf([
    {
      version: 5,
      root: die(
        Tag.CompileUnit,
        'unit',
        [],
        [
          die(
            Tag.Subprogram,
            'function',
            [[At.LowPc, Form.Addr, 0x10], [At.HighPc, Form.Data1, body.length], frameBase(...inLocal, Op.stack_value)],
            [
              die(Tag.FormalParameter, 'parameter', [at(...inLocal, Op.stack_value)]),
              die(Tag.FormalParameter, 'entered', [at(Op.entry_value, inLocal.length, ...inLocal, Op.stack_value)]),
              die(Tag.Variable, 'on the stack', [at(Op.fbreg, 8)]),
              die(Tag.Variable, 'in parts', [at(...inLocal, Op.stack_value, Op.piece, 4, Op.piece, 4)]),
            ],
          ),
        ],
      ),
    },
  ]);
  const { sections } = described.file;
  const withCode = new Uint8Array(CODE_START + 0x10 + body.length);
  withCode.set(sections.bytes);
  withCode.set(body, CODE_START + 0x10);
  const checked = new VariableLocations(new DwarfFile({ ...sections, bytes: withCode }));
  const found = (id: string, offset: number, checksCode = true): Location =>
    checked.locate(described.die(id), described.die('function'), CODE_START + offset, { ...machine, checksCode });

  it('S6: a local that was given to something else is the variable no more', () => {
    assert.deepEqual(found('parameter', before), { kind: 'local', index: 0 });
    assert.match(why(found('parameter', behind)), /its place holds something else/);
    const parts = found('in parts', behind);
    assert.deepEqual(parts.kind === 'pieces' && parts.pieces.map(({ location }) => location.kind), [
      'unavailable',
      'unavailable',
    ]);
    // what DWARF itself says, where nobody asks for more
    assert.deepEqual(found('parameter', behind, false), { kind: 'local', index: 0 });
    // the frame base is told for all of the function
    assert.deepEqual(found('on the stack', behind), memory(0x100 + 8));
  });

  it('§2.5.1.7: a parameter is what the function was entered with until that writes it', () => {
    assert.deepEqual(found('entered', before), { kind: 'bytes', bytes: Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0) });
    assert.equal(why(found('entered', behind)), 'no frame is at hand');
    assert.equal(why(found('entered', before, false)), 'no frame is at hand');
  });
});
