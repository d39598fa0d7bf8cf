// A call of the prebuilt plugin under VS Code's own debug service: from startDebugging to the result, by what VS Code asks and hears.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Conversation, folder, greet, type Row, until } from './support.ts';

describe('a session', () => {
  let conversation: Conversation;
  const breakpoint = new vscode.FunctionBreakpoint('rpc:get_user');

  before(() => {
    conversation = new Conversation();
    vscode.debug.addBreakpoints([breakpoint]);
  });
  after(async () => {
    vscode.debug.removeBreakpoints([breakpoint]);
    conversation.dispose();
    await vscode.debug.stopDebugging();
  });

  it('stops at the function breakpoint rpc:get_user', async () => {
    assert.equal(await vscode.debug.startDebugging(folder(), greet()), true);
    const stopped = await conversation.event('stopped');
    assert.equal(stopped['reason'], 'function breakpoint');
  });

  it('S6: the top frame is the transcript, with the line of the event; below it is the plugin’s own stack', async () => {
    const [top, ...below] = await conversation.frames();
    const uri = top?.source?.path ?? '';
    assert.ok(uri.startsWith('wasmi-plugin-transcript:'), JSON.stringify(top));
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    assert.equal(document.languageId, 'plugin-transcript');
    await until('the line', 5000, () => (document.lineCount > (top?.line ?? 0) ? true : undefined));
    assert.match(document.lineAt((top?.line ?? 0) - 1).text, /← #0 get_user \{"name":"Ada"\}/);
    assert.ok(below.length > 3, 'the stack of the plugin');
    assert.ok(
      below.some(({ name }) => /greet|main|_start/.test(name)),
      below.map(({ name }) => name).join('\n'),
    );
  });

  it('scopes and variables: the message parsed, fuel, globals', async () => {
    const [top] = await conversation.frames();
    const { scopes } = await conversation.ask<{ scopes: Row[] }>('scopes', { frameId: top?.id });
    const names = scopes.map(({ name }) => name);
    for (const name of ['Message', 'Syscall', 'Fuel', 'Wasm globals'])
      assert.ok(
        names.some((one) => one.includes(name)),
        names.join(', '),
      );
    const message = scopes.find(({ name }) => name === 'Message');
    const text = JSON.stringify(await conversation.rows(message?.variablesReference ?? 0));
    assert.match(text, /get_user/);
    const fuel = scopes.find(({ name }) => name.startsWith('Fuel'));
    assert.ok(
      (await conversation.rows(fuel?.variablesReference ?? 0)).some(
        ({ name, value }) => /consumed/i.test(name) && /\d/.test(value),
      ),
    );
  });

  it('next syscall, next message: the arrow goes down the same document, whose text is there', async () => {
    const lines = [(await conversation.frames())[0]?.line ?? 0];
    for (const request of ['plugin/nextSyscall', 'plugin/nextMessage']) {
      await conversation.ask(request, { threadId: 1 });
      const stopped = await conversation.event('stopped');
      assert.equal(stopped['reason'], 'step');
      const [top] = await conversation.frames();
      const line = top?.line ?? 0;
      assert.ok(line > (lines.at(-1) ?? 0), `${line} after ${lines}`);
      lines.push(line);
      const uri = top?.source?.path ?? '';
      const document = await until(`the same document, with line ${line}`, 5000, () =>
        vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri && one.lineCount > line),
      );
      const wanted = request === 'plugin/nextSyscall' ? /[a-z_]+\(|polled/ : /→ #0 result .*Ada Lovelace/;
      assert.match(document.lineAt(line - 1).text, wanted);
    }
  });

  it('evaluates and reads memory while it stands', async () => {
    const { result } = await conversation.ask<{ result: string }>('evaluate', {
      expression: 'memory[0, 4]',
      context: 'repl',
    });
    assert.ok(result.length > 0);
  });

  it('S5: ends with the result, its fuel and its time', async () => {
    const uri = (await conversation.frames())[0]?.source?.path ?? '';
    await conversation.ask('continue', { threadId: 1 });
    const exited = await conversation.event('exited');
    assert.equal(exited['exitCode'], 0);
    await conversation.event('terminated');
    assert.match(conversation.output, /Good (morning|afternoon|evening), Ada Lovelace!/);
    assert.match(conversation.output, /fuel/);
    const text = await until('the end of the transcript', 3000, () => {
      const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
      return document?.getText().includes('■') ? document.getText() : undefined;
    });
    assert.match(text, /#0 result .*part_of_day/);
    await conversation.over();
  });

  it('restart runs the call again, and ends again', async () => {
    conversation.skip();
    assert.equal(await vscode.debug.startDebugging(folder(), greet({ name: 'again' })), true);
    await conversation.event('stopped');
    const before = conversation.sessions.length;
    await vscode.commands.executeCommand('workbench.action.debug.restart');
    await conversation.event('stopped');
    assert.equal(conversation.sessions.length, before, 'the session is the same one');
    await vscode.debug.stopDebugging(conversation.session);
    await conversation.over();
  });

  it('runs without stopping when it is started without debugging', async () => {
    conversation.skip();
    assert.equal(await vscode.debug.startDebugging(folder(), greet({ name: 'run' }), { noDebug: true }), true);
    const exited = await conversation.event('exited');
    assert.equal(exited['exitCode'], 0);
    await conversation.over();
  });

  it('E3: a plugin that is no module stops as a fault, told in one sentence', async () => {
    const { plugin } = greet();
    await vscode.workspace.fs.writeFile(vscode.Uri.file(`${plugin}.txt`), new TextEncoder().encode('not wasm'));
    conversation.skip();
    await vscode.debug.startDebugging(folder(), greet({ plugin: `${plugin}.txt` }));
    const stopped = await conversation.event('stopped');
    assert.equal(stopped['reason'], 'exception');
    assert.match(String(stopped['text']), /hello\.wasm\.txt: This is not a WebAssembly module/);
    await vscode.debug.stopDebugging(conversation.session);
    await conversation.over();
  });
});
