// Reads one rule of a mock file: when it answers, with what, how late and how often. Its reply is reply.ts's. Pure.
import { type FileText, RESULT_DEPTH } from './file-text.ts';
import type { JsonNode } from './jsonc.ts';
import type { Pattern } from './pattern.ts';
import { readReply } from './reply.ts';
import type { MockCondition, MockPlace, MockReplySpec, MockRule } from './rules.ts';

/** The longest delay (ms). */
const LONGEST_DELAY = 86_400_000;

const RULE_MEMBERS = ['name', 'when', 'reply', 'delay', 'times', 'setState', 'pause', 'disabled'] as const;

/** The condition of a rule that says none. */
export const ALWAYS: MockCondition = { params: undefined, nth: undefined, states: undefined, places: {} };

/** Whether a condition holds whatever the call is. */
export function takesAll({ params, nth, states }: MockCondition): boolean {
  return nth === undefined && states === undefined && (params === undefined || params.kind === 'any');
}

/** Reads one rule, the `number`th of its method; undefined, and reported, where it can't be used. */
export function readRule(file: FileText, method: string, number: number, node: JsonNode): MockRule | undefined {
  if (node.kind !== 'object') {
    file.report(node, 'shape', 'A rule is an object, such as {"when": {…}, "reply": {"result": …}}.');
    return undefined;
  }
  const { errors } = file;
  let name: string | undefined;
  let when = ALWAYS;
  let reply: MockReplySpec | undefined;
  let delay: MockRule['delay'];
  let times: MockRule['times'];
  let setState: string | undefined;
  const flags = { pause: false, disabled: false };
  let replies = false;
  for (const member of file.distinct(file.text.members(node), 'shape', (key) => `\`${key}\``)) {
    const { key, value } = member;
    switch (key) {
      case 'name':
        if (value.kind === 'string') name = file.text.string(value);
        else file.report(value, 'shape', '`name` takes a text.');
        break;
      case 'when':
        when = readWhen(file, value);
        break;
      case 'reply':
        replies = true;
        checkDepthOfResults(file, value);
        reply = readReply(file, value);
        break;
      case 'delay':
        delay = readRange(
          file,
          value,
          "`delay` takes milliseconds of the run's clock, or a range of them such as [100, 300].",
          LONGEST_DELAY,
        );
        break;
      case 'times': {
        const range = readRange(
          file,
          value,
          '`times` takes how many calls are expected, or a range such as [1, 3].',
          2 ** 53,
        );
        if (range !== undefined) times = { least: range[0], most: range[1] };
        break;
      }
      case 'setState':
        setState = file.state(value, 'setState');
        break;
      case 'pause':
      case 'disabled':
        if (value.kind === 'boolean') flags[key] = file.text.source(value) === 'true';
        else file.report(value, 'shape', `\`${key}\` takes true or false.`);
        break;
      default:
        file.unknown(member, 'a rule', RULE_MEMBERS);
    }
  }
  if (!replies && !flags.pause)
    file.report(node, 'no-reply', 'This rule says no `reply`: add one, such as {"result": null}, or "pause": true.');
  // a rule with an error in it would do something else than was meant
  if (file.errors > errors) return undefined;
  const place = file.place(node);
  return { method, number, place, name, ...flags, when, reply, delay, times, setState, text: file.text.source(node) };
}

function readWhen(file: FileText, node: JsonNode): MockCondition {
  if (node.kind !== 'object') {
    file.report(node, 'shape', '`when` takes an object with `params`, `nth` or `state`.');
    return ALWAYS;
  }
  let params: Pattern | undefined;
  let nth: Pattern | undefined;
  let states: string[] | undefined;
  const places: { params?: MockPlace; nth?: MockPlace; state?: MockPlace } = {};
  for (const member of file.distinct(file.text.members(node), 'shape', (key) => `\`${key}\``)) {
    const { key, value } = member;
    switch (key) {
      case 'params':
        places.params = file.place(value);
        params = file.pattern(value);
        break;
      case 'nth':
        places.nth = file.place(value);
        nth = readNth(file, value);
        break;
      case 'state': {
        places.state = file.place(value);
        const nodes = value.kind === 'array' ? file.text.items(value) : [value];
        states = nodes.map((each) => file.state(each, 'when')).filter((state) => state !== undefined);
        break;
      }
      default:
        file.unknown(member, '`when`', ['params', 'nth', 'state']);
    }
  }
  return { params, nth, states, places };
}

/** `3`, `[1, 2]`, or operators such as {"$gt": 3}. */
function readNth(file: FileText, node: JsonNode): Pattern | undefined {
  const isCount = (item: JsonNode): boolean => item.kind === 'number' && /^[1-9]\d*$/.test(file.text.source(item));
  if (node.kind === 'array' && file.text.items(node).length > 0 && file.text.items(node).every(isCount))
    return {
      kind: 'oneOf',
      patterns: file.text.items(node).map((item) => ({ kind: 'equal', value: file.text.number(item) }) as const),
    };
  if (isCount(node)) return { kind: 'equal', value: file.text.number(node) };
  if (node.kind === 'object' && file.text.members(node).some(({ key }) => key.startsWith('$')))
    return file.pattern(node);
  file.report(
    node,
    'shape',
    '`nth` takes the number of the call, from 1, a list of such numbers, or operators such as {"$gt": 3}.',
  );
  return undefined;
}

function readRange(
  file: FileText,
  node: JsonNode,
  sentence: string,
  most: number,
): readonly [number, number] | undefined {
  const counts = node.kind === 'array' ? file.text.items(node) : [node, node];
  const [from = Number.NaN, to = Number.NaN] = counts.map((each) =>
    each.kind === 'number' ? Number(file.text.number(each)) : Number.NaN,
  );
  if (counts.length === 2 && from >= 0 && from <= to && to <= most) return [from, to];
  file.report(node, 'bad-number', to > most ? `${sentence} It is ${most} at most.` : sentence);
  return undefined;
}

/** Results of the full form lie deeper in the file than in the reply. */
function checkDepthOfResults(file: FileText, node: JsonNode): void {
  // a text without as many brackets can't be as deep
  if (!file.mayBeDeep || node.end - node.start < 2 * RESULT_DEPTH || node.kind !== 'object') return;
  for (const { key, value } of file.text.members(node)) {
    if (key === 'result') file.checkDepth(value);
    if (key === 'sequence' && value.kind === 'array')
      for (const item of file.text.items(value)) checkDepthOfResults(file, item);
  }
}
