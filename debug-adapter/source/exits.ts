// Where functions are left that bodies of async functions may be in, and which these are. What a step makes of a future that has returned there is
// not its business: stepping.ts. Pure. Contract S1.
import type { Scope } from '../dwarf/program.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { FunctionNames } from '../wasm/names.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';

/** rustc calls closures and the bodies of async functions so, and what those are inlined into: in its older mangling, in DWARF. */
const POLLS = /closure|async|poll/;
/** In rustc's newer mangling a closure is a letter. */
const MANGLED_V0 = /^_R/;
const NAMELESS = /^func\[\d+\]$/;

/** Whether a body of an async function may be in function `index`: by the linker's name, or by `scope`, DWARF's, where that was stripped. */
export function polls(names: FunctionNames, index: number, scope: () => Scope | undefined): boolean {
  const name = names.of(index);
  if (NAMELESS.test(name)) return POLLS.test(scope()?.name ?? '');
  return POLLS.test(MANGLED_V0.test(name) ? names.display(index) : name);
}

const LEAVING: ReadonlySet<number> = new Set(['return', 'return_call', 'return_call_indirect'].map(opcodeNamed));

/** The instructions that leave a function, its last `end` first. */
export function exitsOf(module: WasmModule, definedFunction: number): number[] {
  const end = module.bodyEnd[definedFunction]!;
  const found = [end - 1];
  const reader = new InstructionReader(module.bytes);
  reader.reset(codeStart(module, definedFunction), end);
  while (reader.next()) if (LEAVING.has(reader.opcode)) found.push(reader.offset);
  return found;
}
