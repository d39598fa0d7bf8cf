// What the language server reads from disk: plugin sources of the workspace's folders, and mock files that others include. Bounded, and what can't be read
// is not there. Everything else it has from the editor.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MOST_FILES = 3000;
/** Bytes; generated files are larger, and name no methods. */
const LARGEST_SOURCE = 2_000_000;
const LARGEST_MOCKS = 16_000_000;
const PASSED_OVER = new Set(['target', 'node_modules', 'dist', 'out']);

/** The path of a `file:` URI, with `/`; undefined for others. */
export function pathOfUri(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri).replaceAll('\\', '/') : undefined;
  } catch {
    return undefined;
  }
}

/** As `pathOfUri`, backwards. A name that is a URI stays what it is. */
export function uriOfPath(name: string): string {
  return /^[a-z][a-z\d+.-]+:/i.test(name) ? name : pathToFileURL(name).href;
}

/** The text of a mock file, or undefined. */
export function readMockText(file: string): string | undefined {
  try {
    const stat = fs.statSync(file);
    return stat.isFile() && stat.size <= LARGEST_MOCKS ? fs.readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a source, or undefined. */
export async function readSource(file: string): Promise<string | undefined> {
  try {
    const stat = await fs.promises.stat(file);
    return stat.isFile() && stat.size <= LARGEST_SOURCE ? await fs.promises.readFile(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** Paths of the files below `folder` whose names end in one of `endings`, shallow ones first. */
export async function filesBelow(
  folder: string,
  endings: readonly string[],
  stopped: () => boolean,
): Promise<string[]> {
  const found: string[] = [];
  let folders = [folder];
  for (let depth = 0; depth < 20 && folders.length > 0; depth++) {
    const next: string[] = [];
    for (const each of folders) {
      if (stopped() || found.length >= MOST_FILES) return found;
      for (const entry of await fs.promises.readdir(each, { withFileTypes: true }).catch(() => [])) {
        const full = path.join(each, entry.name);
        if (entry.isDirectory()) {
          if (!PASSED_OVER.has(entry.name) && (!entry.name.startsWith('.') || entry.name === '.vscode'))
            next.push(full);
        } else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(full.replaceAll('\\', '/'));
      }
    }
    folders = next;
  }
  return found;
}

/** `file` as a mock file at `from` would include it. */
export function relativeName(from: string, file: string): string {
  return path.posix.relative(path.posix.dirname(from), file);
}
