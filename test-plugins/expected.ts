// Observes the calls of cases.ts under the real hdk, and keeps what happened in expected.json: `node test-plugins/expected.ts`.
// With --check it only compares. It needs the plugins and the reference program: `node test-plugins/build.ts rust-pdk
// c-minimal hello reference`.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { CASES, type Case, EXPECTED_FILE, type Expectation, type Observation, readExpected } from './cases.ts';
import { parseExactly } from './json.ts';

const OUT = path.join(path.dirname(fileURLToPath(import.meta.url)), 'out');
const REFERENCE = path.join(OUT, `reference${process.platform === 'win32' ? '.exe' : ''}`);

/** A call that took this long hangs: those that do return take less than a tenth of it. In ms. */
const HANG = 4_000;

/** One line of the reference program, as reference/src/observer.rs writes it. */
type Line =
  | { event: 'message'; direction: 'in' | 'out'; message: Message }
  | { event: 'not_a_message'; line: string }
  | { event: 'stderr'; line: string }
  | { event: 'exit'; code: number }
  | { event: 'trap'; code: string }
  | { event: 'host' | 'died' }
  | { event: 'end'; outcome: 'result'; result: unknown }
  | { event: 'end'; outcome: 'error'; error: { code: number; message: string } }
  | { event: 'end'; outcome: 'hang' | 'rejected' | 'host_panic' | 'died' | 'unreadable' };

interface Message {
  readonly id: unknown;
  readonly method?: string;
  readonly error?: unknown;
}

const summary = (direction: string, { id, method, error }: Message): string => {
  const kind = method !== undefined ? 'request' : error !== undefined ? 'error' : 'response';
  return [direction, kind, JSON.stringify(id), ...(method !== undefined ? [method] : [])].join(' ');
};

/** The time that tracing-subscriber puts before a line. */
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z +/;

function reduce(lines: readonly Line[]): Observation {
  const messages: string[] = [];
  const stderr: string[] = [];
  let rest: Partial<Observation> = {};
  for (const line of lines) {
    if (line.event === 'message') messages.push(summary(line.direction, line.message));
    else if (line.event === 'stderr') stderr.push(line.line.replace(TIME, ''));
    else if (line.event === 'not_a_message') rest = { ...rest, notAMessage: line.line };
    else if (line.event === 'exit') rest = { ...rest, exit: line.code };
    else if (line.event === 'trap') rest = { ...rest, trap: line.code };
    else if (line.event === 'end' && line.outcome === 'result') rest = { ...rest, result: JSON.stringify(line.result) };
    else if (line.event === 'end' && line.outcome === 'error') rest = { ...rest, error: line.error };
    else if (line.event === 'end' && line.outcome === 'hang') rest = { ...rest, hang: true };
    else if (line.event === 'end') throw new Error(`unexpected: ${JSON.stringify(line)}`);
  }
  return { ...rest, messages, stderr };
}

function observe(plugin: string, { method, params, host = {}, patience = HANG }: Case): Promise<Observation> {
  const { mocks = {}, delay = 0, never = [] } = host;
  const args = [
    ...[path.join(OUT, `${plugin}.wasm`), method, params, '--timeout', String(patience)],
    ...['--mocks', JSON.stringify(mocks), '--delay', String(delay), ...never.flatMap((name) => ['--never', name])],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(REFERENCE, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', () => {
      try {
        resolve(
          reduce(
            Buffer.concat(chunks)
              .toString('utf8')
              .split('\n')
              .filter(Boolean)
              .map((line) => parseExactly(line) as Line),
          ),
        );
      } catch (error) {
        reject(new Error(`${plugin} ${method} ${params}: ${error instanceof Error ? error.message : error}`));
      }
    });
  });
}

async function observeCase(one: Case): Promise<Expectation> {
  if (one.plugin !== 'rust-pdk') return { ...one, production: await observe(one.plugin, one) };
  const production = await observe('rust-pdk.release', one);
  const debug = await observe('rust-pdk.debug', one);
  return one.varies !== undefined || isDeepStrictEqual(debug, production)
    ? { ...one, production }
    : { ...one, production, debug };
}

/** Without what is another each time. */
function comparable({ varies, production, ...rest }: Expectation): unknown {
  if (varies === undefined) return { ...rest, production };
  const { result, stderr: _, ...course } = production;
  return { ...rest, varies, production: { ...course, result: result !== undefined } };
}

async function main(): Promise<number> {
  const expectations: Expectation[] = [];
  for (const one of CASES) {
    expectations.push(await observeCase(one));
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  if (!process.argv.includes('--check')) {
    fs.writeFileSync(EXPECTED_FILE, `${JSON.stringify(expectations, null, 2)}\n`);
    console.log(`${expectations.length} calls observed`);
    return 0;
  }
  const kept = readExpected();
  const name = ({ plugin, method, params }: Case) => `${plugin} ${method} ${params}`;
  const changed = expectations.filter((now, at) => {
    const before = kept[at];
    return before === undefined || !isDeepStrictEqual(comparable(now), comparable(before));
  });
  for (const { production, debug, ...one } of changed)
    console.log(`${name(one)}: now ${JSON.stringify(production)}${debug ? `, debug ${JSON.stringify(debug)}` : ''}`);
  console.log(`${expectations.length} calls observed, ${changed.length} took another course than expected.json says`);
  return changed.length > 0 || kept.length !== expectations.length ? 1 : 0;
}

process.exitCode = await main();
