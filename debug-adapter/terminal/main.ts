// The terminal's commands by name, and what is the same for all of them: help, usage errors, exit codes. (Issue text: `call`, `replay`,
// `inspect`, `dap`.)
import { UsageError } from './arguments.ts';
import { callCommand } from './call.ts';
import { inspectCommand } from './inspect.ts';
import { replayCommand } from './replay.ts';

/** Exit codes of `call`; `replay` and `inspect` use the first three in the sense that their help says. */
export const EXIT = { result: 0, error: 1, usage: 2, fault: 3, limit: 4 } as const;

const HELP = `Usage: wasmi-plugin-debugger COMMAND …

  call PLUGIN METHOD [PARAMS-JSON]   run one call; the result goes to stdout, the trace to stderr
  replay RECORDING                   run a recording again and check that it is exact
  inspect PLUGIN                     imports, features, exports, functions, debug info, sizes
  dap [--port N]                     Debug Adapter Protocol server on stdio, or on a loopback port

wasmi-plugin-debugger COMMAND --help says more.
`;

/** Runs the command that \`args\` name. @returns the exit code. Never throws for bad input. */
export async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  try {
    switch (command) {
      case 'call':
        return await callCommand(rest);
      case 'replay':
        return await replayCommand(rest);
      case 'inspect':
        return await inspectCommand(rest);
      case 'dap': {
        const { dapCommand } = await import('./dap.ts');
        return await dapCommand(rest);
      }
      case '--help':
      case '-h':
      case 'help':
        process.stdout.write(HELP);
        return EXIT.result;
      case '--version': {
        process.stdout.write(`${await version()}\n`);
        return EXIT.result;
      }
      case undefined:
        process.stderr.write(HELP);
        return EXIT.usage;
      default:
        throw new UsageError(`There is no command '${command}': there are call, replay, inspect and dap.`);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
}

async function version(): Promise<string> {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  return manifest.version;
}
