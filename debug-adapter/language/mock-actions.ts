// What can be done about a place in a mock file at one stroke: a rule for a call that none matched, a method's name as it was meant, a rule turned off or
// taken out. Edits only; which are offered is decided here. Pure.
import { HOST_METHODS } from '../mocks/rules.ts';
import type { GuestCalls } from './guest-calls.ts';
import { closest, type Diagnosis } from './mock-diagnostics.ts';
import type { MockDocument } from './mock-document.ts';
import { addRule, removeRule, rulePath, setAt } from './mock-edits.ts';
import type { TextEdit } from './mock-format.ts';
import { brief } from './mock-text.ts';
import type { Observed } from './observed.ts';
import type { Span } from './span.ts';

export interface MockAction {
  readonly title: string;
  readonly kind: 'quickfix' | 'refactor';
  readonly edits: readonly TextEdit[];
  /** The problem that it mends. */
  readonly mends?: Diagnosis;
  readonly preferred: boolean;
}

/** The most actions that add a rule. */
const MOST_CALLS = 5;

/** The actions for a piece of a file; `diagnoses` are those that touch it. */
export function mockActions(
  document: MockDocument,
  span: Span,
  diagnoses: readonly Diagnosis[],
  guests: GuestCalls,
  observed: Observed,
): MockAction[] {
  const actions: MockAction[] = [];
  for (const diagnosis of diagnoses) actions.push(...mended(document, diagnosis, guests));
  const rule = document.ruleAt(span.from);
  if (rule !== undefined && rule.number > 0) {
    const path = rulePath(document, rule.method, rule.number, 'disabled');
    const title = rule.disabled ? 'Turn this rule on' : 'Turn this rule off';
    push(actions, title, 'refactor', setAt(document, path, rule.disabled ? undefined : 'true'));
  }
  const of = document.methodAt(span.from);
  const unmatched = observed.methods.filter(
    ({ unmatched: call, method }) => call !== undefined && (of === undefined || method === of),
  );
  for (const { method, unmatched: call } of unmatched.slice(0, MOST_CALLS)) {
    if (call === undefined) continue;
    const { answer } = call;
    const result = answer?.kind === 'result' ? answer.text : 'null';
    const rule = `{ "when": { "params": ${literal(call.params)} }, "reply": { "result": ${result} } }`;
    push(
      actions,
      `Add a rule for the call of ${brief(method, 40)} that none matched`,
      'quickfix',
      addRule(document, method, rule, true),
    );
  }
  if (of === undefined)
    for (const method of [...guests.methods.keys()].filter((name) => !hasMethod(document, name)).slice(0, MOST_CALLS))
      push(actions, `Add the host method ${brief(method, 40)}`, 'refactor', added(document, method));
  return actions;
}

function push(
  actions: MockAction[],
  title: string,
  kind: MockAction['kind'],
  edits: TextEdit[],
  mends?: Diagnosis,
): void {
  if (edits.length > 0) actions.push({ title, kind, edits, preferred: mends !== undefined, ...(mends && { mends }) });
}

function added(document: MockDocument, method: string): TextEdit[] {
  if (document.form === 'full' || (document.tree?.children?.length ?? 0) === 0)
    return addRule(document, method, '{ "reply": { "result": null } }', false);
  return setAt(document, [method], 'null');
}

function hasMethod(document: MockDocument, method: string): boolean {
  return document.file.methods.some(({ name }) => name === method);
}

/** Params as a pattern that means just these: what looks like an operator is quoted. */
function literal(params: string): string {
  return /"(?:\$|\\u0024)/.test(params) ? `{ "$literal": ${params} }` : params;
}

function mended(document: MockDocument, diagnosis: Diagnosis, guests: GuestCalls): MockAction[] {
  const actions: MockAction[] = [];
  const text = document.text.slice(diagnosis.from, diagnosis.to);
  switch (diagnosis.code) {
    case 'never-called': {
      const meant = closest(nameIn(text), guests.methods.keys());
      if (meant !== undefined)
        push(actions, `Call it ${brief(meant, 40)}`, 'quickfix', [replaced(diagnosis, meant)], diagnosis);
      break;
    }
    case 'unknown-state':
    case 'never-true': {
      const known = document.file.stateUses.filter(
        ({ use, state }) =>
          state !== nameIn(text) && (diagnosis.code === 'never-true' ? use !== 'when' : use === 'declared'),
      );
      const meant = closest(nameIn(text), new Set(known.map(({ state }) => state)));
      if (meant !== undefined)
        push(actions, `Change to the state ${brief(meant, 40)}`, 'quickfix', [replaced(diagnosis, meant)], diagnosis);
      if (diagnosis.code === 'unknown-state') {
        const count = document.file.states?.length;
        if (count !== undefined)
          push(
            actions,
            `Declare the state ${brief(nameIn(text), 40)}`,
            'quickfix',
            setAt(document, ['states', count], text, true),
            diagnosis,
          );
      }
      break;
    }
    case 'unreachable': {
      const rule = document.ruleAt(diagnosis.from);
      if (rule === undefined) break;
      const { method, number } = rule;
      push(actions, 'Take this rule out', 'quickfix', removeRule(document, method, number), diagnosis);
      break;
    }
    case 'no-reply': {
      const at = ruleIndexAt(document, diagnosis.from);
      if (at !== undefined)
        push(
          actions,
          'Reply with null',
          'quickfix',
          setAt(document, rulePath(document, at.method, at.number, 'reply'), '{ "result": null }'),
          diagnosis,
        );
      break;
    }
    case 'data-lost':
      break;
    default:
  }
  return actions;
}

/** A rule that has an error is not among those that were read: it is found by its place. */
function ruleIndexAt(
  document: MockDocument,
  offset: number,
): { readonly method: string; readonly number: number } | undefined {
  const methods = document.tree?.children?.find(({ children }) => children?.[0]?.value === HOST_METHODS)?.children?.[1];
  for (const { children } of methods?.children ?? []) {
    const [key, value] = children ?? [];
    const list =
      value?.type === 'object'
        ? value.children?.find((each) => each.children?.[0]?.value === 'rules')?.children?.[1]
        : value;
    const index = list?.children?.findIndex((rule) => rule.offset === offset) ?? -1;
    if (key !== undefined && index >= 0) return { method: String(key.value), number: index + 1 };
  }
  return undefined;
}

const replaced = ({ from, to }: Span, name: string): TextEdit => ({ from, to, text: JSON.stringify(name) });

function nameIn(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
