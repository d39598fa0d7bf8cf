// Names of functions and globals: the name section, read when first asked for, then exports and imports, then `func[N]`.
// A name section may lie, be cut short, or not be UTF-8: what can be read is used, nothing throws.
import { ByteReader } from './byte-reader.ts';
import { demangle } from './demangle.ts';
import { ImportKind, SectionId, type WasmModule } from './module.ts';

const Subsection = { Module: 0, Function: 1, Global: 7 } as const;

const decoder = new TextDecoder('utf-8', { fatal: false });

/** Where the names of one index space lie in the file: columns, so that 12 000 names are not decoded for one. */
class NameColumn {
  readonly start: Uint32Array;
  readonly length: Uint32Array;

  constructor(count: number) {
    this.start = new Uint32Array(count);
    this.length = new Uint32Array(count);
  }

  /** Takes in a name map; entries out of range are skipped, a broken rest is left out. */
  read(reader: ByteReader): void {
    for (let left = reader.u32(); left > 0; left--) {
      const index = reader.u32();
      const length = reader.u32();
      const start = reader.skip(length, 'a name');
      if (index >= this.start.length) continue;
      this.start[index] = start;
      this.length[index] = length;
    }
  }

  of(bytes: Uint8Array, index: number): string {
    const start = this.start[index] ?? 0;
    return start === 0 ? '' : decoder.decode(bytes.subarray(start, start + this.length[index]!));
  }
}

/** Looks names up in one module. */
export class FunctionNames {
  readonly #module: WasmModule;
  #functions: NameColumn | undefined;
  #globals: NameColumn | undefined;
  #outside: Map<number, string> | undefined;
  #moduleName = '';

  constructor(module: WasmModule) {
    this.#module = module;
  }

  /** The symbol of function `index` (imported ones first): name section, then export, then `module.name` of an import, then `func[N]`. */
  of(index: number): string {
    this.#load();
    return this.#functions?.of(this.#module.bytes, index) || this.#outsideName(index) || `func[${index}]`;
  }

  /** As `of`, with Rust symbols as people write them. */
  display(index: number): string {
    return demangle(this.of(index));
  }

  /** The name of global `index` in the name section, or ''. */
  global(index: number): string {
    this.#load();
    return this.#globals?.of(this.#module.bytes, index) ?? '';
  }

  /** The module's own name in the name section, or ''. */
  get moduleName(): string {
    this.#load();
    return this.#moduleName;
  }

  #load(): void {
    if (this.#functions !== undefined) return;
    const module = this.#module;
    const functions = new NameColumn(module.functionTypes.length);
    const globals = new NameColumn(module.globalTypes.length);
    this.#functions = functions;
    this.#globals = globals;
    for (const section of module.sections) {
      if (section.id !== SectionId.Custom || section.name !== 'name') continue;
      const reader = new ByteReader(module.bytes, section.start, section.end);
      try {
        while (!reader.done) {
          const id = reader.byte();
          const size = reader.u32();
          const start = reader.skip(size, 'a subsection');
          const part = new ByteReader(module.bytes, start, start + size);
          if (id === Subsection.Function) quietly(() => functions.read(part));
          else if (id === Subsection.Global) quietly(() => globals.read(part));
          else if (id === Subsection.Module) quietly(() => this.#readModuleName(part));
        }
      } catch {
        // The rest of the section can't be read; what was read stays.
      }
    }
  }

  #readModuleName(reader: ByteReader): void {
    const length = reader.u32();
    const start = reader.skip(length, 'a name');
    this.#moduleName = decoder.decode(reader.bytes.subarray(start, start + length));
  }

  #outsideName(index: number): string {
    let names = this.#outside;
    if (names === undefined) {
      names = new Map();
      for (const item of this.#module.imports)
        if (item.kind === ImportKind.Function) names.set(item.index, `${item.module}.${item.name}`);
      for (const item of this.#module.exports)
        if (item.kind === ImportKind.Function && !names.has(item.index)) names.set(item.index, item.name);
      this.#outside = names;
    }
    return names.get(index) ?? '';
  }
}

/** A broken name map ends only itself: the subsections after it may be whole. */
function quietly(read: () => void): void {
  try {
    read();
  } catch {
    // Entries before the break were taken in.
  }
}
