// Lines of which nothing is left but calls that were inlined: all of them in real optimised plugins. That they are met once a pass: the walks
// `inlined-calls` and `inlined-chains`. Contract S3.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import type { Scope } from '../dwarf/program.ts';
import { needs, pluginFile } from '../testing/oracle-program.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import { parseModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { ALL_MINE } from './files.ts';
import { type ModuleSource, openSource } from './module-source.ts';

/** Lines of the crate's own files on which calls were inlined, and which no statement of the module is on: `path:line`. */
function linesOfCalls(source: ModuleSource, functions: readonly number[]): Map<string, { path: string; line: number }> {
  const { files, statements } = source;
  const having = new Set<string>();
  for (let at = 0; at < statements.count; at++) having.add(`${files.path(statements.file(at))}:${statements.line(at)}`);
  const found = new Map<string, { path: string; line: number }>();
  const walk = (scope: Scope): void => {
    for (const one of scope.scopes) {
      walk(one);
      const { called } = one;
      // what is dropped at a scope's end nobody has written
      if (called === undefined || called.line === 0 || one.ranges.length === 0 || /drop_in_place/.test(one.name))
        continue;
      const path = files.path(called.file);
      if (
        /test-plugins\/[^/]+\/(?:src\/)?\w+\.(?:rs|c)$/.test(path.replaceAll('\\', '/')) &&
        !having.has(`${path}:${called.line}`)
      )
        found.set(`${path}:${called.line}`, { path, line: called.line });
    }
  };
  for (const offset of functions) {
    const scope = source.functionAt(offset);
    if (scope !== undefined) walk(scope);
  }
  return found;
}

describe('lines of nothing but inlined calls', () => {
  for (const [name, least] of [
    ['rust-views.optimized', 80],
    ['rust-pdk.optimized', 30],
    ['c-minimal.optimized', 5],
  ] as const)
    it(`S3: ${name}: a breakpoint stands where one begins, in a frame that is on the line`, needs(name), () => {
      const module = parseModule(new Uint8Array(fs.readFileSync(pluginFile(name))));
      const source = openSource(module, new FunctionNames(module), ALL_MINE);
      assert.ok(source);
      const { statements } = source;
      const own = new Set(Array.from(statements.steppedOffsets(), (offset) => statements.functionOf(offset)));
      const functions = [...own].map((n) => codeStart(module, n));
      let count = 0;
      for (const asked of linesOfCalls(source, functions).values()) {
        const { line, offsets, message } = source.resolveLine(asked);
        // of calls that have no statement either there is nothing to stand at
        if (line !== asked.line || offsets.length === 0) continue;
        count++;
        assert.match(message ?? '', /^Line \d+ is a call that was inlined: /);
        for (const offset of offsets) {
          const frames = source.framesAt(offset);
          const isOn = frames.some(({ place }) => place?.path === asked.path && place.line === asked.line);
          assert.ok(isOn, `${asked.path}:${asked.line}: ${JSON.stringify(frames)}`);
          assert.equal(source.steppedAt(offset), true);
        }
      }
      assert.ok(count >= least, `${count} lines`);
    });

  it(
    'S1: a step from amid an inlined library function is one from the author’s line',
    needs('rust-views.optimized'),
    () => {
      const module = parseModule(new Uint8Array(fs.readFileSync(pluginFile('rust-views.optimized'))));
      const source = openSource(module, new FunctionNames(module), { ...ALL_MINE, justMyCode: true });
      assert.ok(source);
      const { files } = source;
      const path = files.written.map((_, index) => files.path(index)).find((one) => /cells\.rs$/.test(one)) ?? '';
      const line =
        1 +
        fs
          .readFileSync(path, 'utf8')
          .split('\n')
          .findIndex((text) => text.includes('OnceCell::from(3u32)'));
      const [offset = -1] = source.resolveLine({ path, line }).offsets;
      assert.equal(files.stepped(source.statements.placeAt(offset)?.file ?? -1), false);
      assert.equal(source.steppedAt(offset), true);
      const origin = source.originAt(offset);
      assert.deepEqual([origin && files.path(origin.file), origin?.line, origin?.inlined], [path, line, []]);
      const frame = source.framesAt(offset)[source.levelAt(offset)];
      assert.deepEqual([frame?.place?.path, frame?.place?.line, frame?.inlined], [path, line, false]);
      // in code of the author's own it is the innermost
      const own = source.statements.of(files.named(path))[0] ?? -1;
      assert.equal(source.levelAt(source.statements.offset[own] ?? -1), 0);
    },
  );
});
