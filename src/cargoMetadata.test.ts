// Choosing a plugin's binary from what cargo metadata prints.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildArguments, chooseCargoTarget, readCargoMetadata } from './cargoMetadata.ts';

type Crate = { name: string; bins?: string[]; pdk?: boolean; lib?: boolean };

function metadata(crates: readonly Crate[], members = crates): string {
  return JSON.stringify({
    packages: crates.map(({ name, bins = [name], pdk = false, lib = false }) => ({
      id: `path+file:///w/${name}#0.1.0`,
      name,
      manifest_path: `/w/${name}/Cargo.toml`,
      dependencies: pdk ? [{ name: 'serde' }, { name: 'wasmi-plugin-pdk' }] : [{ name: 'serde' }],
      targets: [
        ...(lib ? [{ name, kind: ['lib'], src_path: `/w/${name}/src/lib.rs` }] : []),
        ...bins.map((bin) => ({ name: bin, kind: ['bin'], src_path: `/w/${name}/src/${bin}.rs` })),
        { name: 'build-script-build', kind: ['custom-build'], src_path: `/w/${name}/build.rs` },
      ],
    })),
    workspace_members: members.map(({ name }) => `path+file:///w/${name}#0.1.0`),
    target_directory: '/w/target',
    workspace_root: '/w',
  });
}

const choose = (crates: readonly Crate[], wish: { package?: string; target?: string } = {}) =>
  chooseCargoTarget(readCargoMetadata(metadata(crates)), wish);

describe('cargo metadata', () => {
  it('takes the only binary', () => {
    const choice = choose([{ name: 'one', lib: true }]);
    assert.equal(choice.kind, 'one');
    assert.equal(choice.kind === 'one' && choice.target.binary, 'one');
  });

  it('prefers crates on wasmi-plugin-pdk to hosts and tools', () => {
    const choice = choose([{ name: 'host' }, { name: 'plugin', pdk: true }, { name: 'xtask' }]);
    assert.equal(choice.kind === 'one' && choice.target.packageName, 'plugin');
  });

  it('leaves the choice where there are several plugins', () => {
    const choice = choose([{ name: 'a', pdk: true }, { name: 'b', pdk: true }, { name: 'c' }]);
    assert.deepEqual(choice.kind === 'several' && choice.targets.map((target) => target.packageName), ['a', 'b']);
  });

  it('a named package and binary win over the preference', () => {
    const crates = [
      { name: 'a', pdk: true },
      { name: 'c', bins: ['c', 'd'] },
    ];
    const choice = choose(crates, { package: 'c', target: 'd' });
    assert.equal(choice.kind === 'one' && choice.target.binary, 'd');
  });

  it('a wrong name is one sentence that says what there is', () => {
    const crates = [{ name: 'a' }, { name: 'b', bins: ['x', 'y'] }];
    assert.deepEqual(choose(crates, { package: 'z' }), {
      kind: 'none',
      message: 'This Cargo workspace has no package `z` with a binary; it has a, b (x), b (y).',
    });
    assert.deepEqual(choose(crates, { package: 'b', target: 'z' }), {
      kind: 'none',
      message: 'There is no binary `z` here; there is b (x), b (y).',
    });
    assert.match(
      String(Object.values(choose([{ name: 'l', bins: [], lib: true }]))),
      /has no binary: a plugin is a program/,
    );
  });

  it('ignores packages that are not members', () => {
    const targets = readCargoMetadata(metadata([{ name: 'a' }, { name: 'b' }], [{ name: 'b' }]));
    assert.deepEqual(
      targets.map((target) => target.packageName),
      ['b'],
    );
  });

  it('what is not metadata is one sentence', () => {
    assert.throws(() => readCargoMetadata('Hello'), /did not print JSON/);
    assert.throws(() => readCargoMetadata('null'), /no target_directory/);
    assert.throws(() => readCargoMetadata('[]'), /no target_directory/);
    assert.deepEqual(readCargoMetadata('{"target_directory":"/t","packages":[null,{"name":1}]}'), []);
  });

  it('builds just that binary, with further arguments last', () => {
    const [target] = readCargoMetadata(metadata([{ name: 'a', bins: ['b'] }]));
    assert.ok(target);
    const all = buildArguments(target, 'release', ['-Zbuild-std']);
    assert.deepEqual(all.slice(0, 9), [
      ...['build', '--target', 'wasm32-wasip1', '--manifest-path', '/w/a/Cargo.toml'],
      ...['--package', 'a', '--bin', 'b'],
    ]);
    assert.ok(all.includes('--release'));
    assert.equal(all.at(-1), '-Zbuild-std');
    assert.match(buildArguments(target, 'small', []).join(' '), /--profile small/);
    for (const profile of ['dev', 'debug'])
      assert.ok(!buildArguments(target, profile, []).some((argument) => /profile|release/.test(argument)));
  });
});
