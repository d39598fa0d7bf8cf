// Words of the command line as options, by node:util's parser, with sentences of our own for what is wrong. Pure but for the platform.
import path from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nodePlatform } from '../executor/node-platform.ts';
import type { Platform } from '../executor/platform.ts';

/** Wrong words on the command line, or a file that can't be read: one sentence; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** parseArgs with positionals. @throws UsageError */
export function parseWords<T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(
      `${(error as Error).message.split('. To specify')[0]?.replace(/\.?$/, '.')} --help lists the options.`,
      {
        cause: error,
      },
    );
  }
}

/** The platform; the worker lies beside the bundle, or in its room when run from source. */
export function terminalPlatform(): Platform {
  const source = import.meta.url.endsWith('.ts');
  return nodePlatform(new URL(source ? '../executor/worker.ts' : './worker.mjs', import.meta.url));
}

/** @throws UsageError naming the file. */
export async function readFile(platform: Platform, file: string, what: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await platform.readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : (error as Error).message;
    throw new UsageError(`${what} ${path.normalize(file)} can't be read: ${why}.`, { cause: error });
  }
}
