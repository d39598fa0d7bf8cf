// The methods that one Rust source names: those a plugin serves (`.with_method("…", handler)`) and those it calls on its
// host (`.call("…", params)`). Works on text alone: macros are not expanded, imports are not followed.

import { AMPERSAND, COLON, COMMA, DOT, GREATER, LESS, OPEN_PAREN, PIPE } from './punctuation.ts';
import { type Forwarded, forwardedCalls } from './rust-forwarders.ts';
import {
  canonicalText,
  constantText,
  findItem,
  functionAround,
  listEnd,
  secondParameter,
  typeOfSecond,
} from './rust-lookup.ts';
import { type MethodSite, outlineRust, type RustOutline, skipAngles } from './rust-outline.ts';
import { identifierText, Kind, lexRust, stringValue } from './rust-tokens.ts';

/** 0-based; `character` counts UTF-16 units, as editors do. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** `end` is behind the last character. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A method that a source names. */
export interface ScannedMethod {
  /**
   * `plugin`: the host may call it; `host`: the plugin may call it. A source that names `wasmi_plugin_hdk` is a host's,
   * where `with_method` serves host methods and `call` calls plugin methods.
   */
  readonly kind: 'plugin' | 'host';
  /** Whether this is where the method is served (`with_method`) and not where it is called. */
  readonly served: boolean;
  readonly name: string;
  /** The literal with its quotes, or the constant that stands for it. */
  readonly nameRange: Range;
  /** From the word `with_method`, `call`, or the name of the function that hands the name on, to the closing parenthesis. */
  readonly callRange: Range;
  /** The constant's path where the name is not a literal. */
  readonly constant: string | undefined;
  /** The function of this file that hands the name on to `call`, where it is not handed to `call` itself. */
  readonly through: string | undefined;
  /** The innermost `fn` around it. */
  readonly enclosingFunction: string | undefined;
  /** The handler's path, where it is given as one. */
  readonly handler: string | undefined;
  /** The type that the handler takes its params as, in Rust, as far as this file shows it. */
  readonly paramsType: string | undefined;
  /** Compiled for tests only. */
  readonly test: boolean;
}

/** What stands before `::call` or `::with_method` when they are called as functions, with the receiver as an argument. */
const OWNERS = new Set(['Transport', 'JsonRpcTransport', 'PluginServer', 'Router', 'HostServer', 'Plugin']);

/**
 * All methods that `text` names, in the order of the text. Linear in its length; never throws, on broken source either,
 * where what can be read is found.
 */
export function scanRust(text: string): ScannedMethod[] {
  // Most files have none, and these two look-ups cost next to nothing.
  if (!text.includes('with_method') && !text.includes('call')) return [];
  const tokens = lexRust(text);
  const outline = outlineRust(tokens);
  if (outline.sites.length === 0) return [];
  const lines = lineStarts(text);
  const isHost = namesHostKit(outline);
  const methods: (readonly [token: number, method: ScannedMethod])[] = [];
  const unread: Forwarded[] = [];
  for (const site of outline.sites) {
    const argument = nameArgument(outline, site);
    if (argument === undefined) continue;
    const method = readSite(outline, lines, site, argument, isHost);
    if (method !== undefined) methods.push([site.token, method]);
    else if (outline.tokens.kinds[site.token] === Kind.call) unread.push({ ...argument, scope: site.scope });
  }
  const direct = new Set(methods.map(([token]) => token));
  for (const call of forwardedCalls(outline, unread)) {
    if (direct.has(call.token)) continue;
    const argument = readName(outline, call.scope, call.at, call.to);
    if (argument?.end !== call.to) continue;
    direct.add(call.token);
    const range = rangeOf(outline, lines);
    methods.push([
      call.token,
      {
        kind: isHost ? 'plugin' : 'host',
        served: false,
        name: argument.name,
        nameRange: range(call.at, argument.end - 1),
        callRange: range(call.token, call.close),
        constant: argument.constant,
        through: call.through,
        enclosingFunction: functionAround(outline, call.scope),
        handler: undefined,
        paramsType: undefined,
        test: outline.scopes[call.scope]!.test,
      },
    ]);
  }
  return methods.sort(([a], [b]) => a - b).map(([, method]) => method);
}

