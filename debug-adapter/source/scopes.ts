// Scopes of a function around a place in its code: inlined calls and blocks, from the outermost in. Pure.
import type { Scope } from '../dwarf/program.ts';

/** Whether one of the scope's ranges holds `offset`. */
export function holds({ ranges }: Scope, offset: number): boolean {
  for (let at = 0; at + 1 < ranges.length; at += 2) if (offset >= ranges[at]! && offset < ranges[at + 1]!) return true;
  return false;
}

/** Scopes nest no deeper than this; what claims to is garbage. */
const MOST_DEEP = 500;

/** The scopes around `offset`, `scope` itself first, the innermost last. */
export function scopesAt(scope: Scope, offset: number): Scope[] {
  const found = [scope];
  for (let inner: Scope | undefined = scope; inner !== undefined && found.length < MOST_DEEP; ) {
    inner = inner.scopes.find((one) => holds(one, offset));
    if (inner !== undefined) found.push(inner);
  }
  return found;
}

/** The inlined calls around `offset`, the outermost first. */
export function inlinedAt(scope: Scope, offset: number): Scope[] {
  return scopesAt(scope, offset).filter(({ kind }) => kind === 'inlined');
}

/** The call at a DIE that was inlined into `scope`, with no other call between; undefined: none is. */
export function inlinedWithin({ scopes }: Scope, die: number): Scope | undefined {
  for (const one of scopes) {
    if (one.kind === 'inlined') {
      if (one.die === die) return one;
      continue;
    }
    const found = inlinedWithin(one, die);
    if (found !== undefined) return found;
  }
  return undefined;
}
