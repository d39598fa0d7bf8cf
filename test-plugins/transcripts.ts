// Makes the calls of script.ts under the real hdk, and keeps what went over its pipes in transcripts.txt: `node
// test-plugins/transcripts.ts`. With --check it only compares. It needs what `node test-plugins/build.ts rust-pdk c-minimal hello
// reference` builds.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { heading, type PipeLine, SCRIPT, scriptLine, type Transcript, transcriptText } from './script.ts';

const OUT = path.join(path.dirname(fileURLToPath(import.meta.url)), 'out');
export const REFERENCE = path.join(OUT, `reference${process.platform === 'win32' ? '.exe' : ''}`);
const TRANSCRIPTS = new URL('transcripts.txt', import.meta.url);

/** One line of `reference --script`, as reference/src/script.rs writes it. */
type Told = {
  readonly lines: readonly { pipe: PipeLine['pipe']; text?: string; hex?: string; unfinished?: true }[];
  readonly log: readonly string[];
  readonly read: number;
  readonly exit?: number;
  readonly trap?: string;
  readonly died?: string;
} & (
  | { outcome: 'result'; result: string }
  | { outcome: 'error'; error: { code: number; message: string } }
  | { outcome: 'hang' | 'host_panic' }
  | { outcome: 'rejected'; message: string }
);

function transcriptOf(told: Told): Transcript {
  if (told.outcome === 'rejected' || told.outcome === 'host_panic' || told.died !== undefined)
    throw new Error(`unexpected: ${JSON.stringify(told)}`);
  const { read, exit, trap, log } = told;
  return {
    lines: told.lines.map(({ pipe, text, hex, unfinished = false }) => ({
      pipe,
      bytes: hex === undefined ? Buffer.from(text ?? '', 'utf8') : Buffer.from(hex, 'hex'),
      unfinished,
    })),
    ...(told.outcome === 'result' ? { result: told.result } : {}),
    ...(told.outcome === 'error' ? { error: told.error } : {}),
    ...(told.outcome === 'hang' ? { hang: true } : {}),
    ...(exit === undefined ? {} : { exit }),
    ...(trap === undefined ? {} : { trap }),
    read,
    logged: log.length,
  };
}

/** Makes the calls of the script that `wanted` names, and gives their texts by their headings. @throws Error */
export function makeTranscripts(wanted: (heading: string) => boolean = () => true): Map<string, string> {
  const calls = SCRIPT.filter((call) => wanted(heading(call)));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-script-'));
  try {
    const file = path.join(folder, 'script.jsonl');
    fs.writeFileSync(
      file,
      calls.map((call) => `${scriptLine(call, path.join(OUT, `${call.plugin}.wasm`))}\n`).join(''),
    );
    const { status, stdout, stderr, error } = spawnSync(REFERENCE, ['--script', file], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (error) throw error;
    if (status !== 0) throw new Error(`the reference program says: ${stderr}`);
    const told = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Told);
    const texts = new Map<string, string>();
    for (const [at, call] of calls.entries()) {
      const one = told[at];
      if (one === undefined) throw new Error(`nothing was told of ${heading(call)}`);
      texts.set(heading(call), transcriptText(call, transcriptOf(one)));
    }
    return texts;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The transcripts that are kept, by their headings. */
export function readTranscripts(): Map<string, string> {
  const texts = fs.readFileSync(TRANSCRIPTS, 'utf8').split(/^(?=== )/m);
  return new Map(texts.map((text) => [text.slice(0, text.indexOf('\n')), text]));
}

function main(): number {
  const made = makeTranscripts();
  if (made.size !== SCRIPT.length) throw new Error('two calls of the script have the same heading');
  if (!process.argv.includes('--check')) {
    fs.writeFileSync(TRANSCRIPTS, [...made.values()].join(''));
    console.log(`${made.size} transcripts made`);
    return 0;
  }
  const kept = readTranscripts();
  const changed = [...made].filter(([name, text]) => kept.get(name) !== text);
  for (const [name, text] of changed) console.log(`now:\n${text}\nkept:\n${kept.get(name) ?? '(nothing)\n'}`);
  const gone = [...kept.keys()].filter((name) => !made.has(name));
  for (const name of gone) console.log(`no longer in the script: ${name}`);
  console.log(`${made.size} transcripts made, ${changed.length} are not as transcripts.txt has them`);
  return changed.length + gone.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
