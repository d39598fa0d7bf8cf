// What becomes of a launch configuration, or of none, on the folder test-plugins/hello. Only the person and cargo's build are stood in for.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { CallHistory } from '../../callHistory.ts';
import type { CargoTarget } from '../../cargoMetadata.ts';
import { callConfiguration, LaunchConfigurations } from '../../launchConfigurations.ts';
import { Answers, FreshMemory, folder } from './support.ts';

const launch = { type: 'wasmi-plugin', request: 'launch', name: 'x' };
/** What VS Code passes for F5 without a launch.json. */
const nothing = {} as vscode.DebugConfiguration;

function hasCargo(): boolean {
  try {
    execFileSync('cargo', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function provider(answers: Answers, history = new CallHistory(new FreshMemory())) {
  const built: string[] = [];
  const tasks = {
    build: async (target: CargoTarget, { profile }: { profile?: string }) => {
      built.push(`${target.binary} ${profile}`);
      return path.join(target.targetDirectory, 'made.wasm');
    },
  };
  return { provider: new LaunchConfigurations(answers, history, tasks), history, built };
}

describe('launch configurations', () => {
  const module = () => path.join(folder().uri.fsPath, 'hello.wasm');
  const touch = (file: string, minutes: number) => {
    const time = new Date(Date.now() + minutes * 60_000);
    fs.utimesSync(path.join(folder().uri.fsPath, file), time, time);
  };

  it('F5 without a launch.json finds the crate, and offers the methods of its source', async function () {
    if (!hasCargo()) this.skip();
    const answers = new Answers({ method: () => 'greet', params: () => '{"name":"Ada"}' });
    const { provider: configurations, history } = provider(answers);
    const resolved = await configurations.resolveDebugConfiguration(folder(), nothing);
    assert.deepEqual(resolved, {
      type: 'wasmi-plugin',
      request: 'launch',
      name: 'Call greet',
      cargo: { package: 'hello' },
      method: 'greet',
      paramsText: '{"name":"Ada"}',
    });
    const [question, plugin, methods] = answers.asked[0] as [string, string, { name: string; place: string }[]];
    assert.deepEqual([question, plugin], ['method', 'hello']);
    assert.deepEqual(
      methods.map(({ name }) => name),
      ['greet', 'roll'],
    );
    assert.match(methods[0]?.place ?? '', /^src.main\.rs:\d+$/);
    assert.equal(history.params('cargo:hello/hello', 'greet'), '{"name":"Ada"}');
  });

  it('what was called last comes first, with its params, digit by digit (P2)', async function () {
    if (!hasCargo()) this.skip();
    const params = '{"dice":18446744073709551615}';
    const answers = new Answers({ method: () => 'roll', params: (_method, last) => last });
    const { provider: configurations, history } = provider(answers);
    await history.remember('cargo:hello/hello', 'roll', params);
    const resolved = await configurations.resolveDebugConfiguration(folder(), nothing);
    const [, , methods] = answers.asked[0] as [string, string, { name: string; place: string }[]];
    assert.deepEqual(
      methods.map(({ name }) => name),
      ['roll', 'greet'],
    );
    assert.equal(resolved?.['paramsText'], params);
  });

  it('giving up at a question starts nothing', async () => {
    const written = { ...launch, plugin: module() };
    const noMethod = provider(new Answers({ method: () => undefined }));
    assert.equal(await noMethod.provider.resolveDebugConfiguration(folder(), written), undefined);
    const noParams = provider(new Answers({ method: () => 'greet', params: () => undefined }));
    assert.equal(await noParams.provider.resolveDebugConfiguration(folder(), written), undefined);
    assert.deepEqual(noParams.history.methods('module:hello.wasm'), []);
  });

  it('a configuration that says everything is not asked about', async () => {
    const { provider: configurations } = provider(new Answers());
    const written = { ...launch, plugin: module(), method: 'greet', params: { name: 'Ada' } };
    assert.deepEqual(await configurations.resolveDebugConfiguration(folder(), written), written);
  });

  it('a code lens knows the method, and asks for the params', async function () {
    if (!hasCargo()) this.skip();
    const answers = new Answers({ params: (_method, last) => last });
    const { provider: configurations } = provider(answers);
    const source = folder().uri.with({ path: `${folder().uri.path}/src/main.rs` });
    const resolved = await configurations.resolveDebugConfiguration(folder(), callConfiguration('greet', source));
    assert.deepEqual(resolved, {
      type: 'wasmi-plugin',
      request: 'launch',
      name: 'Call greet',
      cargo: { package: 'hello' },
      method: 'greet',
      paramsText: '{}',
    });
    assert.deepEqual(answers.asked, [['params', 'greet', '{}']]);
  });

  it('the only mock file beside the plugin is taken, and paths become absolute', async () => {
    touch('hello.wasm', 1);
    const { provider: configurations } = provider(new Answers());
    const resolved = await configurations.resolveDebugConfigurationWithSubstitutedVariables(folder(), {
      ...launch,
      plugin: 'hello.wasm',
      method: 'greet',
      record: 'out/call.jsonl',
    });
    assert.equal(resolved?.['plugin'], module());
    assert.equal(resolved?.['mocks'], path.join(folder().uri.fsPath, 'hello.mocks.json'));
    assert.equal(resolved?.['record'], path.join(folder().uri.fsPath, 'out/call.jsonl'));
  });

  it('a crate is built first, and its module is what runs', async function () {
    if (!hasCargo()) this.skip();
    const { provider: configurations, built } = provider(new Answers());
    const written = { ...launch, cargo: { profile: 'release' }, method: 'greet' };
    const resolved = await configurations.resolveDebugConfigurationWithSubstitutedVariables(folder(), written);
    assert.deepEqual(built, ['hello release']);
    assert.equal(path.basename(String(resolved?.['plugin'])), 'made.wasm');
    // for a restart
    assert.deepEqual(resolved?.['cargo'], { profile: 'release' });
  });

  it('a build that fails starts nothing', async function () {
    if (!hasCargo()) this.skip();
    const failing = { build: async () => undefined };
    const configurations = new LaunchConfigurations(new Answers(), new CallHistory(new FreshMemory()), failing);
    const written = { ...launch, cargo: {}, method: 'greet' };
    assert.equal(await configurations.resolveDebugConfigurationWithSubstitutedVariables(folder(), written), undefined);
  });

  describe('a source that is newer than its module', () => {
    const written = () => ({ ...launch, plugin: module(), method: 'greet' });
    beforeEach(() => {
      touch('src/main.rs', 10);
      touch('hello.wasm', 1);
    });
    afterEach(() => touch('src/main.rs', -10));

    it('is told in one sentence; giving up starts nothing', async () => {
      const answers = new Answers({ stale: () => undefined });
      const { provider: configurations } = provider(answers);
      assert.equal(
        await configurations.resolveDebugConfigurationWithSubstitutedVariables(folder(), written()),
        undefined,
      );
      assert.match(
        String(answers.asked[0]?.[1]),
        /^src.main\.rs is newer than hello\.wasm, so the plugin would run without your last changes\.$/,
      );
    });

    it('runs the old module only when that is what the person wants', async () => {
      const { provider: configurations } = provider(new Answers({ stale: () => 'old' }));
      const resolved = await configurations.resolveDebugConfigurationWithSubstitutedVariables(folder(), written());
      assert.equal(resolved?.['plugin'], module());
    });
  });

  it('what is wrong starts nothing', async () => {
    const { provider: configurations } = provider(new Answers());
    for (const wrong of [
      { plugin: 'none.wasm', method: 'greet' },
      { plugin: 'hello.wasm', method: 'greet', cargo: {} },
      { cargo: { package: 1 }, method: 'greet' },
      { cargo: { package: 'no-such-crate' }, method: 'greet' },
      { plugin: 'hello.wasm', method: 'greet', clock: 'sundial' },
      { plugin: 'hello.wasm', method: 'greet', mocks: 'none.json' },
    ])
      assert.equal(
        await configurations.resolveDebugConfigurationWithSubstitutedVariables(folder(), { ...launch, ...wrong }),
        undefined,
        JSON.stringify(wrong),
      );
  });

  it('S6: the setting sourceMap holds for every launch, and what a launch says itself counts more', async () => {
    const { provider: configurations } = provider(new Answers());
    const settings = vscode.workspace.getConfiguration('wasmiPluginDebugger');
    const everywhere = { '/build/greeter': '/greeter', '/build/shared': '/elsewhere' };
    await settings.update('sourceMap', everywhere, vscode.ConfigurationTarget.Workspace);
    const named = { plugin: 'hello.wasm', method: 'greet' };
    const mapOf = async (more: object): Promise<unknown> =>
      (await configurations.resolveDebugConfiguration(folder(), { ...launch, ...named, ...more }))?.['sourceMap'];
    try {
      assert.deepEqual(await mapOf({}), everywhere);
      assert.deepEqual(await mapOf({ recording: 'call:3' }), everywhere);
      assert.deepEqual(await mapOf({ sourceMap: { '/build/shared': '/here' } }), {
        ...everywhere,
        '/build/shared': '/here',
      });
      // what is wrong stays, and is told where it is checked
      assert.equal(await mapOf({ sourceMap: 'nonsense' }), 'nonsense');
    } finally {
      await settings.update('sourceMap', undefined, vscode.ConfigurationTarget.Workspace);
    }
    assert.equal(await mapOf({}), undefined);
  });

  it('R2: a recording says everything itself: nothing is asked or built, and only its place is looked at', async () => {
    const { provider: configurations, built } = provider(new Answers());
    const recording = 'x.recording.jsonl';
    const file = path.join(folder().uri.fsPath, recording);
    fs.writeFileSync(file, '');
    const substituted = (more: object) =>
      configurations.resolveDebugConfigurationWithSubstitutedVariables(folder(), { ...launch, ...more });
    const given = { ...launch, recording, stopAt: 3 };
    // where its plugin's sources may be
    const sourceFolders = [folder().uri.fsPath];
    assert.deepEqual(await configurations.resolveDebugConfiguration(folder(), given), given);
    assert.deepEqual(await substituted(given), { ...given, sourceFolders, recording: file });
    assert.deepEqual(await substituted({ recording, plugin: 'hello.wasm' }), {
      ...launch,
      sourceFolders,
      recording: file,
      plugin: module(),
    });
    // one that this window holds is no file
    assert.deepEqual(await substituted({ recording: 'call:3' }), { ...launch, sourceFolders, recording: 'call:3' });
    fs.rmSync(file);
    for (const wrong of [{ recording }, { recording: 'call:3', cargo: {} }, { recording: 'call:3', method: 'greet' }])
      assert.equal(await substituted(wrong), undefined, JSON.stringify(wrong));
    assert.deepEqual(built, []);
  });

  it('a new launch.json names the crate', async function () {
    if (!hasCargo()) this.skip();
    const { provider: configurations } = provider(new Answers());
    assert.deepEqual(await configurations.provideDebugConfigurations(folder()), [
      { type: 'wasmi-plugin', request: 'launch', name: 'Call a method of hello', cargo: { package: 'hello' } },
    ]);
  });
});
