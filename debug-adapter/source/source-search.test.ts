import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { SourceChoices } from './files.ts';
import { missingSource } from './missing-source.ts';
import { findSources, type SourceDisk } from './source-search.ts';

const COMMIT = '59807616e1fa2540724bfbac14d7976d7e4a3860';
const OTHER = '4d91de4e48198da2e33413efdcd9cd2cc0c46688';
const COMPILER = { version: '1.95.0', commit: '59807616e' };
const CORE = `/rustc/${COMMIT}/library/core/src/option.rs`;

const roots: string[] = [];
after(() => {
  for (const root of roots) fs.rmSync(root, { recursive: true, force: true });
});

/** A real tree of files, by their paths in it. */
class Tree implements SourceDisk {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'sources-')).replaceAll('\\', '/');
  readonly homes = {
    cargo: `${this.root}/cargo`,
    rustup: `${this.root}/rustup`,
    distributions: [`${this.root}/usr/src`],
  };
  asked: string[] = [];

  constructor(files: Readonly<Record<string, string>>) {
    roots.push(this.root);
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.root, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
  }

  async fileExists(file: string): Promise<boolean> {
    this.asked.push(file);
    return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  }
  async listFolder(folder: string): Promise<readonly string[]> {
    return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  }
  async readFile(file: string): Promise<Uint8Array> {
    return fs.readFileSync(file);
  }

  /** What is found of these files, by their paths; each has code up to the line that is named with it, or its first. */
  async find(
    written: readonly (string | readonly [path: string, lines: number])[],
    choices: Partial<SourceChoices> = {},
    compiler = COMPILER,
  ): Promise<{ readonly at: Record<string, string>; readonly notices: readonly string[] }> {
    const files = written.map((file) => (typeof file === 'string' ? ([file, 1] as const) : file));
    const asked = {
      written: files.map(([file]) => file),
      lines: Uint32Array.from(files, ([, lines]) => lines),
      compiler,
    };
    const { found, notices } = await findSources(asked, { sourceMap: [], justMyCode: true, ...choices }, this);
    const inTree = (text: string): string => text.replaceAll(this.root, '…');
    return {
      at: Object.fromEntries(found.map(([index, file]) => [asked.written[index] ?? '', inTree(file)])),
      notices: notices.map(inTree),
    };
  }
}

const manifest = (version: string): string =>
  `manifest-version = "2"\n\n[pkg.rust]\nversion = "9.9.9 (000000000 2026-01-01)"\n\n[pkg.rust-src]\nversion = "${version}"\n`;
const toolchain = (name: string, version: string): Record<string, string> => ({
  [`rustup/toolchains/${name}/lib/rustlib/multirust-channel-manifest.toml`]: manifest(version),
  [`rustup/toolchains/${name}/lib/rustlib/src/rust/library/core/src/lib.rs`]: '',
});

