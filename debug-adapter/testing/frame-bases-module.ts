// A plugin rewritten so that it keeps a shadow stack of true frames in a memory of its own: for each live function its stack pointer at
// entry, its present call, and what a chosen local holds. What unwinding finds is held against it. Functions that the plan names store
// their stack pointer besides, as they do under the debugger (instrument/frame-bases.ts). Only tests import it.
import { StoredPointers } from '../instrument/frame-bases.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { resultsOf, type Section, SectionId, sectionOf, type WasmModule } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import { EMPTY_BLOCK, FUNCREF, I32, I64 } from '../wasm/value-types.ts';
import { ByteWriter } from '../wasm/writer.ts';

/** A slot of the shadow stack: stack pointer at entry (8 bytes), function, offset of the present call, the local (8 bytes). */
export const Slot = { Entry: 0, Function: 8, Offset: 12, Local: 16, Bytes: 32 } as const;
/** Names of what is appended. */
export const ORACLE = {
  hooks: 'oracle hooks',
  memory: 'oracle memory',
  stored: 'oracle stored',
  top: 'oracle top',
  pointer: 'oracle pointer',
} as const;
const PAGES = 8;

const OP = {
  block: opcodeNamed('block'),
  loop: opcodeNamed('loop'),
  if: opcodeNamed('if'),
  end: opcodeNamed('end'),
  return: opcodeNamed('return'),
  call: opcodeNamed('call'),
  callIndirect: opcodeNamed('call_indirect'),
  returnCall: opcodeNamed('return_call'),
  returnCallIndirect: opcodeNamed('return_call_indirect'),
} as const;

export interface OracleModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Calls: byte offset in the rewritten module, ascending, and in the original. */
  readonly rewritten: Uint32Array;
  readonly original: Uint32Array;
}

/** The locals to be shown: that of function `func` which is worth it before the call at `offset`; -1 for none. */
export type ShownLocal = (func: number, offset: number) => number;

/** Rewrites `module` whose stack pointer is global `pointer`. @param storing functions that store their stack pointer */
export function oracleModule(
  module: WasmModule,
  pointer: number,
  shown: ShownLocal,
  storing: readonly number[],
): OracleModule {
  const rewriter = new Rewriter(module, pointer, shown, storing);
  for (let n = 0; n < module.bodyStart.length; n++) rewriter.body(n);
  const out = new ByteWriter(module.bytes.length + rewriter.code.length);
  out.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const extend = (id: number, added: number, write: (section: ByteWriter) => void) => {
    const body = new ByteWriter();
    appendTo(module, sectionOf(module, id), added, body);
    write(body);
    out.section(id, body.bytes());
  };
  const keep = (id: number) => {
    const section = sectionOf(module, id);
    if (section !== undefined) out.section(id, module.bytes.subarray(section.start, section.end));
  };
  extend(SectionId.Type, 1, (section) => section.raw(0x60, 0, 0));
  keep(SectionId.Import);
  keep(SectionId.Function);
  extend(SectionId.Table, 1, (section) => section.raw(FUNCREF, 1, 1, 1));
  extend(SectionId.Memory, 2, (section) => section.raw(1, PAGES, PAGES, 1, PAGES, PAGES));
  // The slot below the first is nobody's.
  extend(SectionId.Global, 1, (section) => section.raw(I32, 1, 0x41, 0, 0x0b));
  extend(SectionId.Export, 5, (section) => {
    const rows = [
      [ORACLE.hooks, 1, module.tables.length],
      [ORACLE.memory, 2, module.memories.length],
      [ORACLE.stored, 2, module.memories.length + 1],
      [ORACLE.top, 3, module.globalTypes.length],
      [ORACLE.pointer, 3, pointer],
    ] as const;
    for (const [name, kind, index] of rows) {
      section.name(name);
      section.byte(kind);
      section.u32(index);
    }
  });
  keep(SectionId.Start);
  keep(SectionId.Element);
  keep(SectionId.DataCount);
  const count = new ByteWriter(8);
  count.u32(module.bodyStart.length);
  out.byte(SectionId.Code);
  out.u32(count.length + rewriter.code.length);
  out.append(count.bytes());
  const base = out.length;
  out.append(rewriter.code.bytes());
  keep(SectionId.Data);
  return {
    bytes: out.bytes().slice(),
    rewritten: Uint32Array.from(rewriter.rewritten, (at) => at + base),
    original: Uint32Array.from(rewriter.original),
  };
}

/** A section's items, their count raised by `added`. */
function appendTo(module: WasmModule, section: Section | undefined, added: number, into: ByteWriter): void {
  if (section === undefined) {
    into.u32(added);
    return;
  }
  const reader = new InstructionReader(module.bytes);
  reader.reset(section.start, section.end);
  into.u32(reader.u32() + added);
  into.copy(module.bytes, reader.end, section.end);
}