/** The argument of a site that names the method: the token it begins at, and the parenthesis that closes the list. */
interface NameArgument {
  readonly at: number;
  readonly close: number;
  /** Of the method's generics; -1 without any. */
  readonly turbofish: number;
}

function nameArgument(outline: RustOutline, site: MethodSite): NameArgument | undefined {
  const { tokens, partner } = outline;
  const { kinds } = tokens;
  let at = site.token + 1;
  let turbofish = -1;
  if (kinds[at] === COLON && kinds[at + 1] === COLON && kinds[at + 2] === LESS) {
    turbofish = at + 3;
    at = skipAngles(tokens, partner, at + 2);
  }
  if (at >= tokens.count || kinds[at] !== OPEN_PAREN) return undefined;
  const close = partner[at]!;
  at++;
  if (kinds[site.token - 1] === COLON) {
    if (!OWNERS.has(ownerName(outline, site.token - 3))) return undefined;
    while (at < close && kinds[at] !== COMMA) at = partner[at]! > at ? partner[at]! + 1 : at + 1;
    at++;
  }
  while (at < close && kinds[at] === AMPERSAND) at++;
  return { at, close, turbofish };
}

function readSite(
  outline: RustOutline,
  lines: Int32Array,
  site: MethodSite,
  { at, close, turbofish }: NameArgument,
  isHost: boolean,
): ScannedMethod | undefined {
  const { tokens } = outline;
  const { kinds } = tokens;
  const served = kinds[site.token] === Kind.withMethod;
  const argument = readName(outline, site.scope, at, close);
  if (argument === undefined) return undefined;

  let handler: string | undefined;
  let type: string | undefined;
  if (served) {
    type = turbofish < 0 ? undefined : firstGeneric(outline, turbofish);
    if (kinds[argument.end] === COMMA && argument.end < close) {
      const path = readPath(outline, argument.end + 1, close);
      if (path !== undefined) {
        handler = path.join('::');
        type ??= handlerType(outline, path, site.scope);
      } else type ??= closureType(outline, argument.end + 1, close);
    }
  }
  const endToken = close < tokens.count ? close : argument.end - 1;
  const range = rangeOf(outline, lines);
  return {
    kind: served !== isHost ? 'plugin' : 'host',
    served,
    name: argument.name,
    nameRange: range(at, argument.end - 1),
    callRange: range(site.token, endToken),
    constant: argument.constant,
    through: undefined,
    enclosingFunction: functionAround(outline, site.scope),
    handler,
    paramsType: type,
    test: site.test,
  };
}

/** The place of the tokens from `from` to `to`. */
const rangeOf =
  ({ tokens }: RustOutline, lines: Int32Array) =>
  (from: number, to: number): Range => ({
    start: positionOf(lines, tokens.starts[from] ?? 0),
    end: positionOf(lines, tokens.ends[to] ?? tokens.text.length),
  });

/** The identifier that ends at token `at`, generics behind it stepped over: `Router` of `Router::<S>` or `Router<S>`. */
function ownerName({ tokens }: RustOutline, at: number): string {
  const { kinds } = tokens;
  let i = at;
  let depth = 0;
  // Generics of an owner are short; a bound keeps broken source from being walked again and again.
  for (let steps = 0; steps < 64 && i >= 0; steps++, i--) {
    if (kinds[i] === GREATER) depth++;
    else if (kinds[i] === LESS && --depth === 0) {
      i--;
      break;
    }
    if (depth === 0) break;
  }
  if (kinds[i] === COLON && kinds[i - 1] === COLON) i -= 2;
  return i >= 0 && kinds[i] === Kind.identifier ? identifierText(tokens, i) : '';
}

/** The name at token `at`: a literal, or a constant whose value this file holds. `end` is the token behind it. */
function readName(
  outline: RustOutline,
  scope: number,
  at: number,
  close: number,
): { readonly name: string; readonly constant: string | undefined; readonly end: number } | undefined {
  const literal = at < close ? stringValue(outline.tokens, at) : undefined;
  if (literal !== undefined) {
    // `"a".to_uppercase()` and the like are other names.
    return at + 1 < close && outline.tokens.kinds[at + 1] === DOT
      ? undefined
      : { name: literal, constant: undefined, end: at + 1 };
  }
  const end = pathEnd(outline, at, close);
  const path = readPath(outline, at, close);
  if (path === undefined) return undefined;
  const constant = findItem(outline, outline.constants, path, scope);
  const name = constant === undefined ? undefined : constantText(outline, constant);
  return name === undefined ? undefined : { name, constant: path.join('::'), end };
}

