// The extension is there, activates, and has registered what its manifest promises.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lackingSentence, probeEngine } from '../../../debug-adapter/executor/engine-check.ts';

const ID = 'wasmi-plugin-debugger.wasmi-plugin-debugger';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('activation', () => {
  it('the extension is found and activates', async () => {
    const extension = vscode.extensions.getExtension(ID);
    assert.ok(extension, 'VS Code does not know the extension');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('this VS Code has the engine that is needed', () => {
    assert.equal(lackingSentence(probeEngine(), process.versions.v8, 'vscode'), undefined);
  });

  it('every command of the manifest is registered', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const manifest = vscode.extensions.getExtension<Manifest>(ID)?.packageJSON as Manifest;
    const missing = manifest.contributes.commands.filter(({ command }) => !registered.has(command));
    assert.deepEqual(missing, []);
    assert.ok(manifest.contributes.commands.length >= 6);
  });

  it('transcripts have a language of their own', async () => {
    assert.ok((await vscode.languages.getLanguages()).includes('plugin-transcript'));
  });
});
