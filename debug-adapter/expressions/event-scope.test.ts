// What names mean at events and at stops in code. Contracts P2, S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classifyLine } from '../rpc/message.ts';
import { codeScope, messageScope, namedValues, syscallScope, withCommon, withState } from './event-scope.ts';
import { compileExpression, evaluateIn, textOf } from './expression.ts';
import { fakeState } from './fake.ts';

const state = fakeState({
  locals: [{ type: 'i32', value: 16, name: 'x' }],
  memories: [Uint8Array.from({ length: 64 }, (_, i) => i)],
});

describe('scopes', () => {
  it('P2: a message has its fields, and only those', () => {
    const line = '{"jsonrpc":"2.0","id":18446744073709551615,"method":"greet","params":{"n":12345678901234567890}}';
    const scope = withCommon(
      messageScope('in', classifyLine(line), () => line, line.length, 'greet'),
      100,
      1.5,
    );
    for (const [source, text] of [
      ['kind', 'rpc'],
      ['type', 'request'],
      ['id', '18446744073709551615'],
      ['id == 18446744073709551615', 'true'],
      ['params.n - 1', '12345678901234567889'],
      ['fuel + time', '101.5'],
      ['result', 'not available here'],
      ['bytes == len(line)', 'true'],
    ] as const)
      assert.equal(textOf(compileExpression(source)(scope)), text, source);
  });

  it('a guest can be added, and stays when more is added', () => {
    const scope = withCommon(withState(syscallScope('fd_write', [1, 16, 1, 8], 0), state), 7, 0);
    assert.equal(evaluateIn(scope, 'u8[iovs + $x] + fuel').value, '39');
    assert.throws(() => evaluateIn(syscallScope('fd_write', [], 0), '$x'), /can't be read here/);
  });

  it('one scope serves for all hits of a breakpoint, while place and guest move along', () => {
    const place = { function: 'greet', offset: 0x10, moment: 5, fuel: 9, time: 0 };
    const scope = codeScope(place, state);
    const condition = compileExpression('function == "greet" && moment > 5');
    assert.equal(condition(scope), false);
    place.moment = 6;
    assert.equal(condition(scope), true);
    assert.equal(evaluateIn(scope, 'offset, x').value, '0x10');
    assert.throws(() => evaluateIn(scope, 'method'), {
      message:
        "There is no value 'method' here. A stop in code has kind, function, offset, moment, fuel, time; besides there are $0 and $name of locals and globals, stack[0], and memory as in i32[address].",
    });
  });

  it('P2: names that were looked up elsewhere come as JSON, and the guest is still there', () => {
    const scope = namedValues(
      { params: '{"at":16,"big":18446744073709551615}' },
      withState(() => undefined, state),
    );
    assert.equal(evaluateIn(scope, 'u8[params.at]').value, '16');
    assert.equal(evaluateIn(scope, 'params.big').value, '18446744073709551615');
    assert.equal(evaluateIn(scope, '$x').value, '16');
  });
});
