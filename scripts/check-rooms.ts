// Checks the layers: a room of debug-adapter/ imports only rooms listed before it (DESIGN.md, Layout), and nothing in
// debug-adapter/ imports `vscode`. Reads import specifiers as text; prints one line a breach and exits 1.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOMS = [
  'wasm',
  'instrument',
  'fuel',
  'wasi',
  'rpc',
  'mocks',
  'recording',
  'transcript',
  'dwarf',
  'source',
  'expressions',
  'executor',
  'timeline',
  'session',
  'language',
  'terminal',
];

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|\bnew URL\(\s*)['"]([^'"]+)['"]/g;

/** One sentence for each import in `text` (a file at `file`, relative to the project's root, with `/`) that breaks a layer. */
export function breaches(file: string, text: string): string[] {
  if (!file.startsWith('debug-adapter/')) return [];
  const found: string[] = [];
  const own = ROOMS.indexOf(file.split('/')[1] ?? '');
  for (const match of text.matchAll(IMPORT)) {
    const specifier = match[1] ?? '';
    if (specifier === 'vscode' || specifier.startsWith('vscode/'))
      found.push(`${file} imports ${specifier}: debug-adapter/ knows nothing of VS Code`);
    if (!specifier.startsWith('.')) continue;
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
    if (!target.startsWith('debug-adapter/')) {
      if (own >= 0 && !target.startsWith('test-plugins/') && !/\.test\.ts$/.test(file))
        found.push(`${file} imports ${target}: rooms import nothing outside debug-adapter/`);
      continue;
    }
    const parts = target.split('/');
    if (parts.length < 3) continue; // a file beside the rooms
    const other = ROOMS.indexOf(parts[1] ?? '');
    if (own >= 0 && other > own)
      found.push(`${file} imports ${target}: '${ROOMS[own]}' stands before '${ROOMS[other]}' and may not import it`);
    if (other < 0 && parts[1] !== 'testing')
      found.push(`${file} imports ${target}: '${parts[1]}' is not in the list of rooms`);
  }
  return found;
}

function main(): void {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
  const files = fs
    .readdirSync(path.join(root, 'debug-adapter'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mts|cts)$/.test(name))
    .map((name) => `debug-adapter/${name.replaceAll(path.sep, '/')}`);
  const rooms = new Set(
    files
      .map((file) => file.split('/'))
      .filter((parts) => parts.length > 2)
      .map((parts) => parts[1] ?? ''),
  );
  const lines = files.flatMap((file) => breaches(file, fs.readFileSync(path.join(root, file), 'utf8')));
  for (const room of rooms)
    if (!ROOMS.includes(room) && room !== 'testing') lines.push(`debug-adapter/${room} is not in the list of rooms`);
  for (const line of lines) console.error(line);
  if (lines.length > 0) process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
