// The calls of the statement at which a frame stands, for a step into one of them: those that it makes itself, not those of what was inlined into
// it. Pure; how such a step ends is stepping.ts's. Contract S1.
import type { Scope } from '../dwarf/program.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import type { ModuleSource } from './module-source.ts';
import { inlinedAt } from './scopes.ts';
import { lowerBound } from './statements.ts';
import type { StatementPlace } from './stepping.ts';

/**
 * A call that a step may go into: by the instructions that make it, or the DIEs of what was inlined; an optimiser may have made several of one.
 * `callee`: the function whose code it ends in; or a closure that this one is given, or any, where it is not known which.
 */
export type CallOfStatement =
  | { readonly calls: readonly number[]; readonly callee: number | 'closure' | 'any' }
  | { readonly inlined: readonly number[] };

export interface StepTarget {
  readonly at: CallOfStatement;
  readonly label: string;
  /** From 1; column 0: not known. */
  readonly line: number;
  readonly column: number;
}

/** A place in the plugin's code: the frame's instruction, and which of the frames of source at it, the innermost being 0. */
export interface TargetsAsked {
  readonly offset: number;
  readonly level: number;
  /** The instruction is a call that is being made: what comes behind it counts. */
  readonly calls: boolean;
}

export interface CodeNamed {
  readonly source: ModuleSource;
  readonly module: WasmModule;
  /** Demangled. */
  nameOf(func: number): string;
  /** The function that an indirect call at `offset` will call; undefined: not known. */
  resolved(offset: number): number | undefined;
}

const CALL = opcodeNamed('call');
const RETURN_CALL = opcodeNamed('return_call');
const INDIRECT: ReadonlySet<number> = new Set(['call_indirect', 'return_call_indirect'].map(opcodeNamed));

/** Calls of one statement that are offered. */
const MOST_TARGETS = 100;

/** The statement at which a frame of source stands; undefined where no line is known. */
export function statementOf(source: ModuleSource, offset: number, level: number): StatementPlace | undefined {
  const scope = source.program.functionAt(offset);
  const around = scope === undefined ? [] : inlinedAt(scope, offset);
  const depth = Math.max(0, around.length - level);
  const inlined = around.slice(0, depth).map(({ die }) => die);
  // of a frame around an inlined call: where that was called
  const place = depth < around.length ? around[depth]?.called : source.statements.placeAt(offset);
  return place === undefined || place.line === 0 ? undefined : { file: place.file, line: place.line, inlined };
}

/** The calls that a frame's statement may still make, in the order in which it makes them. */
export function stepTargets(code: CodeNamed, asked: TargetsAsked): StepTarget[] {
  const { source, module } = code;
  const { offset } = asked;
  const { statements } = source;
  const statement = statementOf(source, offset, asked.level);
  const n = statements.functionOf(offset);
  const scope = source.program.functionAt(offset);
  if (statement === undefined || n < 0) return [];
  const found: { readonly offset: number; readonly target: StepTarget }[] = [];
  const add = (at: number, target: StepTarget): void => {
    if (found.length < MOST_TARGETS) found.push({ offset: at, target });
  };
  const depth = statement.inlined.length;
  const isIn = (around: readonly Scope[]): boolean =>
    statement.inlined.every((die, level) => around[level]?.die === die);

  const around = scope === undefined ? [] : inlinedAt(scope, offset);
  const context = depth === 0 ? scope : around[depth - 1];
  for (const call of context === undefined ? [] : inlinedIn(context)) {
    const { called, ranges } = call;
    if (called === undefined || called.line !== statement.line || called.file !== statement.file) continue;
    const begins = ranges[0] ?? 0;
    // it may be of several pieces, and others lie between them
    if (!steppedRange(source, ranges, asked.calls ? offset + 1 : offset) || around[depth]?.die === call.die) continue;
    add(begins, { at: { inlined: [call.die] }, label: nameOf(call.name), line: called.line, column: called.column });
  }

  const reader = new InstructionReader(module.bytes);
  reader.reset(codeStart(module, n), module.bodyEnd[n] ?? 0);
  while (reader.next()) {
    const at = reader.offset;
    const { opcode } = reader;
    const direct = opcode === CALL || opcode === RETURN_CALL;
    if (!(direct || INDIRECT.has(opcode)) || at < offset || (asked.calls && at === offset)) continue;
    const place = statements.placeAt(at);
    if (place === undefined || place.line !== statement.line || place.file !== statement.file) continue;
    const inlined = scope === undefined ? [] : inlinedAt(scope, at);
    if (inlined.length !== depth || !isIn(inlined)) continue;
    const called = direct ? reader.index : code.resolved(at);
    const { line, column } = place;
    const ends = called === undefined ? ANY : endOf(code, called, crateOf(scope?.name));
    if (ends !== undefined) add(at, { at: { calls: [at], callee: ends.callee }, label: ends.label, line, column });
  }
  const targets = merged(found.sort((a, b) => a.offset - b.offset).map(({ target }) => target));
  return targets.map((target) => apart(target, targets));
}

