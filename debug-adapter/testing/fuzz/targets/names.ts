// Fuzz target: name sections that lie, are cut short, or are not UTF-8. Names never throw, are never empty, and are never longer than the section
// could say. Contract E3.
import { parseModule } from '../../../wasm/module.ts';
import { FunctionNames } from '../../../wasm/names.ts';
import { ByteWriter } from '../../../wasm/writer.ts';
import type { RandomSource } from '../../random-source.ts';
import { wat } from '../../wat.ts';
import { type Bytes, changeBytes, joined, spliced } from '../bytes.ts';
import { changed } from '../json-text.ts';
import { fileBytes } from '../seeds.ts';
import { expect, type FuzzTarget, Wrong } from '../target.ts';
import { awkwardLeb, leb } from '../wasm-bytes.ts';

const base = wat(`(module $plugin
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "" "\\00" (func $odd))
  (global $__stack_pointer (mut i32) (i32.const 0))
  (global $other i64 (i64.const 1))
  (func $first (export "_start")) (func $second) (func $third) (func (export "fourth")) (func))`);

/** Contents of name sections, after the section's name. */
const contents: readonly Bytes[] = [nameSection(), real()];

function subsection(id: number, write: (out: ByteWriter) => void): Uint8Array {
  const body = new ByteWriter();
  write(body);
  return joined([Uint8Array.of(id), leb(body.length), body.bytes()]);
}

function map(id: number, names: readonly string[]): Uint8Array {
  return subsection(id, (out) => {
    out.u32(names.length);
    for (const [index, name] of names.entries()) {
      out.u32(index);
      out.name(name);
    }
  });
}

function nameSection(): Bytes {
  const symbols = [
    'fd_read',
    '',
    '_ZN4core3fmt9Formatter3pad17h0123456789abcdefE',
    '_RNvCs1_1a3foo',
    '🦀',
    'x'.repeat(200),
    'func[3]',
  ];
  return joined([subsection(0, (out) => out.name('plugin')), map(1, symbols), map(7, ['__stack_pointer', 'other'])]);
}

/** The name section of the prebuilt plugin, its first 4 KB. */
function real(): Bytes {
  const module = parseModule(fileBytes('test-plugins/hello/hello.wasm'));
  const section = module.sections.find(({ name }) => name === 'name');
  return Uint8Array.from(
    module.bytes.subarray(section?.start ?? 0, Math.min(section?.end ?? 0, (section?.start ?? 0) + 4096)),
  );
}

function change(source: RandomSource, bytes: Uint8Array, other: Uint8Array): Bytes {
  if (source.chance(0.5)) return changeBytes(source, bytes, other);
  const at = source.below(bytes.length + 1);
  return spliced(bytes, at, Math.min(bytes.length, at + 1), awkwardLeb(source, bytes[at] ?? 0));
}

/** The module with one name section or more, wherever they stand. */
function make(source: RandomSource): Bytes {
  let module: Bytes = base;
  for (let left = source.chance(0.8) ? 1 : 2; left > 0; left--) {
    const content = changed(source, contents, change);
    const section = joined([leb(4), new TextEncoder().encode('name'), content]);
    const whole = joined([Uint8Array.of(0), leb(section.length), section]);
    module = source.chance(0.5) ? joined([module, whole]) : spliced(module, 8, 8, whole);
  }
  return module;
}

function check(bytes: Bytes): void {
  const module = parseModule(bytes); // sections are whole: only their content lies
  const names = new FunctionNames(module);
  const most = bytes.length + 64;
  const text = (name: unknown, what: string, empty: boolean) => {
    if (typeof name !== 'string') throw new Wrong(`${what} is no text`);
    expect(empty || name !== '', () => `${what} is empty`);
    expect(name.length <= most, () => `${what} has ${name.length} characters, of ${bytes.length} bytes`);
  };
  const count = module.functionTypes.length;
  for (const index of [...Array(count).keys(), count, -1, 0.5, Number.NaN, 2 ** 32]) {
    text(names.of(index), `the name of function ${index}`, false);
    const shown = names.display(index);
    expect(
      typeof shown === 'string' && shown !== '' && shown.length <= 65_536 + most,
      () => `function ${index} is shown as ${shown}`,
    );
    text(names.global(index), `the name of global ${index}`, true);
  }
  text(names.moduleName, "the module's name", true);
  const expected = functionNames(bytes);
  for (const [index, name] of expected)
    if (index < count && name !== '')
      expect(names.of(index) === name, () => `function ${index} is ${names.of(index)}, not ${name}`);
}

/** The function names that `bytes` give, read another way: the last one counts, and what is cut short ends only its own map. */
function functionNames(bytes: Bytes): Map<number, string> {
  const found = new Map<number, string>();
  for (const section of parseModule(bytes).sections) {
    if (section.id !== 0 || section.name !== 'name') continue;
    for (let at = section.start; at < section.end; ) {
      const size = number(bytes, at + 1, section.end);
      if (size === undefined || size.end + size.value > section.end) break;
      if (bytes[at] === 1) readMap(bytes, size.end, size.end + size.value, found);
      at = size.end + size.value;
    }
  }
  return found;
}

function readMap(bytes: Bytes, start: number, end: number, found: Map<number, string>): void {
  const count = number(bytes, start, end);
  let at = count?.end ?? end;
  for (let left = count?.value ?? 0; left > 0; left--) {
    const index = number(bytes, at, end);
    const length = index && number(bytes, index.end, end);
    if (index === undefined || length === undefined || length.end + length.value > end) return;
    at = length.end + length.value;
    found.set(index.value, new TextDecoder().decode(bytes.subarray(length.end, at)));
  }
}

/** An unsigned number of 32 bits, and where it ends. */
function number(bytes: Bytes, start: number, limit: number): { value: number; end: number } | undefined {
  let value = 0n;
  for (let n = 0; n < 5 && start + n < limit; n++) {
    const byte = bytes[start + n]!;
    value |= BigInt(byte & 0x7f) << BigInt(7 * n);
    if (byte < 0x80) return value < 2n ** 32n ? { value: Number(value), end: start + n + 1 } : undefined;
  }
  return undefined;
}

export const target: FuzzTarget = {
  name: 'names',
  about: 'name sections that lie; never an error, never an empty name',
  make,
  check,
  bounds: { ms: 200 },
};
