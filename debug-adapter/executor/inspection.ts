// What can be asked of a guest while it is stopped: frames, memory, globals, open requests, the present syscall. Reads only. Contract S6.

import { type Evaluated, parseExpression, type Scope, textOf, Unavailable } from '../expressions/expression.ts';
import type { Slots } from '../expressions/scope.ts';
import {
  assignedIn,
  completionsIn,
  type ExpressionAsked,
  evaluatedIn,
  frameScope,
  rowsBelow,
} from '../expressions/source-evaluation.ts';
import { isTarget } from '../expressions/target.ts';
import { rewrittenOffset } from '../instrument/offset-map.ts';
import type { HostEndpoint } from '../rpc/endpoint.ts';
import { ALL_MINE } from '../source/files.ts';
import type { FrameVariables, VariableRow } from '../source/frame-variables.ts';
import { type ModuleSource, openSource } from '../source/module-source.ts';
import { type StepTarget, stepTargets } from '../source/step-targets.ts';
import type { FutureOrigin } from '../source/stepping.ts';
import type { Assigned } from '../source/value.ts';
import { describeCall } from '../wasi/describe.ts';
import type { GuestMemory, MemoryLike } from '../wasi/memory.ts';
import { FunctionNames } from '../wasm/names.ts';
import { valueTypeName } from '../wasm/value-types.ts';
import type { CodeRun } from './code-run.ts';
import { doEdit, type Edit, editOf, editOfBytes, refusal, writeOf } from './edits.ts';
import type { FinishedSyscall } from './guest-imports.ts';
import type { Loaded } from './loading.ts';
import type { Answer, Lacking, Query } from './messages.ts';
import type { FrameValue, FrameValues, GlobalValue, GuestFrame, OpenRequest } from './options.ts';
import { SourceInspection, type VariablesAsked } from './source-inspection.ts';
import { trapFound } from './trap-state.ts';
import { ownFrame, wasmFrames } from './traps.ts';
import { frameBaseOf, unwindGuest } from './unwind-guest.ts';

/** The guest, as far as it is there: nothing but `memory` before the module is instantiated. */
export interface Inspected {
  loaded: Loaded | undefined;
  instance: WebAssembly.Instance | undefined;
  exportedMemory: MemoryLike | undefined;
  lastCall: FinishedSyscall | undefined;
  code: CodeRun | undefined;
  readonly memory: GuestMemory;
}

/** Whether an expression is a local, a global or a cell of memory: those are set by edits.ts. @throws ExpressionError */
const isSlot = (target: string): boolean => isTarget(parseExpression(target, true).root);

export const NO_CHANGE =
  'This is a replay: nothing can be changed in it, for what came then would not be what was recorded.';

/** Frames of a hook that V8's traces show above the guest's. */
const OUR_FRAMES = 24;

export class Inspection {
  readonly #guest: Inspected;
  #frames: GuestFrame[] = [];
  #source: SourceInspection | undefined;
  #opened: { readonly source: ModuleSource | undefined } | undefined;
  readonly #record: ((edit: Edit) => void) | undefined;
  readonly #endpoint: HostEndpoint;
  /** The event that asked a request which is still open. */
  readonly #askedAt: (dir: 'in' | 'out', id: string) => number;

  /** @param record takes an edit that was done; undefined where none may be */
  constructor(
    guest: Inspected,
    endpoint: HostEndpoint,
    askedAt: (dir: 'in' | 'out', id: string) => number,
    record: ((edit: Edit) => void) | undefined,
  ) {
    this.#record = record;
    this.#guest = guest;
    this.#endpoint = endpoint;
    this.#askedAt = askedAt;
  }

  /** As `frames`; these are the frames that are asked about until the next stop. */
  standAt(stack: string): GuestFrame[] {
    this.#frames = this.frames(stack);
    this.#source = undefined;
    return this.#frames;
  }

  /** The guest's frames in V8's trace, at original offsets, without our helpers. */
  frames(stack: string): GuestFrame[] {
    const { loaded } = this.#guest;
    if (loaded === undefined) return [];
    const flat = wasmFrames(stack);
    const frames: GuestFrame[] = [];
    for (let i = 0; i < flat.length; i += 2) {
      const func = flat[i] ?? 0;
      if (func >= loaded.instrumented.firstHelper) continue;
      const offset = loaded.instrumented.map.toOriginal(rewrittenOffset(flat[i + 1] ?? 0)) ?? 0;
      frames.push({ func, offset, name: loaded.nameOf(func) });
    }
    return frames;
  }