/** Copies of one call, which stand at the same place in the source, are one. */
function merged(all: readonly StepTarget[]): StepTarget[] {
  const targets: StepTarget[] = [];
  for (const target of all) {
    const { label, column } = target;
    const before = targets.findIndex((one) => column > 0 && one.column === column && one.label === label);
    const at = before < 0 ? undefined : together(targets[before]?.at, target.at);
    if (at === undefined) targets.push(target);
    else targets[before] = { ...target, at };
  }
  return targets;
}

function together(one: CallOfStatement | undefined, other: CallOfStatement): CallOfStatement | undefined {
  if (one === undefined) return undefined;
  if ('inlined' in one) return 'inlined' in other ? { inlined: [...one.inlined, ...other.inlined] } : undefined;
  if ('inlined' in other || one.callee !== other.callee) return undefined;
  return { calls: [...one.calls, ...other.calls], callee: one.callee };
}

/** Calls of the same function are told apart by where they stand. */
function apart(target: StepTarget, all: readonly StepTarget[]): StepTarget {
  const { label, column } = target;
  const twins = all.filter((other) => other.label === label);
  if (twins.length < 2) return target;
  const known = column > 0 && twins.every((twin) => twin === target || twin.column !== column);
  return { ...target, label: `${label} (${known ? `column ${column}` : `call ${twins.indexOf(target) + 1}`})` };
}

/** The calls that were inlined into this one, or this function, themselves. */
function inlinedIn({ scopes }: Scope): Scope[] {
  return scopes.flatMap((scope) =>
    scope.kind === 'inlined' ? [scope] : scope.kind === 'block' ? inlinedIn(scope) : [],
  );
}

/** Whether steps can end in these ranges, from `offset` on. */
function steppedRange(source: ModuleSource, ranges: Uint32Array, offset: number): boolean {
  for (let at = 0; at + 1 < ranges.length; at += 2)
    if (hasStop(source, Math.max(offset, ranges[at]!), ranges[at + 1]!)) return true;
  return false;
}

function hasStop(source: ModuleSource, from: number, to: number): boolean {
  const { statements, files } = source;
  for (let at = lowerBound(statements.offset, from); at < statements.count && statements.offset[at]! < to; at++)
    if (files.stepped(statements.file(at)) && !source.isMadeUp(at)) return true;
  return false;
}

interface End {
  readonly callee: number | 'closure' | 'any';
  readonly label: string;
}
const ANY: End = { callee: 'any', label: 'indirect call' };

/** Where a step into a call of this function ends, and what it is called; undefined: nowhere in it. */
function endOf(code: CodeNamed, func: number, crate: string): End | undefined {
  const { source, module } = code;
  const n = func - module.importedFunctions;
  const start = module.bodyStart[n];
  const end = module.bodyEnd[n];
  if (start === undefined || end === undefined || n < 0) return undefined;
  const scope = source.program.functionAt(codeStart(module, n));
  if (source.steppedAt(codeStart(module, n)) && hasStop(source, start, end))
    return { callee: func, label: nameOf(scope?.name ?? '', code.nameOf(func)) };
  // a library's function that is given a closure of the author's calls that
  const closure = scope === undefined ? undefined : givenClosure(scope.name);
  const by = nameOf(scope?.name ?? '');
  if (closure === undefined || crateOf(closure) !== crate || by === 'into_future') return undefined;
  return { callee: 'closure', label: `closure in ${nameOf(closure)}, by ${by}` };
}

/** The function in which the first closure was written that a name has among its generics. */
function givenClosure(name: string): string | undefined {
  return /[<, &]([\w:{}#]+)::\{closure_env#\d+\}/.exec(name)?.[1];
}

/** Of a path of Rust: the first part. */
const crateOf = (path: string | undefined): string => path?.split('::')[0] ?? '';

/** As the author calls it: without generics and the path to it, `Counter::reset`, `closure in run`, `async greet`. */
export function nameOf(dwarfName: string, linkedName = ''): string {
  const name = withoutGenerics(dwarfName);
  const [, path = '', kind = ''] = /^(.*)::\{(closure|async_fn|async_block|async_closure)#\d+\}$/.exec(name) ?? [];
  if (kind === 'closure') return `closure in ${nameOf(path)}`;
  if (kind === 'async_fn') return `async ${nameOf(path)}`;
  if (kind !== '') return `async ${kind.slice('async_'.length)} in ${nameOf(path)}`;
  const parts = name.split('::');
  const last = parts.at(-1) ?? '';
  const owner = parts.at(-2) ?? '';
  if (/^\{impl#\d+\}$/.test(owner)) {
    // only the linker's name has the type: `<app::Counter as app::Bump>::bump`
    const [, type = ''] = /^<(.+?)(?: as .+)?>::[^:]+$/.exec(linkedName) ?? [];
    const short =
      withoutGenerics(type)
        .split('::')
        .at(-1)
        ?.replace(/^&(?:mut )?/, '') ?? '';
    return short === '' ? last : `${short}::${last}`;
  }
  return /^[A-Z]/.test(owner) ? `${owner}::${last}` : last;
}

/** `Option<T>::map<u32, F>` is `Option::map`. */
function withoutGenerics(name: string): string {
  let text = '';
  let depth = 0;
  for (let at = 0; at < name.length; at++) {
    const letter = name[at];
    if (letter === '<') depth++;
    else if (letter === '>' && name[at - 1] !== '-' && depth > 0) depth--;
    else if (depth === 0) text += letter;
  }
  return text;
}
