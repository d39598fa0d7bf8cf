// Names of what instructions mention beside functions: locals, labels, tables, memories, segments; and how a name is written as a
// WAT identifier. Read from the name section when first asked for; a section that lies or is cut short never throws.
import { ByteReader } from './byte-reader.ts';
import { ImportKind, SectionId, type WasmModule } from './module.ts';
import { FunctionNames } from './names.ts';

const decoder = new TextDecoder('utf-8', { fatal: false });

/** Subsections of the name section: core specification appendix A.4.1, and the extended name section proposal. */
const Subsection = { Local: 2, Label: 3, Table: 5, Memory: 6, Element: 8, Data: 9 } as const;

/** Longest name written, in UTF-16 units; what is longer ends in an ellipsis. */
const MAX_NAME = 200;

/** One name map: an index space, or the locals or labels of one function. */
class NameMap {
  readonly #names = new Map<number, string>();
  /** Names that more than one index has. */
  readonly #shared = new Set<string>();

  /** Takes in what can be read. */
  static read(reader: ByteReader): NameMap {
    const map = new NameMap();
    const seen = new Set<string>();
    try {
      for (let left = reader.u32(); left > 0; left--) {
        const index = reader.u32();
        const length = reader.u32();
        const start = reader.skip(length, 'a name');
        const name = decoder.decode(reader.bytes.subarray(start, start + length));
        if (name === '' || map.#names.has(index)) continue;
        if (seen.has(name)) map.#shared.add(name);
        seen.add(name);
        map.#names.set(index, name);
      }
    } catch {
      // Entries before the break stay.
    }
    return map;
  }

  get(index: number): string {
    return this.#names.get(index) ?? '';
  }

  isShared(name: string): boolean {
    return this.#shared.has(name);
  }
}

const NO_NAMES = NameMap.read(new ByteReader(Uint8Array.of(0)));

/** Where each function's own map lies in an indirect name map; the map of the function last asked for is kept. */
class IndirectNames {
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  readonly #start = new Map<number, number>();
  #function = -1;
  #map: NameMap = NO_NAMES;

  constructor(reader: ByteReader) {
    this.#bytes = reader.bytes;
    this.#limit = reader.limit;
    try {
      for (let left = reader.u32(); left > 0; left--) {
        const index = reader.u32();
        if (!this.#start.has(index)) this.#start.set(index, reader.position);
        for (let names = reader.u32(); names > 0; names--) {
          reader.u32();
          reader.skip(reader.u32(), 'a name');
        }
      }
    } catch {
      // Functions before the break stay.
    }
  }

  of(functionIndex: number): NameMap {
    if (functionIndex === this.#function) return this.#map;
    const start = this.#start.get(functionIndex);
    this.#function = functionIndex;
    this.#map = start === undefined ? NO_NAMES : NameMap.read(new ByteReader(this.#bytes, start, this.#limit));
    return this.#map;
  }
}

/** Names in one module; '' where a thing has none. Function indices count imported functions. */
export class InstructionNames {
  readonly functions: FunctionNames;
  readonly #module: WasmModule;
  #locals: IndirectNames | undefined;
  #labels: IndirectNames | undefined;
  #spaces: Map<number, NameMap> | undefined;
  #outside: Map<number, string>[] | undefined;

  constructor(module: WasmModule, functions: FunctionNames = new FunctionNames(module)) {
    this.#module = module;
    this.functions = functions;
  }

  /** A parameter or local of a function. */
  local(functionIndex: number, local: number): string {
    this.#load();
    return this.#locals?.of(functionIndex).get(local) ?? '';
  }

  /** Whether another local of the function has the same name. */
  isLocalShared(functionIndex: number, name: string): boolean {
    this.#load();
    return this.#locals?.of(functionIndex).isShared(name) ?? false;
  }

  /** A block of a function, by the order of their openers. */
  label(functionIndex: number, block: number): string {
    this.#load();
    return this.#labels?.of(functionIndex).get(block) ?? '';
  }

  /** The name section's, else `module.name` of an import, else the name under which it is exported. So too the next two. */
  global(index: number): string {
    return this.functions.global(index) || this.#outsideName(ImportKind.Global, index);
  }

  table(index: number): string {
    return this.#space(Subsection.Table, index) || this.#outsideName(ImportKind.Table, index);
  }

  memory(index: number): string {
    return this.#space(Subsection.Memory, index) || this.#outsideName(ImportKind.Memory, index);
  }

  element(index: number): string {
    return this.#space(Subsection.Element, index);
  }

  data(index: number): string {
    return this.#space(Subsection.Data, index);
  }

  #space(subsection: number, index: number): string {
    this.#load();
    return this.#spaces?.get(subsection)?.get(index) ?? '';
  }

  #outsideName(kind: number, index: number): string {
    if (this.#outside === undefined) {
      this.#outside = [new Map(), new Map(), new Map(), new Map()];
      for (const item of this.#module.imports) this.#outside[item.kind]!.set(item.index, `${item.module}.${item.name}`);
      for (const item of this.#module.exports) {
        const names = this.#outside[item.kind]!;
        if (!names.has(item.index)) names.set(item.index, item.name);
      }
    }
    return this.#outside[kind]?.get(index) ?? '';
  }

  #load(): void {
    if (this.#spaces !== undefined) return;
    this.#spaces = new Map();
    for (const section of this.#module.sections) {
      if (section.id !== SectionId.Custom || section.name !== 'name') continue;
      const reader = new ByteReader(this.#module.bytes, section.start, section.end);
      try {
        while (!reader.done) {
          const id = reader.byte();
          const size = reader.u32();
          const start = reader.skip(size, 'a subsection');
          const part = new ByteReader(this.#module.bytes, start, start + size);
          if (id === Subsection.Local) this.#locals ??= new IndirectNames(part);
          else if (id === Subsection.Label) this.#labels ??= new IndirectNames(part);
          else if (
            id === Subsection.Table ||
            id === Subsection.Memory ||
            id === Subsection.Element ||
            id === Subsection.Data
          )
            this.#spaces.set(id, NameMap.read(part));
        }
      } catch {
        // The rest of the section can't be read; what was read stays.
      }
    }
  }
}

/** What may stand in an identifier that is not quoted (core specification §6.3.5). */
const PLAIN = /^[!#$%&'*+\-./0-9:<=>?@A-Z\\^_`a-z|~]+$/;
/** Control, format and unassigned characters, lone surrogates, and separators other than the space. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A name as a WAT identifier: `$name`, or `$"a name"` where it has spaces, quotes or characters beyond ASCII. */
export function identifier(name: string): string {
  const short = name.length > MAX_NAME ? `${name.slice(0, MAX_NAME).replace(/[\ud800-\udbff]$/, '')}…` : name;
  return PLAIN.test(short) ? `$${short}` : `$"${escaped(short)}"`;
}

/** Text as the inside of a WAT string (core specification §6.3.3) that may stand in a `(; ;)` comment. */
export function escaped(text: string): string {
  return text
    .replace(/["\\]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(';)', ';\\29')
    .replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
