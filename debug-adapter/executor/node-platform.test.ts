// What the platform on Node does with commands, processes and files. Contracts E4, R4.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { platform } from '../testing/run-call.ts';
import { until } from '../testing/until.ts';
import { splitCommand } from './node-platform.ts';

describe('splitCommand', () => {
  for (const [command, words] of [
    ['node host.ts', ['node', 'host.ts']],
    ['  node   host.ts  ', ['node', 'host.ts']],
    ['', []],
    ['   ', []],
    ['"my host" --mocks "a b.json"', ['my host', '--mocks', 'a b.json']],
    ["'my host' 'a \"b\"'", ['my host', 'a "b"']],
    ['a"b c"d', ['ab cd']],
    ['""', ['']],
    ['a "" b', ['a', '', 'b']],
    ['"a\\"b\\\\c"', ['a"b\\c']],
    ["'a\\b'", ['a\\b']],
    ['a $HOME `b` | c > d; e && f', ['a', '$HOME', '`b`', '|', 'c', '>', 'd;', 'e', '&&', 'f']],
    ['"not closed', ['not closed']],
    ['a\tb\nc', ['a', 'b', 'c']],
  ] as const)
    it(`E4: ${JSON.stringify(command)} is ${JSON.stringify(words)}: no shell has a say`, () => {
      assert.deepEqual(splitCommand(command), words);
    });

  it('a backslash keeps the next character, where it does not part folders', {
    skip: process.platform === 'win32' && 'Windows',
  }, () => {
    assert.deepEqual(splitCommand('a\\ b \\"c\\\\'), ['a b', '"c\\']);
  });

  it('words in quotes come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
        const quoted = words.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ');
        assert.deepEqual(splitCommand(quoted), words);
      }),
    );
  });

  it('whatever is written, words come out', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab "'\\]{0,20}$/), (command) => {
        for (const word of splitCommand(command)) assert.equal(typeof word, 'string');
      }),
    );
  });
});

/** What a process says until it ends: so many lines, and then something on stderr too. */
function conversation(
  command: string,
  expected: number,
  ...lines: string[]
): Promise<{ lines: string[]; stderr: string; ended: string }> {
  return new Promise((resolve) => {
    const said: string[] = [];
    let stderr = '';
    const process = platform.startProcess(command, undefined, {
      line: (line) => said.push(line),
      stderr: (text) => {
        stderr += text;
      },
      ended: (how) => {
        // what it wrote last may come after its end
        const last = () => said.length >= expected && (expected === 0 || stderr !== '');
        resolve(until('what it says', last).then(() => ({ lines: said, stderr, ended: how })));
      },
    });
    for (const line of lines) process.send(line);
  });
}

const NODE = `"${process.execPath}" -e`;

describe('processes', () => {
  it('lines go in and come out, stderr apart', async () => {
    const script = `process.stdin.once('data', (d) => { console.log('got ' + d.toString().trim() + ' é'); console.error('oh'); process.exit(3); })`;
    const found = await conversation(`${NODE} "${script.replaceAll('"', '\\"')}"`, 1, 'hello');
    assert.deepEqual(found.lines, ['got hello é']);
    assert.match(found.stderr, /^oh\r?\n$/);
    assert.equal(found.ended, 'ended (exit code 3)');
  });

  it('a program that is not there, and no program at all, are said in a clause', async () => {
    assert.match(
      (await conversation('no-such-program-anywhere --x', 0)).ended,
      /^could not be started \(.*ENOENT.*\)$/,
    );
    assert.equal((await conversation('  ', 0)).ended, 'is empty: name a program');
  });

  it('sending to one that is gone does nothing', async () => {
    const found = await conversation(`${NODE} "0"`, 0, 'x'.repeat(1 << 20), 'y');
    assert.equal(found.ended, 'ended (exit code 0)');
  });

  it('none is told of the end of one that was killed', async () => {
    let told = false;
    const child = platform.startProcess(`${NODE} "setInterval(() => {}, 1000)"`, undefined, {
      line: () => {},
      stderr: () => {},
      ended: () => {
        told = true;
      },
    });
    child.kill();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(told, false);
  });
});

describe('files', () => {
  it('R4: a text file makes its folder, empties what was there, and fails when closed if it can not be written', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-files-'));
    try {
      const file = path.join(folder, 'a/b/c.jsonl');
      for (const text of ['first, and longer', 'second é']) {
        const out = await platform.writeTextFile(file);
        out.write(text);
        await out.close();
        assert.equal(fs.readFileSync(file, 'utf8'), text);
      }
      await assert.rejects(platform.writeTextFile(folder));
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('bytes of a file own their buffer, so that a worker may take them', async () => {
    const file = path.join(os.tmpdir(), `wpd-small-${process.pid}`);
    fs.writeFileSync(file, 'small');
    try {
      const bytes = await platform.readFile(file);
      assert.equal(new TextDecoder().decode(bytes), 'small');
      assert.equal(bytes.byteLength, bytes.buffer.byteLength);
    } finally {
      fs.rmSync(file);
    }
  });
});
