// Where breakpoints can be set is where they then stand: all places of real plugins. Contract S3.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { needs, pluginFile } from '../testing/oracle-program.ts';
import { parseModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { ALL_MINE } from './files.ts';
import { openSource } from './module-source.ts';

describe('places of breakpoints', () => {
  for (const name of ['rust-views.debug', 'rust-views.optimized', 'rust-pdk.optimized', 'c-views', 'rust-calls/level2'])
    it(`S3: ${name}: a breakpoint at each stands there`, needs(name), () => {
      const module = parseModule(new Uint8Array(fs.readFileSync(pluginFile(name))));
      const source = openSource(module, new FunctionNames(module), ALL_MINE);
      assert.ok(source);
      const { files } = source;
      const paths = new Set(files.written.flatMap((_, index) => (files.own(index) ? [files.path(index)] : [])));
      let count = 0;
      for (const path of paths)
        for (const { line, column } of source.breakpointPlaces(path, 1, 1_000_000)) {
          const found = source.resolveLine({ path, line, column: Math.max(1, column) });
          assert.deepEqual([path, found.line, found.message], [path, line, undefined]);
          // code whose column is not known stands for its line
          if (column > 0) assert.equal(found.column, column);
          assert.ok(found.offsets.length > 0);
          count++;
        }
      assert.ok(count > 20, `${count} places`);
    });
});
