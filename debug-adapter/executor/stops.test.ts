// Where a run stops and what it logs: rules by class, name, condition, hit count and message, and steps. Contract S1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stopRule } from '../testing/stop-rule.ts';
import type { StopRule } from './options.ts';
import { compileHitCondition, type Happening, StopRules } from './stops.ts';

const rule = (id: string, kind: StopRule['class'], more: Partial<StopRule> = {}): StopRule =>
  stopRule(kind, { id, ...more });

const syscall = (name: string, errno = 0): Happening => ({
  classes: ['syscall'],
  name,
  scope: (field) => (field === 'errno' ? errno : field === 'name' ? name : undefined),
});
const yielded: Happening = { classes: ['yield'], name: undefined, scope: () => undefined };

const rulesOf = (...rules: StopRule[]): StopRules => {
  const set = new StopRules();
  set.set(rules);
  return set;
};

describe('hit conditions', () => {
  const holds: Record<string, (count: number, n: number) => boolean> = {
    '': (count, n) => count === n,
    '=': (count, n) => count === n,
    '==': (count, n) => count === n,
    '>': (count, n) => count > n,
    '>=': (count, n) => count >= n,
    '<': (count, n) => count < n,
    '<=': (count, n) => count <= n,
    '%': (count, n) => n > 0 && count % n === 0,
  };

  it('S1: mean what DAP says of them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(holds)),
        fc.nat(50),
        fc.integer({ min: 1, max: 120 }),
        fc.constantFrom('', ' ', '  '),
        (sign, n, count, blank) => {
          const hit = compileHitCondition(`${blank}${sign}${blank}${n}${blank}`);
          assert.equal(hit(count), holds[sign]?.(count, n));
        },
      ),
    );
  });

  it('S1: none at all always holds', () => {
    for (const none of [undefined, '', '  ']) assert.equal(compileHitCondition(none)(3), true);
  });

  for (const wrong of ['five', '>', '> -1', '1.5', '!= 3', '3 3', '99999999999999999999', '>=<3'])
    it(`S1: '${wrong}' is refused in a sentence that names it`, () => {
      assert.throws(() => compileHitCondition(wrong), {
        name: 'SyntaxError',
        message: /^the hit condition '.*' is none: .*\.$/,
      });
    });

  it('S1: whatever is written, it is compiled or refused with a SyntaxError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[<>=% 0-9.-]{0,12}$/)), (text) => {
        try {
          assert.equal(typeof compileHitCondition(text)(1), 'boolean');
        } catch (error) {
          assert.ok(error instanceof SyntaxError);
        }
      }),
    );
  });
});

describe('rules', () => {
  it('S1: a rule without a name is for all of its class, one with a name for that only', () => {
    const rules = rulesOf(rule('all', 'syscall'), rule('read', 'syscall', { name: 'fd_read' }));
    assert.deepEqual(rules.decide(syscall('fd_read')), { stop: true, rules: ['all', 'read'], logs: [] });
    assert.deepEqual(rules.decide(syscall('fd_write')), { stop: true, rules: ['all'], logs: [] });
    assert.deepEqual(rules.decide(yielded), { stop: false, rules: [], logs: [] });
  });

  it('S1: a condition decides, and one that cannot be evaluated here does not hold', () => {
    const rules = rulesOf(
      rule('failed', 'syscall', { condition: 'errno != 0' }),
      rule('odd', 'syscall', { condition: 'name - 1 > 2' }),
      rule('missing', 'syscall', { condition: 'params.user' }),
    );
    assert.equal(rules.decide(syscall('fd_read')).stop, false);
    assert.deepEqual(rules.decide(syscall('fd_read', 6)).rules, ['failed']);
  });

  it('S1: hits are counted where the condition holds', () => {
    const rules = rulesOf(rule('third', 'syscall', { condition: 'errno == 6', hitCondition: '3' }));
    const stops = [6, 0, 6, 0, 6, 6].map((errno) => rules.decide(syscall('fd_read', errno)).stop);
    assert.deepEqual(stops, [false, false, false, false, true, false]);
  });

  it('S1: counts stay when rules are set again; a rule that is gone and comes back goes on counting', () => {
    const rules = rulesOf(rule('a', 'syscall', { hitCondition: '>= 2' }));
    assert.equal(rules.decide(syscall('fd_read')).stop, false);
    rules.set([rule('b', 'yield'), rule('a', 'syscall', { hitCondition: '>= 2' })]);
    assert.equal(rules.decide(syscall('fd_read')).stop, true);
  });

  it('S1: a log message is made and does not stop; a rule beside it does', () => {
    const rules = rulesOf(
      rule('log', 'syscall', { logMessage: '{name} gave {errno}, {{so}} {params.id} {1/0}' }),
      rule('stop', 'syscall', { name: 'fd_write' }),
    );
    assert.deepEqual(rules.decide(syscall('fd_read', 6)), {
      stop: false,
      rules: [],
      logs: ['fd_read gave 6, {so} not available here <this divides by zero.>'],
    });
    assert.deepEqual(rules.decide(syscall('fd_write')).rules, ['stop']);
  });

  it('S1: rules that do not compile are left out, and the others hold', () => {
    const rules = rulesOf(
      rule('broken', 'syscall', { condition: 'errno ==' }),
      rule('counted', 'syscall', { hitCondition: 'many' }),
      rule('said', 'syscall', { logMessage: '{' }),
      rule('whole', 'syscall'),
    );
    assert.deepEqual(rules.decide(syscall('fd_read')).rules, ['whole']);
  });

  it('S1: only what some rule or the step wants is asked for', () => {
    const rules = rulesOf(rule('reply', 'rpc-reply'));
    assert.deepEqual(
      (['rpc', 'rpc-reply', 'syscall', 'yield', 'stderr', 'trap', 'protocol', 'diagnosis'] as const).filter((kind) =>
        rules.cares(kind),
      ),
      ['rpc', 'rpc-reply'],
    );
    rules.step('event');
    assert.deepEqual(
      (['rpc', 'syscall', 'yield', 'stderr', 'diagnosis'] as const).map((kind) => rules.cares(kind)),
      [true, true, true, true, true],
    );
  });

  it('S1: a step goes on to the next event of its class, and ends when told', () => {
    const rules = new StopRules();
    rules.step('yield');
    assert.equal(rules.decide(syscall('fd_read')).stop, false);
    assert.deepEqual(rules.decide(yielded), { stop: true, rules: [], logs: [] });
    rules.step(undefined);
    assert.equal(rules.decide(yielded).stop, false);
  });

  it('S1: a happening of two classes counts a rule of each once', () => {
    const rules = rulesOf(
      rule('fault', 'protocol', { hitCondition: '1' }),
      rule('any', 'diagnosis', { hitCondition: '1' }),
    );
    const happening: Happening = { classes: ['protocol', 'diagnosis'], name: undefined, scope: () => undefined };
    assert.deepEqual(rules.decide(happening).rules, ['fault', 'any']);
    assert.deepEqual(rules.decide(happening).rules, []);
  });
});
