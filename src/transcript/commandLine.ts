// A call as words of the command line: the same call in a terminal (docs/terminal.md). Pure. Contract P2 (params go as text).
import { DEFAULT_SLICE } from '../../debug-adapter/executor/options.ts';
import { DEFAULT_LIMITS, type RunLimits } from '../../debug-adapter/recording/event.ts';
import type { KeptCall } from './calls.ts';
import { type Shell, shellCommand, shellWord } from './shellWords.ts';

const LIMITS: readonly (readonly [keyof RunLimits, string])[] = [
  ['wallMs', '--timeout'],
  ['fuel', '--fuel-limit'],
  ['memory', '--memory-limit'],
  ['output', '--output-limit'],
  ['line', '--line-limit'],
  ['events', '--event-limit'],
];

/** What a terminal command needs of a call. */
interface Given {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly clock: string;
  readonly seed: string | undefined;
  readonly slice: number;
  readonly limits: RunLimits;
  readonly missingImports: string;
  readonly features: readonly string[];
  readonly mocks: string | undefined;
  readonly hostCommand: string | undefined;
  readonly cwd: string | undefined;
}

function given(call: KeptCall): Given {
  const { plan, header } = call;
  if (plan !== undefined) {
    const { clock } = plan;
    return {
      ...plan,
      clock: clock.kind === 'real' ? 'real' : `virtual:${new Date(clock.startMs).toISOString()}`,
    };
  }
  if (header === undefined) throw new Error('This call never began, so there is no command for it.');
  const nothing = { mocks: undefined, hostCommand: undefined, cwd: undefined };
  return { ...header, ...nothing, args: header.args ?? [], env: header.env ?? [], seed: header.seed };
}

/** The words behind `npx`. @throws Error with a sentence where the plugin is not known */
export function callWords(call: KeptCall): readonly string[] {
  const { pluginPath } = call;
  if (pluginPath === undefined)
    throw new Error('The recording does not say where its plugin is, so there is no command for it.');
  const from = given(call);
  const words = ['wasmi-plugin-debugger', 'call'];
  // a value that begins with a dash is no option when it stands behind an equals sign
  const option = (name: string, value: string | number): void => {
    const text = String(value);
    if (text.startsWith('-')) words.push(`${name}=${text}`);
    else words.push(name, text);
  };
  if (from.mocks !== undefined) option('--mocks', from.mocks);
  if (from.hostCommand !== undefined) option('--host-command', from.hostCommand);
  if (from.clock !== 'real') option('--clock', from.clock);
  if (from.seed !== undefined) option('--seed', from.seed);
  if (from.slice !== DEFAULT_SLICE) option('--slice', from.slice);
  for (const arg of from.args) option('--arg', arg);
  for (const variable of from.env) option('--env', variable);
  if (from.missingImports !== 'fail') option('--missing-imports', from.missingImports);
  if (from.features.length > 0) option('--features', from.features.join(','));
  for (const [limit, name] of LIMITS)
    if (from.limits[limit] !== DEFAULT_LIMITS[limit]) option(name, from.limits[limit]);
  const positionals = [pluginPath, call.method, ...(call.params === 'null' ? [] : [call.params])];
  if (positionals.some((word) => /^-[^\d]/.test(word))) words.push('--');
  return [...words, ...positionals];
}

/** The command as it is pasted into a shell. @throws Error with a sentence */
export function terminalCommand(call: KeptCall, shell: Shell): string {
  const words = callWords(call);
  if (words.some((word) => word.includes('\0')))
    throw new Error('The call has a NUL character in its name or options, which no command line can carry.');
  const command = shellCommand(['npx', ...words], shell);
  const { plan } = call;
  // the host's command runs in a folder of its own, for which there is no option
  if (plan?.hostCommand === undefined || plan.cwd === undefined) return command;
  const folder = shellWord(plan.cwd, shell);
  if (shell === 'cmd') return `cd /d ${folder} && ${command}`;
  return shell === 'powershell' ? `cd ${folder}; ${command}` : `cd ${folder} && ${command}`;
}
