// `dap`: the Debug Adapter Protocol server for any editor, on stdio or on a loopback port.
import { EXIT } from './exit-codes.ts';
import { print } from './output.ts';
import { parseWords, UsageError } from './words.ts';

const HELP = `Usage: wasmi-plugin-debugger dap [--port N]

Speaks the Debug Adapter Protocol on stdin and stdout, or to each client that connects to port N of this machine.
`;

export async function dapCommand(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords('dap', words, {
    port: { type: 'text' },
    help: { type: 'flag', short: 'h' },
  });
  if (values.help) {
    await print(HELP);
    return EXIT.result;
  }
  if (positionals.length > 0) throw new UsageError(`'${positionals[0]}' is one word too many: dap [--port N].`);
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new UsageError(`--port ${values.port}: a port is a number from 0 (any that is free) to 65535.`);
  const { servePort, serveStdio } = await import('../server.ts'); // a wrong word needs no session
  if (values.port === undefined) await serveStdio();
  else
    await servePort(port).catch((error: Error) => {
      throw new UsageError(error.message, { cause: error });
    });
  return EXIT.result;
}
