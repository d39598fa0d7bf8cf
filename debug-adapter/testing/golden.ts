// Golden files: compares a text with the file of that name in the folder golden/ beside a test, or, with UPDATE_GOLDEN=1, writes it.
// Only tests import it.
import assert from 'node:assert/strict';
import fs from 'node:fs';

/** `beside` is the test's import.meta.url. */
export function assertGolden(beside: string, name: string, text: string): void {
  const file = new URL(`golden/${name}`, beside);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    fs.mkdirSync(new URL('.', file), { recursive: true });
    fs.writeFileSync(file, text);
    return;
  }
  const golden = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : '';
  assert.equal(text, golden, `differs from golden/${name}; if that is meant, UPDATE_GOLDEN=1 rewrites it`);
}
