// A host in a process of its own, for `--host-command "node test-plugins/host.ts"`: newline-delimited JSON-RPC on stdin and
// stdout. It answers as production does: one request at a time, in their order.
import fs from 'node:fs';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parseExactly } from './json.ts';

const USAGE = `usage: node test-plugins/host.ts [--mocks FILE] [--delay MS] [--never METHOD]…

Answers \`echo\` with its params, and the methods of FILE, a JSON object, with their results. Others are not found.`;

const { values } = parseArgs({
  options: {
    mocks: { type: 'string' },
    delay: { type: 'string', default: '0' },
    never: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});

const mocks = new Map<string, unknown>(
  values.mocks ? Object.entries(parseExactly(fs.readFileSync(values.mocks, 'utf8')) as Record<string, unknown>) : [],
);

function answer(method: unknown, params: unknown): Record<string, unknown> {
  if (typeof method === 'string' && mocks.has(method)) return { result: mocks.get(method) };
  if (method === 'echo') return { result: params ?? null };
  return { error: { code: -32601, message: 'Method not found' } };
}

/** The lines of stdin. Not by node:readline, which ends a line at U+2028 too, and JSON may hold that in a string. */
async function* lines(): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    const [first = '', ...more] = String(chunk).split('\n');
    const parts = [rest + first, ...more];
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

async function serve(): Promise<void> {
  let stuck = false;
  for await (const line of lines()) {
    const { id, method, params } = parseExactly(line) as { id?: unknown; method?: unknown; params?: unknown };
    // one that never answers holds up those behind it
    stuck ||= values.never.includes(String(method));
    if (stuck) continue;
    await setTimeout(Number(values.delay));
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer(method, params) })}\n`);
  }
}

if (values.help) console.log(USAGE);
else
  await serve().catch((error: unknown) => {
    console.error(`The host can't read a request: ${error instanceof Error ? error.message : error}.`);
    process.exitCode = 1;
  });
