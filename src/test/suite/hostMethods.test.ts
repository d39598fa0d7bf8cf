// The view Host Methods inside VS Code: what it knows of a call, what its actions write into the mock file, how a session follows that file, and
// answers by hand.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Activated } from '../../extension.ts';
import { FileEdits } from '../../hostMethods/editFile.ts';
import type { HostMethods } from '../../hostMethods/hostMethods.ts';
import { addRule } from '../../hostMethods/mockEdits.ts';
import type { MethodNode } from '../../hostMethods/model.ts';
import { detailsOf } from '../../transcript/details.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { TreeHandles } from '../../transcript/treeHandles.ts';
import { Conversation, folder, greet, until } from './support.ts';

const MOCKS = `{
  // of the team
  "default": "pause",
  "hostMethods": {
    "get_user": [
      { "when": { "params": { "name": "Bob" } }, "reply": { "result": null } }, // nobody
      { "reply": { "result": { "display_name": "Ada", "utc_offset_hours": 0 } } }
    ],
    "log": [{ "reply": { "result": 18446744073709551615 } }]
  }
}
`;

describe('the view Host Methods', () => {
  let conversation: Conversation;
  let hostMethods: HostMethods;
  let transcript: Transcript;
  let file: string;

  before(async () => {
    const extension = vscode.extensions.getExtension<Activated>('wasmi-plugin-debugger.wasmi-plugin-debugger');
    assert.ok(extension);
    ({ hostMethods, transcript } = await extension.activate());
    conversation = new Conversation();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    const directory = path.join(folder().uri.fsPath, 'mocked');
    fs.mkdirSync(directory, { recursive: true });
    file = path.join(directory, 'team.mocks.jsonc');
  });
  beforeEach(async () => {
    fs.writeFileSync(file, MOCKS);
    await hostMethods.mocks.use(file);
    const rulesOf = (name: string) => hostMethods.methods.find((one) => one.name === name)?.rules.length;
    await until(
      'the mocks in the tree',
      10_000,
      () => (rulesOf('get_user') === 2 && rulesOf('log') === 1) || undefined,
    );
  });
  afterEach(async () => {
    // one that ends at the same moment can't be stopped any more
    await vscode.debug.stopDebugging().then(undefined, () => {});
    await conversation.over();
    conversation.skip();
    for (const document of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(() => {
    conversation.dispose();
    fs.rmSync(path.dirname(file), { recursive: true, force: true });
  });

  const launch = (changes: object = {}) => vscode.debug.startDebugging(folder(), greet({ mocks: file, ...changes }));
  const called = async (changes: object = {}): Promise<void> => {
    assert.ok(await launch(changes));
    await conversation.event('terminated');
  };
  const method = (name: string, holds: (method: MethodNode) => boolean = () => true): Promise<MethodNode> =>
    until(`${name} in the tree`, 10_000, () => hostMethods.methods.find((one) => one.name === name && holds(one)));
  const act = (name: string, node?: unknown) =>
    vscode.commands.executeCommand(`wasmiPluginDebugger.hostMethods.${name}`, node);
  const text = () => fs.readFileSync(file, 'utf8');
  /** The call waits for an answer, and the editor for it is there. */
  const asked = async (name: string): Promise<vscode.TextEditor> => {
    await until(
      `a call that waits at ${name}`,
      20_000,
      () => hostMethods.runs.waiting?.ask.method === name || undefined,
    );
    return until('the editor of the answer', 10_000, () => {
      const editor = vscode.window.activeTextEditor;
      // the answer in it is selected last
      return editor?.document.uri.scheme === 'wasmi-plugin-answer' && !editor.selection.isEmpty ? editor : undefined;
    });
  };
  /** By the document: VS Code may have opened its editor anew since. */
  const replace = async ({ document }: vscode.TextEditor, range: vscode.Range, typed: string): Promise<void> => {
    const change = new vscode.WorkspaceEdit();
    change.replace(document.uri, range, typed);
    assert.ok(await vscode.workspace.applyEdit(change));
  };
  const type = (editor: vscode.TextEditor, typed: string) => replace(editor, editor.selection, typed);

  it('shows methods and rules with their counts', async () => {
    await called();
    // a call is counted before its answer
    const user = await method(
      'get_user',
      ({ calls, rules }) => calls === 1 && rules.map(({ hits }) => hits).join() === '0,1',
    );
    assert.equal(user.state, 'mocked');
    const item = hostMethods.tree.getTreeItem(user);
    assert.match(String(item.description), /mocked · 1 call/);
    assert.equal(item.checkboxState && typeof item.checkboxState === 'object' && item.checkboxState.state, 1);
    const { tooltip } = hostMethods.tree.resolveTreeItem(item, user);
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.match(tooltip.value, /"name":"Ada"/);
    assert.ok(!tooltip.isTrusted && !tooltip.supportHtml);
  });

  it('edits the file, saves it, and takes that back', async () => {
    /** The tree follows the file a moment later. */
    const asWritten = () => method('get_user', ({ rules }) => rules[0]?.rule.when.params !== undefined);
    const log = await method('log');
    await act('fail', log);
    assert.match(
      text(),
      /"log": \[\{ "reply": \{ "error": \{ "code": -32000, "message": "mocked error of log" \} \} \}\]/,
    );
    assert.match(text(), /\/\/ of the team[\s\S]*\/\/ nobody/);
    await act('undo');
    assert.equal(text(), MOCKS);
    const [rule] = (await asWritten()).rules;
    await act('moveDown', rule);
    assert.match(text(), /"Ada"[\s\S]*"Bob".*\/\/ nobody/);
    await act('undo');
    const transfer = new vscode.DataTransfer();
    const [first, second] = (await asWritten()).rules;
    assert.ok(first && second);
    hostMethods.tree.handleDrag([second], transfer);
    await hostMethods.tree.handleDrop(first, transfer);
    assert.match(text(), /"Ada"[\s\S]*"Bob".*\/\/ nobody/);
    await act('undo');
    assert.equal(text(), MOCKS);
    await act('disable', await method('log'));
    assert.match(text(), /18446744073709551615 \}, "disabled": true \}/);
    assert.equal((await method('log', ({ state }) => state !== 'mocked')).rules[0]?.rule.disabled, true);
    await act('enable', await method('log', ({ state }) => state !== 'mocked'));
    assert.equal(text(), MOCKS);
  });

  it('makes a mock file in one step, and takes it back while nothing else is in it', async () => {
    const edits = new FileEdits();
    const directory = path.join(path.dirname(file), 'made', '.vscode');
    const made = path.join(directory, 'plugin.mocks.jsonc');
    const add = (value: string) => (before: string) => addRule(before, 'log', { reply: `{ "result": ${value} }` });
    await edits.edit(made, add('1'), true);
    assert.match(fs.readFileSync(made, 'utf8'), /"log": \[\n {6}\{ "reply": \{ "result": 1 \} \}\n {4}\]/);
    assert.equal(await edits.undo(), made);
    assert.ok(!fs.existsSync(directory));
    assert.ok(!edits.canUndo);
    await edits.edit(made, add('1'), true);
    await edits.edit(made, add('2'));
    fs.writeFileSync(path.join(directory, 'settings.json'), '{}');
    assert.equal(await edits.undo(), undefined);
    assert.equal(await edits.undo(), made);
    assert.deepEqual(fs.readdirSync(directory), ['settings.json']);
    await edits.edit(made, add('1'), true);
    const document = await vscode.workspace.openTextDocument(made);
    const change = new vscode.WorkspaceEdit();
    change.insert(document.uri, new vscode.Position(0, 0), '// mine\n');
    assert.ok(await vscode.workspace.applyEdit(change));
    await assert.rejects(edits.undo(), /was changed since by somebody else/);
    assert.ok(fs.existsSync(made));
    await document.save();
  });

  it('leaves a buffer that is not saved as dirty as it was, and a call follows it', async () => {
    const document = await vscode.workspace.openTextDocument(file);
    const editor = await vscode.window.showTextDocument(document);
    const at = document.positionAt(document.getText().indexOf('"Ada"'));
    await replace(editor, new vscode.Range(at, at.translate(0, 5)), '"Buffer"');
    await act('pauseHere', await method('log'));
    assert.ok(document.isDirty);
    assert.equal(text(), MOCKS);
    assert.match(
      document.getText(),
      /"log": \[\n {6}\{ "pause": true \},\n {6}\{ "reply": \{ "result": 18446744073709551615 \} \}\n/,
    );
    assert.ok(await launch({ mocks: file }));
    const answer = await asked('log');
    assert.match(answer.document.getText(), /Good \w+, Buffer!/);
    await act('sendResult');
    await conversation.event('terminated');
    assert.match(conversation.output, /Buffer/);
  });

  it('leaves the last good rules in force when there is a mistake, and says so', async () => {
    const whole = ({ rules }: MethodNode) => rules.length === 1;
    await method('log', whole);
    fs.writeFileSync(file, MOCKS.replace('"log": [', '"log": ['.slice(0, -1)));
    const problem = await until('the problem', 10_000, () => hostMethods.mocks.problem);
    assert.match(problem, /^team\.mocks\.jsonc:\d+:\d+: /);
    assert.equal(whole(await method('log')), true);
    fs.writeFileSync(file, MOCKS);
    await until('no problem', 10_000, () => hostMethods.mocks.problem === undefined || undefined);
  });

  it('follows the files that it includes, and forgets a file that is gone', async () => {
    const included = path.join(path.dirname(file), 'shared.json');
    fs.writeFileSync(included, '{ "shared": 1 }');
    fs.writeFileSync(file, MOCKS.replace('"default"', '"include": ["shared.json"], "default"'));
    await method('shared');
    const renamed = await until('the change in the tree', 10_000, async () => {
      // VS Code may not watch it yet
      fs.writeFileSync(included, '{ "renamed": 1 }');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return hostMethods.methods.find(({ name }) => name === 'renamed');
    });
    await act('fail', renamed);
    assert.match(fs.readFileSync(included, 'utf8'), /"renamed": \[\{ "reply": \{ "error"/);
    fs.rmSync(file);
    await until('other mocks', 10_000, () => hostMethods.mocks.file !== file || undefined);
  });

  it('P2: asks where a method is unknown, sends what is typed, and keeps it as a mock', async () => {
    fs.writeFileSync(file, MOCKS.replace(/\s*"log".*\n/, '\n').replace('} }\n    ],', '} }\n    ]'));
    await hostMethods.mocks.refresh();
    assert.ok(await launch());
    const editor = await asked('log');
    assert.match(editor.document.getText(), /"level": "info"/);
    assert.equal((await method('log', ({ waits }) => waits)).state, 'asked');
    await type(editor, '{ "n": ');
    await act('rememberResult');
    assert.ok(hostMethods.runs.waiting, 'what is no JSON is not sent');
    const { lineCount } = editor.document;
    await replace(editor, new vscode.Range(lineCount - 2, 0, lineCount - 1, 0), '{ "n": 18446744073709551615 }\n');
    await act('rememberResult');
    await conversation.event('terminated');
    assert.match(text(), /"log": \[\n.*"result": \{ "n": 18446744073709551615 \}/);
    assert.equal((await method('log', ({ calls }) => calls === 1)).rules.length, 1);
    await called();
  });

  it('P2: a reply that the plugin has not read is changed where it stands, prefilled, and kept as a mock', async () => {
    vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint('rpc-reply:get_user')]);
    try {
      assert.ok(await launch());
      await conversation.event('stopped');
      const call = transcript.calls.calls.at(-1);
      assert.ok(call);
      const rowOf = (kind: string, name: string): number => {
        call.rows.advance(Number.POSITIVE_INFINITY);
        const rows = Array.from({ length: call.rows.length }, (_, row) => row);
        return rows.find((row) => call.rows.kind(row) === kind && call.rows.name(row) === name) ?? -1;
      };
      const reply = await until('the reply', 10_000, () => {
        const row = rowOf('result', 'get_user');
        return row >= 0 && call.canChangeReply(row) ? row : undefined;
      });
      const request = rowOf('request', 'get_user');
      assert.ok(call.canChangeReply(request));
      assert.equal(call.canChangeReply(0), false);
      assert.ok(detailsOf(call, reply, new TreeHandles()).doors.includes('changeReply'));
      assert.ok(!detailsOf(call, 0, new TreeHandles()).doors.includes('changeReply'));
      const change = { call: call.id, row: reply };
      const editor = await until('the editor with the reply', 10_000, async () => {
        // a person chooses that when the stop is on the screen: VS Code may open where it is only now
        await vscode.commands.executeCommand('wasmiPluginDebugger.transcript.changeReply', change);
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const active = vscode.window.activeTextEditor;
        return active?.document.uri.scheme === 'wasmi-plugin-answer' && !active.selection.isEmpty ? active : undefined;
      });
      assert.match(
        editor.document.getText(),
        /^\/\/ The reply to the host method get_user, of which the plugin has read nothing/,
      );
      assert.equal(
        editor.document.getText(editor.selection),
        '{"display_name":"Ada","utc_offset_hours":0}',
        'it begins as the reply',
      );
      await type(editor, '{ "display_name": "Changed", "utc_offset_hours": 3 }');
      await act('rememberResult');
      const changed = await until('the changed reply', 10_000, () => {
        call.rows.advance(Number.POSITIVE_INFINITY);
        const row = call.rows.pair(request);
        return row > reply ? row : undefined;
      });
      assert.ok(call.rows.neverRead(reply) && call.canChangeReply(changed));
      assert.match(JSON.stringify(detailsOf(call, changed, new TreeHandles()).facts), /in place of/);
      assert.match(JSON.stringify(detailsOf(call, reply, new TreeHandles()).facts), /never read: it was changed/);
      await until('the editor to close', 10_000, () =>
        vscode.window.visibleTextEditors.every(({ document }) => document.uri.scheme !== 'wasmi-plugin-answer')
          ? true
          : undefined,
      );
      // the method has other rules: it is kept for calls with these params
      assert.match(text(), /"when": \{\s*"params": \{\s*"name": "Ada"\s*\}\s*\},\s*"reply": \{[^}]*"Changed"/);
      await conversation.sessions.at(-1)?.customRequest('continue', { threadId: 1 });
      await conversation.event('terminated');
      assert.match(conversation.output, /Good \w+, Changed!/);
      assert.equal(call.canChangeReply(changed), false);
      await assert.rejects(
        transcript.doors.open('changeReply', call, changed),
        /Only a reply of which the plugin has read/,
      );
    } finally {
      vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    }
  });

  it('a rule that changes while the call stands answers the next call', async () => {
    await act('pauseHere', await method('get_user'));
    assert.ok(await launch());
    const editor = await asked('get_user');
    await act('fail', await method('log'));
    await type(editor, '{ "display_name": "Hand", "utc_offset_hours": 0 }');
    await act('sendResult');
    await conversation.event('terminated');
    assert.match(conversation.output, /mocked error of log/);
  });

  it('P2: the answer in a row of the transcript is mocked, digit by digit', async () => {
    await called();
    await method('log', ({ calls }) => calls === 1);
    const call = transcript.calls.calls.at(-1);
    assert.ok(call);
    const rows = Array.from({ length: call.rows.length }, (_, row) => row);
    const ofLog = rows.filter((row) => call.rows.name(row) === 'log');
    assert.equal(ofLog.length, 2);
    for (const row of ofLog) {
      const own = path.join(path.dirname(file), `answer-${row}.mocks.jsonc`);
      fs.writeFileSync(own, '{ "default": "unknown", "hostMethods": {} } // empty');
      await hostMethods.mocks.use(own);
      await method('log', ({ rules }) => rules.length === 0);
      await vscode.commands.executeCommand('wasmiPluginDebugger.transcript.mockAnswer', { call: call.id, row });
      const edited = fs.readFileSync(own, 'utf8');
      assert.match(edited, /"log": \[\s*\{ "reply": \{ "result": 18446744073709551615 \} \}\s*\][\s\S]*\/\/ empty/);
    }
    await vscode.commands.executeCommand('wasmiPluginDebugger.transcript.mocksFromCall');
    const made = await until('the mocks of the call', 10_000, () => {
      const document = vscode.window.activeTextEditor?.document;
      return document?.languageId === 'plugin-mocks' ? document : undefined;
    });
    assert.match(made.getText(), /"get_user"[\s\S]*"Ada"[\s\S]*"log"[\s\S]*18446744073709551615/);
    // the call's own request is no host call
    await assert.rejects(hostMethods.mockAnswer(call, 0), /no call of a host method/);
  });
});