describe('files that are elsewhere than their paths say', () => {
  it("S6: the standard library's, of the toolchain whose sources are of the same commit", async () => {
    const tree = new Tree({
      ...toolchain('nightly', '1.97.0-nightly (e50aa6fba 2026-05-19)'),
      ...toolchain('stable', '1.95.0 (59807616e 2026-04-14)'),
    });
    assert.deepEqual(await tree.find([CORE, `/rustc/${OTHER}/library/core/src/option.rs`]), {
      at: { [CORE]: '…/rustup/toolchains/stable/lib/rustlib/src/rust/library/core/src/option.rs' },
      notices: [],
    });
  });

  it('S6: not of another version, however near, nor of a toolchain without sources', async () => {
    const tree = new Tree({
      ...toolchain('1.95.1', '1.95.1 (123456789 2026-05-01)'),
      'rustup/toolchains/stable/lib/rustlib/multirust-channel-manifest.toml': manifest('1.95.0 (59807616e 2026-04-14)'),
      'usr/src/rustc-1.96.0/library/core/src/lib.rs': '',
      'usr/src/rustc-1.96.0/src/version': '1.96.0\n',
    });
    assert.deepEqual((await tree.find([CORE])).at, {});
  });

  it("S6: a distribution's, by the commit that it names, or the release", async () => {
    const at = { [CORE]: '…/usr/src/rustc-1.95.0/library/core/src/option.rs' };
    const tree = (more: Readonly<Record<string, string>>): Tree =>
      new Tree({ 'usr/src/rustc-1.95.0/library/core/src/lib.rs': '', ...more });
    const release = { 'usr/src/rustc-1.95.0/src/version': '1.95.0\n' };
    assert.deepEqual((await tree(release).find([CORE])).at, at);
    assert.deepEqual((await tree({ 'usr/src/rustc-1.95.0/git-commit-hash': `${COMMIT}\n` }).find([CORE])).at, at);
    // what it says itself counts more than its version
    const other = { ...release, 'usr/src/rustc-1.95.0/git-commit-hash': OTHER };
    assert.deepEqual((await tree(other).find([CORE])).at, {});
    // of a nightly there are many, and the plugin was built by another compiler than its standard library
    for (const compiler of [
      { version: '1.95.0-nightly', commit: '59807616e' },
      { version: '1.95.0', commit: '4d91de4e4' },
      { version: '1.95.0', commit: '' },
    ])
      assert.deepEqual((await tree(release).find([CORE], {}, compiler)).at, {});
  });

  it("S6: crates', in this user's registry and checkouts, of the same version only", async () => {
    const tree = new Tree({
      'cargo/registry/src/mirror-0000000000000000/serde-1.0.2/Cargo.toml': '',
      'cargo/registry/src/index-1949cf8c6b5b557f/hashbrown-0.16.1/Cargo.toml': '',
      'cargo/git/checkouts/pdk-0123456789abcdef/1a2b3c4/src/lib.rs': '',
      'elsewhere/registry/src/index-1949cf8c6b5b557f/log-0.4.1/src/lib.rs': '',
      'cargo/registry/src/index-1949cf8c6b5b557f/log-0.4.1/Cargo.toml': '',
    });
    const registry = '/builder/.cargo/registry/src/index-6f17d22bba15001f';
    const found = await tree.find([
      `${registry}/serde-1.0.2/src/de/mod.rs`,
      `${registry}/serde-1.0.3/src/de/mod.rs`,
      '/rust/deps/hashbrown-0.16.1/src/map.rs',
      '/registry/hashbrown-0.16.1/src/set.rs',
      '/builder/.cargo/git/checkouts/pdk-0123456789abcdef/1a2b3c4/src/lib.rs',
      '/builder/.cargo/git/checkouts/pdk-0123456789abcdef/9999999/src/lib.rs',
      // it is where it says
      `${tree.root}/elsewhere/registry/src/index-1949cf8c6b5b557f/log-0.4.1/src/lib.rs`,
    ]);
    const here = '…/cargo/registry/src/index-1949cf8c6b5b557f';
    assert.deepEqual(found, {
      at: {
        [`${registry}/serde-1.0.2/src/de/mod.rs`]:
          '…/cargo/registry/src/mirror-0000000000000000/serde-1.0.2/src/de/mod.rs',
        '/rust/deps/hashbrown-0.16.1/src/map.rs': `${here}/hashbrown-0.16.1/src/map.rs`,
        '/registry/hashbrown-0.16.1/src/set.rs': `${here}/hashbrown-0.16.1/src/set.rs`,
        '/builder/.cargo/git/checkouts/pdk-0123456789abcdef/1a2b3c4/src/lib.rs':
          '…/cargo/git/checkouts/pdk-0123456789abcdef/1a2b3c4/src/lib.rs',
      },
      notices: [],
    });
  });

  it("S6: the author's own, by the longest tail of the path, and says so once", async () => {
    const tree = new Tree({
      'one/src/lib.rs': 'another\n',
      'two/greeter/src/lib.rs': '1\n2\n3\n',
      'two/greeter/src/deep/er.rs': '1\n',
      'two/src/lib.rs': '',
    });
    const folders = [`${tree.root}/one`, `${tree.root}/two/`];
    const found = await tree.find(
      ['/builder/greeter/src/lib.rs', '/builder/greeter/src/deep/er.rs', '/builder/greeter/src/gone.rs'],
      { folders },
    );
    assert.deepEqual(found, {
      at: {
        '/builder/greeter/src/lib.rs': '…/two/greeter/src/lib.rs',
        '/builder/greeter/src/deep/er.rs': '…/two/greeter/src/deep/er.rs',
      },
      notices: [
        'The plugin was built elsewhere: its source files of /builder/greeter/src are taken from …/two/greeter/src; "sourceMap" can say otherwise.',
      ],
    });
  });

  it("S6: the author's own, by paths without a root", async () => {
    const tree = new Tree({ 'w/src/lib.rs': '' });
    assert.deepEqual((await tree.find(['src/lib.rs', './src/./lib.rs'], { folders: [`${tree.root}/w`] })).at, {
      'src/lib.rs': '…/w/src/lib.rs',
      './src/./lib.rs': '…/w/src/lib.rs',
    });
  });

  it('S6: of two folders that have the file none is taken', async () => {
    const tree = new Tree({ 'one/src/lib.rs': '', 'two/src/lib.rs': '' });
    const folders = [`${tree.root}/one`, `${tree.root}/two`];
    assert.deepEqual(await tree.find(['/ci/greeter/src/lib.rs', '/ci/greeter/src/main.rs'], { folders }), {
      at: {},
      notices: [
        'Source files of /ci/greeter are in more than one folder here (…/one, …/two): say in "sourceMap" which of them the plugin was built from.',
      ],
    });
  });

  it('S6: a file that lacks lines of the code is another, and so is a tree that lacks most files', async () => {
    const tree = new Tree({ 'w/src/lib.rs': '1\n2\n3' });
    const folders = [`${tree.root}/w`];
    assert.deepEqual((await tree.find([['/ci/src/lib.rs', 4]], { folders })).at, {});
    assert.deepEqual((await tree.find([['/ci/src/lib.rs', 3]], { folders })).at, {
      '/ci/src/lib.rs': '…/w/src/lib.rs',
    });
    assert.deepEqual(await tree.find(['/ci/src/lib.rs', '/ci/src/a.rs', '/ci/src/b.rs'], { folders }), {
      at: {},
      notices: [],
    });
  });

  it('S6: files that are there, were mapped, or are made by the build are not looked for', async () => {
    const tree = new Tree({ 'w/src/lib.rs': '', 'built/src/lib.rs': '', 'mapped/src/lib.rs': '' });
    const found = await tree.find(
      [
        `${tree.root}/built/src/lib.rs`,
        '/ci/src/lib.rs',
        '/ci/target/debug/build/x-1/out/made.rs',
        'wasisdk://v30.0/a.c',
      ],
      { folders: [`${tree.root}/w`], sourceMap: [['/ci', `${tree.root}/mapped`]] },
    );
    assert.deepEqual(found, { at: {}, notices: [] });
    assert.ok(
      tree.asked.every((file) => file.startsWith(tree.root)),
      tree.asked.join(),
    );
  });

  it('E4: very many files, and paths that take matching for ever, are gone through', async () => {
    const tree = new Tree({ 'w/src/lib.rs': '' });
    const many = Array.from({ length: 60_000 }, (_, n) => `/rustc/${COMMIT}/library/core/src/file${n}.rs`);
    const long = `/registry/${'1-1.1.1'.repeat(100_000)}`;
    const found = await tree.find([...many, long], { folders: [`${tree.root}/w`] });
    assert.deepEqual(found, { at: {}, notices: [] });
    assert.equal(missingSource(long, undefined).startsWith('There is no file /registry/1-1.1.1'), true);
  });

  it('S6: nothing is asked of a disk for a plugin whose files are all there', async () => {
    const tree = new Tree({ 'w/src/lib.rs': '' });
    await tree.find([`${tree.root}/w/src/lib.rs`], { folders: [`${tree.root}/w`] });
    assert.equal(tree.asked.length, 1);
  });
});

