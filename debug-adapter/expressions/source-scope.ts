// What names mean where there is source: arguments and locals come first, then what else has names there, then statics: libraries have many of
// them, and a syscall's `errno` is not to be hidden by that of the C library. Contracts S1, S6.
import { type Scope, scopeOf } from './scope.ts';
import type { Value } from './values.ts';

/** Variables by name. */
export interface NamedVariables {
  /** A SourceValue, an Unavailable, or undefined where no argument or local of that name is visible. */
  named(name: string): Value;
  /** The same of statics. */
  static(name: string): Value;
  /** Of those that are visible, statics left out. */
  readonly names: readonly string[];
  /** For casts to types of the program. */
  readonly cast: Scope['cast'];
}

/** Names that a sentence lists. */
const MOST_LISTED = 12;

/**
 * A scope where locals come before the names of `base`, and statics after them; `variables` is asked at every name, since a scope may move along with the guest.
 * @param other names that `base` has
 */
export function withVariables(
  base: Scope,
  variables: () => NamedVariables | undefined,
  other: readonly string[],
): Scope {
  return scopeOf(
    (name) => {
      const found = variables();
      const local = found?.named(name);
      if (local !== undefined) return local;
      const other = base(name);
      return other === undefined ? found?.static(name) : other;
    },
    {
      state: base.state,
      known: base.known,
      cast: (value, type) => variables()?.cast?.(value, type) ?? base.cast?.(value, type),
      unknown: (name) => {
        const names = [...(variables()?.names ?? []), ...other];
        const listed = names.slice(0, MOST_LISTED).join(', ');
        const more = names.length > MOST_LISTED ? `, … ${names.length - MOST_LISTED} more` : '';
        return `there is no value '${name}' here: there are ${listed}${more}`;
      },
    },
  );
}
