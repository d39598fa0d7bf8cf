// Names, conditions and hit counts of what a client asks to stop at. Contract S1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exceptionFilters, filterRule, functionBreakpointRule } from './breakpoints.ts';

const NONE = { condition: undefined, hitCondition: undefined, logMessage: undefined };

describe('function breakpoints', () => {
  it('S1: messages, replies and syscalls by name', () => {
    const named: [string, object][] = [
      ['rpc:echo', { class: 'rpc', name: 'echo' }],
      ['rpc-reply:echo', { class: 'rpc-reply', name: 'echo' }],
      ['syscall:fd_read', { class: 'syscall', name: 'fd_read' }],
      [' rpc : a:b/c ', { class: 'rpc', name: 'a:b/c' }],
      ['rpc:*', { class: 'rpc', name: undefined }],
      ['syscall:*', { class: 'syscall', name: undefined }],
    ];
    for (const [name, rule] of named)
      assert.deepEqual(functionBreakpointRule({ name }, 4), {
        rule: { ...NONE, ...rule, id: 'function:4' },
        message: undefined,
      });
  });

  it('a log message stands in the name, or comes from clients that send one', () => {
    const logged = functionBreakpointRule({ name: 'rpc:echo log: got {params.message}, {{so}}' }, 1).rule;
    assert.deepEqual([logged?.name, logged?.logMessage], ['echo', 'got {params.message}, {{so}}']);
    assert.equal(functionBreakpointRule({ name: 'rpc:echo', logMessage: 'hi' }, 1).rule?.logMessage, 'hi');
    // a method may be called anything that is not a log message
    assert.equal(functionBreakpointRule({ name: 'rpc:catalog:list' }, 1).rule?.name, 'catalog:list');
  });

  it('condition and hit count are kept, empty ones are none', () => {
    const rule = functionBreakpointRule(
      { name: 'syscall:fd_read', condition: 'errno != 0', hitCondition: '>= 3' },
      1,
    ).rule;
    assert.deepEqual([rule?.condition, rule?.hitCondition], ['errno != 0', '>= 3']);
    assert.deepEqual(functionBreakpointRule({ name: 'rpc:a', condition: ' ', hitCondition: '' }, 1).rule, {
      ...NONE,
      id: 'function:1',
      class: 'rpc',
      name: 'a',
    });
  });

  it('what can’t be a breakpoint is refused with what to write instead', () => {
    const refused: [object, RegExp][] = [
      [{ name: 'echo' }, /^'echo' names no place to stop: write 'rpc:echo'/],
      [{ name: 'rpc:' }, /lacks a name after the colon/],
      [{ name: 'syscall:fd_seek' }, /^There is no syscall 'fd_seek': production has args_get/],
      [{ name: 'rpc:a', condition: 'id ==' }, /^'id ==': a value is expected at column 6/],
      [{ name: 'rpc:a', hitCondition: 'often' }, /^The hit condition 'often' is none/],
      [{ name: 'rpc:a log: {id' }, /brace at column 1 is not closed/],
    ];
    for (const [breakpoint, sentence] of refused) {
      const { rule, message } = functionBreakpointRule(breakpoint as { name: string }, 1);
      assert.equal(rule, undefined);
      assert.match(message ?? '', sentence);
    }
  });
});

describe('exception filters', () => {
  it('traps and protocol faults are on from the start, and each may have a condition', () => {
    const filters = exceptionFilters();
    assert.deepEqual(
      filters.filter((filter) => filter.default).map((filter) => filter.filter),
      ['trap', 'protocol'],
    );
    assert.ok(filters.every((filter) => filter.supportsCondition));
    for (const { filter } of filters) assert.equal(filterRule(filter, 'fuel > 1').rule?.id, `filter:${filter}`);
  });

  it('an unknown filter and a broken condition are refused', () => {
    assert.match(filterRule('nil', undefined).message ?? '', /^There is no filter 'nil'/);
    assert.match(filterRule('rpc', '(').message ?? '', /a value is expected/);
  });
});
