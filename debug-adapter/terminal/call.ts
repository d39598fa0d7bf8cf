// `call`: one live call in the terminal. Human output is the trace on stderr and the result alone on stdout; --json is one object.
import path from 'node:path';
import { startHostProcess } from '../executor/host-process.ts';
import { DEFAULT_SLICE, type Outcome } from '../executor/options.ts';
import { startRecorder } from '../executor/recorder.ts';
import { Run } from '../executor/run.ts';
import { Mocks, MocksError } from '../mocks/mocks.ts';
import { checkLaunch, runOptions } from '../session/launch.ts';
import { grouped } from '../session/transcript-line.ts';
import { parseWords, readFile, terminalPlatform, UsageError } from './arguments.ts';
import { EXIT } from './main.ts';
import { outcomeJson } from './outcome-json.ts';
import { TRACE_KINDS, type TraceKind, traceRun } from './trace.ts';

const HELP = `Usage: wasmi-plugin-debugger call PLUGIN METHOD [PARAMS-JSON] [options]

Runs one call. The result goes to stdout, the trace and all sentences to stderr.
Exit code: 0 a result, 1 an error response, 2 bad usage or input, 3 a fault of the plugin, 4 a limit reached.

  --mocks FILE             JSON object from host method to result
  --host-command "CMD …"   a process that answers host methods: newline JSON-RPC on its stdio
  --trace KINDS            of ${TRACE_KINDS.join(',')} (default: rpc,stderr; with --json: none)
  --json                   one JSON object on stdout
  --record FILE            write a recording, for replay
  --clock real|virtual[:ISO-TIME]
  --seed N                 makes random_get repeatable
  --slice N                fuel per slice (default ${DEFAULT_SLICE}, production's max_fuel)
  --fuel-limit N, --timeout MS, --memory-limit BYTES, --event-limit N, --output-limit BYTES, --line-limit BYTES
  --env K=V, --arg A       may be repeated; production has neither
  --features simd          let through what production rejects
  --missing-imports fail|enosys
`;

/** Options of the command line by the field of the launch arguments that they fill. */
const FIELDS = {
  mocks: '--mocks',
  hostCommand: '--host-command',
  clock: '--clock',
  seed: '--seed',
  slice: '--slice',
  'limits.fuel': '--fuel-limit',
  'limits.wallMs': '--timeout',
  'limits.memory': '--memory-limit',
  'limits.events': '--event-limit',
  'limits.output': '--output-limit',
  'limits.line': '--line-limit',
  env: '--env',
  args: '--arg',
  features: '--features',
  missingImports: '--missing-imports',
  record: '--record',
  paramsText: 'PARAMS-JSON',
  method: 'METHOD',
  plugin: 'PLUGIN',
} as const;

