// The pages that describe the terminal and its files, against what they describe. Contract R4.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { Mocks } from '../mocks/mocks.ts';
import { formatHeader } from '../recording/header.ts';
import { formatEvent, parseEvent } from '../recording/jsonl.ts';
import { parseRecording } from '../recording/reader.ts';
import { echoHost, runCall, VIRTUAL } from '../testing/run-call.ts';
import { terminal } from '../testing/terminal.ts';

const page = (name: string): string => fs.readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const block = (text: string, language: string): string =>
  text.split(`\`\`\`${language}\n`)[1]?.split('```')[0]?.replaceAll('\r\n', '\n') ?? '';

describe('docs/', () => {
  it('terminal.md has every option of call, and no other', async () => {
    const options = (text: string): string[] => [
      ...new Set(Array.from(text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g), ([option]) => option)),
    ];
    const { stdout } = await terminal(['call', '--help']);
    const section = page('terminal.md').split('## `call')[1]?.split('\n### ')[0] ?? '';
    const described = options(section.slice(section.indexOf('| option |')));
    assert.deepEqual(described.sort(), options(stdout).sort());
  });

  it('R4: the recording in recording-format.md is one, cut short', () => {
    const sample = block(page('recording-format.md'), 'jsonl');
    const { header, events, cutShort } = parseRecording(sample, 'sample');
    assert.equal(events, 8);
    assert.match(cutShort ?? '', /cut short/);
    const [first = '', ...lines] = sample.trimEnd().split('\n');
    assert.equal(formatHeader(header), first);
    for (const [seq, line] of lines.entries()) {
      const event = parseEvent(line, seq);
      assert.ok(event !== undefined);
      assert.equal(formatEvent(event), line);
    }
  });

  it('R4: recording-format.md names every field that recordings have', async () => {
    const text = page('recording-format.md');
    const named = new Set(Array.from(text.matchAll(/["`](\w+)["`]/g), ([, name = '']) => name));
    const calls = await Promise.all([
      runCall('rpc-stray-text', 'run', 'null', { seed: '1' }),
      runCall('end-exit-before-response', 'run'),
      runCall('rpc-no-last-newline', 'run'),
      runCall('pointers-fd-write-panic', 'run'),
      runCall('endless-grow', 'run', 'null', { limits: { memory: 4 << 20 } }),
      runCall('endless-poll', 'run', 'null', { clock: VIRTUAL, limits: { events: 5 } }),
      runCall('hello', 'greet', '{"name":"Ada"}', { host: echoHost() }),
    ]);
    const kinds = new Set<string>();
    for (const { recordingText } of calls)
      for (const line of recordingText.trimEnd().split('\n')) {
        const fields = JSON.parse(line) as Record<string, unknown>;
        kinds.add(String(fields['kind']));
        for (const field of Object.keys(fields)) assert.ok(named.has(field), `${field} in ${line}`);
      }
    for (const kind of ['rpc', 'stderr', 'syscall', 'yield', 'grow', 'diagnosis', 'folded', 'exit']) {
      assert.ok(text.includes(`### \`${kind}\``), kind);
      assert.ok(kinds.has(kind), kind);
    }
  });

  it('the mock file in mock-files.md can be used', () => {
    const mocks = Mocks.parse(block(page('mock-files.md'), 'jsonc'), 'sample');
    assert.deepEqual(mocks.methods, ['get_user', 'log', 'random']);
    assert.equal(mocks.answer('random', 'null')?.result, '18446744073709551615');
  });
});
