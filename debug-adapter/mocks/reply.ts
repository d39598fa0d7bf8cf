// Reads the `reply` of a rule: a result, an error, a sequence, no answer, or a fault on demand. Pure.
import { productionError } from '../rpc/errors.ts';
import { isI64, isU64 } from '../rpc/json-number.ts';
import { quoted } from '../wasm/quoted.ts';
import type { FileText } from './file-text.ts';
import type { JsonMember, JsonNode } from './jsonc.ts';
import type { MockFault, MockReplySpec } from './rules.ts';
import type { Template } from './template.ts';

/** Kinds of replies, by the member that names them. */
export const REPLY_KINDS = ['result', 'error', 'sequence', 'never', 'malformed', '$call'] as const;
/** Faults that go with a result or an error. */
const REPLY_FAULTS = ['wrongId', 'duplicate', 'outOfOrder'] as const;

const ONE = 'A reply says one of `result`, `error`, `sequence`, `never`, `malformed` and `$call`';

/** Reads a reply; undefined, and reported, where it can't be used. */
export function readReply(file: FileText, node: JsonNode): MockReplySpec | undefined {
  const { text, report } = file;
  if (node.kind !== 'object') {
    report(
      node,
      'shape',
      'A reply is an object, such as {"result": null} or {"error": {"code": -32000, "message": "no"}}.',
    );
    return undefined;
  }
  const members = new Map(text.members(node).map((member) => [member.key, member] as const));
  const kinds = REPLY_KINDS.filter((kind) => members.has(kind));
  const faults = REPLY_FAULTS.filter((fault) => members.has(fault));
  const [kind] = kinds;
  for (const { key, keyStart, keyEnd } of members.values())
    if (key !== 'then' && !kinds.some((name) => name === key) && !faults.some((name) => name === key))
      report(
        { start: keyStart, end: keyEnd },
        'unknown-member',
        `There is no \`${quoted(key)}\` in a reply: there are ${[...REPLY_KINDS, ...REPLY_FAULTS].map((name) => `\`${name}\``).join(', ')}.`,
      );
  if (kind === undefined || kinds.length > 1) {
    const which =
      kinds.length === 0 ? 'and this one none' : `and this one ${kinds.map((name) => `\`${name}\``).join(' and ')}`;
    report(node, 'no-reply', `${ONE}, ${which}.`);
    return undefined;
  }
  const member = members.get(kind) as JsonMember; // it has this kind
  if (kind !== 'result' && kind !== 'error' && faults.length > 0) {
    report(node, 'shape', `\`${faults[0]}\` goes with a \`result\` or an \`error\`.`);
    return undefined;
  }
  if (faults.length > 1) {
    report(
      node,
      'shape',
      `A reply has one fault at most, and this one has ${faults.map((name) => `\`${name}\``).join(' and ')}.`,
    );
    return undefined;
  }
  const then = members.get('then');
  if (then !== undefined && kind !== 'sequence') report(then.value, 'shape', '`then` goes with a `sequence`.');
  const [faultKind] = faults;
  const fault = faultKind === undefined ? undefined : readFault(file, faultKind, members.get(faultKind)?.value);
  const { value } = member;
  switch (kind) {
    case 'result':
      return { kind, result: file.template(value), fault };
    case 'error':
      return readError(file, value, fault);
    case 'never':
      if (value.kind === 'boolean' && text.source(value) === 'true') return { kind };
      report(value, 'shape', '`never` takes true.');
      return undefined;
    case 'malformed':
      return readMalformed(file, value);
    case 'sequence':
      return readSequence(file, value, then?.value);
    case '$call':
      return readCall(file, value);
  }
}

function readFault(
  { text, report }: FileText,
  kind: (typeof REPLY_FAULTS)[number],
  value: JsonNode | undefined,
): MockFault | undefined {
  if (value === undefined) return undefined;
  if (kind === 'wrongId' && value.kind === 'number' && isU64(text.source(value)))
    return { kind, id: text.source(value) };
  if (value.kind === 'boolean') {
    if (text.source(value) === 'false') return undefined;
    return kind === 'wrongId' ? { kind, id: undefined } : { kind };
  }
  report(
    value,
    'shape',
    kind === 'wrongId'
      ? '`wrongId` takes true, or the id: a whole number from 0 to 2^64-1.'
      : `\`${kind}\` takes true.`,
  );
  return undefined;
}

