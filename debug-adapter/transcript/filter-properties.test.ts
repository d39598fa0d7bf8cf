// The filter on arbitrary events and arbitrary filters: it never throws, is read as it is written, and passes what the slow oracle passes. Contracts P2, P3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RunEvent } from '../recording/event.ts';
import { arbitraryEvents } from '../testing/arbitrary-event.ts';
import { Filter, filterText, parseFilter, type Term } from './filter.ts';
import { ask, log, refuse, reply, rowsOf, syscall } from './filter-fixture.ts';
import { KEYS, SYSCALLS } from './filter-keys.ts';
import { passes } from './filter-oracle.ts';
import { RowFilter } from './filter-rows.ts';
import { MORE, YES } from './filter-text.ts';

describe('any filter', () => {
  it('never throws, and its problems lie in the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(...KEYS.map(({ name }) => `${name}:`), ...KEYS.map(({ example }) => example)),
      fc.constantFrom(...'-!"/\\:,.*<>=( )[]{}^$|?+~ \t'),
      fc.constantFrom('..', '1', 'ms', '0', 'e', '1e9', '18446744073709551616', '::', '//', '\u00a0', '🦀', '\ud800'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const { filter, problems } = parseFilter(text);
        for (const { from, to, message } of problems) {
          assert.ok(from >= 0 && from < to && to <= text.length, `${from} to ${to} of ${JSON.stringify(text)}`);
          assert.match(message, /^[^\p{Cc}]+[.?]$/u);
        }
        // what counts is right by itself
        assert.deepEqual(parseFilter(filterText(filter)), { filter, problems: [] }, text);
      }),
      { numRuns: 3000 },
    );
  });

  it('P2: written out, it is read as the same', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const text = filterText(filter);
        assert.deepEqual(parseFilter(text), { filter, problems: [] }, text);
      }),
      { numRuns: 2000 },
    );
  });

  it('passes the rows that the slow oracle passes, whatever the events are', () => {
    const answers = new Map<string, number>();
    fc.assert(
      fc.property(
        arbitraryEvents,
        fc.array(fc.nat(1000), { minLength: 3, maxLength: 20 }),
        filters,
        (events, at, filter) => {
          // among them some that are messages
          const all = [...events];
          for (const n of at) all.splice(n % (all.length + 1), 0, MESSAGES[n % MESSAGES.length]!);
          const rows = rowsOf(all.map((event, seq) => ({ ...event, seq })));
          for (const one of [filter, ...filter.terms.map((term) => ({ terms: [term] }))]) {
            const fast = new RowFilter(rows, one);
            const slices = new RowFilter(rows, one);
            for (let row = 0; row < rows.length; row++) {
              const wanted = passes(rows, row, one);
              assert.equal(fast.matches(row), wanted, `row ${row} of ${filterText(one)}`);
              let answer = slices.look(row, 1);
              while (answer === MORE) answer = slices.look(row, 1);
              assert.equal(answer === YES, wanted, `row ${row} of ${filterText(one)}, in slices`);
              const [term] = one.terms;
              if (one.terms.length !== 1 || term === undefined) continue;
              const key = `${'quantity' in term ? term.quantity : 'field' in term ? term.field : term.test} ${wanted !== term.not}`;
              answers.set(key, (answers.get(key) ?? 0) + 1);
            }
          }
        },
      ),
      { numRuns: 600 },
    );
    // each key has held, and has not
    for (const { name, takes } of KEYS)
      for (const held of [true, false])
        assert.ok((answers.get(`${takes === 'ids' ? 'ids' : name} ${held}`) ?? 0) > 10, `${name} ${held}`);
  });
});

const MESSAGES: readonly RunEvent[] = [
  ask('in', 0, 'Greet.all', '{"name":"Ada"}'),
  ask('out', 1, 'echo'),
  reply('in', 1),
  refuse('in', 1),
  reply('out', 0, '"a9B"'),
  ask('out', '18446744073709551615', 'a*b'),
  refuse('in', '18446744073709551615'),
  syscall('fd_read', 6, true),
  syscall('clock_time_get', 0),
  log('{}'),
];

