// What a place in a mock file means: a member's documentation; of a host method and of a rule, what was seen of it. Markdown. Pure.
import type { MockRule } from '../mocks/rules.ts';
import type { GuestCalls } from './guest-calls.ts';
import { isKey, type MockDocument, pathOf, roleOf } from './mock-document.ts';
import { member, spanOf } from './mock-symbols.ts';
import { code, fencedJson } from './mock-text.ts';
import { OR, wordsOf } from './mock-words.ts';
import type { Observed, ObservedCall, ObservedRule } from './observed.ts';
import type { Span } from './span.ts';

export interface Hover extends Span {
  readonly markdown: string;
}

/** What stands at an offset; undefined where there is nothing to say. */
export function mockHover(
  document: MockDocument,
  offset: number,
  guests: GuestCalls,
  observed: Observed,
): Hover | undefined {
  const node = document.nodeAt(offset);
  if (node === undefined) return undefined;
  if (!isKey(node)) {
    // a rule's brace says what became of the rule
    const role = roleOf(pathOf(node), document.form);
    if (role.kind !== 'rule' || node.type !== 'object' || offset > node.offset + 1) return undefined;
    const rule = document.ruleAt(offset);
    const text = rule && ruleText(rule, observed);
    return text === undefined ? undefined : { from: node.offset, to: node.offset + 1, markdown: text };
  }
  const name = String(node.value);
  const around = roleOf(pathOf(node).slice(0, -1), document.form);
  const span = spanOf(node);
  if (around.kind === 'methods' || (around.kind === 'file' && document.form === 'short'))
    return { ...span, markdown: methodText(name, guests, observed) };
  const isOr = name === OR.name && around.kind === 'result' && member(node.parent?.parent, '$param') !== undefined;
  const word = isOr ? OR : wordsOf(around).find((each) => each.name === name);
  if (word === undefined) return undefined;
  const parts = [`**${name}** — ${word.about}`];
  if (name === 'reply' && around.kind === 'rule') {
    const rule = document.ruleAt(offset);
    const text = rule && ruleText(rule, observed);
    if (text !== undefined) parts.push(text);
  }
  if (name === 'disabled' && member(node.parent?.parent, 'disabled')?.value === true) parts.push('This rule is off.');
  return { ...span, markdown: parts.join('\n\n') };
}

function methodText(name: string, guests: GuestCalls, observed: Observed): string {
  const parts = [`Host method ${code(name)}`];
  const calls = guests.methods.get(name);
  if (calls !== undefined) {
    const first = calls[0]?.within;
    const where = first === undefined ? '' : `, first in ${code(first)}`;
    parts.push(`Called at ${calls.length === 1 ? '1 place' : `${calls.length} places`} in plugin sources${where}.`);
  }
  const seen = observed.methods.find(({ method }) => method === name);
  const earlier = seen?.earlier ?? 0;
  if (seen === undefined || seen.calls + earlier === 0) {
    if (observed.methods.length > 0) parts.push('Not called in the last run.');
  } else {
    parts.push(`${runsText('Called', 'Not called', seen.calls, earlier)}.`);
    if (seen.last !== undefined) parts.push(callText('Last call', seen.last));
    if (seen.unmatched !== undefined) {
      parts.push(callText('Last call that no rule matched', seen.unmatched));
      if (seen.unmatched.nearMiss !== undefined) parts.push(escaped(seen.unmatched.nearMiss));
    }
  }
  return parts.join('\n\n');
}

/** What was seen of a rule, or undefined where nothing was told. */
function ruleText(rule: MockRule, observed: Observed): string | undefined {
  const seen = observedRule(rule, observed);
  if (seen === undefined) return undefined;
  const at = seen.at === undefined ? '' : `, last at ${escaped(seen.at)}`;
  const parts = [`${runsText('Answered', 'Answered no call', seen.hits, seen.earlier ?? 0)}${at}.`];
  if (seen.last !== undefined) parts.push(callText('Last call', seen.last));
  if (seen.nearMiss !== undefined)
    parts.push(`Of the last call of ${code(rule.method)} that no rule answered: ${escaped(seen.nearMiss)}`);
  return parts.join('\n\n');
}

/** What was told of a rule. A rule that is alone may be told of without a number, and a file by the end of its path. */
export function observedRule(rule: MockRule, observed: Observed): ObservedRule | undefined {
  return observed.rules.find(
    ({ file, method, number }) =>
      (number === rule.number || number === 0) && method === rule.method && samePath(file, rule.place.file),
  );
}

function samePath(told: string, path: string): boolean {
  const [a, b] = [told.replaceAll('\\', '/').replace(/^\.\//, ''), path.replaceAll('\\', '/')];
  return a === b || b.endsWith(`/${a}`);
}

function callText(title: string, { params, answer }: ObservedCall): string {
  const parts = [`${title}, with params`, fencedJson(params)];
  if (answer?.kind === 'result') parts.push('answered with', fencedJson(answer.text));
  else if (answer !== undefined) parts.push(`answered with error ${code(answer.text)}`);
  return parts.join('\n\n');
}

/** `Called 3 times in the last run, twice in those before`. */
function runsText(verb: string, never: string, now: number, earlier: number): string {
  const last = now === 0 ? `${never} in the last run` : `${verb} ${times(now)} in the last run`;
  return earlier === 0 ? last : `${last}, ${times(earlier)} in those before`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** Sentences with names from outside, as Markdown that shows them as they are; what stands between backticks is code. */
function escaped(text: string): string {
  return text
    .split(/(`[^`\n]+`)/)
    .map((piece, i) => (i % 2 === 1 ? piece : piece.replace(/[\\`*_{}[\]()#+\-!<>|&]/g, '\\$&')))
    .join('');
}
