// How rows of the tree look and what they say: icons by name, descriptions, tooltips in Markdown. Whatever a plugin wrote is escaped, and stays in its
// line. Knows nothing of VS Code. Contracts P2, E4.
import type { MockReplySpec, MockRule } from '../../debug-adapter/mocks/rules.ts';
import type { Template } from '../../debug-adapter/mocks/template.ts';
import { cut, grouped } from '../../debug-adapter/transcript/transcript-line.ts';
import { answerOf, isLong, paramsOf, type RowAnswer } from './callTally.ts';
import { block, plain } from './markdown.ts';
import type { HostMethodsNode, MethodNode, MethodState, RuleNode } from './model.ts';

export interface RowLook {
  readonly label: string;
  readonly description: string;
  /** What a screen reader says. */
  readonly spoken: string;
  /** Of the codicons. */
  readonly icon: string;
  /** A colour of the theme. */
  readonly color: string | undefined;
}

const NAME = 80;
const WHEN = 60;

const ICONS: Readonly<Record<MethodState, readonly [icon: string, color: string | undefined]>> = {
  mocked: ['pass-filled', 'testing.iconPassed'],
  passedOn: ['arrow-right', 'charts.blue'],
  asked: ['debug-pause', 'charts.yellow'],
  unmatched: ['error', 'testing.iconFailed'],
  uncalled: ['circle-outline', 'disabledForeground'],
};

const STATES: Readonly<Record<MethodState, string>> = {
  mocked: 'mocked',
  passedOn: 'passed on to the host command',
  asked: 'pauses and asks',
  unmatched: 'nothing answers',
  uncalled: 'not yet called',
};

const counted = (count: number, what: string): string => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;

/** `3 calls`, `none now, 4 before`. */
function callsText(calls: number, earlier: number): string {
  if (calls > 0) return counted(calls, 'call');
  return earlier > 0 ? `${counted(earlier, 'call')} before` : 'not yet called';
}

export function methodLook(node: MethodNode): RowLook {
  const { name, state, calls, earlier, rules, waits } = node;
  const [icon, color] = ICONS[state];
  const on = rules.filter(({ rule }) => !rule.disabled).length;
  const stateWords = waits ? 'waits for your answer' : STATES[state];
  const miss = state === 'unmatched' ? node.miss : undefined;
  const near = miss?.near;
  const differs =
    near !== undefined
      ? `, differs in ${cut(near.field, near.field.length, 40)}`
      : miss?.long
        ? ', params too long to compare'
        : '';
  const counts = callsText(calls, earlier);
  const off = on < rules.length ? ` · ${rules.length - on} off` : '';
  const description = state === 'uncalled' ? stateWords + off : `${stateWords}${differs} · ${counts}${off}`;
  const label = cut(name, name.length, NAME);
  return { label, description, spoken: `${label}, ${description}`, icon, color };
}

/** What a row says when one points at it, as Markdown. */
export const tooltipOf = (node: HostMethodsNode): string =>
  node.kind === 'method' ? methodTooltip(node) : ruleTooltip(node);

