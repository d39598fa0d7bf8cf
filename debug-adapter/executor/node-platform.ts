// The platform on Node: worker_threads, fs, child_process. Used in VS Code's extension host, in the terminal and by the tests.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromWorker } from './messages.ts';
import { ModuleCache } from './module-cache.ts';
import type { LineProcess, Platform, TextFile } from './platform.ts';
import { LONGEST_LINE, TextLines } from './text-lines.ts';

/** E8: with this much stack in the worker, V8's own limit lies beyond wasmi's 1 000 frames whatever their size. */
const STACK_MB = 64;

/** The platform of this process. `worker` is the worker's entry: executor/worker.ts from source, dist/worker.mjs from a bundle. */
export function nodePlatform(worker: URL | string): Platform {
  return {
    modules: new ModuleCache(),
    startWorker(start, transfer, events) {
      const thread = new Worker(worker, {
        workerData: start,
        transferList: [...transfer],
        // A plugin reaches nothing but its syscalls (E4): not even the worker that runs it needs the environment.
        env: {},
        stdin: false,
        execArgv: [],
        resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: 4096 },
      });
      let over = false;
      thread.on('message', (message: FromWorker) => events.message(message));
      thread.on('error', (error: Error) => {
        if (!over) events.died(error.message);
        over = true;
      });
      thread.on('exit', (code) => {
        if (!over) events.died(`it ended with code ${code}`);
        over = true;
      });
      return {
        post: (message) => thread.postMessage(message),
        terminate: async () => {
          over = true;
          await thread.terminate();
        },
      };
    },
    async readFile(file) {
      const bytes = await fs.promises.readFile(file);
      // small files share Node's pool: a buffer of its own can be transferred to a worker
      return bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
        ? new Uint8Array(bytes.buffer)
        : new Uint8Array(bytes);
    },
    fileExists: (file) =>
      fs.promises.stat(file).then(
        (found) => found.isFile(),
        () => false,
      ),
    listFolder: (folder) => fs.promises.readdir(folder).catch(() => []),
    homes: {
      cargo: slashed(process.env['CARGO_HOME'] || path.join(os.homedir(), '.cargo')),
      rustup: slashed(process.env['RUSTUP_HOME'] || path.join(os.homedir(), '.rustup')),
      distributions: ['/usr/src'],
    },
    async writeTextFile(file): Promise<TextFile> {
      await makeFolder(path.dirname(path.resolve(file)));
      const handle = await fs.promises.open(file, 'w');
      const stream = handle.createWriteStream({ encoding: 'utf8', highWaterMark: 1 << 20 });
      let failure: Error | undefined;
      stream.on('error', (error) => {
        failure ??= error;
      });
      return {
        write: (text) => {
          if (failure === undefined) stream.write(text);
        },
        close: async () => {
          if (failure === undefined) await new Promise<void>((resolve) => stream.end(resolve));
          if (failure !== undefined) throw failure;
        },
      };
    },
    startProcess(command, cwd, events): LineProcess {
      const words = splitCommand(command);
      const [program, ...args] = words;
      if (program === undefined) {
        queueMicrotask(() => events.ended('is empty: name a program'));
        return { send: () => {}, kill: () => {} };
      }
      const child = spawn(program, args, {
        ...(cwd === undefined ? {} : { cwd }),
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
      });
      let ended = false;
      const end = (reason: string): void => {
        if (ended) return;
        ended = true;
        events.ended(reason);
      };
      child.on('error', (error) => end(`could not be started (${error.message})`));
      child.on('exit', (code, signal) => end(`ended (${signal === null ? `exit code ${code}` : signal})`));
      child.stdin.on('error', () => {
        // it is gone: 'exit' says so
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => events.stderr(text));
      const lines = new TextLines();
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (ended) return;
        const found = lines.push(text);
        if (found === undefined) {
          end(`wrote a line of more than ${LONGEST_LINE / 2 ** 20} MB, and was ended`);
          child.kill();
        } else for (const line of found) if (!ended) events.line(line);
      });
      return {
        send: (line) => child.stdin.write(`${line}\n`),
        kill: () => {
          ended = true;
          child.kill();
        },
      };
    },
    monotonic: () => performance.now(),
  };
}

const slashed = (folder: string): string => folder.replaceAll('\\', '/');

/** As `mkdir -p`. Not fs's own `recursive`: that never returns where a folder that is there takes no other, as /proc. */
async function makeFolder(folder: string): Promise<void> {
  const there = await fs.promises.stat(folder).then(
    () => true,
    () => false,
  );
  if (there) return;
  const parent = path.dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  await fs.promises.mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Words of a command, with single and double quotes and backslashes as in a shell; nothing else of a shell. */
export function splitCommand(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < command.length; i++) {
    const c = command[i] ?? '';
    if (c === "'" || c === '"') {
      word ??= '';
      for (i++; i < command.length && command[i] !== c; i++) {
        if (c === '"' && command[i] === '\\' && /["\\]/.test(command[i + 1] ?? '')) i++;
        word += command[i];
      }
    } else if (c === '\\' && process.platform !== 'win32' && i + 1 < command.length) {
      word = (word ?? '') + command[++i];
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + c;
  }
  if (word !== undefined) words.push(word);
  return words;
}
