// Words as shells take them: tried in the shells that are here, and for Windows against its rules written out again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shellCommand, shellOf, shellWord } from './shellWords.ts';

const ODD = [
  '{"name":"Ada"}',
  `it's`,
  '',
  ' ',
  '$HOME `id` $(id) \\ "',
  'a\nb',
  '*',
  '~',
  '!!',
  '#x',
  'é 😀',
  '\\\\"\\',
  '%PATH%',
  'a&b|c>d<e^f',
  'C:\\Program Files\\x\\',
];

/** An argument list as the C library of Windows makes it of a command line. */
function windowsArguments(line: string): string[] {
  const found: string[] = [];
  let word = '';
  let inside = false;
  let begun = false;
  for (let at = 0; at < line.length; at++) {
    const [slashes = ''] = /^\\*/.exec(line.slice(at)) ?? [];
    if (slashes !== '' && line[at + slashes.length] === '"') {
      word += '\\'.repeat(slashes.length >> 1);
      at += slashes.length;
      begun = true;
      if (slashes.length % 2 === 1) word += '"';
      else inside = !inside;
    } else if (line[at] === '"') {
      inside = !inside;
      begun = true;
    } else if (line[at] === ' ' && !inside) {
      if (begun) found.push(word);
      word = '';
      begun = false;
    } else {
      word += line[at];
      begun = true;
    }
  }
  if (begun) found.push(word);
  return found;
}

/** What cmd passes on of a line whose quotes are all escaped: a caret makes the next character an ordinary one. */
function afterCmd(line: string): string {
  assert.doesNotMatch(line, /(?<!\^)(?:\^\^)*[&|<>"%]/, 'cmd finds nothing to act on');
  return line.replaceAll(/\^([\s\S])/g, '$1');
}

describe('words of a command line', () => {
  for (const shell of ['/bin/sh', '/bin/bash', '/bin/zsh', '/usr/bin/fish'].filter((file) => fs.existsSync(file)))
    it(`arrive through ${shell} as they were`, () => {
      const print = ['-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--'];
      const command = shellCommand([process.execPath, ...print, ...ODD], 'posix');
      const { stdout, stderr } = spawnSync(shell, ['-c', command], { encoding: 'utf8' });
      assert.equal(stderr, '');
      assert.deepEqual(JSON.parse(stdout), ODD);
    });

  it('any word at all arrives through sh', () => {
    const word = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed());
    fc.assert(
      fc.property(word, (text) => {
        const { stdout } = spawnSync('/bin/sh', ['-c', `printf %s ${shellWord(text, 'posix')}`], { encoding: 'utf8' });
        assert.equal(stdout, text);
      }),
      { numRuns: 60 },
    );
  });

  it('arrive through cmd and a batch file on Windows', () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab "\\%&|<>^!(),;*?{}:.é') });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const typed = words.map((one) => shellWord(one, 'cmd')).join(' ');
        assert.deepEqual(windowsArguments(afterCmd(afterCmd(typed))), words);
      }),
    );
  });

  it('arrive through the PowerShell of Windows, which leaves quotes as they are', () => {
    const word = fc.string({ unit: fc.constantFrom(...`ab "'\\$\`{}é`) });
    fc.assert(
      fc.property(word, (text) => {
        const quoted = shellWord(text, 'powershell');
        const value = quoted.startsWith("'") ? quoted.slice(1, -1).replaceAll("''", "'") : quoted;
        // 5.1 puts quotes around what has a space, and nothing else
        const line = /\s/.test(value) ? `"${value}"` : value;
        assert.deepEqual(windowsArguments(line), [text]);
      }),
    );
  });

  it('the shell is known by its program', () => {
    assert.equal(shellOf('C:\\Windows\\System32\\cmd.exe'), 'cmd');
    assert.equal(shellOf('C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe'), 'powershell');
    assert.equal(shellOf('C:\\Program Files\\PowerShell\\7\\pwsh.exe'), 'pwsh');
    assert.equal(shellOf('C:\\Program Files\\Git\\bin\\bash.exe'), 'posix');
    assert.equal(shellOf('/usr/bin/zsh'), 'posix');
    assert.equal(shellOf(''), 'posix');
  });
});
