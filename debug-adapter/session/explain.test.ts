// Every diagnosis that the engine makes has words of its own about production and about what to do. Contract P1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../executor/options.ts';
import type { DiagnosisKind } from '../rpc/diagnosis.ts';
import { explain } from './explain.ts';
import { outcomeExitCode, outcomeText } from './outcome-text.ts';

// A Record, so that a kind that is added in rpc/diagnosis.ts does not compile here without being listed.
const KINDS: Record<DiagnosisKind, true> = {
  'stray-text': true,
  'malformed-json': true,
  'not-utf8': true,
  'invalid-message': true,
  'unknown-response': true,
  'duplicate-response': true,
  'error-pinned': true,
  'unknown-host-method': true,
  'out-of-order-reply': true,
  'no-response': true,
  panic: true,
  trap: true,
  hang: true,
  'unread-message': true,
};

const OUTCOME: Outcome = {
  kind: 'result',
  result: '{"id":18446744073709551615}',
  error: undefined,
  fault: undefined,
  exitCode: 0,
  fuel: { consumed: 123_456, slice: 100_000, left: 1, yields: 1, exact: false },
  events: { rpc: 2, syscall: 1 },
  stderr: [],
  wallMs: 12.4,
};

describe('explanations', () => {
  it('P1: every diagnosis has its own', () => {
    const other = explain('missing-import');
    const kinds = [...Object.keys(KINDS), 'host-panic', 'wall-time', 'fuel', 'memory', 'output', 'line', 'debugger'];
    for (const kind of kinds) assert.notDeepEqual(explain(kind), other, kind);
    for (const kind of [...kinds, 'missing-import', 'constructor']) {
      const { title, production, remedy } = explain(kind);
      assert.match(production, /[.]$/, kind);
      assert.match(remedy, /[.]$/, kind);
      assert.doesNotMatch(title, /[.]$/, kind);
    }
  });
});

describe('outcomes', () => {
  it('S5: the result with its digits, its fuel and its time', () => {
    assert.deepEqual(outcomeText('greet', OUTCOME, new Set()), {
      text: '✓ greet returned {"id":18446744073709551615}',
      category: 'stdout',
      json: '{"id":18446744073709551615}',
      summary: '≈123 456 fuel, 1 yield, 2 messages, 1 syscall, 12 ms',
    });
  });

  it('an error as it came and as the caller sees it', () => {
    const error = { code: 42, message: 'no', seenAs: { code: -32000, message: 'no' } };
    const outcome: Outcome = { ...OUTCOME, kind: 'error', result: undefined, error };
    assert.equal(
      outcomeText('greet', outcome, new Set()).text,
      "✗ greet answered with error 42 no; production's caller sees -32000 no",
    );
    assert.equal(
      outcomeText('greet', { ...outcome, error: { ...error, seenAs: error } }, new Set()).text,
      '✗ greet answered with error 42 no',
    );
  });

  it('a fault gets attention unless a stop has shown it', () => {
    const fault: Outcome = {
      ...OUTCOME,
      kind: 'fault',
      result: undefined,
      fault: { kind: 'trap', message: 'It trapped.' },
    };
    assert.equal(outcomeText('greet', fault, new Set()).category, 'important');
    assert.equal(outcomeText('greet', fault, new Set(['trap'])).category, 'console');
    assert.match(outcomeText('greet', fault, new Set()).text, /^✗ greet failed: It trapped\. The call fails with/);
  });

  it('exit codes are those of the terminal', () => {
    const kinds = ['result', 'error', 'fault', 'limit', 'terminated'] as const;
    assert.deepEqual(
      kinds.map((kind) => outcomeExitCode({ ...OUTCOME, kind })),
      [0, 1, 3, 4, 4],
    );
  });
});
