import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALL_MINE, normalized, SourceFiles } from './files.ts';

const STD = '/rustc/29483883eed69d5fb4db01964cdf2af4d86e9cb2/library/core/src/ops/function.rs';
const REGISTRY = '/a/.cargo/registry/src/index-1949cf8c6b5b557f/serde-1.0.0/src/lib.rs';

describe('files of the debug information', () => {
  it('are paths without dots, with slashes, drives in lower case', () => {
    for (const [written, expected] of [
      ['/a/./b/../c.rs', '/a/c.rs'],
      ['/../a.rs', '/a.rs'],
      ['src\\lib.rs', 'src/lib.rs'],
      ['C:\\app\\src\\lib.rs', 'c:/app/src/lib.rs'],
      ['../x/../y.rs', '../y.rs'],
      ['wasisdk://v30.0/src/../a.c', 'wasisdk://v30.0/src/../a.c'],
    ] as const)
      assert.equal(normalized(written), expected);
  });

  it('S1: the standard library and registries are not mine, wherever they are', () => {
    const files = new SourceFiles(
      [
        '/home/a/plugin/src/lib.rs',
        STD,
        REGISTRY,
        '/opt/cargo/git/checkouts/pdk-0123456789abcdef/1a2b3c4/src/lib.rs',
        '/sdk/.rustup/toolchains/stable/lib/rustlib/src/rust/library/std/src/rt.rs',
        'wasisdk://v30.0/src/wasi-libc/crt/crt1-command.c',
        '/build/wasi-libc-20/dlmalloc/src/malloc.c',
        '/home/a/registry/src/lib.rs',
        '',
        '/rust/deps/hashbrown-0.16.1/src/raw/mod.rs',
        '/registry/hashbrown-0.15.2/src/raw/mod.rs',
        'libc-top-half/musl/src/string/strstr.c',
        'build/libc-bottom-half/crt/crt1-command.c',
        'dlmalloc/src/malloc.c',
        '/home/a/rust/deps/src/lib.rs',
      ],
      ALL_MINE,
    );
    assert.deepEqual(
      files.written.map((_, index) => files.own(index)),
      [true, false, false, false, false, false, false, true, false, false, false, false, false, false, true],
    );
    assert.deepEqual([files.stepped(0), files.stepped(1)], [true, false]);
    assert.equal(new SourceFiles([STD], { sourceMap: [], justMyCode: false }).stepped(0), true);
  });

  it('are where the source map says, the longest prefix first, and mine or not by where they were', () => {
    const files = new SourceFiles(['/build/app/src/lib.rs', '/build/other.rs', '/builder/x.rs', STD], {
      sourceMap: [
        ['/build', '/home/a/all'],
        ['/build/app/', '/home/a/app'],
        ['/rustc/29483883eed69d5fb4db01964cdf2af4d86e9cb2', '/sysroot'],
      ],
      justMyCode: true,
    });
    assert.deepEqual(
      files.written.map((_, index) => files.path(index)),
      ['/home/a/app/src/lib.rs', '/home/a/all/other.rs', '/builder/x.rs', '/sysroot/library/core/src/ops/function.rs'],
    );
    assert.equal(files.own(3), false);
    assert.deepEqual(files.named('/home/a/app/./src/lib.rs'), [0]);
    assert.deepEqual(files.named('/build/app/src/lib.rs'), []);
  });

  it('of Windows are the same in whatever case; a namesake elsewhere is known', () => {
    const files = new SourceFiles(['C:\\App\\src\\Lib.rs', '/a/main.rs'], ALL_MINE);
    assert.deepEqual(files.named('c:/app/SRC/lib.rs'), [0]);
    assert.equal(files.namesake('/elsewhere/main.rs'), '/a/main.rs');
    assert.equal(files.namesake('/elsewhere/none.rs'), undefined);
  });
});
