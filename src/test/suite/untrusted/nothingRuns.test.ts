// In a workspace that is not trusted nothing runs: no call, no build, no scan. The extension is there and says so.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { CallHistory } from '../../../callHistory.ts';
import { CargoTasks } from '../../../cargoTask.ts';
import type { Activated } from '../../../extension.ts';
import { LaunchConfigurations } from '../../../launchConfigurations.ts';
import { recorded } from '../../../transcript/callFixture.ts';
import { Answers, Conversation, FreshMemory, folder, until } from '../support.ts';

describe('a workspace that is not trusted', () => {
  const launch = () => ({
    type: 'wasmi-plugin',
    request: 'launch',
    name: 'greet',
    plugin: path.join(folder().uri.fsPath, 'hello.wasm'),
    method: 'greet',
    params: { name: 'Ada' },
  });

  it('is what this suite runs in', () => assert.equal(vscode.workspace.isTrusted, false));

  it('the extension activates all the same', async () => {
    const extension = vscode.extensions.getExtension('wasmi-plugin-debugger.wasmi-plugin-debugger');
    await extension?.activate();
    assert.equal(extension?.isActive, true);
  });

  it('no debug session starts', async () => {
    const conversation = new Conversation();
    // VS Code may ask for trust, and nobody answers
    const started = vscode.debug.startDebugging(folder(), launch()).then(
      (answer) => answer,
      () => false,
    );
    const waited = new Promise((resolve) => setTimeout(() => resolve('nothing'), 3000));
    assert.notEqual(await Promise.race([started, waited]), true);
    assert.deepEqual(conversation.sessions, []);
    assert.deepEqual(conversation.messages, []);
    conversation.dispose();
  });

  it('no configuration is resolved, and nobody is asked anything', async () => {
    const tasks = { build: () => assert.fail('something was built') };
    const configurations = new LaunchConfigurations(new Answers(), new CallHistory(new FreshMemory()), tasks);
    assert.equal(await configurations.resolveDebugConfiguration(folder(), launch()), undefined);
    assert.equal(await configurations.resolveDebugConfigurationWithSubstitutedVariables(folder(), launch()), undefined);
    assert.deepEqual(await configurations.provideDebugConfigurations(folder()), []);
  });

  it('no task is provided, so cargo is not even asked', async () => {
    assert.deepEqual(await new CargoTasks().provideTasks(), []);
    // VS Code itself does not even answer before there is trust
    const waited = new Promise<[]>((resolve) => setTimeout(() => resolve([]), 2000));
    const tasks = await Promise.race([vscode.tasks.fetchTasks({ type: 'wasmi-plugin-cargo' }), waited]);
    assert.deepEqual(tasks, []);
  });

  it('no source is scanned for code lenses', async () => {
    const file = vscode.Uri.file(path.join(folder().uri.fsPath, 'src/main.rs'));
    await vscode.workspace.openTextDocument(file);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', file);
    assert.deepEqual(lenses, []);
  });

  it('the commands say so and do nothing', async () => {
    const conversation = new Conversation();
    for (const command of ['debugCall', 'runCall', 'buildPlugin'])
      await vscode.commands.executeCommand(`wasmiPluginDebugger.${command}`);
    assert.deepEqual(conversation.sessions, []);
    assert.equal(fs.existsSync(path.join(folder().uri.fsPath, 'target')), false);
    conversation.dispose();
  });

  it('a recording can be looked at in the transcript panel, but nothing of it runs', async () => {
    const extension = vscode.extensions.getExtension<Activated>('wasmi-plugin-debugger.wasmi-plugin-debugger');
    const { transcript } = (await extension?.activate()) ?? assert.fail();
    const { header, store, rows } = recorded({}, (filler) => filler.request('in', 0, 'greet', '{"n":1}'));
    assert.ok(header);
    const call = transcript.calls.opened('/r.recording.jsonl', { header, store, rows, note: undefined }, '/p.wasm');
    const conversation = new Conversation();
    for (const door of ['runToHere', 'revealFunction'] as const)
      await assert.rejects(transcript.doors.open(door, call, 0), /trusted workspace/);
    await assert.rejects(transcript.doors.open('sendAgain', call, 0, { params: '1' }), /trusted workspace/);
    await transcript.doors.open('openMessage', call, 0);
    await until(
      'the message',
      5000,
      () => /"n": 1/.test(vscode.window.activeTextEditor?.document.getText() ?? '') || undefined,
    );
    assert.deepEqual(conversation.sessions, []);
    conversation.dispose();
  });
});
