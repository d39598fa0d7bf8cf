// Variants of enums in expressions: `state == Ready`, `found == Some(3)`, `flags & WRITE`, `list.get(3) == None`. The language knows no names of
// variants: what a name means is told by the value that it stands beside. Contracts S1, S6.
import { same } from './arithmetic.ts';
import { EvaluationError, type Place, quoted } from './error.ts';
import { codeOf, FUNCTIONS } from './functions.ts';
import { type Scope, scopeOf } from './scope.ts';
import type { Node } from './syntax.ts';
import { available, Compound, shown, Unavailable, type Value } from './values.ts';

/** Compiles a tree. */
type Closure = (node: Node, source: string) => (scope: Scope) => Value;

/** `state == Ready`, `color == Color::Red`, `some == Some(3)`: where no variable has that name, it is that of a variant. */
export function comparedWithVariant(
  { left, right, column }: Extract<Node, { kind: 'binary' }>,
  source: string,
  closure: Closure,
): ((scope: Scope) => boolean) | undefined {
  // `None == found` too
  const [owner, written] = isVariantLike(left) && !isVariantLike(right) ? [right, left] : [left, right];
  if (owner.kind === 'number' || owner.kind === 'text') return undefined;
  const place = { source, column };
  const value = closure(owner, source);
  if (written.kind === 'binary' && written.operator === '|') {
    // `flags == (READ | WRITE)`
    const flags = closure(written, source);
    return (scope) => {
      const found = value(scope);
      return same(found, flags(withVariants(scope, found)), place);
    };
  }
  if ((written.kind !== 'name' || written.name === 'null') && !isVariantCall(written)) return undefined;
  const matches = isOptional(owner) ? optionMatcher(written, place, closure) : matcher(written, place, closure);
  return (scope) => matches(value(scope), scope);
}

/** A name that variants and constants have: `Red`, `Color::Red`, `BLUE`. */
export const isVariantLike = (node: Node): boolean =>
  isVariantCall(node) || (node.kind === 'name' && /^\p{Lu}/u.test(lastOf(node.name)));
const lastOf = (path: string): string => path.slice(path.lastIndexOf(':') + 1);

/** `color < Green`, `flags & WRITE`: where no variable has that name, the number of a variant of what is on the other side. */
export function withEnumerator(
  { operator, left, right }: Extract<Node, { kind: 'binary' }>,
  place: Place,
  closure: Closure,
  apply: (a: Value, b: Value) => Value,
): ((scope: Scope) => Value) | undefined {
  const [owner, written] = isVariantLike(left) ? [right, left] : [left, right];
  if (written.kind !== 'name' || !isVariantLike(written) || operator === '&&' || operator === '||') return undefined;
  const { name } = written;
  const value = closure(owner, place.source);
  const constant = closure(written, place.source);
  return (scope) => {
    const found = available(value(scope), place);
    const code =
      scope(name) === undefined && found instanceof Compound ? variantOf(found, lastOf(name), place) : undefined;
    const [a, b] = code === undefined ? [found, constant(scope)] : [codeOf(found) ?? found, code];
    return owner === left ? apply(a, b) : apply(b, a);
  };
}

/** A scope where the variants of what a value is may be named, too. */
function withVariants(scope: Scope, value: Value): Scope {
  const variants = value instanceof Compound ? value.variants() : undefined;
  if (variants === undefined) return scope;
  return scopeOf((name) => scope(name) ?? variants.get(lastOf(name)), scope);
}

/** The number of a variant by its name; undefined: the value is no enum. @throws EvaluationError where it has none of that name */
function variantOf(value: Compound, name: string, place: Place): number | bigint | undefined {
  const variants = value.variants();
  if (variants === undefined) return undefined;
  if (!variants.has(name)) throw noVariant(value, name, [...variants.keys()], place);
  return variants.get(name);
}

/** Variants that a sentence lists. */
const LISTED = 12;

function noVariant(value: Compound, name: string, variants: readonly string[], place: Place): EvaluationError {
  const more = variants.length > LISTED ? `, … ${variants.length - LISTED} more` : '';
  return new EvaluationError(
    `what is of type ${value.type} has no variant ${quoted(name)}: it has ${variants.slice(0, LISTED).join(', ')}${more}`,
    place,
  );
}

/** Methods that give an Option in Rust, and here what is in it, or null. */
const OPTIONAL: ReadonlySet<string> = new Set(['get', 'first', 'last']);
export const isOptional = (node: Node): boolean => node.kind === 'method' && OPTIONAL.has(node.name);

/** `list.get(3).is_some()`. */
export function ofOptional(method: string, place: Place): ((value: Value) => Value) | undefined {
  switch (method) {
    case 'is_some':
      return (value) => value !== null;
    case 'is_none':
      return (value) => value === null;
    case 'unwrap':
      return (value) => {
        if (value === null) throw new EvaluationError('it is None', place);
        return value;
      };
    default:
      return undefined;
  }
}

/** `list.get(3) == Some(4)`, `map.get("x") == None`. */
function optionMatcher(written: Node, place: Place, closure: Closure): ReturnType<typeof matcher> {
  const name = written.kind === 'name' || written.kind === 'call' ? lastOf(written.name) : '';
  const [inner] = written.kind === 'call' ? written.args : [];
  if (name === 'None') return (value) => value === null;
  if (name !== 'Some' || inner === undefined) return matcher(written, place, closure);
  const matches = matcher(inner, place, closure);
  return (value, scope) => value !== null && matches(value, scope);
}

const isVariantCall = (node: Node): node is Extract<Node, { kind: 'call' }> =>
  node.kind === 'call' && !FUNCTIONS.has(node.name);

/** Whether a value is what is written: a variant with what is in it, or any other value. */
export function matcher(written: Node, place: Place, closure: Closure): (value: Value, scope: Scope) => boolean {
  const last = written.kind === 'name' || written.kind === 'call' ? lastOf(written.name) : '';
  if (isVariantCall(written)) {
    const parts = written.args.map((part) => matcher(part, place, closure));
    return (value, scope) => {
      if (value instanceof Unavailable) throw new EvaluationError(value.reason, place);
      const variant = value instanceof Compound ? value.variant() : undefined;
      if (variant === undefined || !(value instanceof Compound))
        throw new EvaluationError(`${shown(value)} is no enum, and is not compared with ${last}(…)`, place);
      variantOf(value, last, place);
      return variant === last && parts.every((matches, at) => matches(value.member(String(at)), scope));
    };
  }
  const right = closure(written, place.source);
  if (written.kind !== 'name') return (value, scope) => same(value, right(scope), place);
  const { name } = written;
  return (value, scope) => {
    if (scope(name) !== undefined) return same(value, right(scope), place);
    if (value instanceof Unavailable) throw new EvaluationError(value.reason, place);
    const variant = value instanceof Compound ? value.variant() : undefined;
    if (variant === last) return true;
    const variants = value instanceof Compound ? value.variants() : undefined;
    if (!(value instanceof Compound) || variants === undefined) return same(value, right(scope), place);
    if (variants.has(last)) return false;
    throw noVariant(value, last, [...variants.keys()], place);
  };
}
