// Assembles test-plugins/wat/*.wat (by wabt) and *.hex (what wabt cannot assemble) into test-plugins/out/wat/NAME.wasm.
// Run as a script it lists what it assembled; `buildWat()` is for tests and other scripts.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const SOURCES = path.dirname(fileURLToPath(import.meta.url));
const WAT_OUT = path.resolve(SOURCES, '../out/wat');

/** Everything on: the plugins here are about what production rejects, and it is not the assembler's business to. */
const FEATURES = {
  exceptions: true,
  simd: true,
  relaxed_simd: true,
  threads: true,
  tail_call: true,
  memory64: true,
  multi_memory: true,
  extended_const: true,
};

export interface BuiltPlugin {
  /** The source's name without its extension. */
  readonly name: string;
  readonly source: string;
  readonly wasm: string;
  /** False when the module was there and newer than its source. */
  readonly rebuilt: boolean;
}

/** The bytes of a .hex file: pairs of hex digits; `;;` begins a comment. @throws Error that names the file and the line. */
function parseHex(file: string, text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const digits = line.replace(/;;.*/, '').replace(/\s/g, '');
    if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`${file}:${index + 1}: not pairs of hex digits`);
    for (let at = 0; at < digits.length; at += 2) bytes.push(Number.parseInt(digits.slice(at, at + 2), 16));
  }
  return Uint8Array.from(bytes);
}

/** Whether the module is newer than its source and than this file. */
function isFresh(source: string, wasm: string): boolean {
  const built = fs.statSync(wasm, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built > fs.statSync(source).mtimeMs && built > fs.statSync(fileURLToPath(import.meta.url)).mtimeMs;
}

/**
 * Assembles what is older than its source, and removes modules whose source is gone.
 * @returns all plugins, by name. @throws Error with the assembler's message, which names file, line and column.
 */
export async function buildWat(): Promise<BuiltPlugin[]> {
  fs.mkdirSync(WAT_OUT, { recursive: true });
  const plugins = fs
    .readdirSync(SOURCES)
    .filter((file) => /\.(wat|hex)$/.test(file))
    .sort()
    .map((file) => {
      const name = path.parse(file).name;
      const source = path.join(SOURCES, file);
      const wasm = path.join(WAT_OUT, `${name}.wasm`);
      return { name, source, wasm, rebuilt: !isFresh(source, wasm) };
    });
  const names = new Set(plugins.map((plugin) => plugin.name));
  for (const file of fs.readdirSync(WAT_OUT))
    if (file.endsWith('.wasm') && !names.has(path.parse(file).name))
      fs.rmSync(path.join(WAT_OUT, file), { force: true });
  if (!plugins.some((plugin) => plugin.rebuilt)) return plugins; // loading wabt takes longer than all of this
  const assembler = await wabt();
  for (const { source, wasm, rebuilt } of plugins) {
    if (!rebuilt) continue;
    const file = path.basename(source);
    const text = fs.readFileSync(source, 'utf8');
    let bytes: Uint8Array;
    if (file.endsWith('.hex')) bytes = parseHex(file, text);
    else {
      const module = assembler.parseWat(file, text, FEATURES);
      bytes = module.toBinary({ write_debug_names: true }).buffer;
      module.destroy();
    }
    // Written aside and renamed: two test files may build at once.
    const aside = `${wasm}.${process.pid}`;
    fs.writeFileSync(aside, bytes);
    fs.renameSync(aside, wasm);
  }
  return plugins;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const plugins = await buildWat();
  const rebuilt = plugins.filter((plugin) => plugin.rebuilt);
  for (const { name } of rebuilt) console.log(`assembled ${name}`);
  console.log(
    `${plugins.length} plugins in ${path.relative(process.cwd(), WAT_OUT)}, ${rebuilt.length} of them assembled now`,
  );
}
