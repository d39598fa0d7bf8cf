// The extension is there, and activates.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('activation', () => {
  it('the extension is found and activates', async () => {
    const extension = vscode.extensions.getExtension('wasmi-plugin-debugger.wasmi-plugin-debugger');
    assert.ok(extension, 'VS Code does not know the extension');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
