// The mock file that a launch without `mocks` means: the only one beside the plugin, in the workspace folder, or in .vscode.
import fs from 'node:fs/promises';
import path from 'node:path';

/** Names of mock files. */
export const MOCK_FILES = /\.mocks\.jsonc?$/;

/** Absolute path of the only `*.mocks.json(c)` in the first of `directories` that has any; undefined when it has several, or none has one. */
export async function onlyMocksFile(directories: readonly string[]): Promise<string | undefined> {
  for (const directory of new Set(directories)) {
    const names = (await fs.readdir(directory).catch(() => [])).filter((name) => MOCK_FILES.test(name));
    const [name] = names;
    if (name !== undefined) return names.length === 1 ? path.join(directory, name) : undefined;
  }
  return undefined;
}
