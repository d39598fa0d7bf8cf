// The terminal's commands by name, and what is the same for all of them: help, usage errors, exit codes. A command's own modules are
// loaded when it is asked for: a call is to start at once.
import { EXIT } from './exit-codes.ts';
import { print, say, write } from './output.ts';
import { UsageError } from './words.ts';

const HELP = `Usage: wasmi-plugin-debugger COMMAND …

  call PLUGIN METHOD [PARAMS-JSON]   run one call; the result goes to stdout, the trace to stderr
  replay RECORDING                   run a recording again and check that it is exact
  mocks check FILE…                  what is wrong with mock files
  mocks from-recording RECORDING     a mock file that answers as the recording does
  inspect PLUGIN                     imports, features, exports, functions, debug info, sizes
  dap [--port N]                     Debug Adapter Protocol server on stdio, or on a loopback port
  lsp                                Language Server Protocol server on stdio, for mock files and recordings

wasmi-plugin-debugger COMMAND --help says more; --version tells the version.
`;

const NEEDS_ENGINE: ReadonlySet<string> = new Set(['call', 'replay', 'dap']);

/** @throws UsageError that says what this Node.js lacks */
async function checkEngine(): Promise<void> {
  const { lackingSentence, probeEngine } = await import('../executor/engine-check.ts');
  const lacking = lackingSentence(probeEngine(), process.versions.v8, 'node');
  if (lacking !== undefined) throw new UsageError(lacking);
}

/** Runs the command that `words` name. @returns the exit code. Never throws for bad input. */
export async function main(words: readonly string[], version: string): Promise<number> {
  const [command, ...rest] = words;
  try {
    if (command !== undefined && NEEDS_ENGINE.has(command)) await checkEngine();
    switch (command) {
      case 'call':
        return await (await import('./call.ts')).callCommand(rest);
      case 'replay':
        return await (await import('./replay.ts')).replayCommand(rest);
      case 'mocks':
        return await (await import('./mocks.ts')).mocksCommand(rest);
      case 'inspect':
        return await (await import('./inspect.ts')).inspectCommand(rest);
      case 'dap':
        return await (await import('./dap.ts')).dapCommand(rest);
      case 'lsp':
        return await (await import('./lsp.ts')).lspCommand(rest);
      case '--help':
      case '-h':
      case 'help':
        await print(HELP);
        return EXIT.result;
      case '--version':
        await print(`${version}\n`);
        return EXIT.result;
      case undefined:
        write(HELP);
        return EXIT.usage;
      default:
        throw new UsageError(`There is no command '${command}': there are call, replay, mocks, inspect, dap and lsp.`);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(error.message);
    return EXIT.usage;
  }
}
