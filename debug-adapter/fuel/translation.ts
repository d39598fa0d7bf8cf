// Walks a function the way wasmi 1.0.3's FuncTranslator does (src/engine/translator/func/visit.rs): control frames,
// reachability, constants. Each reachable instruction adds its cost to the charging block it belongs to. (I3)
import { ChargeKind } from '../instrument/plan.ts';
import { BLOCK_EMPTY, InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opcodeNamed, opcodePops, opcodePushes, VARIABLE } from '../wasm/opcodes.ts';
import { OP } from '../wasm/walked-opcodes.ts';
import { ConstantGlobals } from './constant-globals.ts';
import { Arms, ControlStack, Frame } from './control.ts';
import { fold, foldSelect, Outcome } from './folding.ts';
import { FunctionConstants } from './function-constants.ts';
import { BASE_COST, instructionCost } from './model.ts';
import { Operands } from './operands.ts';
import { Rows } from './rows.ts';

/** wasmi counts operands in 16 bits. */
const OPERAND_LIMIT = 0xffff;

/** wasmi puts a zero beside their operand for a moment. */
const EQZ = new Set(['i32.eqz', 'i64.eqz', 'ref.is_null'].map(opcodeNamed));

export class Translation {
  readonly rows = new Rows();
  readonly #module: WasmModule;
  readonly #reader: InstructionReader;
  readonly #operands = new Operands();
  readonly #globals: ConstantGlobals;
  readonly #constants = new FunctionConstants();
  readonly #control = new ControlStack();
  #row = 0;
  #reachable = true;

  constructor(module: WasmModule) {
    this.#module = module;
    this.#reader = new InstructionReader(module.bytes);
    this.#globals = new ConstantGlobals(module);
  }

  /** Adds the rows of defined function `n`; answers the slots of its frame. */
  function(n: number): number {
    const module = this.#module;
    const reader = this.#reader;
    const end = module.bodyEnd[n]!;
    reader.reset(module.bodyStart[n]!, end);
    reader.offset = module.bodyStart[n]!;
    const type = module.functionTypes[module.importedFunctions + n]!;
    let locals = module.typeResults[type]! - module.typeStart[type]!;
    for (let left = reader.u32(); left > 0; left--) {
      locals += reader.u32();
      reader.byte();
    }
    this.#operands.reset();
    this.#constants.reset();
    this.#control.reset();
    this.#reachable = true;
    this.#row = this.rows.add(reader.end, ChargeKind.Entry, BASE_COST);
    this.#push(Frame.Block, 0, module.typeStart[type + 1]! - module.typeResults[type]!, this.#row);
    while (this.#control.depth > 0) {
      if (!reader.next()) {
        reader.offset = end;
        reader.fail('a function has no end');
      }
      const { instructions } = this.rows;
      instructions[this.#row] = instructions[this.#row]! + 1;
      const row = this.#row;
      this.#visit();
      // An instruction that opens a block of its own counts for both: control may pass it and not go in.
      if (this.#row !== row) this.rows.instructions[this.#row] = this.rows.instructions[this.#row]! + 1;
      if (this.#operands.height > OPERAND_LIMIT)
        reader.fail(`a function has more than ${OPERAND_LIMIT} operands, which wasmi does not take`);
    }
    return Math.min(0xffff, locals + this.#operands.max + this.#constants.count);
  }

  #visit(): void {
    const reader = this.#reader;
    const opcode = reader.opcode;
    switch (opcode) {
      case OP.block:
      case OP.loop:
        this.#open(opcode);
        return;
      case OP.if:
        this.#if();
        return;
      case OP.else:
        this.#else();
        return;
      case OP.end:
        this.#end();
        return;
    }
    if (!this.#reachable) return;
    const operands = this.#operands;
    switch (opcode) {
      case OP.localGet:
        operands.pushTemp();
        return;
      case OP.i32Const:
      case OP.f32Const:
        operands.pushConstant(reader.low, 0);
        this.#constants.see(reader.low, opcode === OP.f32Const ? 0x7fffffff : 0, opcode === OP.i32Const);
        return;
      case OP.i64Const:
      case OP.f64Const:
        operands.pushConstant(reader.low, reader.high);
        this.#constants.see(reader.low, reader.high, opcode === OP.i64Const);
        return;
      case OP.localSet:
      case OP.drop:
        operands.pop(1);
        this.#cost(instructionCost[opcode]!);
        return;
      case OP.localTee:
        // A constant stays one on the stack, whatever the local is.
        this.#cost(instructionCost[opcode]!);
        return;
      case OP.globalGet:
        this.#globalGet();
        return;
      case OP.globalSet:
        operands.pop(1);
        this.#cost(instructionCost[opcode]!);
        return;
      case OP.refNull:
        operands.pushConstant(0, 0);
        return;
      case OP.unreachable:
        this.#stop();
        return;
      case OP.br:
        this.#branch(reader.index);
        return;
      case OP.brIf:
        this.#branchIf();
        return;
      case OP.brTable:
        this.#branchTable();
        return;
      case OP.return:
        this.#return();
        return;
      case OP.call:
      case OP.returnCall:
        this.#call(this.#module.functionTypes[reader.index] ?? 0, opcode === OP.returnCall);
        return;
      case OP.callIndirect:
      case OP.returnCallIndirect:
        operands.pop(1);
        this.#call(reader.index, opcode === OP.returnCallIndirect);
        return;
      case OP.select:
      case OP.selectTyped:
        this.#select();
        return;
    }
    this.#plain(opcode);
  }

  #cost(fuel: number): void {
    if (this.#row >= 0) this.rows.cost[this.#row] = this.rows.cost[this.#row]! + fuel;
  }

  /** An instruction after which nothing is reached. */
  #stop(): void {
    this.#cost(instructionCost[this.#reader.opcode]!);
    this.#reachable = false;
  }

  #push(kind: number, parameters: number, results: number, row: number): number {
    return this.#control.push(kind, Math.max(0, this.#operands.height - parameters), parameters, results, row);
  }

  #blockParameters(): number {
    const { blockType } = this.#reader;
    if (blockType < 0) return 0;
    if (blockType >= this.#module.typeCount) this.#reader.fail(`type ${blockType} does not exist`);
    return this.#module.typeResults[blockType]! - this.#module.typeStart[blockType]!;
  }

  #blockResults(): number {
    const { blockType } = this.#reader;
    if (blockType >= 0) return this.#module.typeStart[blockType + 1]! - this.#module.typeResults[blockType]!;
    return blockType === BLOCK_EMPTY ? 0 : 1;
  }

  #open(opcode: number): void {
    if (!this.#reachable) {
      this.#push(Frame.Unreachable, 0, 0, -1);
      return;
    }
    const parameters = this.#blockParameters();
    if (opcode === OP.block) {
      this.#push(Frame.Block, parameters, this.#blockResults(), this.#row);
      return;
    }
    // The parameters of a loop are temporaries, as it may be entered again with others.
    this.#operands.restart(Math.max(0, this.#operands.height - parameters), parameters);
    this.#row = this.rows.add(this.#reader.offset, ChargeKind.Loop, BASE_COST);
    this.#push(Frame.Loop, parameters, this.#blockResults(), this.#row);
  }

