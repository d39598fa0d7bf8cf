// From what a person wants of a host method to the edit of the mock file that says it. Pure: which rule is meant, and what becomes of it.

import { takesAll } from '../../debug-adapter/mocks/rule-reader.ts';
import type { MockRule } from '../../debug-adapter/mocks/rules.ts';
import {
  addRule,
  moveRule,
  type NewReply,
  type RuleAddress,
  removeRule,
  replyText,
  setReply,
  setRuleMember,
} from './mockEdits.ts';
import type { MethodNode, RuleNode } from './model.ts';

/** An edit of one file; `file` undefined: the one that counts. */
export interface WantedEdit {
  readonly file: string | undefined;
  change(text: string): string;
}

const addressOf = ({ method, number }: MockRule): RuleAddress => ({ method, number });

/** The rule that answers whatever no other one does. */
function general({ rules }: Pick<MethodNode, 'rules'>): MockRule | undefined {
  return rules.find(({ rule }) => !rule.disabled && takesAll(rule.when))?.rule;
}

/** What is sent from now on: by this rule, or for all calls of the method that no narrower rule takes. */
export function wantReply(method: MethodNode, node: RuleNode | undefined, reply: NewReply): WantedEdit {
  const rule = node?.rule ?? general(method);
  if (rule === undefined)
    return { file: undefined, change: (text) => addRule(text, method.name, { reply: replyText(reply) }) };
  const change = (text: string): string => {
    const { pause } = rule;
    const replied = setReply(text, addressOf(rule), reply);
    return pause ? setRuleMember(replied, addressOf(rule), 'pause', undefined) : replied;
  };
  return { file: rule.place.file, change };
}

/** How long the answer takes, in ms, or between two bounds. */
export function wantDelay(method: MethodNode, node: RuleNode | undefined, delay: string, reply: NewReply): WantedEdit {
  const rule = node?.rule ?? general(method);
  if (rule === undefined)
    return { file: undefined, change: (text) => addRule(text, method.name, { reply: replyText(reply), delay }) };
  return { file: rule.place.file, change: (text) => setRuleMember(text, addressOf(rule), 'delay', delay) };
}

/** Stops at each call and asks; taken back where it does so already. */
export function wantPause(method: MethodNode, node: RuleNode | undefined): WantedEdit {
  const rule = node?.rule ?? method.rules.find(({ rule: each }) => each.pause && !each.disabled)?.rule;
  if (rule === undefined)
    return { file: undefined, change: (text) => addRule(text, method.name, { pause: 'true' }, 0) };
  const address = addressOf(rule);
  const file = rule.place.file;
  if (!rule.pause) return { file, change: (text) => setRuleMember(text, address, 'pause', 'true') };
  return {
    file,
    change: (text) =>
      rule.reply === undefined ? removeRule(text, address) : setRuleMember(text, address, 'pause', undefined),
  };
}

/** Turns rules on or off, file by file. */
export function wantTurned(nodes: readonly RuleNode[], on: boolean): readonly WantedEdit[] {
  const byFile = Map.groupBy(
    nodes.filter(({ rule }) => rule.disabled === on),
    ({ rule }) => rule.place.file,
  );
  return [...byFile].map(([file, rules]) => ({
    file,
    change: (text) =>
      rules.reduce(
        (edited, { rule }) => setRuleMember(edited, addressOf(rule), 'disabled', on ? undefined : 'true'),
        text,
      ),
  }));
}

/** The rule comes to stand where the other one does. Undefined: they are in different files, or of different methods. */
export function wantMoved({ rule }: RuleNode, { rule: to }: RuleNode): WantedEdit | undefined {
  if (rule.method !== to.method || rule.place.file !== to.place.file || rule.number === to.number) return undefined;
  return { file: rule.place.file, change: (text) => moveRule(text, rule.method, rule.number, to.number) };
}
