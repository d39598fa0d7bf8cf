// The grammars, with VS Code's own tokenizer on what is really written: what each piece of a line is called is a golden file. And what a recording's must
// not mistake, on lines made for it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar } from 'vscode-textmate';
import { EventStore } from '../debug-adapter/recording/event-store.ts';
import { parseRecording } from '../debug-adapter/recording/reader.ts';
import { recordingText } from '../debug-adapter/recording/writer.ts';
import { assertGolden } from '../debug-adapter/testing/golden.ts';
import { worked } from '../debug-adapter/testing/lateness.ts';

const root = new URL('../', import.meta.url);
const read = (name: string): string => fs.readFileSync(new URL(name, root), 'utf8').replaceAll('\r\n', '\n');
const { contributes } = JSON.parse(read('package.json')) as {
  contributes: {
    languages: { id: string; extensions?: string[]; configuration?: string }[];
    grammars: { language: string; scopeName: string; path: string }[];
  };
};

await oniguruma.loadWASM(fs.readFileSync(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm')));
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (sources) => oniguruma.createOnigScanner(sources),
    createOnigString: (text) => oniguruma.createOnigString(text),
  }),
  loadGrammar: async (scopeName) => {
    const contributed = contributes.grammars.find((candidate) => candidate.scopeName === scopeName);
    if (contributed === undefined) return assert.fail(`no grammar has the scope ${scopeName}`);
    return textmate.parseRawGrammar(read(contributed.path), contributed.path);
  },
});
const grammarOf = async (scope: string): Promise<IGrammar> =>
  (await registry.loadGrammar(scope)) ?? assert.fail(`there is no grammar ${scope}`);
const recording = await grammarOf('source.plugin-recording');

interface Token {
  readonly text: string;
  readonly scopes: string;
}

/** Tokens that follow each other with the same scopes are one. */
function tokens(text: string, grammar = recording): Token[][] {
  let stack = textmate.INITIAL;
  return text.split('\n').map((line) => {
    const { tokens: found, ruleStack, stoppedEarly } = grammar.tokenizeLine(line, stack);
    assert.equal(stoppedEarly, false);
    stack = ruleStack;
    const merged: { text: string; scopes: string }[] = [];
    for (const { startIndex, endIndex, scopes } of found) {
      const name = scopes
        .slice(1)
        .map((scope) => scope.replace(/\.(?:plugin-recording|plugin-transcript|wat)$/, ''))
        .join(' ');
      const piece = line.slice(startIndex, endIndex);
      const last = merged.at(-1);
      if (last?.scopes === name) last.text += piece;
      else if (piece !== '') merged.push({ text: piece, scopes: name });
    }
    return merged.filter(({ text: piece, scopes }) => piece.trim() !== '' || scopes !== '');
  });
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 30)} … ${text.slice(-20)}` : text);
const shown = (lines: readonly (readonly Token[])[]): string =>
  `${lines.map((line) => line.map(({ text, scopes }) => `${short(text).padEnd(30)}  ${scopes}`.trimEnd()).join('\n')).join('\n\n')}\n`;

/** The innermost scope of the piece of `line` that is `text`. */
function scopeOf(line: string, text: string): string {
  const [found] = tokens(line);
  const token = found?.find((candidate) => candidate.text === text);
  return token?.scopes.split(' ').at(-1) ?? assert.fail(`${text} is no token of\n${shown([found ?? []])}`);
}
const message = (line: string): string => JSON.stringify({ kind: 'rpc', fuel: 1, t: 0.5, dir: 'out', line });

describe('the grammar of recordings', () => {
  it('names every piece of a recording as it is written', () => {
    const { header, records } = parseRecording(read('syntaxes/golden/all-kinds.recording.jsonl'), 'all-kinds');
    const store = new EventStore();
    store.append(records);
    // as it is written today, whatever the fixture was written by
    const text = recordingText(header, store.range());
    const cut = text
      .trimEnd()
      .split('\n')
      .filter((line, at, all) => !line.startsWith('{"kind":"more"') || !all[at - 1]?.startsWith('{"kind":"more"'));
    assertGolden(import.meta.url, 'recording.scopes', shown(tokens(cut.join('\n'))));
  });

  it('leaves no state behind a line, cut or not', () => {
    const line = message('{"a":"b\\\\\\"c\\u0000"}');
    const [alone] = tokens('{"kind":"exit","reason":"returned"}');
    for (let end = 0; end <= line.length; end++)
      assert.deepEqual(
        tokens(`${line.slice(0, end)}\n{"kind":"exit","reason":"returned"}`)[1],
        alone,
        line.slice(0, end),
      );
  });

  it('knows the method and the id of a message, an error, and the escapes within', () => {
    const request = message(
      '{"jsonrpc":"2.0","id":18446744073709551615,"method":"a.\\"b\\\\","params":{"k":"v\\n","n":[1,null]}}',
    );
    assert.equal(scopeOf(request, '\\"a.\\\\\\"b\\\\\\\\\\"'), 'entity.name.function.method');
    assert.equal(scopeOf(request, '18446744073709551615'), 'variable.other.id');
    assert.equal(scopeOf(request, '\\\\n'), 'constant.character.escape');
    assert.equal(scopeOf(request, '\\"k\\"'), 'support.type.property-name');
    assert.equal(scopeOf(request, '"out"'), 'keyword.control.out');
    const error = message('{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"error"}}');
    assert.equal(scopeOf(error, '\\"error\\"'), 'invalid.illegal.error');
    assert.equal(scopeOf(error, '-32601'), 'constant.numeric');
  });

  it('a word of the grammar inside a text is text', () => {
    for (const word of ['"kind":"exit"', '"dir":"in"', '"more":3', '"base64":"AAAA"', '"answeredBy":{"by":"nobody"}']) {
      const [found] = tokens(message(JSON.stringify({ x: word })));
      for (const { text, scopes } of found ?? [])
        if (scopes.includes('keyword.') && !/^"(?:rpc|out)"$/.test(text)) assert.fail(`${text}: ${scopes}`);
    }
  });

  it('is quick on long lines', () => {
    const long = [
      message(`[${'{"a":"b\\"c"},'.repeat(1200)}0]`),
      message('\\'.repeat(9000)),
      message('"'.repeat(9000)),
    ];
    const took = worked(() => tokens(long.join('\n')));
    assert.ok(took < 5000, `${Math.round(took)} ms`);
  });

  it('is contributed for *.recording.jsonl, with its language', () => {
    const language = contributes.languages.find(({ id }) => id === 'plugin-recording');
    assert.deepEqual(language?.extensions, ['.recording.jsonl']);
    JSON.parse(read(language.configuration ?? ''));
  });
});

describe('the other grammars', () => {
  it('the transcript: names every piece of what the session shows', async () => {
    const text = read('debug-adapter/session/golden/kinds.transcript');
    assertGolden(
      import.meta.url,
      'transcript.scopes',
      shown(tokens(text, await grammarOf('source.plugin-transcript'))),
    );
  });

  it('WebAssembly text: names every piece of a module', async () => {
    const grammar = await grammarOf('source.wat');
    const text = read('test-plugins/wat/rpc-call-echo.wat');
    assertGolden(import.meta.url, 'wat.scopes', shown(tokens(text, grammar)));
  });
});
