// Choosing a plugin's binary from what cargo metadata prints.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  artifactPath,
  buildArguments,
  chooseCargoTarget,
  profileDirectory,
  readCargoMetadata,
} from './cargoMetadata.ts';

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

  it('knows where each profile puts the module', () => {
    const [target] = readCargoMetadata(metadata([{ name: 'a', bins: ['b'] }]));
    assert.ok(target);
    assert.equal(artifactPath(target, 'dev'), '/w/target/wasm32-wasip1/debug/b.wasm');
    assert.equal(artifactPath(target, 'release'), '/w/target/wasm32-wasip1/release/b.wasm');
    assert.equal(
      artifactPath({ ...target, targetDirectory: 'C:\\w\\target' }, 'small'),
      'C:\\w\\target\\wasm32-wasip1\\small\\b.wasm',
    );
    assert.equal(profileDirectory('test'), 'debug');
    assert.equal(profileDirectory('bench'), 'release');
    assert.deepEqual(buildArguments(target, 'release', ['-Zbuild-std']).slice(-4), [
      '--bin',
      'b',
      '--release',
      '-Zbuild-std',
    ]);
    assert.deepEqual(buildArguments(target, 'small', []).slice(-2), ['--profile', 'small']);
    assert.ok(!buildArguments(target, 'dev', []).some((argument) => argument.includes('profile')));
  });
});
