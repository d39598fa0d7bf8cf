// The transcript panel inside VS Code: it opens, shows a call while it runs and when it is over, and every door leads where it says.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { Activated } from '../../extension.ts';
import { saveRecording } from '../../recordings/recordings.ts';
import type { KeptCall } from '../../transcript/calls.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { Conversation, folder, root, until } from './support.ts';

const configuration = () => ({
  type: 'wasmi-plugin',
  request: 'launch',
  name: 'greet',
  plugin: path.join(folder().uri.fsPath, 'hello.wasm'),
  method: 'greet',
  paramsText: '{"name":"Ada","n":18446744073709551615}',
  seed: 'a "seed"',
  clock: 'virtual',
});

const door = (name: string, call: KeptCall, row: number) =>
  vscode.commands.executeCommand(`wasmiPluginDebugger.transcript.${name}`, {
    webviewSection: 'row',
    call: call.id,
    row,
  });

describe('the transcript panel', () => {
  let conversation: Conversation;
  let transcript: Transcript;

  before(async () => {
    const extension = vscode.extensions.getExtension<Activated>('wasmi-plugin-debugger.wasmi-plugin-debugger');
    assert.ok(extension);
    transcript = (await extension.activate()).transcript;
    conversation = new Conversation();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
  });
  afterEach(async () => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await vscode.debug.stopDebugging();
    await over();
    conversation.skip();
  });
  after(() => conversation.dispose());

  const over = () => conversation.over();
  const last = (): KeptCall => {
    const call = transcript.calls.calls.at(-1);
    assert.ok(call);
    return call;
  };
  /** Runs the call to its end. */
  const called = async (changes: object = {}): Promise<KeptCall> => {
    assert.equal(
      await vscode.debug.startDebugging(folder(), { ...configuration(), ...changes }, { noDebug: true }),
      true,
    );
    await conversation.event('exited');
    await over();
    const call = last();
    await until('its end', 5000, () => call.state === 'ended' || undefined);
    call.rows.advance(1000);
    conversation.skip();
    return call;
  };
  const rowOf = (call: KeptCall, kind: string, name: string): number => {
    for (let row = 0; row < call.rows.length; row++)
      if (call.rows.kind(row) === kind && call.rows.name(row) === name) return row;
    return assert.fail(`no ${kind} ${name}`);
  };

  it('opens by its command, and its page comes alive under the content security policy', async () => {
    await vscode.commands.executeCommand('wasmiPluginDebugger.showTranscript');
    await until('the page', 20_000, () => (transcript.panel.ready ? true : undefined));
    await until('the panel', 5000, () => (transcript.panel.visible ? true : undefined));
  });

  it('shows a call while it is stopped, with its place, and keeps it after its end', async () => {
    vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint('rpc:get_user')]);
    await vscode.debug.startDebugging(folder(), configuration());
    await conversation.event('stopped');
    const call = last();
    assert.equal(transcript.panel.model.shownCall, call);
    assert.equal(call.state, 'stopped');
    const { present } = call;
    assert.ok(present !== undefined);
    assert.equal(call.rows.name(call.rows.rowOf(present)), 'get_user');
    await until('the view’s head', 5000, () => transcript.panel.description === 'hello.wasm · stopped' || undefined);
    // the line of the transcript at which the editor stands is that row; VS Code opens the editor by itself, and maybe more than once
    const document = await until('the transcript', 20_000, () => {
      const active = vscode.window.activeTextEditor?.document;
      return active?.languageId === 'plugin-transcript' && active.uri.path.includes(conversation.session.id)
        ? active
        : undefined;
    });
    const [frame] = await conversation.frames(1);
    const at = new vscode.Position((frame?.line ?? assert.fail()) - 1, 0);
    await until('the row', 20_000, async () => {
      await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
      await vscode.commands.executeCommand('wasmiPluginDebugger.showInTranscript');
      return transcript.panel.model.selection?.row === call.rows.rowOf(present) ? true : undefined;
    });
    await conversation.ask('continue', { threadId: 1 });
    await conversation.event('exited');
    await over();
    await until('its end', 5000, () => call.state === 'ended' || undefined);
    assert.deepEqual([call.outcome, call.present], ['result', undefined]);
    assert.ok(transcript.calls.calls.includes(call));
    assert.ok(call.rows.length > 20);
  });

  it('a restart is a call of its own', async () => {
    vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint('rpc:get_user')]);
    await vscode.debug.startDebugging(folder(), configuration());
    await conversation.event('stopped');
    const first = last();
    await vscode.commands.executeCommand('workbench.action.debug.restart');
    await conversation.event('stopped');
    assert.notEqual(last(), first);
    assert.equal(transcript.panel.model.shownCall, last());
    assert.equal(first.state, 'ended');
    // looking back at the first one is possible until the next stop
    transcript.panel.model.show(first.id);
    assert.equal(transcript.panel.model.shownCall, first);
    await conversation.ask('plugin/nextMessage', { threadId: 1 });
    await conversation.event('stopped');
    assert.equal(transcript.panel.model.shownCall, last());
  });

  it('Run to Here: the call as it was recorded, stopped at the event, shown in the same call', async () => {
    const call = await called();
    const calls = transcript.calls.calls.length;
    const row = rowOf(call, 'request', 'log');
    await door('runToHere', call, row);
    assert.equal((await conversation.event('stopped'))['reason'], 'goto');
    assert.equal(call.present, call.rows.event(row));
    assert.equal(call.state, 'stopped');
    assert.equal(transcript.calls.calls.length, calls);
    // further on it goes in the same session
    const sessions = conversation.sessions.length;
    const reply = call.rows.pair(row);
    await door('runToHere', call, reply);
    await conversation.event('stopped');
    assert.equal(call.present, call.rows.event(reply));
    assert.equal(conversation.sessions.length, sessions);
    await vscode.debug.stopDebugging();
    await over();
    await until('its end', 5000, () => call.state === 'ended' || undefined);
    assert.equal(call.present, undefined);
  });

  it('Stop on Messages Like This adds a function breakpoint, once', async () => {
    const call = await called();
    const names = () =>
      vscode.debug.breakpoints.map((one) => (one instanceof vscode.FunctionBreakpoint ? one.functionName : ''));
    const request = rowOf(call, 'request', 'get_user');
    await door('stopOnLike', call, request);
    await door('stopOnLike', call, request);
    await door('stopOnLike', call, call.rows.pair(request));
    await door('stopOnLike', call, rowOf(call, 'syscall', 'fd_write'));
    assert.deepEqual(names(), ['rpc:get_user', 'rpc-reply:get_user', 'syscall:fd_write']);
  });

  it('P2: Send Again makes the same call with other params, every digit of them', async () => {
    const call = await called();
    const params = '{"name":"Bo","n":18446744073709551614}';
    await transcript.doors.open('sendAgain', call, 0, { params });
    await conversation.event('exited');
    await over();
    const again = last();
    assert.notEqual(again, call);
    assert.equal(again.params, params);
    assert.match(again.title, /18446744073709551614/);
    assert.equal(again.plan?.seed, 'a "seed"');
    await assert.rejects(transcript.doors.open('sendAgain', call, 0, { params: '{' }), /Not JSON/);
  });

  it('Send Again without params opens the form in the panel', async () => {
    const call = await called();
    await door('sendAgain', call, 0);
    await until('the panel', 10_000, () => (transcript.panel.visible ? true : undefined));
    assert.equal(transcript.panel.model.shownCall, call);
  });

  it('Copy as Terminal Command: what a shell runs is the same call', async () => {
    const call = await called();
    await door('copyCommand', call, 0);
    const command = await vscode.env.clipboard.readText();
    assert.match(command, /^npx wasmi-plugin-debugger call /);
    const cli = `"${process.execPath}" "${path.join(root, 'dist/cli.js')}" call --json `;
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    const run = promisify(execFile)('/bin/sh', ['-c', command.replace(/^npx wasmi-plugin-debugger call /, cli)], {
      env,
    });
    const { stdout } = await run;
    const answer = JSON.parse(stdout) as { result: { text: string }; events: { rpc: number } };
    assert.match(answer.result.text, /Ada/);
    let messages = 0;
    for (let row = 0; row < call.rows.length; row++) if (call.rows.dir(row) !== undefined) messages++;
    assert.equal(answer.events.rpc, messages);
  });

  it('Copy as JSON, as Markdown and as text', async () => {
    const call = await called();
    const row = rowOf(call, 'request', 'get_user');
    await door('copyJson', call, row);
    const [request, reply, ...more] = (await vscode.env.clipboard.readText()).trimEnd().split('\n');
    assert.deepEqual(more, []);
    assert.equal(JSON.parse(request ?? '').method, 'get_user');
    assert.ok('result' in JSON.parse(reply ?? ''));
    await door('copyMarkdown', call, row);
    const markdown = await vscode.env.clipboard.readText();
    assert.match(markdown, /^## `greet` of `hello\.wasm`/);
    assert.match(markdown, /SHA-256 [0-9a-f]{64}/);
    await door('copyRow', call, row);
    assert.match(await vscode.env.clipboard.readText(), /← #0 get_user/);
  });

  it('Open Message: pretty-printed, with every digit', async () => {
    const call = await called();
    await door('openMessage', call, 0);
    const editor = await until('the message', 5000, () => {
      const active = vscode.window.activeTextEditor;
      return active?.document.uri.scheme === 'wasmi-plugin-message' ? active : undefined;
    });
    await until('its language', 5000, () => editor.document.languageId === 'json' || undefined);
    assert.match(editor.document.getText(), /^ {4}"n": 18446744073709551615$/m);
  });

  it('Compare: with what was selected, in VS Code’s own diff editor', async () => {
    const call = await called();
    const other = await called({ paramsText: '{"name":"Bo"}' });
    await door('selectForCompare', call, 0);
    await door('compareSelected', other, 0);
    const diff = await until('the diff', 5000, () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff ? input : undefined;
    });
    const text = async (uri: vscode.Uri) => (await vscode.workspace.openTextDocument(uri)).getText();
    assert.match(await text(diff.original), /Ada/);
    assert.match(await text(diff.modified), /Bo/);
  });

  it('Reveal Guest Function: the function’s text, at the instruction, without a session', async () => {
    const call = await called();
    await door('revealFunction', call, rowOf(call, 'request', 'get_user'));
    const { document, line } = await until('the function, with the cursor in it', 15_000, () => {
      const active = vscode.window.activeTextEditor;
      if (active?.document.uri.scheme !== 'wasmi-plugin-code' || active.selection.active.line < 2) return undefined;
      return { document: active.document, line: active.selection.active.line };
    });
    assert.match(document.getText(), /^;; .*function \d+ of hello\.wasm/);
    assert.match(document.lineAt(line).text, /call/);
  });

  it('a call whose plugin was built anew is still debugged as it was', async () => {
    const copy = path.join(folder().uri.fsPath, 'copy.wasm');
    fs.copyFileSync(configuration().plugin, copy);
    const call = await called({ plugin: copy });
    fs.writeFileSync(copy, 'something else');
    await door('runToHere', call, rowOf(call, 'request', 'log'));
    assert.equal((await conversation.event('stopped'))['reason'], 'goto');
    fs.rmSync(copy);
  });

  describe('and recordings', () => {
    const files: string[] = [];
    const save = async (call: KeptCall, name: string): Promise<vscode.Uri> => {
      const uri = vscode.Uri.file(path.join(folder().uri.fsPath, name));
      assert.ok(call.header);
      await saveRecording({ header: call.header, store: call.store }, uri);
      files.push(uri.fsPath);
      return uri;
    };
    after(() => {
      for (const file of files) fs.rmSync(file, { force: true });
    });
    const command = (name: string, uri: vscode.Uri) =>
      vscode.commands.executeCommand(`wasmiPluginDebugger.transcript.${name}`, uri);

    it('R4: one that was saved is opened as a call, with the same rows', async () => {
      const call = await called();
      const uri = await save(call, 'greet.recording.jsonl');
      await command('showRecording', uri);
      const opened = last();
      assert.notEqual(opened, call);
      assert.equal(transcript.panel.model.shownCall, opened);
      assert.deepEqual([opened.state, opened.method, opened.note], ['recording', 'greet', undefined]);
      opened.rows.advance(1000);
      assert.equal(opened.rows.length, call.rows.length);
      assert.equal(opened.pluginPath, call.pluginPath);
    });

    it('R2: is debugged from its start, shown where it was opened; rows are run to, and sent again', async () => {
      const call = await called();
      const uri = await save(call, 'debugged.recording.jsonl');
      await command('debugRecording', uri);
      assert.equal((await conversation.event('stopped'))['reason'], 'entry');
      const opened = last();
      assert.deepEqual([opened.state, opened.isLive], ['stopped', true]);
      opened.rows.advance(1000);
      const row = rowOf(opened, 'request', 'log');
      // it has not come to an event yet, so this is the session that goes on
      await door('runToHere', opened, row);
      await until('the event', 10_000, () => (opened.present === opened.rows.event(row) ? true : undefined));
      assert.equal(conversation.session.name, 'Replay greet');
      await vscode.debug.stopDebugging();
      await over();
      await until('its end', 5000, () => opened.state === 'recording' || undefined);
      conversation.skip();
      await transcript.doors.open('sendAgain', opened, 0, { params: '{"name":"Bo"}' });
      await conversation.event('exited');
      assert.equal(last().params, '{"name":"Bo"}');
    });

    it('a launch of a recording that is open is shown there; of another one, as a call of its own', async () => {
      const call = await called();
      const uri = await save(call, 'launched.recording.jsonl');
      const launch = { type: 'wasmi-plugin', request: 'launch', name: 'replay', recording: 'launched.recording.jsonl' };
      await vscode.debug.startDebugging(folder(), { ...launch, stopAt: 3 });
      assert.equal((await conversation.event('stopped'))['reason'], 'goto');
      assert.deepEqual([last().state, last().present], ['stopped', 3]);
      await vscode.debug.stopDebugging();
      await over();
      conversation.skip();
      await command('showRecording', uri);
      const opened = last();
      await vscode.debug.startDebugging(folder(), { ...launch, stopAt: 4 });
      await conversation.event('stopped');
      assert.equal(last(), opened);
      assert.equal(opened.present, 4);
    });

    it('R4: one that was cut short is shown as far as it goes, and says so', async () => {
      const call = await called();
      const uri = await save(call, 'cut.recording.jsonl');
      fs.truncateSync(uri.fsPath, fs.statSync(uri.fsPath).size - 40);
      await command('showRecording', uri);
      assert.match(last().note ?? '', /cut short|end/);
      assert.equal(last().outcome, 'cut short');
    });
  });

  it('what can’t be done is refused in a sentence', async () => {
    const call = await called();
    await assert.rejects(
      transcript.doors.open('stopOnLike', call, rowOf(call, 'stderr', 'stderr')),
      /Breakpoints view/,
    );
    await assert.rejects(transcript.doors.open('openMessage', call, rowOf(call, 'stderr', 'stderr')), /no message/);
    await assert.rejects(transcript.doors.open('runToHere', call, 1e9), /no row/);
    await assert.rejects(
      transcript.doors.open('sendAgain', call, rowOf(call, 'request', 'log')),
      /Only the call itself/,
    );
    const long = await called({ paramsText: JSON.stringify({ name: 'Ada', text: 'x'.repeat(100_000) }) });
    await assert.rejects(transcript.doors.open('sendAgain', long, 0), /100 \d\d\d bytes, too many/);
  });
});
