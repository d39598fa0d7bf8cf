// Whether the names in a breakpoint's condition and log message mean something where it stands: told when it is set, since a condition with a
// name that nothing has never holds. Contract S1.
import { CODE_NAMES } from '../expressions/event-scope.ts';
import { messageParts, parseExpression } from '../expressions/expression.ts';
import type { Node } from '../expressions/syntax.ts';
import type { CodeBreakpoint, ResolvedBreakpoint } from './options.ts';
import type { SiteVariables } from './site-variables.ts';

/** Places that are looked at: copies of one function have the same variables. */
const MOST_PLACES = 20;
const MOST_LISTED = 12;

/** The breakpoint as it was resolved, with a sentence on a name that none of its places has; without debug information it stands nowhere then. */
export function withKnownNames(
  breakpoint: CodeBreakpoint,
  resolved: ResolvedBreakpoint,
  variables: SiteVariables | undefined,
): ResolvedBreakpoint {
  const { places } = resolved;
  const names = namesOf(breakpoint).filter((name) => !CODE_NAMES.includes(name));
  if (names.length === 0) return resolved;
  // who writes into memory is not known before
  if (variables !== undefined && 'address' in breakpoint.place) return resolved;
  if (variables === undefined) {
    const message = `There is no value '${names[0]}' here: there are ${CODE_NAMES.join(', ')}, and $0 or $name, stack[0], i32[address].`;
    return { ...resolved, places: [], message };
  }
  const sites = places.slice(0, MOST_PLACES).map(({ offset }) => variables.at(offset));
  const stranger = names.find((name) => !sites.some((site) => site.has(name)));
  const [first] = sites;
  if (stranger === undefined || first === undefined) return resolved;
  const listed = first.names.slice(0, MOST_LISTED).join(', ');
  const known = listed === '' ? 'no variable is visible there' : `there are ${listed}`;
  const sentence = `There is no value '${stranger}' where it stands: ${known}.`;
  return { ...resolved, message: resolved.message === undefined ? sentence : `${resolved.message} ${sentence}` };
}

/** Names that must have a value for the breakpoint to do what it is to. */
function namesOf({ condition, logMessage }: CodeBreakpoint): string[] {
  const names = new Set<string>();
  const sources = condition === undefined ? [] : [condition];
  try {
    if (logMessage !== undefined)
      sources.push(...messageParts(logMessage).flatMap(({ text, expression }) => (expression ? [text] : [])));
    for (const source of sources) visit(parseExpression(source, true).root, names);
  } catch {
    // whoever compiles it says what is wrong with it
  }
  return [...names];
}

/** What variants and constants are called: `Red`, `Color::Red`, `WRITE`. Beside what is an enum they may be its variants. */
const VARIANT = /(?:^|::)\p{Lu}[\p{ID_Continue}$]*$/u;

/** Where something is compared or computed with, names may be variants: `state == Ready`, `found == Some(None)`, `flags & WRITE`. */
function visitCompared(node: Node, names: Set<string>, any = false): void {
  if (node.kind === 'name' && (any || VARIANT.test(node.name))) return;
  if (node.kind === 'call' && /(?:^|::)[A-Z]\w*$/.test(node.name))
    for (const inner of node.args) visitCompared(inner, names);
  else visit(node, names);
}

function visit(node: Node, names: Set<string>): void {
  switch (node.kind) {
    case 'name':
      if (node.name !== 'null') names.add(node.name);
      break;
    case 'binary':
      visitCompared(node.left, names);
      visitCompared(node.right, names, node.operator === '==' || node.operator === '!=');
      break;
    case 'member':
      visit(node.owner, names);
      break;
    case 'index':
      visit(node.owner, names);
      visit(node.index, names);
      break;
    case 'slice':
      visit(node.owner, names);
      if (node.from !== undefined) visit(node.from, names);
      if (node.to !== undefined) visit(node.to, names);
      break;
    case 'slot':
      visit(node.index, names);
      break;
    case 'load':
      visit(node.address, names);
      if (node.count !== undefined) visit(node.count, names);
      break;
    case 'method':
      visit(node.owner, names);
      for (const inner of node.args) visitCompared(inner, names);
      break;
    case 'call':
      for (const inner of node.args) visit(inner, names);
      break;
    case 'unary':
    case 'cast':
      visit(node.operand, names);
      break;
    case 'choice':
      for (const inner of [node.test, node.yes, node.no]) visit(inner, names);
      break;
  }
}
