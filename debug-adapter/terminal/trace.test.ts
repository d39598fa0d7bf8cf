// The trace that `call` prints: also of what had happened before anybody listened.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Run } from '../executor/run.ts';
import { EventStore } from '../recording/event-store.ts';
import { LogWriter } from '../recording/log.ts';
import { traceRun } from './trace.ts';

describe('the trace', () => {
  it('shows at once what has come already: a plugin in an endless loop may send nothing more', () => {
    const store = new EventStore();
    const log = new LogWriter();
    const send = (method: string): void => {
      const line = `{"jsonrpc":"2.0","id":0,"method":"${method}","params":null}`;
      log.rpc('in', new TextEncoder().encode(line), 0, 0, 1);
      store.append(log.take());
    };
    send('first');
    const written: string[] = [];
    const trace = traceRun({ store } as unknown as Run, new Set(['rpc']), (text) => written.push(text));
    assert.equal(written.length, 1);
    assert.match(written[0] ?? '', /→ #0 first null/);
    send('second');
    trace.finish();
    assert.equal(written.length, 2);
    assert.match(written[1] ?? '', /→ #0 second null/);
  });
});
