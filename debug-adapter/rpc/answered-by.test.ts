// Who answered: the words for people, and what a recording may say. Contracts P1, R4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AnsweredBy, answerText, changedByHand, parseAnsweredBy } from './answered-by.ts';

describe('who answered', () => {
  it('P1: in words', () => {
    const words: readonly (readonly [AnsweredBy, string])[] = [
      [{ by: 'mock', file: 'host.mocks.json', method: 'greet.name' }, 'mock `greet.name` of host.mocks.json'],
      [{ by: 'mock', file: 'host.mocks.json', method: 'a', line: 3 }, 'mock `a` of host.mocks.json, line 3'],
      [
        { by: 'mock', file: 'm.json', method: 'a', line: 3, rule: 2, why: 'the first whose params match' },
        'rule 2 of mock `a` of m.json, line 3 (the first whose params match)',
      ],
      [{ by: 'host', command: 'node host.mjs' }, 'host command `node host.mjs`'],
      [{ by: 'host', command: 'x', why: 'no rule fits' }, 'host command `x` (no rule fits)'],
      [{ by: 'nobody' }, 'nobody: no mock and no host command has this method, and production says -32601 then'],
      [{ by: 'debugger', why: 'the host command ended' }, 'the debugger: the host command ended'],
      [{ by: 'hand' }, 'hand, at a stop that asked'],
      [
        changedByHand({ by: 'mock', file: 'm.json', method: 'a', fault: 'duplicate' }, 7),
        'hand, at a stop (in place of the answer of mock `a` of m.json)',
      ],
      [changedByHand({ by: 'nobody' }), 'hand, at a stop (in place of -32601, since nobody has this method)'],
      [changedByHand(undefined), "hand, at a stop (in place of the host's answer)"],
    ];
    for (const [answeredBy, text] of words) assert.equal(answerText(answeredBy), text);
  });

  it('P1: in one line, whatever a name holds', () => {
    const odd = 'a\n\u001b[2J\u2028b';
    for (const answeredBy of [
      { by: 'mock', file: odd, method: odd, why: odd },
      { by: 'host', command: odd },
      { by: 'nobody', why: odd },
      { by: 'debugger', why: odd },
    ] as const)
      assert.doesNotMatch(answerText(answeredBy), /[\p{Cc}\u2028]/u);
  });

  it('R4: what a recording says and this version does not know is left out', () => {
    for (const unknown of [
      undefined,
      null,
      1,
      'mock',
      [],
      {},
      { by: 'oracle' },
      { by: 'mock', file: 'm.json' },
      { by: 'mock', method: 'a', file: 1 },
      { by: 'host' },
      { by: 'debugger', why: null },
    ])
      assert.equal(parseAnsweredBy(unknown), undefined);
    assert.deepEqual(
      parseAnsweredBy({ by: 'mock', file: 'm', method: 'a', line: 0, rule: 1.5, why: {}, later: true }),
      { by: 'mock', file: 'm', method: 'a' },
    );
    assert.deepEqual(parseAnsweredBy({ by: 'nobody', later: 1 }), { by: 'nobody' });
    assert.deepEqual(parseAnsweredBy({ by: 'hand', changes: 3, why: 'x' }), { by: 'hand', changes: 3, why: 'x' });
    assert.deepEqual(parseAnsweredBy({ by: 'hand', changes: -1, why: 1 }), { by: 'hand' });
  });

  it('E4: any JSON is read, or left out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('mock', 'host', 'nobody', 'hand', 'debugger', 'x'), (value, by) => {
        const fields = typeof value === 'object' && !Array.isArray(value) ? { file: value, ...value, by } : value;
        const read = parseAnsweredBy(fields);
        if (read !== undefined) assert.deepEqual(parseAnsweredBy(JSON.parse(JSON.stringify(read))), read);
      }),
    );
  });
});