const amount = fc.oneof(
  fc.constantFrom(0, 1, 3, 6, 100, 1e3, 1e6),
  fc.nat(60),
  fc.double({ min: 0, max: 1e7, noNaN: true }).map(Math.abs),
);
const range = fc.oneof(
  amount.map((low) => ({ low, high: Number.POSITIVE_INFINITY, open: true })),
  amount.map((low) => ({ low, high: Number.POSITIVE_INFINITY, open: false })),
  amount.map((high) => ({ low: Number.NEGATIVE_INFINITY, high, open: true })),
  amount.map((high) => ({ low: Number.NEGATIVE_INFINITY, high, open: false })),
  fc.tuple(amount, amount).map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b), open: false })),
);
const id = fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.constantFrom(2n ** 64n - 1n, 2n ** 64n - 2n, 10n ** 15n));
const someText = fc.oneof(
  fc.string({ minLength: 1, maxLength: 2 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('a', '"', 'ada', '\\', '\\"', 'NO SUCH', 'E', '_get', 'RESULT":1'),
);
const name = fc.oneof(
  fc.constantFrom(
    '*',
    'echo',
    'ECHO',
    'a*b',
    'g*',
    '*.*',
    '*e*',
    '*_get',
    'stderr',
    'memory.grow',
    'trap',
    'panic',
    '***',
    ':*',
    ':a',
    '\\\\',
    '//',
    'yield',
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
/** A list of values, and whether they are excepted. */
const list = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.tuple(fc.constant(false), fc.array(value, { maxLength: 3 })),
    fc.tuple(fc.constant(true), fc.array(value, { minLength: 1, maxLength: 3 })),
  );
const names = fc.tuple(name, fc.boolean()).map(([text, literal]) => ({
  text,
  quoted: text.includes('*') && (literal || /^[!"]|[\s,]/.test(text)),
}));
const wordsOf = (field: string): readonly string[] => {
  const key = KEYS.find((one) => one.name === field);
  return key?.takes === 'words' ? [...key.words.keys()] : [];
};
const term: fc.Arbitrary<Term> = fc
  .tuple(
    fc.boolean(),
    fc.oneof(
      fc
        .tuple(fc.constantFrom('method' as const, 'name' as const), list(names))
        .map(([field, [except, all]]) => ({ test: 'names' as const, field, except, names: all })),
      list(fc.constantFrom(...SYSCALLS, '*', 'fd_*', '*_get')).map(([except, all]) => ({
        test: 'names' as const,
        field: 'syscall' as const,
        except,
        names: all.map((text) => ({ text, quoted: false })),
      })),
      fc.constantFrom('kind' as const, 'dir' as const, 'level' as const, 'is' as const).chain((field) =>
        list(fc.constantFrom(...wordsOf(field))).map(([except, words]) => ({
          test: 'words' as const,
          field,
          except,
          words,
        })),
      ),
      fc
        .tuple(
          // few rows have a reply, or an errno: those are asked for more often
          fc.oneof(
            fc.constantFrom(...(['fuel', 'total', 'time', 'bytes', 'depth', 'event'] as const)),
            fc.constantFrom(...(['dur', 'errno'] as const)),
          ),
          list(range),
        )
        .map(([quantity, [except, ranges]]) => ({ test: 'numbers' as const, quantity, except, ranges })),
      list(fc.tuple(id, id).map(([a, b]) => ({ low: a < b ? a : b, high: a < b ? b : a }))).map(([except, ranges]) => ({
        test: 'ids' as const,
        except,
        ranges,
      })),
      fc
        .tuple(
          fc.boolean(),
          fc.array(
            fc.oneof(
              someText.map((text) => ({ text })),
              fc
                .tuple(fc.constantFrom('[a-c]\\d', '^["{]', '(a|_g)e?t', 'e+$', '^$', '\\bfd'), fc.boolean())
                .map(([pattern, ignoreCase]) => ({ pattern, ignoreCase })),
            ),
            { minLength: 1, maxLength: 3 },
          ),
        )
        .map(([except, texts]) => ({ test: 'text' as const, except, texts })),
    ),
  )
  .map(([not, rest]) => ({ not, ...rest }));
const filters: fc.Arbitrary<Filter> = fc
  .array(term, { maxLength: 4 })
  .map((terms) => (terms.length === 0 ? Filter.empty : { terms }));
