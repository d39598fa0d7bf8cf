// What the engine needs of the machine it runs on, for the driving side: workers, files, processes, clocks. Node's is in
// node-platform.ts; a browser's can take its place (DESIGN.md, Layout).

import type { SourceHomes } from '../source/source-search.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import type { ModuleCache } from './module-cache.ts';

export interface WorkerHandle {
  post(message: ToWorker): void;
  /** Ends the worker by force; resolves when it is gone. */
  terminate(): Promise<void>;
}

export interface WorkerEvents {
  message(message: FromWorker): void;
  /** The worker died by itself: a bug of ours, or memory that ran out. */
  died(reason: string): void;
}

/** A text file that grows. */
export interface TextFile {
  write(text: string): void;
  /** Resolves when all is on disk. @throws the first error of any write. */
  close(): Promise<void>;
}

/** A process that speaks lines on its stdin and stdout. */
export interface LineProcess {
  send(line: string): void;
  kill(): void;
}

export interface LineProcessEvents {
  line(line: string): void;
  stderr(text: string): void;
  /** It ended, or could not be started: completes 'The host command `x` …'. */
  ended(reason: string): void;
}

export interface Platform {
  startWorker(start: WorkerStart, transfer: readonly ArrayBuffer[], events: WorkerEvents): WorkerHandle;
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Whether a file of that path can be read. */
  fileExists(path: string): Promise<boolean>;
  /** Names of what is in a folder; none where there is no such folder. */
  listFolder(path: string): Promise<readonly string[]>;
  /** Where toolchains and registries keep sources. */
  readonly homes: SourceHomes;
  /** Creates or empties the file, and its folder. */
  writeTextFile(path: string): Promise<TextFile>;
  /** Starts `command` (words split as a shell splits them, no shell) in folder `cwd`. */
  startProcess(command: string, cwd: string | undefined, events: LineProcessEvents): LineProcess;
  /** Monotonic ms. */
  monotonic(): number;
  /** Modules that were rewritten in this process. */
  readonly modules: ModuleCache;
}
