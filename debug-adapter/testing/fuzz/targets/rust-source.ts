// Fuzz target: Rust sources, broken in any way, through the scanner for method names and the reader of parameter types. Never an error; places lie in the
// text; the time is in proportion.

import { paramsSkeleton } from '../../../language/params.ts';
import { SourceIndex, scanRust } from '../../../language/scanner.ts';
import type { RandomSource } from '../../random-source.ts';
import { type Bytes, changeBytes, joined, spliced, stretch } from '../bytes.ts';
import { changed } from '../json-text.ts';
import { files, fileText, texts } from '../seeds.ts';
import { expect, type FuzzTarget } from '../target.ts';

const seeds = texts(
  ...files('test-plugins/*/src/*.rs').map(fileText),
  `use wasmi_plugin_pdk::server::PluginServer;
const NAME: &str = "by_const";
#[derive(Deserialize)] #[serde(rename_all = "camelCase")] struct P<'a, T> { some_name: Vec<Option<T>>, #[serde(rename = "x")] y: &'a str, z: [u8; 3] }
fn main() { PluginServer::new_with_transport(t).with_method("one", one).with_method(NAME, |_, p: P<u64>| async move { t.call("echo", p).await }).on_start(); }
async fn one(_: Arc<T>, (a, b): (String, HashMap<String, f64>)) -> Result<(), E> { Ok(()) }`,
);

const PIECES = [
  '.with_method("m", ',
  '.call("c", &p)',
  '.call::<_, Vec<Vec<u8>>>(NAME, ())',
  'fn ask(h: &T, m: &str) { h.call(m, ()) }',
  'ask(&h, "d")',
  'self.ask("e")',
  '{',
  '}',
  '(',
  ')',
  '<',
  '>',
  '::<',
  '[',
  ']',
  '"',
  "'",
  'r#"',
  '"#',
  "b'",
  '/*',
  '*/',
  '//',
  '\n',
  '\\',
  '#[serde(',
  '#![',
  '|',
  '||',
  '->',
  '=>',
  'r#fn',
  'fn f(',
  'struct S',
  'enum E {',
  'impl<T> S<T> where',
  'mod m {',
  'use a::{b, c as d, *};',
  'const N: &str = "x";',
  'type T = T;',
  'macro_rules! m {',
  '🦀',
  '\u2028',
  '\0',
  "'a",
  '1_000.5e-3f64',
  '..=',
  '<<',
  '>>',
  '&&',
] as const;
const encoder = new TextEncoder();

function change(source: RandomSource, bytes: Uint8Array, other: Uint8Array): Bytes {
  const at = source.below(bytes.length + 1);
  const [from, to] = stretch(source, bytes.length);
  switch (source.below(5)) {
    case 0:
    case 1:
      return spliced(bytes, at, at, encoder.encode(source.one(PIECES)));
    case 2: {
      const piece = encoder.encode(source.one(PIECES));
      return spliced(
        bytes,
        at,
        at,
        joined(Array.from({ length: source.one([10, 200, source.chance(0.1) ? 20_000 : 50]) }, () => piece)),
      );
    }
    case 3:
      return spliced(bytes, from, to, encoder.encode(source.one(PIECES)));
    default:
      return changeBytes(source, bytes, other);
  }
}

function check(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  const lines = text.split(/\r\n|\n|\r/);
  const methods = scanRust(text);
  for (const { name, nameRange, callRange, paramsType } of methods) {
    expect(typeof name === 'string', () => 'a method has no name');
    for (const { start, end } of [nameRange, callRange]) {
      for (const { line, character } of [start, end])
        expect(
          line >= 0 && line < lines.length && character >= 0 && character <= (lines[line] ?? '').length,
          () => `a place outside of the text: ${line}:${character}`,
        );
      expect(
        start.line < end.line || (start.line === end.line && start.character <= end.character),
        () => 'a place ends before it begins',
      );
    }
    if (paramsType !== undefined && methods.length < 50) JSON.stringify(paramsSkeleton(paramsType, text));
  }
  const index = new SourceIndex();
  index.update('a.rs', text);
  expect(index.methodsIn('a.rs').length === methods.length, () => 'the index has other methods');
  expect(!index.update('a.rs', text), () => 'the same text again changes something');
}

export const target: FuzzTarget = {
  name: 'rust-source',
  about: 'Rust sources, broken in any way: never an error, places inside the text',
  make: (source) => changed(source, seeds, change),
  check,
};