/** The token behind the path `a::b::c` at `at`; `at` itself where none begins. */
function pathEnd({ tokens }: RustOutline, at: number, close: number): number {
  const { kinds } = tokens;
  let i = at;
  if (kinds[i] === COLON && kinds[i + 1] === COLON) i += 2;
  if (i >= close || !isPathWord(kinds[i]!)) return at;
  i++;
  while (i + 2 < close && kinds[i] === COLON && kinds[i + 1] === COLON && isPathWord(kinds[i + 2]!)) i += 3;
  return i;
}

function isPathWord(kind: number): boolean {
  return kind === Kind.identifier || kind === Kind.call || kind === Kind.withMethod;
}

/** The path that is all of the argument at `at`, `::<…>` at its end left out. Undefined where it is no plain path. */
function readPath(outline: RustOutline, at: number, close: number): string[] | undefined {
  const { tokens, partner } = outline;
  const { kinds } = tokens;
  let end = pathEnd(outline, at, close);
  if (end === at) return undefined;
  const path: string[] = [];
  for (let i = at; i < end; i++) if (kinds[i] !== COLON) path.push(identifierText(tokens, i));
  if (end + 2 < close && kinds[end] === COLON && kinds[end + 1] === COLON && kinds[end + 2] === LESS)
    end = Math.min(close, skipAngles(tokens, partner, end + 2));
  return end >= close || kinds[end] === COMMA ? path : undefined;
}

/** The first type of `::<P, …>`, unless it is left to the compiler. */
function firstGeneric(outline: RustOutline, at: number): string | undefined {
  const { tokens, partner } = outline;
  // One token back stands the `<`.
  const behind = skipAngles(tokens, partner, at - 1);
  return typeText(outline, at, listEnd(outline, at, behind - 1));
}

function handlerType(outline: RustOutline, path: readonly string[], scope: number): string | undefined {
  const fn = findItem(outline, outline.functions, path, scope);
  const found = fn === undefined ? undefined : secondParameter(outline, fn);
  return found === undefined ? undefined : typeText(outline, found[0], found[1]);
}

/** The type written behind the second parameter of the closure at `at`. */
function closureType(outline: RustOutline, at: number, close: number): string | undefined {
  const { kinds } = outline.tokens;
  let i = at;
  while (i < close && (kinds[i] === Kind.move || kinds[i] === Kind.async || kinds[i] === Kind.static)) i++;
  if (i >= close || kinds[i] !== PIPE) return undefined;
  let end = i + 1;
  while (end < close && kinds[end] !== PIPE) end = outline.partner[end]! > end ? outline.partner[end]! + 1 : end + 1;
  const found = end < close ? typeOfSecond(outline, i + 1, end) : undefined;
  return found === undefined ? undefined : typeText(outline, found[0], found[1]);
}

/** A type's text; undefined for `_`, for `impl Trait`, and for more than a prompt could use. */
function typeText(outline: RustOutline, from: number, to: number): string | undefined {
  if (to <= from || to - from > 200 || outline.tokens.kinds[from] === Kind.impl) return undefined;
  const text = canonicalText(outline, from, to);
  return text === '_' || text === '' ? undefined : text;
}

function namesHostKit({ tokens }: RustOutline): boolean {
  const name = 'wasmi_plugin_hdk';
  if (!tokens.text.includes(name)) return false;
  for (let i = 0; i < tokens.count; i++)
    if (tokens.kinds[i] === Kind.identifier && identifierText(tokens, i) === name) return true;
  return false;
}

/** The offsets at which lines begin, by the line ends that editors know: LF, CR LF and CR. */
function lineStarts(text: string): Int32Array {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(i + 1) !== 0x0a)) starts.push(i + 1);
  }
  return Int32Array.from(starts);
}

function positionOf(lines: Int32Array, offset: number): Position {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - lines[low]! };
}
