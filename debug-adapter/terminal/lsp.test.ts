// The language server as a process, asked by a real client over stdio. Conversations are golden files.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { assertGolden } from '../testing/golden.ts';
import { LanguageClient } from '../testing/language-client.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-lsp-'));
const clients: LanguageClient[] = [];
after(() => {
  for (const client of clients) client.kill();
  fs.rmSync(folder, { recursive: true, force: true });
});

const client = (): LanguageClient => {
  const made = new LanguageClient();
  clients.push(made);
  return made;
};

const MOCKS = 'file:///project/host.mocks.jsonc';
const RUST = 'file:///project/src/main.rs';
const SOURCE = `async fn greet(host: Transport) {
    host.call("get_user", params).await;
    host.call("log", "x").await;
}
`;
const TEXT = `{
  // the host
  "hostMethods": {
    "get_user": [
      { "when": { "params": { "id": 18446744073709551615 } }, "reply": { "result": null }, "setState": "known" },
      { "when": { "state": "known" }, "reply": { "result": { "$param": "id" } } }
    ],
    "lgo": [{ "reply": { "result": null } }]
  }
}
`;
const OBSERVED = {
  methods: [
    {
      method: 'get_user',
      calls: 2,
      last: { params: '{"id":18446744073709551615}', answer: { kind: 'result', text: 'null' } },
      params: ['{"id":18446744073709551615}', '{"id":7,"deep":{"x":1}}'],
    },
  ],
  rules: [{ file: '/project/host.mocks.jsonc', method: 'get_user', number: 1, hits: 2, at: '12:00:00' }],
};

/** Where a piece of the text begins, and how much further. */
function at(text: string, piece: string, further = 0): { line: number; character: number } {
  const before = text.slice(0, text.indexOf(piece) + further);
  return { line: before.split('\n').length - 1, character: before.length - before.lastIndexOf('\n') - 1 };
}

/** Asks, and writes down what was asked and what came. */
class Conversation {
  readonly lines: string[] = [];
  readonly client: LanguageClient;

  constructor(client: LanguageClient) {
    this.client = client;
  }

  async ask(title: string, method: string, params: object): Promise<unknown> {
    const answer = await this.client.request(method, params);
    this.tell(`${title}: ${method}`, answer);
    return answer;
  }

  tell(title: string, value: unknown): void {
    this.lines.push(`## ${title}`, '', ...list(value), '');
  }
}

/** One line for each item of a list, so that a difference is seen. */
function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map((each) => JSON.stringify(each)) : [JSON.stringify(value)];
}

