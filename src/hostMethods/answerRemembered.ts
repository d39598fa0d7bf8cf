// What an answer by hand becomes in the mock file: the reply to all calls of its method, or, where the method has other rules or had other answers by hand,
// to those with the same params. Pure. Contract P2.
import { whenText } from '../../debug-adapter/mocks/from-recording.ts';
import { takesAll } from '../../debug-adapter/mocks/rule-reader.ts';
import { addRule, type NewReply, replyText } from './mockEdits.ts';
import type { MethodNode, RuleNode } from './model.ts';
import { type WantedEdit, wantReply } from './wanted.ts';

/** An answer that was given by hand. */
export interface GivenByHand {
  /** The debug session in which it was: what was answered in others says nothing of this one. */
  readonly session: string;
  readonly method: string;
  /** JSON text. */
  readonly params: string;
  readonly reply: NewReply;
}

/** Params of more characters are no way to know a call by. */
const LONGEST = 20_000;
/** So many answers are looked back on. */
const KEPT = 200;

/** The answers by hand of this window, the last ones. */
export class HandAnswers {
  readonly #given: GivenByHand[] = [];

  add(given: GivenByHand): void {
    if (given.params.length > LONGEST) return;
    this.#given.push(given);
    if (this.#given.length > KEPT) this.#given.shift();
  }

  /** Params of calls of the same method in the same session that were answered otherwise. */
  othersThan({ session, method, params, reply }: GivenByHand): string[] {
    const text = replyText(reply);
    return this.#given
      .filter((one) => one.session === session && one.method === method)
      .filter((one) => one.params !== params && replyText(one.reply) !== text)
      .map((one) => one.params);
  }
}

/**
 * The edit that keeps `given`. `asked`: the rule that said to stop and ask for it. `others`: params of calls of the method that were answered
 * otherwise by hand.
 */
export function wantRemembered(
  method: MethodNode,
  asked: RuleNode | undefined,
  { params, reply }: GivenByHand,
  others: readonly string[],
): WantedEdit {
  const asks = asked !== undefined && takesAll(asked.rule.when);
  // a rule that asks about some calls only is told apart from others already
  if (asked !== undefined && !asks) return wantReply(method, asked, reply);
  const ruled = method.rules.some(({ id, rule }) => id !== asked?.id && !rule.disabled);
  if ((!ruled && others.length === 0) || params.length > LONGEST) return wantReply(method, asked, reply);
  const members = { when: whenText(params, others), reply: replyText(reply) };
  const [first] = method.rules;
  // before whatever would take the call, and in the file of that
  const at = asked === undefined ? 0 : asked.rule.number - 1;
  return {
    file: (asked ?? first)?.rule.place.file,
    change: (text) => addRule(text, method.name, members, Math.max(0, at)),
  };
}