  /** V8's trace without the innermost of the guest's frames, where there are others. */
  withoutTop(stack: string): string {
    const helpers = this.#guest.loaded?.instrumented.firstHelper ?? 0;
    const lines = stack.split('\n');
    const guests = lines.flatMap((line, at) => ((wasmFrames(line)[0] ?? helpers) < helpers ? [at] : []));
    return guests.length < 2 ? stack : lines.filter((_, at) => at !== guests[0]).join('\n');
  }

  /** The innermost frames of the guest where it is now, `count` of them where there are so many: V8 is asked for no more. */
  innermost(count: number): GuestFrame[] {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = count + OUR_FRAMES;
    try {
      return this.frames(new Error('innermost').stack ?? '').slice(0, count);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /** The guest function of the author's own that V8's trace shows first, as a noun phrase; with its line, where there is debug information. */
  ownFunction(stack: string | undefined): string | undefined {
    const frames = this.frames(stack ?? '');
    const source = this.#lines();
    for (const { offset, name } of source === undefined ? [] : frames) {
      // a library's function that was inlined into hers stands in the same frame
      const levels = source?.framesAt(offset) ?? [];
      const own = levels.find(({ place }) => place?.own === true);
      if (own?.place === undefined) continue;
      const called = own === levels.at(-1) || own.name === '' ? name : own.name;
      return `function \`${called}\` (${own.place.path.replace(/^.*[\\/]/, '')}:${own.place.line})`;
    }
    const frame = ownFrame(frames);
    return frame === undefined ? undefined : `function \`${frame.name}\``;
  }

  /** Frame `index` is the top one, and stands before the first statement of its function. */
  #inPrologue(index: number): boolean {
    const { code, loaded } = this.#guest;
    const top = this.#frames[0];
    if (index !== 0 || top === undefined || loaded === undefined) return false;
    const first = code?.places.source?.firstOffset(top.func - loaded.module.importedFunctions);
    return first !== undefined && top.offset < first;
  }

  /** The lines of the source. A call that nobody debugs has them read when a diagnosis asks for the first time. */
  #lines(): ModuleSource | undefined {
    const { loaded } = this.#guest;
    if (loaded === undefined) return undefined;
    const { module, places } = loaded;
    this.#opened ??= { source: places.source ?? openSource(module, new FunctionNames(module), ALL_MINE) };
    return this.#opened.source;
  }

