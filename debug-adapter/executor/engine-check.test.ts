// The engine check against the Node that runs this test, which has everything, and against made-up lacks.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lackingSentence, probeEngine } from './engine-check.ts';

describe('engine check', () => {
  it('finds everything in this Node', () => {
    assert.deepEqual(probeEngine(), {
      multiMemory: true,
      sharedArrayBuffer: true,
      workerThreads: true,
      wasmStackFrames: true,
      rawJson: true,
    });
    assert.equal(lackingSentence(probeEngine(), '13', 'node'), undefined);
  });

  it('leaves the stack trace limit as it was', () => {
    const before = Error.stackTraceLimit;
    probeEngine();
    assert.equal(Error.stackTraceLimit, before);
  });

  it('says what is lacking in one sentence', () => {
    const all = probeEngine();
    assert.match(
      lackingSentence({ ...all, multiMemory: false }, '9.4', 'vscode') ?? '',
      /VS Code \(V8 9\.4\) lacks WebAssembly multi-memory; update to VS Code/,
    );
    assert.match(
      lackingSentence({ ...all, multiMemory: false }, '9.4', 'node') ?? '',
      /Node\.js \(V8 9\.4\) lacks WebAssembly multi-memory; update to Node\.js 22/,
    );
    assert.match(
      lackingSentence(
        { ...all, sharedArrayBuffer: false, workerThreads: false, wasmStackFrames: false },
        '9.4',
        'vscode',
      ) ?? '',
      /lacks SharedArrayBuffer, worker threads and WebAssembly frames in V8's stack traces;/,
    );
  });
});