describe('wasmi-plugin-debugger lsp', () => {
  it('P2: answers an editor about a mock file', async () => {
    const editor = client();
    const server = await editor.initialize();
    const talk = new Conversation(editor);
    talk.tell('capabilities', server);
    await editor.open(RUST, SOURCE, 'rust');
    await editor.open(MOCKS, TEXT);
    await editor.connection.sendNotification('plugin/observed', OBSERVED);
    const textDocument = { uri: MOCKS };
    talk.tell('diagnostics', await editor.diagnostics(MOCKS, (found) => found.length > 0));
    await talk.ask('a method', 'textDocument/hover', { textDocument, position: at(TEXT, '"get_user"', 3) });
    await talk.ask('a member', 'textDocument/hover', { textDocument, position: at(TEXT, '"setState"', 3) });
    await talk.ask('nothing', 'textDocument/hover', { textDocument, position: { line: 1, character: 5 } });
    await talk.ask('fields', 'textDocument/completion', { textDocument, position: at(TEXT, '"id": 18', 0) });
    await talk.ask('values', 'textDocument/completion', { textDocument, position: at(TEXT, '"id": 18', 6) });
    await talk.ask('states', 'textDocument/completion', { textDocument, position: at(TEXT, '"state": "known"', 11) });
    await talk.ask('outline', 'textDocument/documentSymbol', { textDocument });
    await talk.ask('folds', 'textDocument/foldingRange', { textDocument });
    const options = { tabSize: 4, insertSpaces: true };
    await talk.ask('layout', 'textDocument/formatting', { textDocument, options });
    assertGolden(import.meta.url, 'lsp-mocks.md', talk.lines.join('\n'));
    assert.equal(await editor.end(), 0);
    assert.equal(editor.stderr, '');
  });

  it('leads from rules to calls and back, and changes what it is asked to', async () => {
    const editor = client();
    await editor.initialize();
    const applied: unknown[] = [];
    editor.connection.onRequest('workspace/applyEdit', ({ edit }) => {
      applied.push(edit);
      return { applied: true };
    });
    const talk = new Conversation(editor);
    await editor.open(RUST, SOURCE, 'rust');
    await editor.open(MOCKS, TEXT);
    const unmatched = { params: '{"id":18446744073709551614}', answer: { kind: 'error', text: '-32601: no' } };
    const [method] = OBSERVED.methods;
    await editor.connection.sendNotification('plugin/observed', { ...OBSERVED, methods: [{ ...method, unmatched }] });
    const textDocument = { uri: MOCKS };
    const rule = at(TEXT, '"reply"', 2);
    const call = { textDocument: { uri: RUST }, position: at(SOURCE, '"get_user"', 2) };
    const state = at(TEXT, '"known" }, "reply"', 2);
    await talk.ask('to the guest', 'textDocument/definition', { textDocument, position: rule });
    await talk.ask('to the rules', 'textDocument/definition', call);
    const context = { includeDeclaration: true };
    await talk.ask('both', 'textDocument/references', { textDocument, position: rule, context });
    await talk.ask('a state', 'textDocument/references', { textDocument, position: state, context });
    await talk.ask('a state', 'textDocument/prepareRename', { textDocument, position: state });
    await talk.ask('a state', 'textDocument/rename', { textDocument, position: state, newName: 'asked' });
    await assert.rejects(
      editor.request('textDocument/rename', { textDocument, position: state, newName: 'start' }),
      /would become one/,
    );
    const range = { start: rule, end: rule };
    await talk.ask('a rule', 'textDocument/codeAction', { textDocument, range, context: { diagnostics: [] } });
    await talk.ask('rules', 'textDocument/codeLens', { textDocument });
    const command = 'wasmiPluginDebugger.mocks.toggleRule';
    await editor.request('workspace/executeCommand', { command, arguments: [MOCKS, 'get_user', 2] });
    talk.tell('a rule is turned off', applied);
    await assert.rejects(
      editor.request('workspace/executeCommand', { command, arguments: [MOCKS, 'get_user', 9] }),
      /not there any more/,
    );
    assertGolden(import.meta.url, 'lsp-changes.md', talk.lines.join('\n'));
    assert.equal(await editor.end(), 0);
  });

  it('R4, P2: answers about a recording', async () => {
    const uri = 'file:///project/call.recording.jsonl';
    const fixture = new URL('../recording/fixtures/version-1.recording.jsonl', import.meta.url);
    const [header = ''] = fs.readFileSync(fixture, 'utf8').split('\n');
    const rpc = (dir: string, t: number, line: object): string =>
      JSON.stringify({ kind: 'rpc', fuel: 3, t, dir, line: JSON.stringify(line) });
    const text = [
      header,
      rpc('out', 1, { jsonrpc: '2.0', id: 0, method: 'echo', params: [1] }),
      JSON.stringify({ kind: 'syscall', fuel: 4, t: 2, name: 'fd_read', args: [0, 0, 1, 8], errno: 6 }),
      rpc('in', 3, { jsonrpc: '2.0', id: 0, result: 'x' }),
      'damage',
      JSON.stringify({
        kind: 'diagnosis',
        fuel: 5,
        t: 4,
        diagnosis: 'hang',
        message: 'It hangs.',
        severity: 'warning',
      }),
    ].join('\n');
    const editor = client();
    await editor.initialize();
    const talk = new Conversation(editor);
    await editor.open(uri, `${text}\n`, 'plugin-recording');
    const textDocument = { uri };
    talk.tell('diagnostics', await editor.diagnostics(uri, (found) => found.length > 0));
    for (const line of [1, 2, 3])
      await talk.ask(`line ${line}`, 'textDocument/hover', { textDocument, position: { line, character: 2 } });
    await talk.ask('the reply', 'textDocument/definition', { textDocument, position: { line: 1, character: 0 } });
    await talk.ask('outline', 'textDocument/documentSymbol', { textDocument });
    await talk.ask('folds', 'textDocument/foldingRange', { textDocument });
    assertGolden(import.meta.url, 'lsp-recording.md', talk.lines.join('\n'));
    // a large one is looked at beside other work, and what is closed or changed no further
    await editor.open(
      'file:///large.recording.jsonl',
      `${header}\n${`${text.split('\n')[2]}\n`.repeat(100_000)}`,
      'plugin-recording',
    );
    await editor.open(MOCKS, '{');
    await editor.diagnostics(MOCKS, (found) => found.length === 1);
    await editor.change('file:///large.recording.jsonl', `${header}\n`);
    const [cut] = await editor.diagnostics('file:///large.recording.jsonl', (found) => found.length === 1);
    assert.equal(cut?.code, 'cut-short');
    assert.equal(await editor.end(), 0);
  });

  it('follows the text, the sources on disk, and what includes what', async () => {
    fs.mkdirSync(path.join(folder, 'src'));
    const source = path.join(folder, 'src/lib.rs');
    fs.writeFileSync(source, SOURCE);
    const uriOf = (file: string): string => pathToFileURL(path.join(folder, file)).href;
    const editor = client();
    await editor.initialize(pathToFileURL(folder).href);
    const [a, b] = [uriOf('a.mocks.json'), uriOf('b.mocks.json')];
    await editor.open(a, '{"include": ["b.mocks.json"], "hostMethods": {"get_usr": []}}');
    const missing = await editor.diagnostics(a, (found) => found.length === 2);
    assert.deepEqual(missing.map(({ code }) => code).sort(), ['include-missing', 'never-called']);
    await editor.open(b, '{"hostMethods": {"log": [{"when": {"state": "x"}, "reply": {"result": 1}}]}}');
    await editor.diagnostics(a, (found) => found.length === 1);
    fs.writeFileSync(source, SOURCE.replace('get_user', 'get_usr'));
    const changes = [{ uri: pathToFileURL(source).href, type: 2 }];
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    await editor.diagnostics(a, (found) => found.length === 0);
    await editor.change(a, '{');
    const [syntax] = await editor.diagnostics(a, (found) => found.length === 1);
    assert.equal(syntax?.code, 'syntax');
    assert.equal(await editor.end(), 0);
  });

  it('registers each feature for its own documents, where it can', async () => {
    const editor = client();
    const dynamic = { dynamicRegistration: true };
    const server = await editor.initialize(null, {
      textDocument: { hover: dynamic, formatting: dynamic, completion: dynamic },
    });
    assert.equal(server['hoverProvider'], undefined);
    assert.equal(server['foldingRangeProvider'], true);
    await editor.request('textDocument/foldingRange', { textDocument: { uri: 'file:///none' } });
    const formatting = editor.registered.find(({ method }) => method === 'textDocument/formatting');
    assert.match(JSON.stringify(formatting?.registerOptions), /plugin-mocks/);
    assert.doesNotMatch(JSON.stringify(editor.registered), /rust.*formatting/);
    assert.equal(await editor.end(), 0);
  });

  it('ends when the editor goes away', async () => {
    const editor = client();
    await editor.initialize();
    editor.process.stdin?.end();
    assert.notEqual(await editor.ended, undefined);
  });

  it('is alive after nonsense', async () => {
    const editor = client();
    await editor.initialize();
    await editor.connection.sendNotification('plugin/observed', [{ methods: 3 }]);
    await editor.connection.sendNotification('plugin/observed', { methods: [null, { method: 1 }], rules: 'x' });
    await editor.open(MOCKS, '['.repeat(50_000));
    const position = { line: 0, character: 9 };
    assert.equal(await editor.request('textDocument/hover', { textDocument: { uri: MOCKS }, position }), null);
    assert.equal((await editor.diagnostics(MOCKS, (found) => found.length > 0)).length, 1);
    assert.equal(await editor.end(), 0);
  });
});
