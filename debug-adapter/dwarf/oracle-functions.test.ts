// Every function of real plugins, with the inlined calls, blocks and variables in it, against what llvm-dwarfdump prints of them: names, ranges,
// where it is declared, from where it was called, types. Not where variables lie: location-plugins.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ScopeDie, scopeDies } from '../testing/dwarfdump-scopes.ts';
import { needsLlvm } from '../testing/llvm-tools.ts';
import {
  Differences,
  meant,
  needs,
  ORACLE_PLUGINS,
  type OracleProgram,
  openPlugin,
  pluginFile,
} from '../testing/oracle-program.ts';
import type { Declared, Scope, Variable } from './program.ts';

const KINDS: Readonly<Record<string, Scope['kind']>> = {
  subprogram: 'function',
  inlined_subroutine: 'inlined',
  lexical_block: 'block',
};

class Comparison {
  readonly differences = new Differences();
  functions = 0;
  inlined = 0;
  variables = 0;
  readonly #dies: Map<number, ScopeDie>;
  readonly #plugin: OracleProgram;
  #files: readonly string[] = [];

  constructor(plugin: OracleProgram, dies: Map<number, ScopeDie>) {
    this.#plugin = plugin;
    this.#dies = dies;
  }

  run(): void {
    for (const die of this.#dies.values()) {
      if (die.tag !== 'subprogram') continue;
      const ranges = this.#ranges(die);
      if (ranges === undefined || ranges.length === 0) continue;
      this.functions++;
      const { program } = this.#plugin;
      // any place of it will do
      const place = (ranges[this.functions % 2 === 0 ? 1 : 0] ?? 0) - (this.functions % 2 === 0 ? 1 : 0);
      const scope = program.functionAt(place);
      if (scope === undefined) this.#compare('function', die, undefined, die.name);
      else this.#scope(scope, die, ranges);
    }
  }

  /** Functions by their names: some of them, generics apart, which may be one name for many. */
  names(): void {
    let n = 0;
    for (const die of this.#dies.values()) {
      const low = die.tag === 'subprogram' ? this.#ranges(die)?.[0] : undefined;
      if (low === undefined || n++ % 40 !== 0) continue;
      const path = this.#path(die);
      if (/[<*]/.test(path) || path.startsWith('{')) continue;
      const found = this.#plugin.program.functionsNamed(path);
      const own = found.find(({ offset }) => offset === low);
      this.#compare('found by name', die, own?.name, path);
    }
  }