export async function callCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(args, {
    mocks: { type: 'string' },
    'host-command': { type: 'string' },
    env: { type: 'string', multiple: true },
    arg: { type: 'string', multiple: true },
    seed: { type: 'string' },
    clock: { type: 'string' },
    slice: { type: 'string' },
    'fuel-limit': { type: 'string' },
    timeout: { type: 'string' },
    'memory-limit': { type: 'string' },
    'event-limit': { type: 'string' },
    'output-limit': { type: 'string' },
    'line-limit': { type: 'string' },
    record: { type: 'string' },
    'missing-imports': { type: 'string' },
    features: { type: 'string', multiple: true },
    trace: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return EXIT.result;
  }
  const [plugin, method, paramsText, ...more] = positionals;
  if (plugin === undefined || method === undefined)
    throw new UsageError(
      `${plugin === undefined ? 'The plugin and the method are' : 'The method is'} missing: call PLUGIN METHOD [PARAMS-JSON].`,
    );
  if (more.length > 0)
    throw new UsageError(`'${more[0]}' is one word too many: the parameters are one JSON text, so quote them.`);
  const kinds = traceKinds(values.trace, values.json === true);
  const checked = checkLaunch({
    plugin,
    method,
    paramsText,
    mocks: values.mocks,
    hostCommand: values['host-command'],
    clock: values.clock,
    seed: values.seed,
    slice: amount(values.slice),
    limits: {
      fuel: amount(values['fuel-limit']),
      wallMs: amount(values.timeout),
      memory: amount(values['memory-limit']),
      events: amount(values['event-limit']),
      output: amount(values['output-limit']),
      line: amount(values['line-limit']),
    },
    env: environment(values.env ?? []),
    args: values.arg,
    features: values.features?.flatMap((list) => list.split(',')),
    missingImports: values['missing-imports'],
    record: values.record,
    noDebug: true,
  });
  if (checked.plan === undefined) throw new UsageError(checked.problems.map(inWords).join('\n'));
  const { plan } = checked;

  const platform = terminalPlatform();
  const bytes = await readFile(platform, plan.plugin, 'The plugin');
  let mocks: string | undefined;
  if (plan.mocks !== undefined) {
    mocks = new TextDecoder().decode(await readFile(platform, plan.mocks, 'The mock file'));
    try {
      Mocks.parse(mocks, plan.mocks);
    } catch (error) {
      if (error instanceof MocksError) throw new UsageError(error.message);
      throw error;
    }
  }
  const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  if (plan.env.length > 0 || plan.args.length > 0)
    say('Note: production gives a plugin neither arguments nor environment; this call has them.');
  const host =
    plan.hostCommand === undefined ? undefined : startHostProcess(platform, plan.hostCommand, undefined, say);
  const run = Run.start(platform, runOptions(plan, bytes, mocks, []), host);
  const recorder =
    plan.record === undefined
      ? undefined
      : await startRecorder(platform, run, plan.record).catch(unwritable(plan.record));
  const rest = traceRun(run, kinds, (text) => void process.stderr.write(text));
  const interrupt = (): void => void run.terminate();
  process.once('SIGINT', interrupt);
  const outcome = await run.ended;
  process.removeListener('SIGINT', interrupt);
  rest();
  await recorder?.done.catch(unwritable(plan.record ?? ''));
  if (values.json) process.stdout.write(`${outcomeJson(outcome)}\n`);
  else report(outcome, say);
  return exitCode(outcome);
}

function unwritable(file: string): (error: Error) => never {
  return (error) => {
    throw new UsageError(`The recording ${path.normalize(file)} can't be written: ${error.message}.`, { cause: error });
  };
}

/** A number as written; what is none goes on as text, for checkLaunch to name. */
function amount(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  return /^\d[\d_]*$/.test(text) ? Number(text.replaceAll('_', '')) : text;
}

function environment(entries: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const entry of entries) {
    const equals = entry.indexOf('=');
    if (equals <= 0) throw new UsageError(`--env ${entry}: an environment entry is KEY=VALUE.`);
    env[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
  return env;
}

function traceKinds(list: string | undefined, json: boolean): ReadonlySet<TraceKind> {
  if (list === undefined) return new Set(json ? [] : ['rpc', 'stderr']);
  const kinds = list
    .split(',')
    .map((kind) => kind.trim())
    .filter((kind) => kind !== '');
  for (const kind of kinds)
    if (!TRACE_KINDS.some((known) => known === kind))
      throw new UsageError(`--trace ${list}: '${kind}' is no kind of event; there are ${TRACE_KINDS.join(', ')}.`);
  return new Set(kinds as TraceKind[]); // checked just above
}

/** A sentence about launch arguments, in the words of the command line. */
function inWords(sentence: string): string {
  return sentence.replace(/^"([\w.]+)"/, (whole, field: string) => (FIELDS as Record<string, string>)[field] ?? whole);
}

function report(outcome: Outcome, say: (sentence: string) => void): void {
  const { fuel, events } = outcome;
  const cost = `≈${grouped(fuel.consumed)} fuel in ${grouped(fuel.yields)} slices, ${events.rpc} messages, ${events.syscall} syscalls, ${Math.round(outcome.wallMs)} ms`;
  if (outcome.kind === 'result') process.stdout.write(`${outcome.result}\n`);
  else if (outcome.error !== undefined) {
    const { code, message, seenAs } = outcome.error;
    const seen =
      seenAs.code === code && seenAs.message === message
        ? ''
        : ` (production's host sees ${seenAs.code} ${seenAs.message})`;
    say(`Error response ${code}: ${message}${seen}`);
  } else if (outcome.fault !== undefined) say(outcome.fault.message);
  say(cost);
}

export function exitCode(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'result':
      return EXIT.result;
    case 'error':
      return EXIT.error;
    case 'fault':
      return EXIT.fault;
    case 'limit':
    case 'terminated':
      return EXIT.limit;
  }
}
