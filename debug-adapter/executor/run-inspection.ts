// What can be asked of a call that stands still: memory, frames, variables, expressions, code. Each is a query to whoever knows the answer, which is
// the run's to say (run.ts). Contracts S6, P2.

import type { Evaluated } from '../expressions/expression.ts';
import type { Completion, ExpressionAsked } from '../expressions/source-evaluation.ts';
import type { VariableRow } from '../source/frame-variables.ts';
import type { SourceFrame } from '../source/module-source.ts';
import type { StepTarget } from '../source/step-targets.ts';
import type { DisassemblyRow } from '../wasm/disassembly.ts';
import type { Answer, Lacking, Query } from './messages.ts';
import type { CodePlaceFound, DescribedValue, FrameValues, GlobalValue, OpenRequest, Stop } from './options.ts';
import { asksForFrame } from './run-queries.ts';
import type { VariablesAsked, VariablesFound } from './source-inspection.ts';
import { TRAP_WORDS } from './trap-detail.ts';
import type { TrapFound } from './trap-state.ts';

/** A place of a client's file at which a breakpoint can stand. From 1. */
export type BreakpointPlace = { readonly line: number; readonly column: number };

/** All of it rejects with a sentence where there is no answer, as for a call that runs. */
export abstract class InspectableRun {
  /** Where the run stands, while it is stopped. */
  abstract get stop(): Stop | undefined;
  protected abstract query(query: Query): Promise<Answer>;
  /**
   * Has the values of a frame found, where the guest does not hand them over as it stands. At a trap nobody need wait longer than `patience` ms:
   * false then, and the search goes on.
   */
  protected abstract collect(frame: number, patience?: number): Promise<boolean>;

  async readMemory(address: number, length: number): Promise<Uint8Array> {
    return (await this.query({ what: 'memory', address, length })) as Uint8Array;
  }
  async memorySize(): Promise<number> {
    return (await this.query({ what: 'memorySize' })) as number;
  }
  async globals(): Promise<readonly GlobalValue[]> {
    return (await this.query({ what: 'globals' })) as readonly GlobalValue[];
  }
  async openRequests(): Promise<readonly OpenRequest[]> {
    return (await this.query({ what: 'openRequests' })) as readonly OpenRequest[];
  }
  async describeSyscall(seq: number): Promise<readonly DescribedValue[]> {
    return (await this.query({ what: 'describeSyscall', seq })) as readonly DescribedValue[];
  }

  /**
   * What the trap was at which the call stands; undefined where it stands at none. Does the call again up to the instruction, and tells what is
   * known where that takes longer than `patience` ms.
   */
  async trap(patience?: number): Promise<TrapFound | undefined> {
    const { trap } = this.stop ?? {};
    if (trap === undefined) return undefined;
    // its words say it all, and no operands would tell more
    const saysAll = trap.words === TRAP_WORDS.unreachable || trap.limit !== undefined;
    const there = saysAll || (await this.collect(0, patience));
    const found = (await this.query({ what: 'trap' })) as TrapFound;
    return there ? found : { ...found, sought: true };
  }

