// Functions of one Rust file that hand a parameter on to `.call(…)` as the name of a method, and the calls of those functions: what a plugin's own
// `call(&host, "get_user", …)` calls. Where anything is in doubt (a name that is bound again, a receiver of unknown type), nothing is found.
import {
  AMPERSAND,
  AT,
  CLOSE_BRACE,
  CLOSE_PAREN,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  GREATER,
  LESS,
  OPEN_BRACE,
  OPEN_PAREN,
  PIPE,
  SEMICOLON,
  STAR,
} from './punctuation.ts';
import { findItem, listEnd, typeAround } from './rust-lookup.ts';
import { type RustItem, type RustOutline, skipAngles } from './rust-outline.ts';
import { identifierText, Kind } from './rust-tokens.ts';

/** A call whose argument at token `at` names a method; `close` closes the list. */
export interface Forwarded {
  readonly at: number;
  readonly close: number;
  readonly scope: number;
}

/** A call of a function that hands the name on. */
export interface ForwardedCall extends Forwarded {
  /** Of the function's name. */
  readonly token: number;
  /** The token behind the argument. */
  readonly to: number;
  /** The function's name. */
  readonly through: string;
}

interface Forwarder {
  readonly item: RustItem;
  /** Of the parameter, `self` left out. */
  readonly index: number;
  readonly parameters: number;
  readonly takesSelf: boolean;
  /** Of the `impl` or trait that it stands in. */
  readonly owner: string | undefined;
}

