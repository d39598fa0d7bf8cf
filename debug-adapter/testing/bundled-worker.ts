// The executor's worker as one JavaScript file, made anew by each test process: a worker started from its sources strips the types of sixty
// files each time, and tests start hundreds. Only tests import it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-worker-'));
process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'worker.mjs');

buildSync({
  entryPoints: [fileURLToPath(new URL('../executor/worker.ts', import.meta.url))],
  outfile: file,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // jsonc-parser's `main` is UMD, whose inner requires can't be bundled
  mainFields: ['module', 'main'],
});

export const bundledWorker = pathToFileURL(file);
