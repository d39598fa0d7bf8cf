// Which variables of a function are visible where it stands, and which static a name means: by scopes and names alone, without their values. Contract S6.
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';
import { scopesAt } from './scopes.ts';

/** Variables of a scope; what has more is garbage. */
export const MOST_VARIABLES = 2000;

/** A variable that is visible. */
export interface VisibleVariable {
  readonly variable: Variable;
  /** A variable of the same name further in hides it. */
  readonly shadowed: boolean;
}

/** The variable whose DIE this is. */
export function declaredAt(scope: Scope, die: number): Variable | undefined {
  const own = scope.variables.find((variable) => variable.die === die);
  if (own !== undefined) return own;
  for (const inner of scope.scopes) {
    const found = declaredAt(inner, die);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What nobody wrote: variables without a name, the task's context that rustc hands to an async function's body, the future that it waits for, and a second description of
 * one variable: a parameter of an async function is captured by its future, and moved out of it again under its name.
 */
function isMadeUp(variable: Variable, seen: ReadonlyMap<string, Variable>): boolean {
  const { name, declared, type } = variable;
  if (name === '' || name === '_task_context' || name === '__awaitee') return true;
  // the length of a VLA
  if (variable.artificial && name.startsWith('__vla_expr')) return true;
  const hiding = seen.get(name);
  return hiding?.type === type && hiding?.declared.line === declared.line && hiding.declared.file === declared.file;
}

/** Arguments and locals that are visible at `offset`, in the order of the source. `level` as of FrameVariables. */
export function visibleAt(scope: Scope, offset: number, level: number): VisibleVariable[] {
  const seen = new Map<string, Variable>();
  const groups: VisibleVariable[][] = [];
  for (const inner of segmentOf(scopesAt(scope, offset), level).reverse()) {
    // of two in one block the one that is declared further down hides the other
    const group: VisibleVariable[] = [];
    for (const variable of [...inner.variables].reverse()) {
      if (isMadeUp(variable, seen)) continue;
      group.unshift({ variable, shadowed: seen.has(variable.name) });
      seen.set(variable.name, variable);
    }
    groups.unshift(group);
  }
  return groups.flat().slice(0, MOST_VARIABLES);
}

/** The static that `name` means: `app::COUNT`, `crate::COUNT`, `COUNT`; one of the unit at `offset` before those of others. */
export function staticNamed(dwarf: DwarfProgram, name: string, offset: number): Variable | undefined {
  const plain = name.replace(/^(?:(?:crate|self|super)::)+/, '');
  const here = dwarf.statics(offset).find((one) => {
    const written = asWritten(one.name);
    return written === plain || written.endsWith(`::${plain}`);
  });
  return here ?? dwarf.staticsNamed(plain)[0];
}

/** `thread_local!` puts what a thread has for itself into a closure: `app::DEPTH::{closure#0}::__RUST_STD_INTERNAL_VAL`. */
export const asWritten = (name: string): string =>
  name.endsWith('}::__RUST_STD_INTERNAL_VAL') ? name.replace(/::\{[^{}]*\}::\w+$/, '') : name;

/** Of the scopes around a place those that belong to one frame of source: from a function or an inlined call up to the next. */
export function segmentOf(scopes: readonly Scope[], level: number): Scope[] {
  const segments: Scope[][] = [];
  for (const scope of scopes) {
    if (scope.kind === 'block' && segments.length > 0) segments.at(-1)?.push(scope);
    else segments.push([scope]);
  }
  return segments.at(-1 - level) ?? [];
}
