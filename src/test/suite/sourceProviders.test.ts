// What editors show of a stopped call in the source, inside VS Code: values at the ends of lines, by VS Code's own command, and the expression
// under the mouse. Nothing of it where the session with the focus is not ours. Contract S6.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { Sessions } from '../../sessions.ts';
import { SourceProviders } from '../../source/sourceProviders.ts';
import { Conversation, folder, plugin, root, until } from './support.ts';

const FILE = path.join(root, 'test-plugins/c-views/main.c');

describe('the source of a call that stands', () => {
  let conversation: Conversation;
  let document: vscode.TextDocument;
  let rust: vscode.TextDocument;
  let providers: SourceProviders;
  let stopped: vscode.Range;
  let frameId = 0;
  let copy: string | undefined;
  const rustFile = vscode.Uri.joinPath(folder().uri, 'src/hovered.rs');

  const lineOf = (text: string): number => {
    const line = document.getText().split('\n').indexOf(text);
    assert.ok(line >= 0, text);
    return line;
  };
  /** What is said beside each line, by VS Code's own command. */
  const inlineValues = async (
    context: Partial<vscode.InlineValueContext> = {},
    viewport = new vscode.Range(0, 0, document.lineCount - 1, 0),
  ): Promise<string[]> => {
    const found = await vscode.commands.executeCommand<vscode.InlineValueText[]>(
      'vscode.executeInlineValueProvider',
      document.uri,
      viewport,
      { frameId, stoppedLocation: stopped, ...context },
    );
    return found.map(({ range, text }) => {
      const word = document.getText(range);
      assert.ok(text.startsWith(`${word} = `), `${text} beside ${word}`);
      const [code = ''] = document.lineAt(range.start.line).text.split(' //');
      return `${code.trim()} | ${text}`;
    });
  };
  /** The expression at a place of the Rust text, which is all of what is asked from a debugger there. */
  const expressionAt = (piece: string): vscode.EvaluatableExpression | undefined =>
    providers.provideEvaluatableExpression(rust, rust.positionAt(rust.getText().indexOf(piece) + piece.length));

  /** Runs `work` while a session that is not ours has the focus: this VS Code has no other debugger that starts without a program of its own. */
  const inAnotherSession = async (work: () => Promise<void>): Promise<void> => {
    const own = Object.getOwnPropertyDescriptor(vscode.debug, 'activeDebugSession');
    assert.ok(own?.configurable);
    const session = { ...conversation.sessions.at(-1), type: 'node' };
    Object.defineProperty(vscode.debug, 'activeDebugSession', { configurable: true, get: () => session });
    try {
      await work();
    } finally {
      Object.defineProperty(vscode.debug, 'activeDebugSession', own);
    }
  };

  before(async function () {
    const built = plugin(this, 'c-views');
    // a copy: beside its sources it might be older than one of them, which is another test's matter
    copy = path.join(folder().uri.fsPath, 'copied', 'c-views.wasm');
    fs.mkdirSync(path.dirname(copy), { recursive: true });
    fs.copyFileSync(built, copy);
    conversation = new Conversation();
    document = await vscode.workspace.openTextDocument(FILE);
    // a file: VS Code would ask under which name a text without one is to be saved, before it starts a session
    const text = 'fn main() {\n    let one = self.a[0].b + call(self.c);\n}\n';
    await vscode.workspace.fs.writeFile(rustFile, new TextEncoder().encode(text));
    rust = await vscode.workspace.openTextDocument(rustFile);
    providers = new SourceProviders(new Sessions());
    const line = lineOf('      stop_here(); // stop: scopes case');
    stopped = new vscode.Range(line, 0, line, 0);
  });
  after(async () => {
    // it was not built
    if (copy === undefined) return;
    providers.dispose();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await vscode.debug.stopDebugging();
    await conversation.over();
    conversation.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.fs.delete(rustFile);
  });

  it('S6: nothing is shown where there is no session', async () => {
    assert.equal(vscode.debug.activeDebugSession, undefined);
    assert.deepEqual(await inlineValues({ frameId: 2 }), []);
    assert.equal(expressionAt('self.a[0].b'), undefined);
  });

  it('S6: values stand beside the lines of the function, up to the one that it stands on', async () => {
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(new vscode.Location(document.uri, stopped.start))]);
    const launch = {
      ...{ type: 'wasmi-plugin', request: 'launch', name: 'scopes', plugin: copy, method: 'scopes', params: null },
      ...{ seed: '1', clock: 'virtual', slice: 1_000_000_000 },
    };
    assert.equal(await vscode.debug.startDebugging(folder(), launch), true);
    assert.equal((await conversation.event('stopped'))['reason'], 'breakpoint');
    await until('the focus', 5000, () => (vscode.debug.activeDebugSession?.type === 'wasmi-plugin' ? true : undefined));
    const [top] = await conversation.frames(1);
    assert.equal(top?.line, stopped.start.line + 1);
    frameId = top.id;
    assert.deepEqual(await inlineValues(), [
      'int value = 1; | value = 1',
      'KEEP(value); | value = 1',
      'const char *value = "two"; | value = 1',
      'KEEP(value); | value = 1',
      'int inlined = middle(three); | inlined = 19',
      'int recursive = factorial(three + 2); | recursive = 120',
      'case 1: inlined++; break; | inlined = 19',
      'int in_case = inlined + 1; | in_case = 20',
      'int in_case = inlined + 1; | inlined = 19',
    ]);
  });

  it('S6: only lines that are in view are looked at', async () => {
    const line = lineOf('  int inlined = middle(three);                        // view: inlined = 19');
    assert.deepEqual(await inlineValues({}, new vscode.Range(line, 0, line + 1, 0)), [
      'int inlined = middle(three); | inlined = 19',
      'int recursive = factorial(three + 2); | recursive = 120',
    ]);
  });

  it('S6: a frame that is not the guest’s has no values', async () => {
    assert.deepEqual(await inlineValues({ frameId: 1 }), []);
    assert.deepEqual(await inlineValues({ frameId: 2000 }), []);
  });

  it('S6: the expression under the mouse is the whole path up to the word', () => {
    const whole = expressionAt('self.a[0].b');
    assert.equal(whole?.expression, 'self.a[0].b');
    assert.equal(rust.getText(whole.range), 'self.a[0].b');
    assert.equal(expressionAt('self.a')?.expression, 'self.a');
    assert.equal(expressionAt('let on')?.expression, 'one');
    assert.equal(expressionAt('cal'), undefined);
  });

  it('S6: nothing is shown while another’s session has the focus', async () => {
    await inAnotherSession(async () => {
      assert.deepEqual(await inlineValues(), []);
      assert.equal(expressionAt('self.a[0].b'), undefined);
    });
    assert.notDeepEqual(await inlineValues(), []);
    assert.notEqual(expressionAt('self.a[0].b'), undefined);
  });
});
