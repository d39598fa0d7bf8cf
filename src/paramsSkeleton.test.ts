// Skeletons of params from the text of Rust types.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { paramsSkeleton } from './paramsSkeleton.ts';

describe('params skeleton', () => {
  for (const [type, json] of [
    [undefined, 'null'],
    ['()', 'null'],
    ['Value', 'null'],
    ['serde_json::Value', 'null'],
    ['Option<Config>', 'null'],
    ['T', 'null'],
    ['u64', '0'],
    ['f32', '0'],
    ['bool', 'false'],
    ['String', '""'],
    ["&'static str", '""'],
    ['Vec<(u8, String)>', '[]'],
    ['std::collections::HashMap<String, u8>', '{}'],
    ['(u32, String, Vec<u8>)', '[0, "", []]'],
    ['(u32,)', '[0]'],
    ['((u8, bool), HashMap<String, (u8, u8)>)', '[[0, false], {}]'],
    ['Box<String>', '""'],
    ['EchoParams', '{}'],
    ['crate::params::Echo', '{}'],
  ] as const)
    it(`${type} is ${json}`, () => assert.equal(paramsSkeleton(type), json));

  it('is JSON for any text whatever', () => {
    const text = fc
      .array(fc.constantFrom('(', ')', '<', '>', ',', 'Vec', 'u8', '::', 'Box<', '&', ' ', 'x', '[', ']'))
      .map((all) => all.join(''));
    fc.assert(fc.property(text, (type) => JSON.parse(paramsSkeleton(type)) !== undefined));
  });
});
