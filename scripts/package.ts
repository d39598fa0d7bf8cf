// Makes the .vsix, without network: minified bundles, packed by vsce, then checked against what may be inside and its
// size. Option: --out FILE (default wasmi-plugin-debugger-VERSION.vsix in the project's root).
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { build } from './build.ts';
import { entries, MAX_BYTES, strangers } from './vsix.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Builds and packs; returns the path of the .vsix. Throws when it holds what it should not, or is too large. */
export async function packageExtension(out?: string): Promise<string> {
  await build({ minify: true, strict: true });
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const file = path.resolve(out ?? path.join(root, `wasmi-plugin-debugger-${version}.vsix`));
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await createVSIX({
    cwd: root,
    packagePath: file,
    // the bundles hold what they need
    dependencies: false,
    // no public address of the repository is known, so links in the README stay as they are
    rewriteRelativeLinks: false,
    allowMissingRepository: true,
  });
  const zip = fs.readFileSync(file);
  const wrong = strangers(entries(zip));
  if (wrong.length > 0) throw new Error(`${file} holds files that do not belong there: ${wrong.join(', ')}`);
  if (zip.length >= MAX_BYTES) throw new Error(`${file} has ${zip.length} bytes; the bound is ${MAX_BYTES}.`);
  return file;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const file = await packageExtension(values.out);
  console.log(`${file} (${(fs.statSync(file).size / 1000).toFixed(0)} kB)`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}
