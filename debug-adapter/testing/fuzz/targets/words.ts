// Fuzz target: words of the command line, and commands that are split into words. One sentence, or options and positionals that can be written
// back as words that mean the same.
import { splitCommand } from '../../../executor/node-platform.ts';
import { limitInWords, problemInWords } from '../../../terminal/option-names.ts';
import { type Option, parseWords, UsageError } from '../../../terminal/words.ts';
import { changed, changeText } from '../json-text.ts';
import { texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const OPTIONS = {
  mocks: { type: 'text' },
  'host-command': { type: 'text' },
  env: { type: 'text', many: true },
  arg: { type: 'text', many: true },
  seed: { type: 'text' },
  json: { type: 'flag' },
  help: { type: 'flag', short: 'h' },
} as const satisfies Record<string, Option>;

const seeds = texts(
  'p.wasm\ngreet\n{"name":"Ada"}\n--mocks\nm.json\n--json',
  'p.wasm\nrun\n-5\n--env=A=b\n--env\nC=\n--arg\n--verbose\n-h',
  '--seed\n--json\n--\n--mocks\n-x',
  '--host-command\npython3 \'a b.py\' \\"x\\" "c\\\\d"\n-\n--no-such=1\n--jso',
);

function check(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  const words = text.split('\n');
  for (const word of [text, ...words.slice(0, 20)]) {
    const split = splitCommand(word);
    expect(
      split.every((part) => typeof part === 'string'),
      () => 'a word is none',
    );
    expect(
      split.join('').length <= word.length,
      () => `${JSON.stringify(word)} became longer: ${JSON.stringify(split)}`,
    );
    // quoted, each word is one word again
    const quoted = split.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(' ');
    expect(
      JSON.stringify(splitCommand(quoted)) === JSON.stringify(split),
      () => `${JSON.stringify(split)} became ${JSON.stringify(splitCommand(quoted))}`,
    );
    problemInWords(word);
    limitInWords(word);
  }
  let parsed: ReturnType<typeof parseWords<typeof OPTIONS>>;
  try {
    parsed = parseWords('call', words, OPTIONS);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expectSentence(error.message.replaceAll(/[\s\p{Cc}]/gu, ' '), 'the refusal', 1000);
    return;
  }
  const { values, positionals } = parsed;
  expect(
    positionals.every((word) => words.includes(word)),
    () => 'a positional was not given',
  );
  const again: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    expect(Object.hasOwn(OPTIONS, name), () => `there is no option ${name}`);
    if (value === true) again.push(`--${name}`);
    else for (const one of [value].flat()) again.push(`--${name}=${one}`);
  }
  const second = parseWords('call', [...again, '--', ...positionals], OPTIONS);
  expect(
    JSON.stringify(second.positionals) === JSON.stringify(positionals),
    () => 'written again, its positionals differ',
  );
  expect(
    JSON.stringify(Object.entries(second.values).sort()) === JSON.stringify(Object.entries(values).sort()),
    () => 'written again, its options differ',
  );
}

export const target: FuzzTarget = {
  name: 'words',
  about: 'words of the command line: one sentence, or what can be written back',
  make: (source) => changed(source, seeds, changeText),
  check,
};
