// The files that the terminal reads, and the platform that reads them: what is wrong with one is a sentence that names it.
import path from 'node:path';
import { nodePlatform } from '../executor/node-platform.ts';
import type { Platform } from '../executor/platform.ts';
import { UsageError } from './words.ts';

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
    throw new UsageError(`${what} ${path.normalize(file)} can't be read: ${reason(error)}.`, { cause: error });
  }
}

/** The longest text that V8 can hold, in bytes of ASCII. */
const MOST_TEXT = 0x1fffffe8;

/** A text file. Bytes that are not UTF-8 become U+FFFD. @throws UsageError naming the file. */
export async function readText(platform: Platform, file: string, what: string): Promise<string> {
  const bytes = await readFile(platform, file, what);
  if (bytes.length > MOST_TEXT)
    throw new UsageError(`${what} ${path.normalize(file)} can't be read: it is larger than 512 MiB.`);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'a part of its path is no folder',
  EACCES: 'that is not permitted',
  EPERM: 'that is not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its symbolic links go round in circles',
};

/** Why the system would not read or write, as a clause. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