  /** Statics, under the units that have code. */
  statics(): number {
    let count = 0;
    const known = new Map<ScopeDie, Set<number>>();
    for (const die of this.#dies.values()) {
      if (die.tag !== 'variable' || die.address === undefined) continue;
      let around = die.parent;
      while (around !== undefined && !['compile_unit', 'subprogram'].includes(around.tag)) around = around.parent;
      const place = around === undefined ? undefined : this.#ranges(around)?.[0];
      if (around?.tag !== 'compile_unit' || place === undefined) continue;
      // dropped; or no variable of the source's: a text of C, a vtable
      if ((this.#said(die, 'name') ?? '') === '') continue;
      if (die.address === 0 || die.address >= 0xffff_fffe) continue;
      if (die.type !== undefined && this.#dies.get(die.type)?.containing !== undefined) continue;
      let statics = known.get(around);
      if (statics === undefined) {
        statics = new Set(this.#plugin.program.statics(place).map((variable) => variable.die));
        known.set(around, statics);
      }
      count++;
      this.#compare('static', die, statics.has(die.offset), true);
    }
    return count;
  }

  #compare(what: string, die: ScopeDie, got: unknown, wanted: unknown): void {
    this.differences.compare(got, wanted, () => `${what} of DIE 0x${die.offset.toString(16)} ${die.name ?? ''}`);
  }

  /** Offsets of the file, ascending; undefined: it does not say; empty: the linker dropped it. */
  #ranges({ low, high, ranges }: ScopeDie): number[] | undefined {
    const { codeStart, codeSize } = this.#plugin;
    const said = ranges ?? (low !== undefined && high !== undefined ? [low, high] : undefined);
    if (said === undefined) return undefined;
    const pairs: [number, number][] = [];
    for (let n = 0; n + 1 < said.length; n += 2) {
      const [from = 0, to = 0] = said.slice(n, n + 2);
      if (from > 0 && from < codeSize && to > from) pairs.push([from + codeStart, to + codeStart]);
    }
    return pairs.sort(([a], [b]) => a - b).flat();
  }

  /** The DIE and those that it completes. */
  *#chain(die: ScopeDie): Generator<ScopeDie> {
    for (let one: ScopeDie | undefined = die, n = 0; one !== undefined && n < 8; n++) {
      yield one;
      const next: number | undefined = one.origin ?? one.specification;
      one = next === undefined ? undefined : this.#dies.get(next);
    }
  }

  #said<K extends keyof ScopeDie>(die: ScopeDie, key: K): ScopeDie[K] | undefined {
    for (const one of this.#chain(die)) if (one[key] !== undefined) return one[key];
    return undefined;
  }

  /** The name with the namespaces and types around the declaration. */
  #path(die: ScopeDie): string {
    const names = [this.#said(die, 'name') ?? ''];
    let declaration = die;
    for (const one of this.#chain(die)) declaration = one;
    for (let around = declaration.parent; around !== undefined; around = around.parent)
      if (around.name !== undefined && around.tag !== 'compile_unit') names.unshift(around.name);
    return names.join('::');
  }

  #file(index: number): string | undefined {
    const { files } = this.#plugin.program.lines;
    if (this.#files.length !== files.length) this.#files = files.map(meant);
    return this.#files[index];
  }

  #declared(
    what: string,
    die: ScopeDie,
    got: Declared,
    wanted: Partial<Record<'file' | 'line' | 'column', unknown>>,
  ): void {
    this.#compare(`${what} line`, die, got.line, wanted.line ?? 0);
    this.#compare(`${what} column`, die, got.column, wanted.column ?? 0);
    if (typeof wanted.file === 'string') this.#compare(`${what} file`, die, this.#file(got.file), meant(wanted.file));
  }

  #scope(scope: Scope, die: ScopeDie, ranges: readonly number[]): void {
    this.#compare('place', die, scope.die, die.offset);
    if (scope.die !== die.offset) return;
    this.#compare('kind', die, scope.kind, KINDS[die.tag]);
    this.#compare('ranges', die, [...scope.ranges], ranges);
    if (scope.kind !== 'block') {
      this.#compare('name', die, scope.name, this.#path(die));
      this.#compare('linkage name', die, scope.linkageName, this.#said(die, 'linkage') ?? '');
      this.#compare('result', die, scope.result, this.#said(die, 'type'));
      this.#declared('declaration', die, scope.declared, {
        file: this.#said(die, 'declFile'),
        line: this.#said(die, 'declLine'),
        column: this.#said(die, 'declColumn'),
      });
    }
    if (scope.kind === 'inlined') {
      this.inlined++;
      const { called } = scope;
      this.#compare('call', die, called === undefined, false);
      const { callFile: file, callLine: line, callColumn: column } = die;
      if (called !== undefined) this.#declared('call', die, called, { file, line, column });
    }
    this.#variables(scope.variables, die);
    const scopes = die.children.flatMap((child) => {
      if (child.tag !== 'inlined_subroutine' && child.tag !== 'lexical_block') return [];
      const own = this.#ranges(child) ?? (child.tag === 'lexical_block' ? ranges : undefined);
      return own === undefined || own.length === 0 ? [] : [{ child, own }];
    });
    this.#compare(
      'scopes',
      die,
      scope.scopes.map((inner) => inner.die),
      scopes.map(({ child }) => child.offset),
    );
    for (const [index, { child, own }] of scopes.entries()) {
      const inner = scope.scopes[index];
      if (inner?.die === child.offset) this.#scope(inner, child, own);
    }
  }

  #variables(variables: readonly Variable[], around: ScopeDie): void {
    const wanted = around.children.filter(({ tag }) => tag === 'variable' || tag === 'formal_parameter');
    const ours = new Map(variables.map((variable) => [variable.die, variable]));
    for (const die of wanted) {
      this.variables++;
      const variable = ours.get(die.offset);
      const name = this.#said(die, 'name') ?? '';
      // a parameter `_`: nothing can be shown of it
      if (variable === undefined && name === '') continue;
      this.#compare('variable', die, variable?.name, name);
      if (variable === undefined) continue;
      ours.delete(die.offset);
      this.#compare('kind', die, variable.kind, die.tag === 'variable' ? 'variable' : 'parameter');
      this.#compare('type', die, variable.type, this.#said(die, 'type'));
      this.#compare('artificial', die, variable.artificial, this.#said(die, 'artificial') ?? false);
      this.#declared('declaration', die, variable.declared, {
        file: this.#said(die, 'declFile'),
        line: this.#said(die, 'declLine'),
        column: this.#said(die, 'declColumn'),
      });
    }
    // the rest is of the abstract function: this copy left it out
    for (const { die, name } of ours.values()) {
      const abstract = this.#dies.get(die);
      this.#compare('abstract variable', around, abstract?.parent?.offset, around.origin);
      this.#compare('abstract variable', around, name, abstract?.name ?? '');
    }
  }
}

describe('every function, inlined call and variable is what llvm-dwarfdump prints', needsLlvm('llvm-dwarfdump'), () => {
  for (const name of ORACLE_PLUGINS)
    it(name, needs(name), async () => {
      const plugin = openPlugin(name);
      const comparison = new Comparison(plugin, await scopeDies(pluginFile(name)));
      comparison.run();
      comparison.names();
      const statics = comparison.statics();
      const { functions, inlined, variables } = comparison;
      comparison.differences.none(400);
      assert.ok(
        functions >= 5 && variables >= 50,
        `${functions} functions, ${inlined} inlined, ${variables} variables, ${statics} statics`,
      );
      assert.deepEqual(plugin.program.problems, []);
    });
});