  #if(): void {
    if (!this.#reachable) {
      this.#push(Frame.Unreachable, 0, 0, -1);
      return;
    }
    const operands = this.#operands;
    const constant = operands.constantAt(0);
    const condition = operands.low[operands.height - 1] ?? 0;
    operands.pop(1);
    const parameters = this.#blockParameters();
    if (constant) {
      const frame = this.#push(Frame.If, parameters, this.#blockResults(), this.#row);
      this.#control.arms[frame] = condition === 0 ? Arms.OnlyElse : Arms.OnlyThen;
      if (condition === 0) this.#reachable = false;
      return;
    }
    this.#cost(instructionCost[OP.if]!);
    this.#row = this.rows.add(this.#reader.offset, ChargeKind.Then, BASE_COST);
    const frame = this.#push(Frame.If, parameters, this.#blockResults(), this.#row);
    this.#control.saveParameters(frame, operands);
  }

  #else(): void {
    const control = this.#control;
    const frame = control.depth - 1;
    if (control.kind[frame] === Frame.Unreachable) return;
    if (control.kind[frame] !== Frame.If) this.#reader.fail('an else without an if');
    control.kind[frame] = Frame.Else;
    control.thenEndReachable[frame] = this.#reachable ? 1 : 0;
    const arms = control.arms[frame]!;
    if (arms === Arms.Both && this.#reachable) {
      // The jump over the else arm is charged to the block around the if: its own frame is off wasmi's stack by then.
      this.#row = control.enclosingRow;
      this.#cost(1);
    }
    // Of a constant-true if wasmi writes the charge whether or not the then arm gets to its end.
    const kind = arms === Arms.OnlyThen ? ChargeKind.ThenEnd : ChargeKind.Else;
    this.#row = this.rows.add(this.#reader.offset, kind, BASE_COST);
    control.row[frame] = this.#row;
    this.#reachable = arms !== Arms.OnlyThen;
    if (arms === Arms.Both) control.restoreParameters(frame, this.#operands);
  }

  #end(): void {
    const control = this.#control;
    const frame = control.pop();
    const kind = control.kind[frame]!;
    if (kind === Frame.Unreachable) return;
    const operands = this.#operands;
    const branchedTo = control.branchedTo[frame] === 1;
    if (kind !== Frame.Block) this.#row = control.row[frame - 1]!;
    const arms = control.arms[frame]!;
    switch (kind) {
      case Frame.Block:
        if (branchedTo) operands.restart(control.height[frame]!, control.results[frame]!);
        this.#reachable ||= branchedTo;
        // The return at the end of a function.
        if (frame === 0 && this.#reachable) this.#cost(1);
        return;
      case Frame.Loop:
        return;
      case Frame.If:
        if (arms !== Arms.Both) {
          this.#endOneArm(frame, arms === Arms.OnlyElse || this.#reachable);
          return;
        }
        if (control.results[frame]! > 0) {
          // The then arm jumps over the implicit else, at its own cost.
          const row = control.row[frame]!;
          if (this.#reachable) this.rows.cost[row] = this.rows.cost[row]! + 1;
          this.rows.add(this.#reader.offset, ChargeKind.ImplicitElse, BASE_COST);
        }
        this.#reachable = true;
        break;
      default: {
        const thenEnd = control.thenEndReachable[frame] === 1;
        if (arms !== Arms.Both) {
          this.#endOneArm(frame, arms === Arms.OnlyThen ? thenEnd : this.#reachable);
          return;
        }
        this.#reachable ||= thenEnd || branchedTo;
      }
    }
    operands.restart(control.height[frame]!, control.results[frame]!);
  }

  #endOneArm(frame: number, reachable: boolean): void {
    const control = this.#control;
    const branchedTo = control.branchedTo[frame] === 1;
    if (branchedTo) this.#operands.restart(control.height[frame]!, control.results[frame]!);
    this.#reachable = reachable || branchedTo;
  }

  /** Marks the frame that a label names as branched to. */
  #branchTo(label: number): void {
    const at = this.#control.depth - 1 - label;
    if (at < 0) this.#reader.fail('a branch leaves more blocks than there are');
    this.#control.branchedTo[at] = 1;
  }

  #branch(label: number): void {
    // A branch out of the whole function is a return to wasmi, and does not count as a branch to its end.
    if (label !== this.#control.depth - 1) this.#branchTo(label);
    this.#cost(1);
    this.#reachable = false;
  }

  #branchIf(): void {
    const operands = this.#operands;
    const constant = operands.constantAt(0);
    const condition = operands.low[operands.height - 1] ?? 0;
    operands.pop(1);
    if (constant) {
      if (condition !== 0) this.#branch(this.#reader.index);
      return;
    }
    this.#branchTo(this.#reader.index);
    this.#cost(instructionCost[OP.brIf]!);
  }

  #branchTable(): void {
    const reader = this.#reader;
    const operands = this.#operands;
    const constant = operands.constantAt(0);
    const chosen = (operands.low[operands.height - 1] ?? 0) >>> 0;
    operands.pop(1);
    const { index: last, count, end } = reader;
    let label = last;
    let same = true;
    reader.end = reader.listStart;
    for (let n = 0; n < count; n++) {
      const next = reader.u32();
      if (constant && n === chosen) label = next;
      if (next !== last) same = false;
    }
    reader.end = end;
    if (constant || same) {
      this.#branch(label);
      return;
    }
    reader.end = reader.listStart;
    for (let n = 0; n <= count; n++) this.#branchTo(reader.u32());
    reader.end = end;
    this.#stop();
  }

  #return(): void {
    this.#cost(instructionCost[OP.return]!);
    this.#operands.pop(this.#control.results[0]!);
    this.#reachable = false;
  }

  #call(type: number, tail: boolean): void {
    const module = this.#module;
    if (type >= module.typeCount) this.#reader.fail(`type ${type} does not exist`);
    this.#cost(instructionCost[OP.call]!);
    const operands = this.#operands;
    operands.pop(module.typeResults[type]! - module.typeStart[type]!);
    if (tail) {
      this.#reachable = false;
      return;
    }
    operands.pushTemps(module.typeStart[type + 1]! - module.typeResults[type]!);
  }

  #globalGet(): void {
    const { index } = this.#reader;
    if (this.#globals.isConstant(index)) {
      this.#operands.pushConstant(this.#globals.low[index]!, this.#globals.high[index]!);
      return;
    }
    this.#cost(instructionCost[OP.globalGet]!);
    this.#operands.pushTemp();
  }

  #select(): void {
    const outcome = foldSelect(this.#operands);
    if (outcome === Outcome.Emitted) this.#cost(instructionCost[OP.select]!);
    else if (outcome === Outcome.Copied) this.#cost(1);
  }

  /** Everything with a fixed number of operands. */
  #plain(opcode: number): void {
    const operands = this.#operands;
    const pops = opcodePops[opcode]!;
    const pushes = opcodePushes[opcode]!;
    if (pops === VARIABLE || pushes === VARIABLE) return;
    switch (fold(this.#reader, this.#module, operands, pops)) {
      case Outcome.Gone:
        return;
      case Outcome.Trap:
        this.#stop();
        return;
    }
    if (EQZ.has(opcode) && operands.height + 1 > operands.max) operands.max = operands.height + 1;
    operands.pop(pops);
    operands.pushTemps(pushes);
    this.#cost(instructionCost[opcode]!);
  }
}
