// `mocks check` and `mocks from-recording`: mock files without a call.
import type { Platform } from '../executor/platform.ts';
import { DEFAULT_REDACTIONS, mocksFromEvents, type Redactions } from '../mocks/from-recording.ts';
import { mockSetOf } from '../mocks/mock-set.ts';
import { compileRegex } from '../mocks/pattern.ts';
import { problemText } from '../mocks/problems.ts';
import { EventStore } from '../recording/event-store.ts';
import { RecordingError } from '../recording/fields.ts';
import { parseRecording } from '../recording/reader.ts';
import { visible } from '../transcript/transcript-line.ts';
import { EXIT } from './exit-codes.ts';
import { readText, reason, terminalPlatform } from './files.ts';
import { gatherMockFile } from './mock-files.ts';
import { print, say } from './output.ts';
import { parseWords, UsageError } from './words.ts';

const HELP = `Usage: wasmi-plugin-debugger mocks check FILE…
       wasmi-plugin-debugger mocks from-recording RECORDING [--out FILE] [--redact PATTERN]… [--no-redact]

check: says all that is wrong with mock files, a line for each: FILE:LINE:COLUMN: error|warning|hint: sentence.
from-recording: makes a mock file that gives the calls of a recording the same answers, on stdout or in FILE.
  --redact PATTERN          leaves out values of members of such a name, and such texts, besides what looks like a secret anyway;
                            a pattern in RE2's syntax; may be repeated
  --no-redact               leaves out nothing
Exit code: 0 no errors, 1 errors in a mock file, 2 bad usage, or a file that can't be read or written.
`;

const OPTIONS = {
  out: { type: 'text' },
  redact: { type: 'text', many: true },
  'no-redact': { type: 'flag' },
  help: { type: 'flag', short: 'h' },
} as const;

export async function mocksCommand(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords('mocks', words, OPTIONS);
  if (values.help) {
    await print(HELP);
    return EXIT.result;
  }
  const [what, ...files] = positionals;
  const platform = terminalPlatform();
  if (what === 'check') {
    const [option] = Object.keys(values);
    if (option !== undefined) throw new UsageError(`--${option} is an option of mocks from-recording.`);
    return await check(platform, files);
  }
  if (what !== 'from-recording')
    throw new UsageError(
      `${what === undefined ? 'What is to be done is missing' : `There is no 'mocks ${what}'`}: there are mocks check and mocks from-recording.`,
    );
  const [file, ...more] = files;
  if (file === undefined) throw new UsageError('The recording is missing: mocks from-recording RECORDING.');
  if (more.length > 0)
    throw new UsageError(`'${more[0]}' is one word too many: mocks from-recording takes one recording.`);
  return await fromRecording(
    platform,
    file,
    values.out,
    redactionsOf(values.redact ?? [], values['no-redact'] === true),
  );
}

async function check(platform: Platform, files: readonly string[]): Promise<number> {
  if (files.length === 0) throw new UsageError('The mock file is missing: mocks check FILE….');
  let errors = 0;
  for (const file of files) {
    const set = mockSetOf(await gatherMockFile(platform, file));
    for (const problem of set.problems) {
      if (problem.severity === 'error') errors++;
      const { message, severity } = problem;
      await print(`${visible(problemText({ ...problem, message: `${severity}: ${message}` }))}\n`);
    }
  }
  return errors === 0 ? EXIT.result : EXIT.error;
}

function redactionsOf(patterns: readonly string[], none: boolean): Redactions {
  if (none && patterns.length > 0) throw new UsageError('--redact and --no-redact say the opposite: give one of them.');
  if (none) return { names: [], values: [] };
  for (const pattern of patterns)
    try {
      compileRegex(pattern);
    } catch (error) {
      throw new UsageError(
        `--redact ${pattern}: this is no pattern in the syntax of RE2: ${(error as Error).message}.`,
      );
    }
  const { names, values } = DEFAULT_REDACTIONS;
  return { names: [...names, ...patterns], values: [...values, ...patterns] };
}

async function fromRecording(
  platform: Platform,
  file: string,
  out: string | undefined,
  redactions: Redactions,
): Promise<number> {
  const text = await readText(platform, file, 'The recording');
  const store = new EventStore();
  try {
    const { records, cutShort } = parseRecording(text, file);
    if (cutShort !== undefined) say(cutShort);
    store.append(records);
  } catch (error) {
    if (error instanceof RecordingError) throw new UsageError(error.message);
    throw error;
  }
  const made = mocksFromEvents(store.range(), redactions);
  if (out === undefined) await print(made.text);
  else {
    try {
      const written = await platform.writeTextFile(out);
      written.write(made.text);
      await written.close();
    } catch (error) {
      throw new UsageError(`The mock file ${out} can't be written: ${reason(error)}.`, { cause: error });
    }
  }
  const left = made.left === 0 ? '' : `; ${made.left} without an answer ${made.left === 1 ? 'is' : 'are'} left out`;
  const secrets =
    made.redacted === 0
      ? ''
      : `; ${made.redacted} that looked like secrets ${made.redacted === 1 ? 'is' : 'are'} redacted`;
  const counts = [count(made.calls, 'call'), count(made.methods, 'host method'), count(made.rules, 'rule')];
  say(`${counts[0]} of ${counts[1]} in ${counts[2]}${left}${secrets}.`);
  return EXIT.result;
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
