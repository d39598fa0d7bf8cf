// Variables at the site of a breakpoint: where one lies is asked again only when what that was found from has changed, its bytes at every hit.
// Contract S1: a condition in a hot loop does not read the debug information a million times.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Machine } from '../dwarf/location.ts';
import { isMissing } from '../dwarf/location.ts';
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';
import { SourceValue } from '../expressions/source-value.ts';
import { Unavailable } from '../expressions/values.ts';
import type { ModuleSource } from '../source/module-source.ts';
import { Encoding, Made } from '../source/views/made-program.ts';
import type { GuestCode } from './guest-code.ts';
import { SiteVariables } from './site-variables.ts';

const NO_LINES = {
  count: 0,
  offset: new Uint32Array(),
  file: new Uint32Array(),
  line: new Uint32Array(),
  column: new Uint16Array(),
  flags: new Uint8Array(),
  files: [],
};
const NOWHERE = { file: -1, line: 0, column: 0 };
const variable = (name: string, type: number): Variable => ({
  die: 1,
  name,
  kind: 'variable',
  type,
  declared: NOWHERE,
  artificial: false,
});

/** A function at 100 whose frame is where local 0 points, and a guest in it. */
function setting() {
  const made = new Made();
  const u32 = made.base('u32', Encoding.Unsigned, 4);
  const scope: Scope = {
    kind: 'function',
    die: 0,
    ranges: Uint32Array.of(100, 200),
    name: 'f',
    linkageName: '',
    declared: NOWHERE,
    called: undefined,
    variables: [variable('count', u32), variable('kept', u32), variable('gone', u32)],
    scopes: [],
    result: undefined,
  };
  const located: string[] = [];
  const program: Partial<DwarfProgram> = {
    types: made.types,
    lines: NO_LINES,
    functionAt: () => scope,
    unitAt: () => undefined,
    statics: () => [],
    staticsNamed: (name) => (name === 'TOTAL' ? [variable('app::TOTAL', u32)] : []),
    locate: ({ name }, _scope, _offset, machine: Machine) => {
      located.push(name);
      if (name === 'gone') return { kind: 'unavailable', reason: 'it was optimised away' };
      if (name === 'kept') return { kind: 'local', index: 1 };
      if (name === 'app::TOTAL') return { kind: 'memory', address: 0x400 };
      const base = machine.local(0);
      return isMissing(base)
        ? { kind: 'unavailable', reason: base.reason }
        : { kind: 'memory', address: Number(base) + 8 };
    },
  };
  const locals = [0x100, 7];
  const guest = {
    handed: true,
    locals: { value: (index: number) => locals[index], type: () => 'i32', count: () => 2, named: () => -1 },
    memory: () => ({ bytes: made.bytes, base: 0, size: made.bytes.length }),
  };
  const variables = new SiteVariables(
    { program, levelAt: () => 0 } as unknown as ModuleSource,
    guest as unknown as GuestCode,
    -1,
    () => undefined,
  );
  const site = variables.at(120);
  const plain = (name: string): unknown => {
    const value = site.named(name) ?? site.static(name);
    return value instanceof SourceValue ? value.plain() : value;
  };
  return { made, locals, located, variables, site, plain };
}

describe('variables at a site', () => {
  it('S1: a variable is located once as long as its frame stays where it is, and read each time', () => {
    const { made, locals, located, plain } = setting();
    for (let round = 0; round < 1000; round++) {
      made.words(0x108, round);
      locals[1] = round * 2;
      assert.deepEqual([plain('count'), plain('kept')], [round, round * 2]);
    }
    assert.deepEqual(located, ['count', 'kept']);
    locals[0] = 0x200;
    made.words(0x208, 77);
    assert.equal(plain('count'), 77);
    assert.equal(plain('count'), 77);
    assert.deepEqual(located, ['count', 'kept', 'count']);
  });

  it('S6: names, statics of other units, what is not available', () => {
    const { made, site, variables, plain } = setting();
    assert.deepEqual(site.names, ['count', 'kept', 'gone']);
    assert.deepEqual(
      ['count', 'crate::TOTAL', 'nobody'].map((name) => site.has(name)),
      [true, true, false],
    );
    made.words(0x400, 5);
    assert.equal(site.named('TOTAL'), undefined);
    assert.equal(plain('TOTAL'), 5);
    const gone = site.named('gone');
    assert.ok(gone instanceof Unavailable);
    assert.equal(gone.reason, "'gone' is not available here: it was optimised away");
    assert.equal(variables.at(120), site);
  });
});
