// Names of a hostile module in sentences. Contract E3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wat } from '../testing/wat.ts';
import { checkProduction } from './features.ts';
import { parseModule } from './module.ts';
import { quoted } from './quoted.ts';

describe('names in sentences', () => {
  it('stay on one line, move no cursor, turn no text around, and are cut', () => {
    assert.equal(quoted('core::fmt::Formatter<🦀>'), 'core::fmt::Formatter<🦀>');
    assert.equal(quoted('a\nb\u001b[2J\u2028\u202e\0'), 'a\\u000ab\\u001b[2J\\u2028\\u202e\\u0000');
    assert.equal(quoted('x'.repeat(1000)).length, 301);
    assert.ok(quoted('🦀'.repeat(1000)).isWellFormed());
  });

  it('E3: an import and an export by such a name', () => {
    const [fault] = checkProduction(parseModule(wat('(module (import "a\\1b[2J" "\\n" (func)))')), { features: [] });
    assert.match(fault?.message ?? '', /^The plugin imports a\\u001b\[2J\.\\u000a, which production does not have/);
    const bytes = wat('(module (func) (export "a\\0ab" (func 0)))');
    const at = Buffer.from(bytes).indexOf('a\nb') + 4;
    bytes[at] = 9;
    assert.throws(
      () => parseModule(bytes),
      /exports something that does not exist as "a\\u000ab" \(at byte 0x[0-9a-f]+\)$/,
    );
  });
});