  async frameValues(frame: number): Promise<FrameValues> {
    await this.collect(frame);
    return (await this.query({ what: 'frameValues', frame })) as FrameValues;
  }
  /** Evaluates an expression (docs/expressions.md) in a frame; `names` gives values of plain names as JSON texts. */
  async evaluate(
    source: string,
    frame: number,
    names: Readonly<Record<string, string>> = {},
    level = 0,
  ): Promise<Evaluated> {
    if (asksForFrame(source)) await this.collect(frame);
    const asked = { source, frame, level, names };
    return this.#withLocals<Evaluated>(frame, (insist) => ({ what: 'evaluate', asked, insist }));
  }
  /** Asks again once the frame's locals have been found, where those would tell. */
  async #withLocals<T extends Answer>(frame: number, query: (insist: boolean) => Query): Promise<T> {
    const found = (await this.query(query(false))) as T | Lacking;
    if (typeof found !== 'object' || !('lacked' in found)) return found;
    await this.collect(frame);
    return (await this.query(query(true))) as T;
  }
  /** Rows below the value of an expression that is a variable of the source, or a part of one; `path` are numbers of children. */
  async rowsBelow(
    asked: ExpressionAsked,
    path: readonly number[],
    start: number,
    count: number,
  ): Promise<readonly VariableRow[]> {
    const query = { what: 'rowsBelow', asked, path, start, count } as const;
    return this.#withLocals(asked.frame, (insist) => ({ ...query, insist }));
  }
  /** What can be written behind the dot after an expression; '': anywhere. */
  async completions(owner: string, frame: number, level: number): Promise<readonly Completion[]> {
    const asked = { source: owner, frame, level, names: {} };
    return (await this.query({ what: 'completions', asked })) as readonly Completion[];
  }
  /** Which of these names an argument or local of the source has in a frame. */
  async visible(candidates: readonly string[], frame: number, level: number): Promise<readonly string[]> {
    return (await this.query({ what: 'visible', asked: { frame, level }, candidates })) as readonly string[];
  }
  /** Sets a variable, a local, an operand, a global or a cell of memory to the value of an expression. @returns what it is now */
  async assign(target: string, value: string, frame: number, level = 0): Promise<Evaluated> {
    const asked = { source: target, frame, level, names: {} };
    return this.#withLocals<Evaluated>(frame, (insist) => ({ what: 'assign', asked, value, insist }));
  }
  /** @returns how many bytes were written: those that lie in memory. */
  async writeMemory(address: number, bytes: Uint8Array): Promise<number> {
    return (await this.query({ what: 'writeMemory', address, bytes })) as number;
  }
  /** `count` rows, from `instructionOffset` instructions behind (or before) the one at the byte `offset`. */
  async disassemble(offset: number, instructionOffset: number, count: number): Promise<readonly DisassemblyRow[]> {
    return (await this.query({ what: 'disassemble', offset, instructionOffset, count })) as readonly DisassemblyRow[];
  }
  /** The functions that a name or a pattern names. */
  async functions(pattern: string): Promise<readonly CodePlaceFound[]> {
    return (await this.query({ what: 'functions', pattern })) as readonly CodePlaceFound[];
  }

  /** Of each frame of the stop: the frames of source that stand there, the innermost first; none without debug information. */
  async sourceFrames(): Promise<readonly (readonly SourceFrame[])[]> {
    return (await this.query({ what: 'sourceFrames' })) as readonly (readonly SourceFrame[])[];
  }
  /** The calls that the statement of a frame of source may still make, in their order: `Resume.target` steps into one. */
  async stepTargets(frame: number, level: number): Promise<readonly StepTarget[]> {
    return (await this.query({ what: 'stepTargets', frame, level })) as readonly StepTarget[];
  }
  /** Variables of the source below a path. Where some need the frame's locals, those are found first. */
  async variables(asked: VariablesAsked, start: number, count: number): Promise<VariablesFound> {
    const query = { what: 'variables', asked, start, count, trapped: this.stop?.trap !== undefined } as const;
    const found = (await this.query(query)) as VariablesFound;
    if (!found.lacked) return found;
    await this.collect(asked.frame);
    return (await this.query(query)) as VariablesFound;
  }
  /** Sets a variable of the source, or a part of one, to what a text says. @returns what it is now */
  async setVariable(asked: VariablesAsked, text: string): Promise<VariableRow | undefined> {
    return (await this.query({ what: 'setVariable', asked, text })) as VariableRow | undefined;
  }
  /** Lines and columns, of lines `from` to `to` of a client's file, at which breakpoints can stand. */
  async breakpointPlaces(path: string, from: number, to: number): Promise<readonly BreakpointPlace[]> {
    return (await this.query({ what: 'breakpointPlaces', path, from, to })) as readonly BreakpointPlace[];
  }
}