describe('files that are not here', () => {
  it('S6: say what they are of, and what brings them', () => {
    const said = [
      missingSource(CORE, COMPILER),
      missingSource(CORE, { version: '1.97.0-nightly', commit: '59807616e' }),
      missingSource(CORE, { version: '1.95.0', commit: '123456789' }),
      missingSource('/builder/.cargo/registry/src/index-6f17d22bba15001f/serde-1.0.3/src/lib.rs', undefined),
      missingSource('/rust/deps/hashbrown-0.16.1/src/map.rs', undefined),
      missingSource('wasisdk://v30.0/src/wasi-libc/dlmalloc/src/malloc.c', undefined),
      missingSource('/ci/src/lib.rs', undefined),
    ];
    assert.deepEqual(said, [
      "The standard library's sources of rustc 1.95.0, which built this plugin, are not installed: rustup component add rust-src --toolchain 1.95.0",
      "The standard library's sources of rustc 1.97.0-nightly, which built this plugin, are not installed: rustup component add rust-src",
      "The standard library's sources of rustc 59807616e, which built this plugin, are not installed: rustup component add rust-src",
      'The sources of serde-1.0.3 are not in this machine\'s cargo registry: "cargo fetch" in the plugin\'s folder brings those that it uses.',
      'The sources of hashbrown-0.16.1, which the standard library uses, are not in this machine\'s cargo registry: "sourceMap" can say where they are.',
      'The sources of wasi-libc are not on this machine: "sourceMap" can say where some are.',
      'There is no file /ci/src/lib.rs here: "sourceMap" in the launch configuration can say where its folder is.',
    ]);
  });
});
