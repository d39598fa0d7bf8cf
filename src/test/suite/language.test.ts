// The language server in the workbench: what VS Code itself shows of a mock file that it has open.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Activated } from '../../extension.ts';
import { folder, until } from './support.ts';

describe('language server', () => {
  const uri = (name: string): vscode.Uri => vscode.Uri.joinPath(folder().uri, name);
  const FILE = 'language.mocks.jsonc';
  const SOURCE = 'src/language.rs';
  const TEXT = `{
  // the host
  "hostMethods": {
    "get_user": [
      { "when": { "params": { "id": 18446744073709551615 } }, "reply": { "result": null }, "setState": "known" },
      { "when": { "state": "knwon" }, "reply": { "result": 18446744073709551615 } }
    ],
    "lgo": [{ "reply": { "result": null } }]
  }
}
`;
  let document: vscode.TextDocument;
  const at = (piece: string, further = 1): vscode.Position =>
    document.positionAt(document.getText().indexOf(piece) + further);
  const activated = (): Activated => {
    const extension = vscode.extensions.getExtension<Activated>('wasmi-plugin-debugger.wasmi-plugin-debugger');
    assert.ok(extension?.isActive);
    return extension.exports;
  };

  before(async () => {
    const source = 'async fn greet() { host.call("get_user", p).await; host.call("log", p).await; }';
    await vscode.workspace.fs.writeFile(uri(SOURCE), new TextEncoder().encode(source));
    await vscode.workspace.fs.writeFile(uri(FILE), new TextEncoder().encode(TEXT));
    document = await vscode.workspace.openTextDocument(uri(FILE));
    await vscode.window.showTextDocument(document);
    await until('the extension, which the language activates, and its server', 20_000, () => {
      const extension = vscode.extensions.getExtension<Activated>('wasmi-plugin-debugger.wasmi-plugin-debugger');
      return extension?.isActive && extension.exports.languages.isRunning ? true : undefined;
    });
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.workspace.fs.delete(uri(FILE));
    await vscode.workspace.fs.delete(uri(SOURCE));
  });

  it('a mock file is of our language, and JSON keeps out of it', async () => {
    assert.equal(document.languageId, 'plugin-mocks');
    const found = await until('diagnostics', 10_000, () => {
      const all = vscode.languages.getDiagnostics(document.uri);
      return all.length > 1 ? all : undefined;
    });
    assert.deepEqual([...new Set(found.map(({ source }) => source))], ['wasmi-plugin']);
    assert.deepEqual(found.map(({ code }) => code).sort(), ['never-called', 'never-true']);
  });

  it('P2: hover tells what a run has shown, with all digits', async () => {
    activated().languages.observed({
      methods: [
        {
          ...{ method: 'get_user', calls: 2, params: ['{"id":18446744073709551615}'] },
          last: { params: '{"id":18446744073709551615}', answer: { kind: 'result', text: '18446744073709551615' } },
        },
      ],
      rules: [],
    });
    const text = await until('a hover', 10_000, async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        at('"get_user"'),
      );
      const shown = hovers
        .flatMap(({ contents }) => contents.map((each) => (each as vscode.MarkdownString).value))
        .join('\n');
      return shown.includes('2 times') ? shown : undefined;
    });
    assert.match(text, /Host method `get_user`/);
    assert.match(text, /18446744073709551615/);
  });

  it('completion offers what the plugin calls, and members of rules', async () => {
    const complete = async (position: vscode.Position): Promise<string[]> => {
      const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        document.uri,
        position,
      );
      return items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    };
    await until('a method', 5000, async () => (await complete(at('"lgo"', 3))).includes('log') || undefined);
    const members = await complete(at('"setState"', 3));
    assert.ok(members.includes('delay') && !members.includes('when'), String(members));
  });

  it('a rule leads to the call in the source, and the call to its rules', async () => {
    const definitions = (
      at: vscode.Uri,
      position: vscode.Position,
    ): Thenable<(vscode.Location | vscode.LocationLink)[]> =>
      vscode.commands.executeCommand('vscode.executeDefinitionProvider', at, position);
    const uriOf = (found: vscode.Location | vscode.LocationLink | undefined): string | undefined =>
      (found && ('uri' in found ? found.uri : found.targetUri))?.toString();
    await until('the call', 5000, async () => {
      const [call] = await definitions(document.uri, at('"reply"'));
      return uriOf(call) === uri(SOURCE).toString() || undefined;
    });
    const source = await vscode.workspace.openTextDocument(uri(SOURCE));
    const position = source.positionAt(source.getText().indexOf('"get_user"') + 2);
    const rules = await until('the rules', 5000, async () => {
      const found = (await definitions(source.uri, position)).filter((each) => uriOf(each) === document.uri.toString());
      return found.length > 0 ? found : undefined;
    });
    assert.equal(rules.length, 2);
  });

  it('a lens turns its rule off and on again, and a state is renamed', async () => {
    const toggle = await until('a lens', 5000, async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
      );
      return lenses.find(({ command }) => command?.title === '● on')?.command;
    });
    const text = document.getText();
    await vscode.commands.executeCommand(toggle.command, ...(toggle.arguments ?? []));
    await until('a rule that is off', 5000, () => (document.getText().includes('"disabled": true') ? true : undefined));
    await vscode.commands.executeCommand(toggle.command, ...(toggle.arguments ?? []));
    await until('the rule on again', 5000, () => (document.getText() === text ? true : undefined));
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
      'vscode.executeDocumentRenameProvider',
      document.uri,
      at('"known"', 2),
      'asked',
    );
    assert.deepEqual(
      edit.get(document.uri).map(({ newText }) => newText),
      ['"asked"'],
    );
  });

  it('a problem is mended by its quick fix', async () => {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      new vscode.Range(at('"knwon"'), at('"knwon"')),
    );
    assert.ok(
      actions.some(({ title }) => title === 'Change to the state known'),
      actions.map(({ title }) => title).join(),
    );
  });

  it('outline, folds and layout', async () => {
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.deepEqual(
      symbols.map(({ name, children }) => [name, children.length]),
      [
        ['get_user', 2],
        ['lgo', 1],
      ],
    );
    const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>(
      'vscode.executeFoldingRangeProvider',
      document.uri,
    );
    assert.deepEqual(
      folds.map(({ start }) => start),
      [0, 2, 3],
    );
    const edits = await vscode.commands.executeCommand<vscode.TextEdit[]>(
      'vscode.executeFormatDocumentProvider',
      document.uri,
      { tabSize: 4, insertSpaces: true },
    );
    assert.ok(edits.length > 0);
    const change = new vscode.WorkspaceEdit();
    change.set(document.uri, edits);
    assert.ok(await vscode.workspace.applyEdit(change));
    assert.equal(document.getText().replace(/\s/g, ''), TEXT.replace(/\s/g, ''));
    assert.match(document.getText(), /\n {4}"hostMethods": \{\n {8}"get_user"/);
  });

  it('a recording: hover, the paired message, and what is damaged', async () => {
    const rpc = (dir: string, line: object): string =>
      JSON.stringify({ kind: 'rpc', fuel: 3, t: 1, dir, line: JSON.stringify(line) });
    const text = [
      '{"format":"wasmi-plugin-recording"',
      rpc('out', { jsonrpc: '2.0', id: 0, method: 'echo', params: [18446744073709551615n.toString()] }),
      rpc('in', { jsonrpc: '2.0', id: 0, result: 'x' }),
    ].join('\n');
    const file = uri('language.recording.jsonl');
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(`${text}\n`));
    const recording = await vscode.workspace.openTextDocument(file);
    assert.equal(recording.languageId, 'plugin-recording');
    const [damaged] = await until('diagnostics', 10_000, () => {
      const all = vscode.languages.getDiagnostics(file);
      return all.length > 0 ? all : undefined;
    });
    assert.equal(damaged?.range.start.line, 0);
    const place = new vscode.Position(1, 4);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', file, place);
    const shown = hovers
      .flatMap(({ contents }) => contents.map((each) => (each as vscode.MarkdownString).value))
      .join();
    assert.match(shown, /#0 echo/);
    assert.match(shown, /The reply, line 3/);
    const [reply] = await vscode.commands.executeCommand<vscode.Location[]>(
      'vscode.executeDefinitionProvider',
      file,
      place,
    );
    assert.equal(reply?.range.start.line, 2);
    await vscode.workspace.fs.delete(file);
  });
});
