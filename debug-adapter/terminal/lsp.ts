// `lsp`: the language server for mock files and recordings, for any editor, on stdio.
import process from 'node:process';
import { EXIT } from './exit-codes.ts';
import { print } from './output.ts';
import { parseWords, UsageError } from './words.ts';

const HELP = `Usage: wasmi-plugin-debugger lsp [--stdio]

Speaks the Language Server Protocol on stdin and stdout: for mock files (*.mocks.json, *.mocks.jsonc) and recordings (*.recording.jsonl).
`;

export async function lspCommand(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords('lsp', words, {
    // what editors' clients add by themselves
    stdio: { type: 'flag' },
    clientProcessId: { type: 'text' },
    help: { type: 'flag', short: 'h' },
  });
  if (values.help) {
    await print(HELP);
    return EXIT.result;
  }
  if (positionals.length > 0) throw new UsageError(`'${positionals[0]}' is one word too many: lsp [--stdio].`);
  const { serveLanguages } = await import('./language-server.ts'); // a wrong word needs no server
  await serveLanguages(process.stdin, process.stdout);
  return EXIT.result;
}