function methodTooltip(node: MethodNode): string {
  const { name, state, rules, calls, earlier, last, miss, places } = node;
  const parts = [`**${plain(cut(name, name.length, NAME))}**: ${STATES[state]}`];
  parts.push(
    `${grouped(calls)} in the last call, ${grouped(earlier)} in those before; ${counted(rules.length, 'rule')}.`,
  );
  if (node.waits) parts.push('The plugin is paused there: *Answer by Hand* sends a reply.');
  if (last !== undefined) {
    const { call } = last.tally;
    const pair = call.rows.pair(last.row);
    const params = paramsOf(call, last.row);
    if (params === undefined) parts.push(tooLong('Its last params', call.rows.bytes(last.row)));
    else parts.push('Last params:', block(params));
    const answer = answerOf(call, last.row);
    if (answer !== undefined)
      parts.push(answer.kind === 'error' ? 'Last answer, an error:' : 'Last answer:', block(answerText(answer)));
    else
      parts.push(
        pair >= 0 && isLong(call.rows, pair) ? tooLong('Its last answer', call.rows.bytes(pair)) : 'No answer.',
      );
  }
  if (miss?.long)
    parts.push('No rule answered a call of it, and its params are too long to be compared with the rules here.');
  else if (miss?.near !== undefined) {
    const { rule, message } = miss.near;
    parts.push(`No rule answered a call of it. Rule ${rule.number} came closest: ${plain(message)}`);
  } else if (miss !== undefined) parts.push('No rule answered a call of it.');
  for (const { file, line, within } of places.slice(0, 5))
    parts.push(
      `Called in ${within === undefined ? '' : `\`${plain(within)}\`, `}${plain(file.replace(/^.*[\\/]/, ''))}:${line + 1}`,
    );
  return parts.join('\n\n');
}

/** Of a message that is counted, and neither shown nor compared. */
const tooLong = (what: string, bytes: number): string =>
  `${what} ${what.endsWith('s') ? 'have' : 'has'} ${grouped(bytes)} bytes: too long to be shown here; the transcript panel shows all of it.`;

/** An answer as JSON text. */
function answerText(answer: RowAnswer): string {
  return answer.kind === 'result'
    ? answer.json
    : `{ "code": ${answer.code}, "message": ${JSON.stringify(answer.message)} }`;
}

export function ruleLook({ rule, hits, earlier }: RuleNode): RowLook {
  const reply = replyWords(rule);
  const when = whenWords(rule);
  const label = rule.name === undefined ? when : cut(rule.name, rule.name.length, NAME);
  const hit = hits > 0 ? counted(hits, 'hit') : earlier > 0 ? `${counted(earlier, 'hit')} before` : 'no hits';
  const description = `${rule.name === undefined ? '' : `${when} `}→ ${reply} · ${hit}${rule.disabled ? ' · off' : ''}`;
  const [icon, color] = rule.disabled
    ? (['circle-slash', 'disabledForeground'] as const)
    : rule.pause || rule.reply === undefined
      ? (['debug-pause', 'charts.yellow'] as const)
      : rule.reply.kind === 'error'
        ? (['warning', 'charts.orange'] as const)
        : (['reply', hits > 0 ? 'testing.iconPassed' : undefined] as const);
  return { label, description, spoken: `rule ${rule.number}: ${label}, ${description}`, icon, color };
}

function ruleTooltip({ rule, hits, earlier }: RuleNode): string {
  return [
    rule.number === 0 ? 'The mock' : `Rule ${rule.number}${rule.name === undefined ? '' : `, ${plain(rule.name)}`}`,
    `${plain(rule.place.file.replace(/^.*[\\/]/, ''))}, line ${rule.place.line}; ${grouped(hits)} hits in the last call, ${grouped(earlier)} before`,
    block(rule.text, 'jsonc'),
  ].join('\n\n');
}

/** What a rule asks of a call, in short. */
function whenWords({ when, number }: MockRule): string {
  const parts: string[] = [];
  if (when.params !== undefined && when.params.kind !== 'any') parts.push('params');
  if (when.nth !== undefined) parts.push('nth call');
  if (when.states !== undefined)
    parts.push(`state ${when.states.map((state) => cut(state, state.length, 20)).join(' or ')}`);
  return parts.length === 0 ? (number === 0 ? 'always' : 'every call') : `when ${parts.join(', ')}`;
}

function replyWords({ pause, reply, delay }: MockRule): string {
  const after = delay === undefined ? '' : ` after ${delay[0] === delay[1] ? delay[0] : delay.join(' to ')} ms`;
  return (pause || reply === undefined ? 'pause and ask' : specWords(reply)) + after;
}

function specWords(reply: MockReplySpec): string {
  switch (reply.kind) {
    case 'result':
      return templateWords(reply.result) + (reply.fault === undefined ? '' : ` (${reply.fault.kind})`);
    case 'error':
      return `error ${reply.code} ${cut(reply.message, reply.message.length, WHEN)}`;
    case 'never':
      return 'never';
    case 'malformed':
      return 'a malformed line';
    case 'call':
      return `the answer of ${cut(reply.plugin, reply.plugin.length, WHEN)}`;
    case 'sequence':
      return `${reply.replies.length} replies in turn`;
  }
}

const templateWords = (template: Template): string =>
  template.kind === 'text' ? cut(template.text, template.text.length, WHEN) : 'a template';

/** What *Copy as JSON* copies of a method: JSON text, every number as it was written. */
export function methodJson(node: MethodNode): string {
  const { name, state, rules, calls, earlier, last } = node;
  const params = last && paramsOf(last.tally.call, last.row);
  const answer = last && answerOf(last.tally.call, last.row);
  const members = [
    `"method": ${JSON.stringify(name)}`,
    `"state": "${state}"`,
    `"calls": ${calls}`,
    `"earlierCalls": ${earlier}`,
    ...(params === undefined ? [] : [`"lastParams": ${params}`]),
    ...(answer === undefined
      ? []
      : [`"${answer.kind === 'result' ? 'lastResult' : 'lastError'}": ${answerText(answer)}`]),
    `"rules": [${rules.map(({ rule }) => rule.text).join(', ')}]`,
  ];
  return `{\n  ${members.join(',\n  ')}\n}`;
}
