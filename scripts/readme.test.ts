// The README against what it describes: launch attributes, keys and debug types as package.json declares them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8');

type Manifest = {
  scripts: Record<string, string>;
  engines: { vscode: string };
  contributes: {
    debuggers: { configurationAttributes: { launch: { properties: Record<string, { default?: unknown }> } } }[];
    keybindings: { key: string; command: string }[];
    commands: { command: string; title: string }[];
  };
};

const manifest = JSON.parse(read('package.json')) as Manifest;
const readme = read('README.md');

/** `Shift+Alt+F9` and `alt+shift+f9` alike. */
const chord = (key: string) => key.toLowerCase().split('+').sort().join('+');

/** Cells of the table under the heading `title`. */
function rows(title: string): string[][] {
  const section = readme.split(`## ${title}`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[-|]+$/.test(line))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('README', () => {
  it('has each launch attribute in its table, and no other', () => {
    const declared = Object.keys(manifest.contributes.debuggers[0]?.configurationAttributes.launch.properties ?? {});
    const described = rows('Launch attributes').flatMap(([names = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    );
    assert.deepEqual(described.sort(), declared.sort());
  });

  it('gives the keys that are bound', () => {
    const tables = [...rows('F5 in three steps'), ...rows('Transcript panel'), ...rows('Host methods')];
    const keys = new Map(tables.map(([key = '', what = '']) => [chord(key), what]));
    for (const { key, command } of manifest.contributes.keybindings) {
      const title = manifest.contributes.commands.find((known) => known.command === command)?.title ?? '';
      assert.equal(keys.get(chord(key))?.toLowerCase(), title.toLowerCase(), key);
    }
  });

  it('names scripts, pages and pictures that exist, and the VS Code that is asked for', () => {
    const texts = [readme, read('CONTRIBUTING.md'), read('docs/README.md')].join('\n');
    for (const [, name = ''] of texts.matchAll(/`npm run ([\w:]+)/g))
      assert.ok(name in manifest.scripts, `npm run ${name}`);
    for (const [, file = ''] of [readme, read('CONTRIBUTING.md')].join('\n').matchAll(/\]\((?!https?:)([^)#]+)/g))
      assert.ok(fs.existsSync(path.join(root, file)), `${file} does not exist`);
    for (const [, file = ''] of read('docs/README.md').matchAll(/\]\((?!https?:)([^)#]+)/g))
      assert.ok(fs.existsSync(path.join(root, 'docs', file)), `docs/${file} does not exist`);
    for (const page of fs.readdirSync(path.join(root, 'docs')).filter((file) => file !== 'README.md'))
      assert.ok(read('docs/README.md').includes(`(${page})`), `docs/README.md does not list ${page}`);
    const [, floor = ''] = /\^(\d+\.\d+)/.exec(manifest.engines.vscode) ?? [];
    assert.ok(readme.includes(`VS Code ${floor} or later`), floor);
  });
});