  /** The future that a frame of the stop works on, for the body of an async function: where it lies, and in which of the calls inlined there. */
  future(frame: number): Pick<FutureOrigin, 'address' | 'depth'> | undefined {
    const { code } = this.#guest;
    const at = this.#frames[frame];
    const around = at === undefined ? undefined : code?.places.source?.coroutineAt(at.offset);
    if (code === undefined || at === undefined || around === undefined) return undefined;
    const { depth } = around;
    const address = this.#inFrame(frame, () => {
      const found = this.#sourceOf().future(frame);
      return found ?? (code.guest.handed && depth === 0 ? code.futureHere(at.func) : undefined);
    });
    return address === undefined ? undefined : { address, depth };
  }

  /** @throws Error with a sentence when there is no answer. */
  answer(query: Exclude<Query, { what: 'changeReply' }>): Answer {
    switch (query.what) {
      case 'memory':
        return this.#bytes(query.address, query.length);
      case 'memorySize':
        return this.#guest.exportedMemory?.buffer.byteLength ?? 0;
      case 'globals':
        return this.#globals();
      case 'openRequests':
        return this.#openRequests();
      case 'trap': {
        const { loaded, instance } = this.#guest;
        const code = this.#codeOf();
        return loaded && instance ? trapFound({ code, loaded, instance, frames: this.#frames }) : {};
      }
      case 'frameValues':
        return this.#frameValues(query.frame);
      case 'evaluate':
        return this.#inScope(query, query.insist, (scope) => evaluatedIn(scope, query.asked.source));
      case 'rowsBelow':
        return this.#inScope(query, query.insist, (scope) =>
          rowsBelow(scope, query.asked.source, query.path, query.start, query.count),
        );
      case 'completions':
        return this.#inScope(query, true, (scope, frame) =>
          frame === undefined ? [] : completionsIn(scope, frame, query.asked.source),
        );
      case 'visible': {
        const frame = this.#frameOf(query.asked.frame, query.asked.level);
        return this.#inFrame(query.asked.frame, () =>
          query.candidates.filter((name) => frame?.named(name) !== undefined),
        );
      }
      case 'assign':
        return this.#inScope(query, query.insist, (scope) => this.#assign(scope, query.asked, query.value));
      case 'writeMemory': {
        const code = this.#codeOf();
        const edit = writeOf(code, query.address, query.bytes);
        this.#edit(code, edit);
        return edit.bytes.length;
      }
      case 'disassemble': {
        const { disassembly } = this.#codeOf().places;
        return disassembly.rowsAround(query.offset, query.instructionOffset, query.count);
      }
      case 'sourceFrames':
        return this.#sourceOf().sourceFrames();
      case 'stepTargets':
        return this.#stepTargets(query.frame, query.level);
      case 'variables':
        if (query.trapped === true && query.asked.scope === 'locals' && this.#inPrologue(query.asked.frame))
          return { rows: [], count: 0, lacked: false };
        return this.#inFrame(query.asked.frame, () =>
          this.#sourceOf().variables(query.asked, query.start, query.count),
        );
      case 'setVariable':
        return this.#setVariable(query.asked, query.text);
      case 'breakpointPlaces':
        return this.#codeOf().places.source?.breakpointPlaces(query.path, query.from, query.to) ?? [];
      case 'functions':
        return this.#codeOf().places.resolve({ id: '', place: { function: query.pattern } }).places;
      case 'describeSyscall': {
        const call = this.#guest.lastCall;
        if (call === undefined) throw new Error('No syscall has happened yet.');
        const errno = call.errno === 0xffff ? undefined : call.errno;
        return describeCall({ name: call.name, args: call.args, errno }, (address, length) =>
          this.#guest.memory.readBytes(address, length),
        );
      }
    }
  }

  #edit(code: CodeRun, edit: Edit): void {
    if (this.#record === undefined) throw new Error(NO_CHANGE);
    if (!doEdit(code, edit)) throw new Error(refusal(edit));
    this.#source = undefined;
    this.#record(edit);
  }

  #codeOf(): CodeRun {
    const { code } = this.#guest;
    if (code === undefined) throw new Error('The plugin has not begun to run.');
    return code;
  }

  /** What the source says of this stop. */
  #sourceOf(): SourceInspection {
    const code = this.#codeOf();
    const { loaded, instance } = this.#guest;
    if (loaded === undefined || instance === undefined) throw new Error('The plugin has not begun to run.');
    this.#source ??= new SourceInspection({ code, loaded, instance, frames: this.#frames });
    return this.#source;
  }

  /** The variables of a frame; undefined where there is no source. */
  #frameOf(frame: number, level: number): FrameVariables | undefined {
    const code = this.#codeOf();
    return code.places.source === undefined || this.#frames[frame] === undefined
      ? undefined
      : this.#sourceOf().frame(frame, level);
  }

  /** Asks something about an expression in a frame. Where the frame's locals would tell, and are not at hand, that is the answer. */
  #inScope<T>(
    query: { readonly what: Query['what']; readonly asked: ExpressionAsked },
    insist: boolean,
    look: (scope: Scope, frame: FrameVariables | undefined) => T,
  ): T | Lacking {
    const { scope: base } = this.#codeOf();
    const { asked } = query;
    return this.#inFrame(asked.frame, () => {
      const frame = this.#frameOf(asked.frame, asked.level);
      const scope = frameScope(base, frame, asked.names);
      const lacks = () => !insist && frame !== undefined && this.#sourceOf().lacks(asked.frame, asked.level);
      try {
        const found = look(scope, frame);
        // what was assigned is not to be assigned twice
        return query.what !== 'assign' && lacks() ? { lacked: true } : found;
      } catch (error) {
        if (lacks()) return { lacked: true };
        throw error;
      }
    });
  }

  #assign(scope: Scope, asked: ExpressionAsked, value: string): Evaluated {
    const code = this.#codeOf();
    const { source: target, frame, level, names } = asked;
    const assigned = isSlot(target) ? undefined : assignedIn(scope, target, value);
    if (assigned === undefined) this.#edit(code, editOf(code, target, value, scope));
    else {
      if ('reason' in assigned) throw new Error(assigned.reason);
      const text = `${target.trim()} = ${value.trim()}`;
      const edits = assigned.writes.map(({ to, bytes }) => ({ ...editOfBytes(code, to, bytes), text }));
      for (const edit of edits) this.#edit(code, edit);
    }
    // what was known of the frame is of before
    return evaluatedIn(frameScope(code.scope, this.#frameOf(frame, level), names), target);
  }

  #setVariable(asked: VariablesAsked, text: string): VariableRow | undefined {
    const code = this.#codeOf();
    return this.#inFrame(asked.frame, () => {
      const expression = this.#sourceOf().row(asked)?.expression ?? '';
      const assigned = this.#written(asked, expression, text);
      const told = expression === '' ? {} : { text: `${expression} = ${text.trim()}` };
      const edits = assigned.writes.map(({ to, bytes }) => ({ ...editOfBytes(code, to, bytes), ...told }));
      for (const edit of edits) this.#edit(code, edit);
      this.#source = undefined;
      return this.#sourceOf().row(asked);
    });
  }

  /** What setting a variable to a text writes: a literal, or else the value of an expression. @throws Error with a sentence */
  #written(asked: VariablesAsked, expression: string, text: string): Extract<Assigned, { writes: unknown }> {
    const literal = this.#sourceOf().assign(asked, text);
    if (!('reason' in literal)) return literal;
    const scope = frameScope(this.#codeOf().scope, this.#frameOf(asked.frame, asked.level), {});
    const evaluated = expression === '' ? literal : (assignedIn(scope, expression, text) ?? literal);
    if ('reason' in evaluated) throw new Error(evaluated.reason);
    return evaluated;
  }

  #stepTargets(index: number, level: number): readonly StepTarget[] {
    const code = this.#codeOf();
    const { loaded } = this.#guest;
    const { source } = code.places;
    const frame = this.#frames[index];
    if (loaded === undefined || source === undefined || frame === undefined) return [];
    const { module } = loaded;
    const named = {
      source,
      module,
      nameOf: (func: number) => loaded.nameOf(func),
      resolved: (offset: number): number | undefined => {
        if (index > 0 || !code.handed || offset !== frame.offset) return undefined;
        const slot = code.guest.operands.value(0);
        return typeof slot === 'number' ? loaded.functionInTable(slot)?.func : undefined;
      },
    };
    return stepTargets(named, { offset: frame.offset, level, calls: index > 0 || !code.inCode });
  }

  #frameValues(frame: number): FrameValues {
    const { guest } = this.#codeOf();
    return this.#inFrame(frame, () => ({
      locals: slotRows(guest.locals, (index) => guest.localName(index)),
      // what a caller has on its operand stack below its arguments is out of reach
      operands: frame > 0 ? [] : slotRows(guest.operands, () => ''),
      frameBase: this.#frameBase(frame),
    }));
  }

  /** Does something with the locals of frame `index` in view: what it handed over at its call, if that was kept. */
  #inFrame<T>(index: number, look: () => T): T {
    const code = this.#codeOf();
    if (index === 0 && code.handed) return look();
    code.guest.look(code.keptOf(this.#frames, index) ?? { site: -1, bytes: new Uint8Array(0) });
    try {
      return look();
    } finally {
      code.guest.look(undefined);
    }
  }

  #frameBase(index: number): FrameValues['frameBase'] {
    const { loaded, instance } = this.#guest;
    if (loaded === undefined || instance === undefined) return { reason: 'The plugin has not begun to run.' };
    const { layouts, instrumented } = loaded;
    const unwound = unwindGuest({ layouts, instance, exports: instrumented.exports }, this.#frames)[index];
    return unwound === undefined ? { reason: 'There is no such frame.' } : frameBaseOf(unwound);
  }

  #bytes(address: number, length: number): Uint8Array {
    const buffer = this.#guest.exportedMemory?.buffer;
    if (buffer === undefined) throw new Error('The plugin has no memory to read.');
    const from = Math.max(0, Math.min(address, buffer.byteLength));
    const to = Math.max(from, Math.min(address + length, buffer.byteLength));
    return new Uint8Array(buffer).slice(from, to);
  }

  #openRequests(): OpenRequest[] {
    const waits = this.#endpoint.waits();
    const open = (dir: 'in' | 'out', wait: { id: string; method: string }): OpenRequest => ({
      dir,
      id: wait.id,
      method: wait.method,
      seq: this.#askedAt(dir, wait.id),
    });
    return [...waits.host.map((wait) => open('in', wait)), ...waits.plugin.map((wait) => open('out', wait))];
  }

  #globals(): GlobalValue[] {
    const { loaded, instance } = this.#guest;
    if (loaded === undefined) return [];
    return loaded.instrumented.exports.globals.map((name, index) => {
      const global = instance?.exports[name];
      let value = 'not available here';
      try {
        if (global instanceof WebAssembly.Global) value = String(global.value);
      } catch {
        value = 'a v128, which JavaScript cannot read';
      }
      return {
        index,
        name: loaded.globalName(index),
        type: valueTypeName(loaded.module.globalTypes[index] ?? 0),
        mutable: loaded.module.globalMutable[index] === 1,
        value,
      };
    });
  }
}

function slotRows(slots: Slots, name: (index: number) => string): FrameValue[] {
  return Array.from({ length: slots.count() }, (_, index) => {
    const value = slots.value(index);
    const available = !(value instanceof Unavailable) && value !== undefined;
    const text = value instanceof Unavailable ? value.reason : textOf(value);
    return { index, name: name(index), type: slots.type(index), value: text, available };
  });
}