interface Parameter {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A function that hands on to one that hands on to `call`, and so on. */
const MOST_LEVELS = 3;
const MOST_FORWARDERS = 64;
/** Tokens of a body that are looked at for names that are bound again. */
const LONGEST_BODY = 20_000;
/** Tokens of a pattern that are looked at. */
const LONGEST_PATTERN = 100;
const LONGEST_PATH = 8;

/** What makes another text type of a name, and leaves it as it is. */
const SAME_TEXT = new Set(['as_str', 'as_ref', 'into', 'to_string', 'to_owned', 'clone', 'borrow']);

/** The calls that hand a name on to one of `sites`, whose names this file does not show. Linear in the count of tokens; never throws. */
export function forwardedCalls(outline: RustOutline, sites: readonly Forwarded[]): ForwardedCall[] {
  const forwarders = new Map<string, Forwarder[]>();
  const found = new Map<number, ForwardedCall>();
  let count = 0;
  let open = sites;
  for (let level = 0; level < MOST_LEVELS && open.length > 0; level++) {
    const more: Forwarder[] = [];
    for (const site of open) {
      const forwarder = forwarderAt(outline, site);
      if (forwarder === undefined || count >= MOST_FORWARDERS) continue;
      const { name } = forwarder.item;
      const known = forwarders.get(name) ?? [];
      if (known.some(({ item, index }) => item === forwarder.item && index === forwarder.index)) continue;
      forwarders.set(name, [...known, forwarder]);
      more.push(forwarder);
      count++;
    }
    if (more.length === 0) break;
    const calls = callsOf(
      outline,
      Map.groupBy(more, ({ item }) => item.name),
    );
    for (const call of calls) found.set(call.token, call);
    open = calls;
  }
  return [...found.values()];
}

/** The function around a call, where the name is one of its parameters. */
function forwarderAt(outline: RustOutline, { at, close, scope }: Forwarded): Forwarder | undefined {
  const { tokens, scopes } = outline;
  const name = passedName(outline, at, close);
  if (name === undefined) return undefined;
  let around = scope;
  while (around >= 0 && scopes[around]!.kind !== 'fn') around = scopes[around]!.parent;
  const fn = scopes[around];
  if (fn === undefined || fn.item < 0) return undefined;
  const item = outline.functions.get(fn.name)?.find(({ token }) => token === fn.item);
  const list = item && parametersOf(outline, item);
  if (item === undefined || list === undefined) return undefined;
  const index = list.parameters.findIndex((parameter) => parameter.name === name);
  const parameter = list.parameters[index];
  if (parameter === undefined || !isText(outline, parameter)) return undefined;
  if (list.parameters.some((other, i) => other.name === name && i !== index)) return undefined;
  const bodyEnd = Math.min(outline.partner[fn.open]!, tokens.count);
  if (bodyEnd - fn.open > LONGEST_BODY || isBoundAgain(outline, name, fn.open + 1, bodyEnd)) return undefined;
  return {
    item,
    index,
    parameters: list.parameters.length,
    takesSelf: list.takesSelf,
    owner: typeAround(outline, fn.parent),
  };
}

/** The name that is all of the argument at `at`: `name`, `&name`, `&*name`, `name.as_str()`. */
function passedName({ tokens }: RustOutline, from: number, close: number): string | undefined {
  const { kinds } = tokens;
  let at = from;
  while (at < close && (kinds[at] === AMPERSAND || kinds[at] === STAR)) at++;
  if (at >= close || kinds[at] !== Kind.identifier) return undefined;
  const behind = behindSameText(tokens, at + 1, close);
  return behind === close || kinds[behind] === COMMA ? identifierText(tokens, at) : undefined;
}

/** The token behind `.into()` and the like at `at`; `at` where there is none. */
function behindSameText(tokens: RustOutline['tokens'], at: number, close: number): number {
  const { kinds } = tokens;
  const isSame =
    kinds[at] === DOT &&
    at + 3 < close + 1 &&
    kinds[at + 1] === Kind.identifier &&
    SAME_TEXT.has(identifierText(tokens, at + 1)) &&
    kinds[at + 2] === OPEN_PAREN &&
    kinds[at + 3] === CLOSE_PAREN;
  return isSame ? at + 4 : at;
}

function parametersOf(
  outline: RustOutline,
  { token }: RustItem,
): { readonly parameters: readonly Parameter[]; readonly takesSelf: boolean } | undefined {
  const { tokens, partner } = outline;
  const { kinds } = tokens;
  let at = token + 1;
  if (kinds[at] === LESS) at = skipAngles(tokens, partner, at);
  if (at >= tokens.count || kinds[at] !== OPEN_PAREN || partner[at]! >= tokens.count) return undefined;
  const close = partner[at]!;
  const parameters: Parameter[] = [];
  let takesSelf = false;
  for (let from = at + 1; from < close; ) {
    const to = listEnd(outline, from, close);
    const name = parameters.length > 100 ? undefined : parameterOf(outline, from, to);
    if (name === undefined) return undefined;
    if (name.name === 'self') takesSelf = true;
    else parameters.push(name);
    from = to + 1;
  }
  return { parameters, takesSelf };
}

/** A parameter; its name is empty where it is a pattern, or may be assigned. */
function parameterOf({ tokens, partner }: RustOutline, from: number, to: number): Parameter | undefined {
  const { kinds } = tokens;
  for (let i = from; i < to; i++) {
    // `self`, `&self`, `&'a mut self`, `self: Arc<Self>`
    if (kinds[i] === Kind.identifier && identifierText(tokens, i) === 'self') return { name: 'self', from, to };
    if (kinds[i] === COLON) {
      if (kinds[i + 1] === COLON) return { name: '', from: i, to };
      return { name: i === from + 1 ? identifierText(tokens, from) : '', from: i + 1, to };
    }
    if (partner[i]! > i) i = partner[i]!;
  }
  return undefined;
}

/** Whether a parameter's type is a text: `&str`, `String`, `impl AsRef<str>`, `Cow<'_, str>`. */
function isText(outline: RustOutline, { from, to }: Parameter): boolean {
  return names(outline, from, to, 'str') || names(outline, from, to, 'String');
}

/** Whether the tokens [from, to) hold this identifier. */
function names({ tokens }: RustOutline, from: number, to: number, name: string): boolean {
  for (let i = from; i < to; i++)
    if (tokens.kinds[i] === Kind.identifier && identifierText(tokens, i) === name) return true;
  return false;
}

/** Whether a pattern among the tokens [from, to) binds `name`: of `let`, `for`, a closure or an arm of `match`; or something is assigned to it. */
function isBoundAgain(outline: RustOutline, name: string, from: number, to: number): boolean {
  const { tokens } = outline;
  const { kinds } = tokens;
  let pattern = false;
  for (let i = from; i < to; i++) {
    const kind = kinds[i];
    if (kind === EQUALS && kinds[i + 1] === GREATER && names(outline, armStart(outline, i, from), i, name)) return true;
    if (kind === Kind.let || kind === Kind.for || kind === Kind.fn) pattern = true;
    else if (kind === EQUALS || kind === SEMICOLON || (kind === Kind.identifier && identifierText(tokens, i) === 'in'))
      pattern = false;
    else if (kind === Kind.identifier && identifierText(tokens, i) === name) {
      if (pattern || inClosureHead(kinds, i, from) || kinds[i + 1] === PIPE) return true;
      if (kinds[i + 1] === AT || (kinds[i + 1] === EQUALS && kinds[i + 2] !== EQUALS)) return true;
      const before = kinds[i - 1] === Kind.identifier ? identifierText(tokens, i - 1) : '';
      if (before === 'mut' || before === 'ref') return true;
    }
  }
  return false;
}

/** The first token of the pattern, and guard, that the `=>` at `arrow` ends. */
function armStart({ tokens, partner }: RustOutline, arrow: number, from: number): number {
  const { kinds } = tokens;
  let at = arrow - 1;
  for (let steps = 0; at >= from && steps < LONGEST_PATTERN; steps++, at--) {
    const kind = kinds[at];
    if (kind === COMMA || kind === SEMICOLON || partner[at]! > at) break;
    // behind a block the next arm begins; a `}` of a pattern has `=>`, `|` or a guard behind it
    const goesOn = at + 1 === arrow || kinds[at + 1] === PIPE || kinds[at + 1] === Kind.identifier;
    if (kind === CLOSE_BRACE && !goesOn) break;
    if (partner[at]! >= 0) at = partner[at]!;
  }
  return at + 1;
}

/** Whether the `|` that opens a closure's parameters stands before `at`, and the one that closes them does not. */
function inClosureHead(kinds: Uint8Array, at: number, from: number): boolean {
  let pipes = 0;
  for (let i = at - 1; i >= Math.max(from, at - LONGEST_PATTERN); i--) {
    if (kinds[i] === PIPE) pipes++;
    else if (kinds[i] === SEMICOLON) break;
  }
  return pipes % 2 === 1;
}

/** All calls of these functions, as far as it is plain that they are theirs. */
function callsOf(outline: RustOutline, forwarders: ReadonlyMap<string, readonly Forwarder[]>): ForwardedCall[] {
  const { tokens, partner, scopes } = outline;
  const { kinds, count } = tokens;
  const found: ForwardedCall[] = [];
  const closures = boundFunctions(outline, forwarders);
  let scope = 0;
  let next = 1;
  for (let i = 0; i < count; i++) {
    while (next < scopes.length && scopes[next]!.open <= i) scope = next++;
    while (scope > 0 && partner[scopes[scope]!.open]! < i) scope = scopes[scope]!.parent;
    if (kinds[i] !== Kind.identifier && kinds[i] !== Kind.call) continue;
    const behind = kinds[i + 1];
    if (behind !== OPEN_PAREN && !(behind === COLON && kinds[i + 2] === COLON && kinds[i + 3] === LESS)) continue;
    if (kinds[i - 1] === Kind.fn) continue;
    const name = identifierText(tokens, i);
    const known = closures.has(name) ? undefined : forwarders.get(name);
    if (known === undefined) continue;
    const list = behind === OPEN_PAREN ? i + 1 : skipAngles(tokens, partner, i + 3);
    if (list >= count || kinds[list] !== OPEN_PAREN || partner[list]! >= count) continue;
    for (const forwarder of known) {
      const shift = isCallOf(outline, forwarder, i, scope);
      if (shift === undefined) continue;
      const argument = argumentAt(outline, list, forwarder.index + shift, forwarder.parameters + shift);
      if (argument === undefined) continue;
      found.push({ token: i, ...argument, close: partner[list]!, scope, through: name });
      break;
    }
  }
  return found;
}

/** Names of functions that a `let` binds as well: a closure may be what is called. */
function boundFunctions({ tokens }: RustOutline, functions: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  const { kinds, count } = tokens;
  const bound = new Set<string>();
  for (let i = 0; i < count; i++) {
    if (kinds[i] !== Kind.let) continue;
    const isMut = kinds[i + 1] === Kind.identifier && identifierText(tokens, i + 1) === 'mut';
    const name = identifierText(tokens, isMut ? i + 2 : i + 1);
    if (functions.has(name)) bound.add(name);
  }
  return bound;
}

/** Whether the call at token `i` is one of this function: how many arguments stand before the first parameter; undefined where it is not, or may not be. */
function isCallOf(outline: RustOutline, forwarder: Forwarder, i: number, scope: number): 0 | 1 | undefined {
  const { tokens } = outline;
  const { kinds } = tokens;
  if (kinds[i - 1] === DOT) return forwarder.takesSelf && isReceiver(outline, forwarder, i - 2, scope) ? 0 : undefined;
  const path = [identifierText(tokens, i)];
  for (let at = i; kinds[at - 1] === COLON && kinds[at - 2] === COLON; at -= 3) {
    if (kinds[at - 3] !== Kind.identifier || path.length >= LONGEST_PATH) return undefined;
    path.unshift(identifierText(tokens, at - 3));
  }
  if (findItem(outline, outline.functions, path, scope) !== forwarder.item) return undefined;
  return forwarder.takesSelf ? 1 : 0;
}

/** Whether what ends at token `at` is plainly of the type that the function belongs to. */
function isReceiver(outline: RustOutline, { owner }: Forwarder, at: number, scope: number): boolean {
  const { tokens, scopes } = outline;
  const { kinds } = tokens;
  if (owner === undefined || owner === '' || kinds[at] !== Kind.identifier) return false;
  const name = identifierText(tokens, at);
  if (kinds[at - 1] === DOT) {
    // `self.name`: a field of the type around
    const isOwn =
      kinds[at - 2] === Kind.identifier && identifierText(tokens, at - 2) === 'self' && kinds[at - 3] !== DOT;
    const around = typeAround(outline, scope);
    return isOwn && around !== undefined && hasField(outline, around, name, owner);
  }
  if (name === 'self') return typeAround(outline, scope) === owner;
  for (let around = scope; around >= 0; around = scopes[around]!.parent) {
    const fn = scopes[around]!;
    if (fn.kind !== 'fn' || fn.item < 0) continue;
    // the innermost function alone: others hand nothing in
    const item = outline.functions.get(fn.name)?.find(({ token }) => token === fn.item);
    const parameter = item && parametersOf(outline, item)?.parameters.find((each) => each.name === name);
    return parameter !== undefined && names(outline, parameter.from, parameter.to, owner);
  }
  return false;
}

function hasField(outline: RustOutline, type: string, field: string, of: string): boolean {
  const { tokens, partner } = outline;
  const { kinds } = tokens;
  const [found, ...others] = outline.types.get(type) ?? [];
  if (found === undefined || others.length > 0 || found.kind !== 'struct') return false;
  let at = found.token + 1;
  if (kinds[at] === LESS) at = skipAngles(tokens, partner, at);
  if (kinds[at] !== OPEN_BRACE || partner[at]! >= tokens.count) return false;
  const close = partner[at]!;
  for (let from = at + 1; from < close; ) {
    const to = listEnd(outline, from, close);
    for (let i = from; i < to; i++) {
      if (kinds[i] !== COLON) continue;
      if (kinds[i - 1] === Kind.identifier && identifierText(tokens, i - 1) === field && names(outline, i, to, of))
        return true;
      break;
    }
    from = to + 1;
  }
  return false;
}

/** The tokens of argument `index` of a list of `count`, `&` before it left out; undefined where there are not as many. */
function argumentAt(
  { tokens, partner }: RustOutline,
  list: number,
  index: number,
  count: number,
): { readonly at: number; readonly to: number } | undefined {
  const { kinds } = tokens;
  const close = partner[list]!;
  let found: { at: number; to: number } | undefined;
  let number = 0;
  for (let from = list + 1; from < close; number++) {
    let to = from;
    while (kinds[to] === Kind.move || kinds[to] === Kind.async) to++;
    // commas of a closure's head separate nothing here
    if (kinds[to] === PIPE)
      for (to++; to < close && kinds[to] !== PIPE; ) to = partner[to]! > to ? partner[to]! + 1 : to + 1;
    while (to < close && kinds[to] !== COMMA) {
      if (kinds[to] === LESS && kinds[to - 1] === COLON) to = Math.max(to + 1, skipAngles(tokens, partner, to));
      else to = partner[to]! > to ? partner[to]! + 1 : to + 1;
    }
    if (number === index) found = { at: from, to: Math.min(to, close) };
    if (number >= count) return undefined;
    from = to + 1;
  }
  if (found === undefined || number !== count) return undefined;
  let { at } = found;
  while (at < found.to && kinds[at] === AMPERSAND) at++;
  const isLiteral = kinds[at] === Kind.string || kinds[at] === Kind.rawString;
  const isWhole = isLiteral && behindSameText(tokens, at + 1, found.to) === found.to;
  return { at, to: isWhole ? at + 1 : found.to };
}