class Rewriter {
  readonly code = new ByteWriter(1 << 20);
  readonly rewritten: number[] = [];
  readonly original: number[] = [];
  readonly #module: WasmModule;
  readonly #pointer: number;
  readonly #wide: boolean;
  readonly #shown: ShownLocal;
  readonly #stored: StoredPointers;
  readonly #reader: InstructionReader;
  readonly #top: number;
  readonly #body = new ByteWriter(1 << 16);

  constructor(module: WasmModule, pointer: number, shown: ShownLocal, storing: readonly number[]) {
    this.#module = module;
    this.#pointer = pointer;
    this.#wide = module.globalTypes[pointer] === I64;
    this.#shown = shown;
    this.#reader = new InstructionReader(module.bytes);
    this.#top = module.globalTypes.length;
    const functions = new Uint8Array(module.functionTypes.length);
    for (const func of storing) functions[func] = 1;
    this.#stored = new StoredPointers(functions, {
      pointer,
      wide: this.#wide,
      memory: module.memories.length + 1,
      frames: (code) => {
        code.byte(0x23);
        code.u32(this.#top);
        code.raw(0x41, Math.log2(Slot.Bytes), 0x76); // i32.const, i32.shr_u
      },
    });
  }

  body(n: number): void {
    const module = this.#module;
    const reader = this.#reader;
    const body = this.#body;
    const start = module.bodyStart[n]!;
    const end = module.bodyEnd[n]!;
    const func = module.importedFunctions + n;
    const firstCall = this.rewritten.length;
    body.length = 0;
    reader.reset(start, end);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      reader.byte();
    }
    let copied = reader.end;
    body.copy(module.bytes, start, copied);
    this.#moveTop(0x6a);
    this.#storePointer();
    this.#storeNumber(Slot.Function, func);
    this.#storeNumber(Slot.Offset, copied);
    if (this.#stored.stores(func)) this.#stored.enter(body, func, true);
    this.#hook();
    body.byte(0x02);
    this.#blockType(module.functionTypes[func]!);
    let nesting = 0;
    const flush = (to: number) => {
      body.copy(module.bytes, copied, to);
      copied = to;
    };
    while (reader.next()) {
      const { opcode, offset } = reader;
      if (opcode === OP.block || opcode === OP.loop || opcode === OP.if) nesting++;
      else if (opcode === OP.end && nesting-- === 0) {
        flush(offset);
        body.byte(0x0b);
        this.#moveTop(0x6b);
      } else if (opcode === OP.return) {
        flush(offset);
        body.byte(0x0c);
        body.u32(nesting);
        copied = reader.end;
      } else if (opcode === OP.call || opcode === OP.callIndirect) {
        flush(offset);
        this.#beforeCall(func, offset);
        if (opcode === OP.call && reader.index < module.importedFunctions) this.#hook();
        this.rewritten.push(body.length);
        this.original.push(offset);
      } else if (opcode === OP.returnCall || opcode === OP.returnCallIndirect) {
        flush(offset);
        this.#moveTop(0x6b);
      }
    }
    flush(end);
    this.code.u32(body.length);
    for (let call = firstCall; call < this.rewritten.length; call++) this.rewritten[call]! += this.code.length;
    this.code.append(body.bytes());
  }

  #moveTop(opcode: number): void {
    const body = this.#body;
    this.#globalGet(this.#top);
    body.raw(0x41, Slot.Bytes, opcode, 0x24);
    body.u32(this.#top);
  }

  #globalGet(global: number): void {
    this.#body.byte(0x23);
    this.#body.u32(global);
  }

  #memoryArgument(align: number, offset: number): void {
    this.#body.byte(0x40 | align);
    this.#body.u32(this.#module.memories.length);
    this.#body.u32(offset);
  }

  #storePointer(): void {
    this.#globalGet(this.#top);
    this.#globalGet(this.#pointer);
    this.#body.byte(this.#wide ? 0x37 : 0x36);
    this.#memoryArgument(2, Slot.Entry);
  }

  #storeNumber(at: number, value: number): void {
    this.#globalGet(this.#top);
    this.#body.byte(0x41);
    this.#body.s32(value);
    this.#body.byte(0x36);
    this.#memoryArgument(2, at);
  }

  #hook(): void {
    const body = this.#body;
    body.raw(0x41, 0, 0x11); // i32.const 0, call_indirect
    body.u32(this.#module.typeCount);
    body.u32(this.#module.tables.length);
  }

  #beforeCall(func: number, offset: number): void {
    this.#storeNumber(Slot.Offset, offset);
    const local = this.#shown(func, offset);
    if (local < 0) return;
    this.#globalGet(this.#top);
    this.#body.byte(0x20);
    this.#body.u32(local);
    this.#body.byte(this.#wide ? 0x37 : 0x36);
    this.#memoryArgument(2, Slot.Local);
  }

  #blockType(type: number): void {
    const results = resultsOf(this.#module, type);
    if (results.length > 1) throw new Error('the oracle does not know functions of several results');
    this.#body.byte(results[0] ?? EMPTY_BLOCK);
  }
}
