// stdout and stderr of the terminal: everything comes out whole before the process ends, and a reader that goes away early
// (`| head`) is no fault.
import { reason } from './files.ts';
import { UsageError } from './words.ts';

/** What writing to a pipe that nobody reads any more fails with, by system. */
const GONE = new Set(['EPIPE', 'EOF', 'ERR_STREAM_DESTROYED']);

/** Keeps a pipe that breaks from ending the process: to be called once, before anything is written. */
export function outliveReaders(): void {
  // print() gets errors by its callback; what stderr can't take is lost
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Writes to stdout; resolves when it is out, or when nobody reads it. @throws UsageError when it can't be written. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error && !GONE.has((error as NodeJS.ErrnoException).code ?? ''))
        reject(new UsageError(`stdout can't be written: ${reason(error)}.`, { cause: error }));
      else resolve();
    });
  });
}

/** Writes to stderr as it is. */
export function write(text: string): void {
  process.stderr.write(text);
}

/** Writes a sentence to stderr, as a line. */
export function say(sentence: string): void {
  write(`${sentence}\n`);
}

/**
 * Ends the process when all is written. Not by itself, once nothing is left to do: a host command's own children may hold its pipes
 * open for ever.
 */
export function exit(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}
