// A plugin's code under VS Code's own debug service: a function breakpoint shows the function's text, steps go by instruction, values can be
// seen and set, breakpoints can be put on lines of the text and are there in the next session. (S1, S6)
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Conversation, type Frame, folder, greet, type Row, until } from './support.ts';

describe('the code of a plugin', () => {
  let conversation: Conversation;
  const named = new vscode.FunctionBreakpoint('hello::main');

  before(() => {
    conversation = new Conversation();
    vscode.debug.addBreakpoints([named]);
  });
  after(async () => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    conversation.dispose();
    await vscode.debug.stopDebugging();
  });

  const top = async (): Promise<Frame> => {
    const [frame] = await conversation.frames(1);
    assert.ok(frame);
    return frame;
  };
  const scope = async (frameId: number, name: string): Promise<number> => {
    const { scopes } = await conversation.ask<{ scopes: Row[] }>('scopes', { frameId });
    const found = scopes.find((one) => one.name === name);
    assert.ok(found, scopes.map((one) => one.name).join(', '));
    return found.variablesReference;
  };
  const over = () => conversation.over();
  /** The editor that VS Code has opened on the function by itself. */
  const editor = () =>
    until('the function in an editor', 5000, () => {
      const active = vscode.window.activeTextEditor;
      return active?.document.uri.scheme === 'wasmi-plugin-code' ? active : undefined;
    });

  it('S6: a function breakpoint shows the function as text, with the frame on its first instruction', async () => {
    assert.equal(await vscode.debug.startDebugging(folder(), greet()), true);
    const stopped = await conversation.event('stopped');
    assert.equal(stopped['reason'], 'function breakpoint');
    const frame = await top();
    assert.equal(frame.name, 'hello::main');
    const { document } = await editor();
    assert.equal(document.uri.toString(), vscode.Uri.parse(frame.source?.path ?? '').toString());
    await until('its language', 5000, () => (document.languageId === 'wat' ? true : undefined));
    assert.match(document.lineAt(0).text, /^;; hello::main, function \d+ of hello\.wasm/);
    assert.match(document.lineAt(1).text, /^\(func \$/);
    assert.equal(frame.line, 3);
  });

  it('S1: F10 goes on by an instruction, in the same document', async () => {
    const { line, source } = await top();
    await vscode.commands.executeCommand('workbench.action.debug.stepOver');
    const stopped = await conversation.event('stopped');
    assert.equal(stopped['reason'], 'step');
    const next = await top();
    assert.equal(next.line, line + 1);
    assert.equal(next.source?.path, source?.path);
  });

  it('locals are seen and set', async () => {
    const { id } = await top();
    const locals = await scope(id, 'Wasm locals');
    const [first] = await conversation.rows(locals);
    assert.ok(first && /^\$/.test(first.name), JSON.stringify(first));
    await conversation.ask('setVariable', { variablesReference: locals, name: first.name, value: '7 * 6' });
    assert.equal((await conversation.rows(locals))[0]?.value, '42');
    await conversation.ask('setVariable', { variablesReference: locals, name: first.name, value: first.value });
  });

  it('S3: a breakpoint on a line of the text is hit, also in the next session', async () => {
    const { document } = await editor();
    const { line } = await top();
    const at = new vscode.Location(document.uri, new vscode.Position(line + 4, 0));
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(at)]);
    // VS Code sends it by itself
    await until('the answer to it', 5000, () =>
      conversation.messages.some(({ command, body }) => command === 'setBreakpoints' && isVerified(body))
        ? true
        : undefined,
    );
    await conversation.ask('continue', { threadId: 1 });
    assert.equal((await conversation.event('stopped'))['reason'], 'breakpoint');
    assert.equal((await top()).line, line + 5);
    await vscode.debug.stopDebugging(conversation.session);
    await over();

    vscode.debug.removeBreakpoints([named]);
    conversation.skip();
    assert.equal(await vscode.debug.startDebugging(folder(), greet({ name: 'again' })), true);
    assert.equal((await conversation.event('stopped'))['reason'], 'breakpoint');
    const frame = await top();
    assert.equal(frame.line, line + 5);
    assert.equal(vscode.Uri.parse(frame.source?.path ?? '').toString(), document.uri.toString());
    await conversation.ask('continue', { threadId: 1 });
    assert.equal((await conversation.event('exited'))['exitCode'], 0);
    await over();
  });
});

function isVerified(body: Record<string, unknown> | undefined): boolean {
  const breakpoints = body?.['breakpoints'];
  return Array.isArray(breakpoints) && breakpoints.length > 0 && breakpoints.every(({ verified }) => verified === true);
}
