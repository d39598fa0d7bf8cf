import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseWords, UsageError } from './words.ts';

const OPTIONS = {
  mocks: { type: 'text' },
  arg: { type: 'text', many: true },
  json: { type: 'flag' },
  help: { type: 'flag', short: 'h' },
} as const;

const parse = (...words: string[]) => {
  const { values, positionals } = parseWords('call', words, OPTIONS);
  return { ...values, positionals };
};

const refused = (sentence: string, ...words: string[]) =>
  assert.throws(() => parse(...words), { name: 'UsageError', message: sentence }, words.join(' '));

describe('words of the command line', () => {
  it('takes options before, between and after positionals', () => {
    assert.deepEqual(parse('--json', 'a', '--mocks', 'm', 'b'), { json: true, mocks: 'm', positionals: ['a', 'b'] });
    assert.deepEqual(parse('a', '--mocks=m=n', '-h'), { mocks: 'm=n', help: true, positionals: ['a'] });
  });

  it('takes what begins like a number, and -, for a positional or a value', () => {
    assert.deepEqual(parse('p', 'm', '-5'), { positionals: ['p', 'm', '-5'] });
    assert.deepEqual(parse('p', '-1.5e3', '-'), { positionals: ['p', '-1.5e3', '-'] });
    assert.deepEqual(parse('--mocks', '-5', ''), { mocks: '-5', positionals: [''] });
  });

  it('takes words after -- as they are', () => {
    assert.deepEqual(parse('a', '--', '--json', '--', '-x'), { positionals: ['a', '--json', '--', '-x'] });
  });

  it('collects what may be given more than once, and lets the last of others count', () => {
    assert.deepEqual(parse('--arg', 'a', '--arg=', '--mocks', '1', '--mocks', '2'), {
      arg: ['a', ''],
      mocks: '2',
      positionals: [],
    });
  });

  it("takes a dashed value that is no option of ours, for it may be a plugin's argument", () => {
    assert.deepEqual(parse('--arg', '--verbose', '--arg', '-x', '--arg=--json'), {
      arg: ['--verbose', '-x', '--json'],
      positionals: [],
    });
  });

  it('says in one sentence what is wrong', () => {
    refused('There is no option --bogus: call --help lists them.', '--bogus');
    refused('There is no option --mokcs (did you mean --mocks?): call --help lists them.', '--mokcs', 'x');
    refused('There is no option --jsn (did you mean --json?): call --help lists them.', '--jsn=1');
    refused('There is no option -x: call --help lists them.', '-x');
    refused('There is no option -help (did you mean --help?): call --help lists them.', '-help');
    refused('There is no option --toString: call --help lists them.', '--toString');
    refused("--json takes no value, and was given '3'.", '--json=3');
    refused('--mocks lacks its value: call --help shows it.', 'a', '--mocks');
    refused('--mocks lacks its value: call --help shows it.', '--mocks', '--json');
    refused('--arg lacks its value: call --help shows it.', '--arg', '--');
  });

  it('never throws anything else, and loses no word', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--', '--json', '--mocks', '--arg', '-h', '--mocks=', '-5', '='),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => {
        try {
          const { values, positionals } = parseWords('call', words, OPTIONS);
          for (const found of [...positionals, ...(values.arg ?? [])]) assert.ok(words.some((w) => w.endsWith(found)));
        } catch (error) {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, /\.$/);
        }
      }),
    );
  });

  it('parameters that stand where an option should are not repeated whole', () => {
    for (const words of [[`-{"a":"${'x'.repeat(10_000)}"}`], [`--json=${'x'.repeat(10_000)}`]])
      assert.throws(
        () => parseWords('call', words, OPTIONS),
        (error) => error instanceof UsageError && error.message.length < 300,
      );
  });
});
