// Fuzzes one target in a thread of its own and watches over it: a hang, an error that nobody caught and memory run out are findings as any other.
// Saves the input of a finding. Only tests and scripts/fuzz.ts import it.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Finding, type FuzzTarget, inputOf } from './target.ts';
import { Word, type WorkerJob, type WorkerReport } from './worker.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** The first input's number. */
  readonly first?: number;
  readonly count?: number;
  /** The target's run ends after this many ms, with what it has done by then. */
  readonly ms?: number;
  /** A check that takes longer hangs. */
  readonly hangMs?: number;
  /** Findings that are no news, as loop.ts's `kindOf` names them. */
  readonly known?: readonly string[];

  /** MiB by which the process may grow: a decoder that needs more for inputs of kilobytes is broken. */
  readonly mostMiB?: number;
}

export interface Fuzzed {
  readonly ran: number;
  /** Spent in checks. */
  readonly ms: number;
  readonly finding: Finding | undefined;
}

/** How long a worker may take until its target is loaded. */
const LOAD_MS = 60_000;
const WATCH_MS = 100;
/** How long a thread may take to end once it is told to. */
const PATIENCE_MS = 5000;

/** Runs the target that `module` (a URL) exports. */
export function fuzz(module: string, options: FuzzOptions): Promise<Fuzzed> {
  const {
    seed,
    first = 0,
    count = 2 ** 31 - 1 - first,
    ms = Number.MAX_SAFE_INTEGER,
    hangMs = 10_000,
    mostMiB = 1500,
  } = options;
  const shared = new SharedArrayBuffer(8);
  const words = new Int32Array(shared);
  const job: WorkerJob = { module, seed, first, count, ms, known: options.known ?? [], shared };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: job,
    // far above: where V8 reaches its own limit, it may end the whole process
    resourceLimits: { maxOldGenerationSizeMb: 4 * mostMiB },
  });
  const start = performance.now();
  const grown = process.memoryUsage.rss() + mostMiB * 2 ** 20;
  return new Promise((resolve, reject) => {
    let ready = false;
    let begun = 0;
    let since = start;
    const end = (ended: Fuzzed | Error) => {
      clearInterval(watch);
      void worker.terminate();
      setTimeout(abandon, PATIENCE_MS).unref();
      if (ended instanceof Error) reject(ended);
      else resolve(ended);
    };
    let gone = false;
    worker.on('exit', () => {
      gone = true;
    });
    // There are loops that V8 does not end, and a process waits for its threads before it exits.
    const abandon = () => {
      if (gone) return;
      console.error(`The thread that ran ${module} can't be ended, so this process ends itself.`);
      process.kill(process.pid, 'SIGKILL');
    };
    const died = async (fault: Finding['fault'], message: string, stack: string) => {
      const n = Atomics.load(words, Word.Input);
      const ran = Math.max(1, n - first);
      try {
        const { target } = (await import(module)) as { target: FuzzTarget }; // the worker has loaded it as such
        const input = inputOf(target, seed, n);
        end({
          ran,
          ms: performance.now() - start,
          finding: { target: target.name, seed, n, fault, message, stack, input },
        });
      } catch (error) {
        end(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const watch = setInterval(() => {
      const now = performance.now();
      const seen = Atomics.load(words, Word.Begun);
      if (seen !== begun) {
        begun = seen;
        since = now;
      } else if (ready && process.memoryUsage.rss() > grown) {
        clearInterval(watch);
        void died('out of memory', `it has taken more than ${mostMiB} MiB`, '');
      } else if (ready && now - since > hangMs) {
        clearInterval(watch);
        void died('hang', `it has not come to an end within ${hangMs} ms`, '');
      } else if (!ready && now - start > LOAD_MS)
        end(new Error(`The target ${module} did not load within ${LOAD_MS} ms.`));
    }, WATCH_MS);
    worker.on('message', (report: WorkerReport) => {
      if (report.kind === 'ready') {
        ready = true;
        since = performance.now();
      } else end(report);
    });
    worker.on('error', (error: unknown) => {
      clearInterval(watch);
      const { code, name = '', message = String(error), stack = '' } = (error ?? {}) as NodeJS.ErrnoException;
      if (!ready) end(new Error(`The target ${module} can't be loaded: ${message}`, { cause: error }));
      else void died(code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out of memory' : 'crash', `${name}: ${message}`, stack);
    });
  });
}

const FOLDER = fileURLToPath(new URL('../../../.cache/fuzz/', import.meta.url));

/** Writes a finding's input, and beside it what is wrong, into the project's cache. @returns the path of the input */
export function save(finding: Finding): string {
  fs.mkdirSync(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `${finding.target}-${finding.seed >>> 0}-${finding.n}`);
  fs.writeFileSync(file, finding.input);
  fs.writeFileSync(`${file}.txt`, `${told(finding)}\n${finding.stack}\n`);
  return path.relative(process.cwd(), file);
}

/** A finding in a sentence, and how to see it again. */
export function told({ target, seed, n, fault, message, input }: Finding): string {
  const again = `npm run fuzz -- ${target} --seed ${seed} --input ${n}`;
  return `${target}: ${fault}: ${message} (input of ${input.length} bytes; again: ${again})`;
}
