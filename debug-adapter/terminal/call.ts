// `call`: one live call in the terminal. Human output is the trace on stderr and the result alone on stdout; --json is one object.
import path from 'node:path';
import type { HostProcess } from '../executor/host-process.ts';
import { DEFAULT_SLICE, type Outcome } from '../executor/options.ts';
import type { Platform } from '../executor/platform.ts';
import { startRecorder } from '../executor/recorder.ts';
import { Run } from '../executor/run.ts';
import { Mocks } from '../mocks/mocks.ts';
import { DEFAULT_LIMITS } from '../recording/event.ts';
import { checkLaunch, type LaunchPlan, runOptions } from '../session/launch.ts';
import { grouped, visible } from '../transcript/transcript-line.ts';
import { EXIT, exitCode } from './exit-codes.ts';
import { readFile, reason, terminalPlatform } from './files.ts';
import { readMocks } from './mock-files.ts';
import { limitInWords, problemInWords } from './option-names.ts';
import { outcomeJson } from './outcome-json.ts';
import { print, say, write } from './output.ts';
import { strictComplaints } from './strict.ts';
import { TRACE_KINDS, type TraceKind, traceRun } from './trace.ts';
import { parseWords, UsageError, type Words } from './words.ts';

/** What a WebAssembly file begins with. */
const MAGIC = [0, 0x61, 0x73, 0x6d];

const HELP = `Usage: wasmi-plugin-debugger call PLUGIN METHOD [PARAMS-JSON] [options]

Runs one call. The result goes to stdout, alone; the trace and all sentences go to stderr.

What the host answers:
  --mocks FILE              a mock file: results of host methods, or rules (docs/mock-files.md)
  --strict                  a host call that nothing answers, and a mock that is not used as it expects, are exit code 5
  --host-command "CMD ARGS" a process that answers what no mock does: newline-delimited JSON-RPC on its stdio
What the plugin meets:
  --clock real|virtual[:ISO-TIME]
                            virtual time stands still but for fuel and sleeps (default: real)
  --seed N                  makes random_get repeatable; a number, or any text
  --slice N                 fuel per slice, production's max_fuel (default: ${DEFAULT_SLICE})
  --arg A, --env K=V        an argument, a variable; may be repeated; production has neither
  --missing-imports fail|enosys
                            imports that production lacks end the call, or answer ENOSYS (default: fail)
  --features simd           lets SIMD through, which production rejects
Where it ends:
  --timeout MS              wall time (default: ${DEFAULT_LIMITS.wallMs})
  --fuel-limit N            fuel over the whole call (default: none)
  --memory-limit BYTES      memory of the plugin (default: ${DEFAULT_LIMITS.memory})
  --output-limit BYTES      stdout in all; of stderr no more is kept (default: ${DEFAULT_LIMITS.output})
  --line-limit BYTES        one line (default: ${DEFAULT_LIMITS.line})
  --event-limit N           events kept in full; past it syscalls are only counted (default: ${DEFAULT_LIMITS.events})
What is told:
  --trace KINDS             of ${TRACE_KINDS.join(',')} (default: rpc,stderr; with --json: none)
  --json                    one JSON object on stdout
  --record FILE             write a recording, for replay

Words after -- are no options. Numbers may have underscores: 1_000_000.
Exit code: 0 a result, 1 an error response, 2 bad usage or input, 3 a fault of the plugin, 4 a limit reached, 5 what --strict
complains of, where the call came to its end, 70 a fault of the debugger, 130 ended by Ctrl-C.
`;

const OPTIONS = {
  mocks: { type: 'text' },
  strict: { type: 'flag' },
  'host-command': { type: 'text' },
  env: { type: 'text', many: true },
  arg: { type: 'text', many: true },
  seed: { type: 'text' },
  clock: { type: 'text' },
  slice: { type: 'text' },
  'fuel-limit': { type: 'text' },
  timeout: { type: 'text' },
  'memory-limit': { type: 'text' },
  'event-limit': { type: 'text' },
  'output-limit': { type: 'text' },
  'line-limit': { type: 'text' },
  record: { type: 'text' },
  'missing-imports': { type: 'text' },
  features: { type: 'text', many: true },
  trace: { type: 'text' },
  json: { type: 'flag' },
  help: { type: 'flag', short: 'h' },
} as const;

export async function callCommand(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords('call', words, OPTIONS);
  if (values.help) {
    await print(HELP);
    return EXIT.result;
  }
  const kinds = traceKinds(values.trace, values.json === true);
  const plan = planOf(values, positionals, await featureNames(values.features));
  const platform = terminalPlatform();
  const bytes = await readFile(platform, plan.plugin, 'The plugin');
  checkMagic(plan.plugin, bytes);
  const mocks = plan.mocks === undefined ? undefined : await readMocks(platform, plan.mocks);
  if (plan.env.length > 0 || plan.args.length > 0)
    say('Note: production gives a plugin neither arguments nor environment; this call has them.');
  const host = plan.hostCommand === undefined ? undefined : await startHost(platform, plan.hostCommand);
  const run = Run.start(platform, runOptions(plan, bytes, mocks, []), host);
  process.once('SIGINT', () => void run.terminate()); // the second Ctrl-C ends this process at once
  const recording = plan.record === undefined ? undefined : await record(platform, run, plan.record);
  const trace = traceRun(run, kinds, write);
  const outcome = inWords(await run.ended);
  trace.finish();
  if (values.json) await print(`${outcomeJson(outcome)}\n`);
  else await report(outcome, trace.lastDiagnosis);
  const code = exitCode(outcome);
  const complaints =
    values.strict || mocks !== undefined
      ? strictComplaints(mocks === undefined ? Mocks.NONE : Mocks.of(mocks), run.store.range())
      : [];
  // without --strict, what was expected and did not come is told all the same
  for (const { message, expected } of complaints) if (values.strict || expected) say(visible(message));
  await recording?.(); // last: the result is worth having though the disk is full
  const ended = code === EXIT.result || code === EXIT.error;
  return values.strict && ended && complaints.length > 0 ? EXIT.strict : code;
}

