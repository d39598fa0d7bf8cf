// Rewritten modules by the content of the plugin, for calls to come: a second F5 on an unchanged plugin, and a step that needs other sites,
// skip what was done already. Lives on the driving side; the worker asks when it knows the content's hash. Holds nothing on disk.
import type { DwarfProgram, LineRows } from '../dwarf/program.ts';
import type { ChargeTable } from '../fuel/charge-table.ts';
import type { BlockColumns } from '../instrument/block-count.ts';
import type { InstrumentedExports } from '../instrument/instrument.ts';
import type { OffsetColumns } from '../instrument/offset-map.ts';
import type { SiteColumns } from '../instrument/probe-sites.ts';

/** A module that was rewritten under one plan, as it crosses threads; V8's compiled code is shared, not copied. */
export interface BuiltModule {
  readonly compiled: WebAssembly.Module;
  readonly map: OffsetColumns;
  readonly exports: InstrumentedExports;
  readonly sites: SiteColumns | null;
  readonly blocks: BlockColumns | null;
  readonly firstHelper: number;
  /** Bytes of the rewritten module. */
  readonly size: number;
}

/** What is known of a plugin whatever the plan: it passed the checks, and has these charges. */
export type KnownModule = ChargeTable;

/** A module's line table, and sentences about what of it can't be read. */
export interface KnownLines {
  readonly rows: LineRows;
  readonly problems: readonly string[];
}

/** Rewritten modules that are kept, and bytes of all of them together. */
const MOST_BUILT = 12;
const MOST_BYTES = 256 << 20;
const MOST_KNOWN = 6;
const MOST_LINES = 6;

/** The least recently used go first. */
export class ModuleCache {
  readonly #known = new Map<string, KnownModule>();
  readonly #built = new Map<string, BuiltModule>();
  #bytes = 0;
  readonly #lines = new Map<string, KnownLines>();
  readonly #modules = new Map<string, WeakRef<Uint8Array<ArrayBuffer>>>();

  /** The module with this SHA-256, of which there is one copy for all calls as long as one of them keeps it: `bytes`, or those of another. */
  share(sha256: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const held = this.#modules.get(sha256)?.deref();
    if (held !== undefined) return held;
    for (const [key, module] of this.#modules) if (module.deref() === undefined) this.#modules.delete(key);
    this.#modules.set(sha256, new WeakRef(bytes));
    return bytes;
  }

  /** `content` names the plugin and how it was checked, `plan` what was woven in besides. */
  get(content: string, plan: string): { known: KnownModule | undefined; built: BuiltModule | undefined } {
    return { known: touched(this.#known, content), built: touched(this.#built, `${content} ${plan}`) };
  }

  put(content: string, plan: string, known: KnownModule | undefined, built: BuiltModule): void {
    if (known !== undefined) {
      this.#known.set(content, known);
      for (const key of this.#known.keys()) if (this.#known.size > MOST_KNOWN) this.#known.delete(key);
    }
    const key = `${content} ${plan}`;
    this.#drop(key);
    this.#built.set(key, built);
    this.#bytes += built.size;
    for (const old of this.#built.keys()) {
      if (old === key || (this.#built.size <= MOST_BUILT && this.#bytes <= MOST_BYTES)) break;
      this.#drop(old);
    }
  }

  /** The line table of the module with this SHA-256. */
  lines(sha256: string): KnownLines | undefined {
    return touched(this.#lines, sha256);
  }

  putLines(sha256: string, lines: KnownLines): void {
    this.#lines.set(sha256, lines);
    for (const key of this.#lines.keys()) if (this.#lines.size > MOST_LINES) this.#lines.delete(key);
  }

  #drop(key: string): void {
    this.#bytes -= this.#built.get(key)?.size ?? 0;
    this.#built.delete(key);
  }

  /** How many rewritten modules there are. */
  get size(): number {
    return this.#built.size;
  }
}

/** The line table as it is kept: its rows where all threads see them, a debug build has some 80 000. */
export function linesToKeep({ lines, problems }: DwarfProgram): KnownLines {
  const { count, offset, file, line, column, flags, files } = lines;
  const shared = {
    offset: new Uint32Array(new SharedArrayBuffer(offset.byteLength)),
    file: new Uint32Array(new SharedArrayBuffer(file.byteLength)),
    line: new Uint32Array(new SharedArrayBuffer(line.byteLength)),
    column: new Uint16Array(new SharedArrayBuffer(column.byteLength)),
    flags: new Uint8Array(new SharedArrayBuffer(flags.byteLength)),
  };
  shared.offset.set(offset);
  shared.file.set(file);
  shared.line.set(line);
  shared.column.set(column);
  shared.flags.set(flags);
  return { rows: { count, ...shared, files }, problems };
}

/** The value, which is now the one that was used last. */
function touched<T>(map: Map<string, T>, key: string): T | undefined {
  const value = map.get(key);
  if (value === undefined) return undefined;
  map.delete(key);
  map.set(key, value);
  return value;
}
