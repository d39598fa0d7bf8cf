// Arguments of DAP requests that are not what the protocol says. Contract E4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { argumentsOf } from './arguments.ts';

const of = (command: string, args?: unknown) =>
  argumentsOf({ type: 'request', seq: 1, command, arguments: args } as DebugProtocol.Request);

describe('arguments', () => {
  it('E4: what is no object counts as an empty one', () => {
    for (const args of [undefined, null, 1, 'x', true]) assert.deepEqual(of('scopes', args), {});
    const args = { frameId: 1, other: {} };
    assert.equal(of('scopes', args), args);
  });

  it('E4: a number or a text that is none is named, with its request', () => {
    assert.throws(
      () => of('scopes', { frameId: {} }),
      /^Error: The arguments of 'scopes' are not what the protocol says they are \('frameId' is no number\)\.$/,
    );
    assert.throws(() => of('source', { sourceReference: [1] }), /'sourceReference' is no number/);
    assert.throws(() => of('source', { source: { sourceReference: {} } }), /'sourceReference' is no number/);
    assert.throws(() => of('readMemory', { memoryReference: { a: 1 }, count: 1 }), /'memoryReference' is no string/);
    assert.throws(() => of('evaluate', { expression: 7 }), /'expression' is no string/);
    assert.doesNotThrow(() => of('stackTrace', { startFrame: null, levels: undefined }));
    assert.doesNotThrow(() => of('launch', { name: 7, count: 'x' }), 'a launch configuration has names of its own');
  });
});
