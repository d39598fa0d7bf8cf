// The plugin methods that the Rust sources of a crate serve, for the question which one to call. Scans files (each once while it does
// not change) with the one scanner of debug-adapter/language/; remembers nothing between sessions of VS Code.
import fs from 'node:fs/promises';
import * as vscode from 'vscode';
import { type ScannedMethod, scanRust } from '../debug-adapter/language/scanner.ts';
import type { OfferedMethod } from './askCall.ts';
import { paramsSkeleton } from './paramsSkeleton.ts';

const MOST_FILES = 3000;
/** Bytes; generated files are larger, and serve no methods. */
const LARGEST_FILE = 2_000_000;

const scanned = new Map<string, { readonly mtimeMs: number; readonly methods: readonly ScannedMethod[] }>();

async function methodsOf(file: string): Promise<readonly ScannedMethod[]> {
  const stat = await fs.stat(file).catch(() => undefined);
  if (!stat || stat.size > LARGEST_FILE) return [];
  const known = scanned.get(file);
  if (known?.mtimeMs === stat.mtimeMs) return known.methods;
  const methods = scanRust(await fs.readFile(file, 'utf8').catch(() => ''));
  scanned.set(file, { mtimeMs: stat.mtimeMs, methods });
  return methods;
}

/** True for a method that a plugin's program serves. */
export const isPluginMethod = ({ kind, served, test }: ScannedMethod): boolean => kind === 'plugin' && served && !test;

/** The plugin methods served below `directory`, in the order of files and lines; each name once. */
export async function offeredMethods(directory: string): Promise<readonly OfferedMethod[]> {
  const pattern = new vscode.RelativePattern(vscode.Uri.file(directory), '**/*.rs');
  const files = await vscode.workspace.findFiles(pattern, '**/{target,node_modules}/**', MOST_FILES);
  const offered = new Map<string, OfferedMethod>();
  for (const { fsPath } of files.sort((a, b) => a.path.localeCompare(b.path))) {
    for (const method of (await methodsOf(fsPath)).filter(isPluginMethod)) {
      if (offered.has(method.name)) continue;
      const place = `${vscode.workspace.asRelativePath(fsPath)}:${method.nameRange.start.line + 1}`;
      offered.set(method.name, { name: method.name, place, params: paramsSkeleton(method.paramsType) });
    }
  }
  return [...offered.values()];
}
