// Params followed through the files of a crate.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HandlerParams, handlerParams } from './handler-params.ts';
import { outlineRust } from './rust-outline.ts';
import { lexRust } from './rust-tokens.ts';
import { definers, readUses } from './rust-uses.ts';
import { scanRust } from './scanner.ts';

/** The params of the one method that `main` serves, in a crate of these files. */
async function paramsIn(
  main: string,
  files: Readonly<Record<string, string>>,
  file = 'app/src/main.rs',
): Promise<HandlerParams | undefined> {
  const [method] = scanRust(main);
  assert.ok(method !== undefined);
  return handlerParams(method, file, main, async (name) => (name === file ? main : files[name]));
}

const POINT = '#[derive(Deserialize)] pub struct Point { x: u8 }';

describe('handlerParams', () => {
  it('stays in the file where all is in it', async () => {
    const main = `${POINT} fn h(t: S, p: Point) {} fn main() { s.with_method("a", h) }`;
    assert.deepEqual(await paramsIn(main, {}), { type: 'Point', file: 'app/src/main.rs', skeleton: { x: 0 } });
  });

  const handler = `${POINT} pub async fn h(t: S, p: Point) {}`;
  const found = (file: string): HandlerParams => ({ type: 'Point', file, skeleton: { x: 0 } });
  for (const [what, main, file] of [
    ['a module', 'mod m; fn main() { s.with_method("a", m::h) }', 'app/src/m.rs'],
    ['a module in a directory', 'mod m; fn main() { s.with_method("a", m::h) }', 'app/src/m/mod.rs'],
    ['a module in a module', 'fn main() { s.with_method("a", m::n::h) }', 'app/src/m/n.rs'],
    ['the crate', 'fn main() { s.with_method("a", crate::m::h) }', 'app/src/m.rs'],
    ['an import', 'use crate::m::h; fn main() { s.with_method("a", h) }', 'app/src/m.rs'],
    [
      'an import among others',
      'use crate::{x, m::{self, g, h as k}, y::*}; fn main() { s.with_method("a", k) }',
      'app/src/m.rs',
    ],
    ['an imported module', 'use crate::m::n; fn main() { s.with_method("a", n::h) }', 'app/src/m/n.rs'],
    ['an import of all', 'use m::*; fn main() { s.with_method("a", h) }', 'app/src/m.rs'],
  ] as const)
    it(`follows ${what}`, async () => assert.deepEqual(await paramsIn(main, { [file]: handler }), found(file)));

  it('follows paths from a file that is no root', async () => {
    const from = (path: string, file: string): Promise<HandlerParams | undefined> =>
      paramsIn(`fn f() { s.with_method("a", ${path}) }`, { [file]: handler }, 'app/src/a/b.rs');
    assert.deepEqual(await from('self::m::h', 'app/src/a/b/m.rs'), found('app/src/a/b/m.rs'));
    assert.deepEqual(await from('super::m::h', 'app/src/a/m.rs'), found('app/src/a/m.rs'));
    assert.deepEqual(await from('super::super::m::h', 'app/src/m.rs'), found('app/src/m.rs'));
    assert.deepEqual(await from('crate::m::h', 'app/src/m.rs'), found('app/src/m.rs'));
    assert.equal(await from('other::h', 'app/src/m.rs'), undefined);
  });

  it('follows a type into a third file, and a handler of a type', async () => {
    assert.deepEqual(
      await paramsIn('mod m; mod types; fn main() { s.with_method("a", m::Svc::h) }', {
        'app/src/m.rs': 'use crate::types::Point; impl Svc { fn h(t: S, p: Point) {} }',
        'app/src/types.rs': POINT,
      }),
      found('app/src/m.rs'),
    );
  });

  it('follows an import of an import', async () => {
    assert.deepEqual(
      await paramsIn('use m::h; fn main() { s.with_method("a", h) }', {
        'app/src/m.rs': 'mod n; pub use n::h;',
        'app/src/m/n.rs': handler,
      }),
      found('app/src/m/n.rs'),
    );
  });

  it('keeps the type where its file is not found', async () => {
    assert.deepEqual(
      await paramsIn('use other::Point; fn h(t: S, p: Point) {} fn main() { s.with_method("a", h) }', {}),
      {
        type: 'Point',
        file: 'app/src/main.rs',
        skeleton: null,
      },
    );
  });

  it('says nothing where the trail ends, and reads no more than it must', async () => {
    assert.equal(await paramsIn('fn main() { s.with_method("a", |t, p| f(p)) }', {}), undefined);
    assert.equal(await paramsIn('fn main() { s.with_method("a", m::h) }', {}), undefined);
    assert.equal(
      await paramsIn('use m::h; fn main() { s.with_method("a", h) }', { 'app/src/m.rs': 'pub use crate::m::h;' }),
      undefined,
    );
    const [method] = scanRust(
      `${'use a::{b::*};'.repeat(100)} fn main() { s.with_method("a", ${'m::'.repeat(100)}h) }`,
    );
    let reads = 0;
    assert.ok(method !== undefined);
    const nothing = await handlerParams(method, 'main.rs', '', async () => {
      reads++;
      return undefined;
    });
    assert.equal(nothing, undefined);
    assert.ok(reads < 64);
  });
});

describe('readUses', () => {
  const uses = (text: string): Record<string, string> =>
    Object.fromEntries([...readUses(outlineRust(lexRust(text))).names].map(([name, path]) => [name, path.join('::')]));

  it('reads trees', () => {
    assert.deepEqual(uses('pub use ::a::b; use c::{self, d as e, f::{g, h::*}}; use i as _; use j::r#type;'), {
      b: 'a::b',
      c: 'c',
      e: 'c::d',
      g: 'c::f::g',
      type: 'j::type',
    });
  });

  it('throws nothing on broken ones', () => {
    for (const text of [
      'use',
      'use ;',
      'use a::',
      'use a::{',
      'use a::{b',
      'use {{{{',
      'use ::::',
      'use a::{,,};',
      'use as as as',
      `use ${'{a::'.repeat(10_000)}`,
    ])
      uses(text);
  });

  it('never names the file itself, nor one file twice', () => {
    const files = definers('src/m.rs', ['crate', 'm', 'n', 'h'], { names: new Map(), globs: [] }).map(
      ({ file }) => file,
    );
    assert.deepEqual(files, ['src/m/n.rs', 'src/m/n/mod.rs', 'src/m/mod.rs']);
  });
});
