// Golden files of this room: compares a text with one of them, or, with UPDATE_GOLDEN=1, writes it. A test's tool; ships in no bundle.
import assert from 'node:assert/strict';
import fs from 'node:fs';

/** `name` is a file under session/golden/. */
export function assertGolden(name: string, text: string): void {
  const file = new URL(`golden/${name}`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    fs.mkdirSync(new URL('golden/', import.meta.url), { recursive: true });
    fs.writeFileSync(file, text);
    return;
  }
  const golden = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : '';
  assert.equal(text, golden, `differs from golden/${name}; if that is meant, UPDATE_GOLDEN=1 rewrites it`);
}