function readError(
  { text, report }: FileText,
  node: JsonNode,
  fault: MockFault | undefined,
): MockReplySpec | undefined {
  const example = 'such as {"code": -32000, "message": "no such user"}';
  if (node.kind !== 'object') {
    report(node, 'shape', `\`error\` takes an object with \`code\` and \`message\`, ${example}.`);
    return undefined;
  }
  const members = new Map(text.members(node).map((member) => [member.key, member] as const));
  const code = members.get('code')?.value;
  const message = members.get('message')?.value;
  if (code !== undefined && !(code.kind === 'number' && isI64(text.source(code)))) {
    report(code, 'bad-number', 'The `code` of an error is a whole number of 64 bits.');
    return undefined;
  }
  if (message === undefined || message.kind !== 'string') {
    report(message ?? node, 'shape', `\`error\` needs its \`message\`, a text, ${example}.`);
    return undefined;
  }
  for (const { key, keyStart, keyEnd } of members.values()) {
    const place = { start: keyStart, end: keyEnd };
    if (key === 'data')
      report(place, 'data-lost', 'Production drops the `data` of an error, and so does the debugger.', 'hint');
    else if (key !== 'code' && key !== 'message')
      report(
        place,
        'unknown-member',
        `There is no \`${quoted(key)}\` in an error: there are \`code\`, \`message\` and \`data\`.`,
      );
  }
  const codeText = code === undefined ? '-32000' : text.source(code);
  const written = text.string(message);
  const kept = productionError(codeText, written);
  if (code !== undefined && String(kept.code) !== codeText)
    report(code, 'data-lost', `Production drops this code: the plugin gets ${kept.code}.`, 'hint');
  if (kept.message !== written)
    report(
      message,
      'data-lost',
      `With this code production drops the message: the plugin gets "${kept.message}".`,
      'hint',
    );
  return { kind: 'error', code: codeText, message: written, fault };
}

/** {"plugin": "other.wasm", "method": "add", "params": {"a": {"$param": "x"}}}; without `params`, those of the call. */
function readCall(file: FileText, node: JsonNode): MockReplySpec | undefined {
  const { text, report } = file;
  const example = 'such as {"plugin": "other.wasm", "method": "add"}';
  const members = new Map(
    (node.kind === 'object' ? text.members(node) : []).map((member) => [member.key, member] as const),
  );
  const [path, method] = ['plugin', 'method'].map((key) => members.get(key)?.value);
  for (const { key, keyStart, keyEnd } of members.values())
    if (key !== 'plugin' && key !== 'method' && key !== 'params') {
      const message = `There is no \`${quoted(key)}\` in a \`$call\`: there are \`plugin\`, \`method\` and \`params\`.`;
      report({ start: keyStart, end: keyEnd }, 'unknown-member', message);
    }
  if (path?.kind !== 'string' || method?.kind !== 'string') {
    report(
      node,
      'shape',
      `\`$call\` takes an object with the path of a \`plugin\`, as seen from this file, and its \`method\`, ${example}.`,
    );
    return undefined;
  }
  const params = members.get('params')?.value;
  const given: Template =
    params === undefined ? { kind: 'param', source: '', path: [], or: undefined } : file.template(params);
  return { kind: 'call', plugin: file.plugin(text.string(path)), method: text.string(method), params: given };
}

function readMalformed({ text, report }: FileText, node: JsonNode): MockReplySpec | undefined {
  if (node.kind === 'boolean' && text.source(node) === 'true') return { kind: 'malformed', line: undefined };
  if (node.kind === 'string') {
    const line = text.string(node);
    if (!/[\n\ud800-\udfff]/u.test(line)) return { kind: 'malformed', line };
  }
  report(node, 'shape', '`malformed` takes true, or the text of the line, without a line break.');
  return undefined;
}

function readSequence(file: FileText, node: JsonNode, then: JsonNode | undefined): MockReplySpec | undefined {
  const { text, report } = file;
  const items = node.kind === 'array' ? text.items(node) : [];
  if (items.length === 0) {
    report(node, 'shape', '`sequence` takes a list of one or more replies, such as [{"result": 1}, {"result": 2}].');
    return undefined;
  }
  const word = then?.kind === 'string' ? text.string(then) : undefined;
  if (then !== undefined && word !== 'stay' && word !== 'cycle')
    report(then, 'shape', '`then` takes "stay", the last reply again and again, or "cycle", from the first again.');
  const replies = items.map((item) => readReply(file, item));
  if (replies.some((reply) => reply?.kind === 'sequence')) {
    report(node, 'shape', 'A `sequence` holds no other `sequence`: write its replies one after the other.');
    return undefined;
  }
  const read = replies.filter((reply) => reply !== undefined);
  return read.length < items.length
    ? undefined
    : { kind: 'sequence', replies: read, after: word === 'cycle' ? word : 'stay' };
}
