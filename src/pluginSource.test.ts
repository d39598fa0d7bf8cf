// Sources are found wherever DAP puts them, and only transcripts are taken for transcripts, only functions for functions.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeQuery, codeReferenceIn, isCode, isTranscript, mapSources } from './pluginSource.ts';

const transcript = { name: 'greet — calls.transcript', sourceReference: 1000, origin: 'transcript of the call' };

describe('transcript sources', () => {
  it('are told from guest sources', () => {
    assert.equal(isTranscript(transcript), true);
    assert.equal(isTranscript({ name: 'main.rs', path: '/src/main.rs' }), false);
    assert.equal(isTranscript({ ...transcript, sourceReference: 0 }), false);
    assert.equal(isTranscript({ name: 'f.wat', sourceReference: 5 }), false);
  });

  it('are told from the code of functions, which is found again by plugin and number', () => {
    const code = { name: 'f.wat', sourceReference: 0x4000_0400, origin: 'code of the plugin' };
    assert.deepEqual([isCode(code), isTranscript(code), isCode(transcript)], [true, false, false]);
    const query = codeQuery(code.sourceReference, '/my plugins/a.wasm');
    assert.equal(codeReferenceIn(query, '/my plugins/a.wasm'), code.sourceReference);
    assert.equal(codeReferenceIn(query, '/b.wasm'), undefined);
    assert.equal(codeReferenceIn('', '/b.wasm'), undefined);
  });

  it('are found in answers, events and requests', () => {
    const messages = [
      { type: 'response', command: 'stackTrace', body: { stackFrames: [{ id: 1, source: transcript }, { id: 2 }] } },
      { type: 'response', command: 'loadedSources', body: { sources: [transcript] } },
      { type: 'response', command: 'scopes', body: { scopes: [{ name: 'x', source: transcript }] } },
      { type: 'event', event: 'loadedSource', body: { reason: 'changed', source: transcript } },
      { type: 'event', event: 'output', body: { output: 'x', source: transcript } },
      { type: 'request', command: 'setBreakpoints', arguments: { source: transcript, breakpoints: [] } },
    ];
    for (const message of messages) {
      let found = 0;
      mapSources(message, (source) => {
        found++;
        return { ...source, name: 'renamed' };
      });
      assert.equal(found, 1, JSON.stringify(message));
      assert.ok(JSON.stringify(message).includes('renamed'));
    }
    assert.equal(transcript.name, 'greet — calls.transcript');
  });

  it('messages without any are left alone', () => {
    for (const message of [{}, { body: null }, { body: { stackFrames: 1, sources: {} } }, { arguments: 'x' }]) {
      const before = JSON.stringify(message);
      mapSources(message, () => assert.fail('there is no source'));
      assert.equal(JSON.stringify(message), before);
    }
  });
});