/** What the words ask for. @throws UsageError with a sentence for each thing that is wrong */
function planOf(
  values: Words<typeof OPTIONS>['values'],
  positionals: readonly string[],
  features: readonly string[],
): LaunchPlan {
  const [plugin, method, paramsText, ...more] = positionals;
  if (plugin === undefined || method === undefined)
    throw new UsageError(
      `${plugin === undefined ? 'The plugin and the method are' : 'The method is'} missing: call PLUGIN METHOD [PARAMS-JSON].`,
    );
  if (more.length > 0)
    throw new UsageError(`'${more[0]}' is one word too many: the parameters are one JSON text, so quote them.`);
  const { problems, plan } = checkLaunch({
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
    features,
    missingImports: values['missing-imports'],
    record: values.record,
    noDebug: true,
  });
  if (plan === undefined) throw new UsageError(problems.map(problemInWords).join('\n'));
  return plan;
}

/** A file that is no module is a wrong word on the command line, not a fault of a plugin. @throws UsageError */
function checkMagic(file: string, bytes: Uint8Array): void {
  if (bytes.length >= MAGIC.length && MAGIC.every((byte, at) => bytes[at] === byte)) return;
  throw new UsageError(`${file} is no WebAssembly module: it does not begin with \\0asm.`);
}

/** Loaded only here: the JSON-RPC client that speaks to it is not needed otherwise. */
async function startHost(platform: Platform, command: string): Promise<HostProcess> {
  const { startHostProcess } = await import('../executor/host-process.ts');
  return startHostProcess(platform, command, undefined, (sentence) => say(visible(sentence)));
}

/** Records the run. @returns what waits until all is on disk. @throws UsageError, after ending the run */
async function record(platform: Platform, run: Run, file: string): Promise<() => Promise<void>> {
  const unwritable = (error: unknown): never => {
    throw new UsageError(`The recording ${path.normalize(file)} can't be written: ${reason(error)}.`, { cause: error });
  };
  try {
    const { done } = await startRecorder(platform, run, file);
    const written = done.then(
      () => undefined,
      (error: unknown) => error ?? new Error('unknown error'),
    );
    return async () => {
      const error = await written;
      if (error !== undefined) unwritable(error);
    };
  } catch (error) {
    await run.terminate();
    return unwritable(error);
  }
}

/** A number as written; what is none goes on as text, for checkLaunch to name. */
function amount(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  return /^\d[\d_]*$/.test(text) ? Number(text.replaceAll('_', '')) : text;
}

/** Names of features that may be let through. @throws UsageError */
async function featureNames(lists: readonly string[] = []): Promise<string[]> {
  if (lists.length === 0) return [];
  const { OPTIONAL_FEATURES } = await import('../wasm/features.ts');
  const names = lists.flatMap((list) => list.split(',')).map((name) => name.trim());
  for (const name of names)
    if (!OPTIONAL_FEATURES.includes(name))
      throw new UsageError(
        `--features ${name}: no such feature can be let through; there are ${OPTIONAL_FEATURES.join(' and ')}.`,
      );
  return names;
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

function inWords(outcome: Outcome): Outcome {
  const { fault } = outcome;
  return fault === undefined ? outcome : { ...outcome, fault: { ...fault, message: limitInWords(fault.message) } };
}

/** The result alone to stdout; all else to stderr. `told` was the last line of the trace: it is not said again. */
async function report(outcome: Outcome, told: string | undefined): Promise<void> {
  const { fuel, events, error, fault } = outcome;
  if (outcome.kind === 'result') await print(`${outcome.result}\n`);
  else if (error !== undefined) {
    const { code, message, seenAs } = error;
    const same = seenAs.code === code && seenAs.message === message;
    const seen = same ? '' : ` (production's host sees ${seenAs.code} ${visible(seenAs.message)})`;
    say(`Error response ${code}: ${visible(message)}${seen}`);
  } else if (fault !== undefined && fault.message !== told) say(visible(fault.message));
  const counts = [
    `≈${grouped(fuel.consumed)} fuel`,
    count(fuel.yields, 'yield'),
    count(events.rpc, 'message'),
    count(events.syscall, 'syscall'),
    `${grouped(outcome.wallMs)} ms`,
  ];
  say(counts.join(', '));
}

const count = (number: number, what: string): string => `${grouped(number)} ${what}${number === 1 ? '' : 's'}`;
