// What the tree does to a mock file, as functions from its text to the new one: comments and layout stay, numbers are never read (P2). A file of
// the short form stays one as long as it can say what is wanted. Applies nothing: editFile.ts does.
import { applyEdits, format, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { HOST_METHODS } from '../../debug-adapter/mocks/rules.ts';
import { indentUnit, insertPart, lineBreak, movePart, partsOf, removePart, withParts } from './jsoncParts.ts';

/** A rule in its file: its host method, and its number as `MockRule` has it (0: of the short form). */
export interface RuleAddress {
  readonly method: string;
  readonly number: number;
}

/** What a rule sends, as JSON text or as words. */
export type NewReply =
  | { readonly kind: 'result' /** JSON text. */; readonly json: string }
  | { readonly kind: 'error' /** Text of an i64. */; readonly code: string; readonly message: string }
  | { readonly kind: 'never' };

/** What a new mock file begins as. */
export const NEW_FILE = `// What host methods answer: the first rule that matches a call answers it.
{
  "${HOST_METHODS}": {}
}
`;

/** Characters that a value may have to stay in one line. */
const LINE = 90;

/** The JSON text of a reply. */
export function replyText(reply: NewReply): string {
  switch (reply.kind) {
    case 'result': {
      // what begins with `$` would be a template's word
      const template = /"(?:\$|\\u0024)/.test(reply.json);
      return `{ "result": ${template ? `{ "$literal": ${reply.json} }` : reply.json} }`;
    }
    case 'error':
      return `{ "error": { "code": ${reply.code}, "message": ${JSON.stringify(reply.message)} } }`;
    case 'never':
      return '{ "never": true }';
  }
}

/** Gives a rule another reply. */
export function setReply(text: string, address: RuleAddress, reply: NewReply): string {
  if (address.number === 0 && reply.kind === 'result') {
    const { value } = memberOf(rootOf(text), address.method) ?? gone(address.method);
    return spliced(text, value, laidOut(text, reply.json, value.offset));
  }
  return setRuleMember(text, address, 'reply', replyText(reply));
}

/** Sets a member of a rule to a JSON text; undefined takes it out. The file becomes one of the full form where it has to. */
export function setRuleMember(text: string, address: RuleAddress, name: string, json: string | undefined): string {
  if (address.number === 0) {
    if (json === undefined) return text;
    return setRuleMember(upgraded(text), { method: address.method, number: 1 }, name, json);
  }
  const rule = ruleOf(text, address);
  const members = rule.children ?? [];
  const at = members.findIndex(({ children }) => children?.[0]?.value === name);
  if (json === undefined) return at < 0 ? text : removePart(text, rule, at);
  const value = members[at]?.children?.[1];
  if (value !== undefined) return spliced(text, value, laidOut(text, json, value.offset));
  // a rule in one line stays in one line where there is room; turned on again it is as it was, however long it is
  const source = text.slice(rule.offset, rule.offset + rule.length);
  const hasRoom = json === 'true' || source.length + json.length < LINE;
  if (members.length > 0 && !/[\r\n]/.test(source + json) && hasRoom) {
    const parts = partsOf(text, rule);
    parts.parts.push({ lead: ' ', body: `${JSON.stringify(name)}: ${json}`, tail: '' });
    return withParts(text, parts);
  }
  return insertPart(text, rule, members.length, (indent) => memberText(text, name, json, indent));
}

/** Adds a rule, given by its members as JSON texts, as number `at` from 0; at the end unless it is given. */
export function addRule(
  text: string,
  method: string,
  members: Readonly<Record<string, string>>,
  at = Number.POSITIVE_INFINITY,
): string {
  const rule = `{ ${Object.entries(members)
    .map(([name, json]) => `${JSON.stringify(name)}: ${json}`)
    .join(', ')} }`;
  const root = rootOf(text);
  const methods = memberOf(root, HOST_METHODS)?.value;
  if (methods === undefined && (root.children ?? []).length > 0) return addRule(upgraded(text), method, members, at);
  if (methods === undefined)
    return addRule(
      insertPart(text, root, 0, () => `"${HOST_METHODS}": {}`),
      method,
      members,
      at,
    );
  if (methods.type !== 'object') throw new Error('`hostMethods` is no object in this mock file: correct that first.');
  const known = memberOf(methods, method)?.value;
  if (known === undefined)
    return insertPart(text, methods, methods.children?.length ?? 0, (indent) => {
      const unit = indentUnit(text);
      const newline = lineBreak(text);
      const inner = indented(text, rule, indent + unit);
      return `${JSON.stringify(method)}: [${newline}${indent}${unit}${inner}${newline}${indent}]`;
    });
  const list = listOf(known);
  if (list === undefined) {
    if (known.type !== 'object') throw new Error(`Host method \`${method}\` has no list of rules: correct that first.`);
    return insertPart(text, known, 0, (indent) => memberText(text, 'rules', `[${rule}]`, indent));
  }
  const count = list.children?.length ?? 0;
  return insertPart(text, list, Math.min(at, count), (indent) => indented(text, rule, indent));
}

/** Takes a rule out; the method goes with its last one. */
export function removeRule(text: string, { method, number }: RuleAddress): string {
  const root = rootOf(text);
  const methods = number === 0 ? root : (memberOf(root, HOST_METHODS)?.value ?? root);
  const { index, value } = memberOf(methods, method) ?? gone(method);
  if (number === 0) return removePart(text, methods, index);
  const list = listOf(value) ?? gone(method);
  if (list === value && list.children?.length === 1) return removePart(text, methods, index);
  return removePart(text, list, number - 1);
}

/** Moves rule number `from` of a method to be number `to`; both from 1. */
export function moveRule(text: string, method: string, from: number, to: number): string {
  if (from === to || from === 0) return text;
  ruleOf(text, { method, number: to });
  ruleOf(text, { method, number: from });
  return movePart(text, rulesOf(text, method), from - 1, to - 1);
}

/** The text of a file of the short form as one of the full form that says the same. */
export function upgraded(text: string): string {
  const root = rootOf(text);
  if (memberOf(root, HOST_METHODS) !== undefined) return text;
  const newline = lineBreak(text);
  const unit = indentUnit(text);
  const parts = partsOf(text, root);
  for (const [i, member] of (root.children ?? []).entries()) {
    const [key, value] = member.children ?? [];
    const part = parts.parts[i];
    if (key === undefined || value === undefined || part === undefined) continue;
    const json = text.slice(value.offset, value.offset + value.length);
    const between = text.slice(key.offset, value.offset);
    part.body = `${between}[{ "reply": ${replyText({ kind: 'result', json })} }]`;
    if (!/[\r\n]/.test(part.lead) && part.lead.trim() === '') part.lead = newline + unit;
  }
  parts.end = `${parts.end.trimEnd()}${newline}`;
  const inside = withParts(text, parts);
  const from = root.offset + 1;
  const to = inside.length - (text.length - (root.offset + root.length)) - 1;
  const indentedInside = inside.slice(from, to).replace(/(\r\n|\r|\n)(?=[^\r\n])/g, `$1${unit}`);
  return `${inside.slice(0, from)}${newline}${unit}"${HOST_METHODS}": {${indentedInside}${unit}}${newline}${inside.slice(to)}`;
}

interface Found {
  readonly index: number;
  readonly value: Node;
}

/** @throws Error with a sentence where the text can't be read */
function rootOf(text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (root?.type !== 'object' || errors.length > 0)
    throw new Error('The mock file has a mistake in it: correct that first, then it can be changed from here.');
  return root;
}

/** The last of that name: that one counts. */
function memberOf(object: Node, name: string): Found | undefined {
  const index = (object.children ?? []).findIndex(({ children }) => children?.[0]?.value === name);
  const value = object.children?.[index]?.children?.[1];
  return value === undefined ? undefined : { index, value };
}

function gone(method: string): never {
  throw new Error(`This rule of \`${method}\` is not in the file any more: look at the tree again.`);
}

/** The list of rules in a method's value, which may have a `default` beside it. */
const listOf = (value: Node): Node | undefined => {
  const list = value.type === 'object' ? memberOf(value, 'rules')?.value : value;
  return list?.type === 'array' ? list : undefined;
};

function rulesOf(text: string, method: string): Node {
  const methods = memberOf(rootOf(text), HOST_METHODS)?.value;
  const value = methods === undefined ? undefined : memberOf(methods, method)?.value;
  return (value === undefined ? undefined : listOf(value)) ?? gone(method);
}

function ruleOf(text: string, { method, number }: RuleAddress): Node {
  const rule = rulesOf(text, method).children?.[number - 1];
  return rule?.type === 'object' ? rule : gone(method);
}

const spliced = (text: string, { offset, length }: Node, replacement: string): string =>
  text.slice(0, offset) + replacement + text.slice(offset + length);

const memberText = (text: string, name: string, json: string, indent: string): string =>
  `${JSON.stringify(name)}: ${indented(text, json, indent)}`;

/** A JSON text for a place in the line that `at` lies in. */
const laidOut = (text: string, json: string, at: number): string =>
  indented(text, json, /[\r\n]?([ \t]*)[^\r\n]*$/.exec(text.slice(0, at))?.[1] ?? '');

/** A JSON text in one line where it is short, else over lines that are indented by `indent`. */
function indented(text: string, json: string, indent: string): string {
  const trimmed = json.trim();
  if (trimmed.length <= LINE && !/[\r\n]/.test(trimmed)) return trimmed;
  const unit = indentUnit(text);
  const options = { insertSpaces: unit !== '\t', tabSize: unit === '\t' ? 4 : unit.length, eol: lineBreak(text) };
  const lines = applyEdits(trimmed, format(trimmed, undefined, options)).split(/\r\n|\r|\n/);
  return lines.join(lineBreak(text) + indent);
}
