// The door of this room: a mock file that can be used, or a MocksError. What a file may hold is in docs/mock-files.md. Pure.
// Contracts P2 (results keep their numbers), M1 (the caller sends replies in order).
import type { AnsweredBy } from '../rpc/answered-by.ts';
import type { JsonText } from '../rpc/message.ts';
import { ruleAnsweredBy } from './matcher.ts';
import { checkMockSet, type MockSources, mockSetOf } from './mock-set.ts';
import { MocksError } from './problems.ts';
import { takesAll } from './rule-reader.ts';
import type { MockSet } from './rules.ts';

export { MocksError };

/** A host method's result, ready for the wire. */
export interface FixedReply {
  readonly result: JsonText;
  /** The rule that it stands in: the same value each time. */
  readonly answeredBy: AnsweredBy;
}

/** A mock file that has no error. It knows no run: counts, states and replies are the matcher's. */
export class Mocks {
  /** No mocks: every host method is unknown. */
  static readonly NONE: Mocks = Mocks.of({ name: '', text: '{}' });

  readonly set: MockSet;

  private constructor(set: MockSet) {
    this.set = set;
  }

  /** Reads a file that includes no others; `file` is its name for messages. @throws MocksError */
  static parse(source: string, file: string): Mocks {
    return Mocks.of({ name: file, text: source });
  }

  /** Reads a file with what it includes. @throws MocksError that names the first error and how many more there are */
  static of(sources: MockSources): Mocks {
    return new Mocks(checkMockSet(mockSetOf(sources)));
  }

  /** The host methods that have rules, in the order of the file. */
  get methods(): readonly string[] {
    return [...this.set.methods.keys()];
  }

  /** The answer to any call of a host method, where it is one and the same; undefined where it depends on the call. */
  answer(method: string, _params: JsonText): FixedReply | undefined {
    const rule = this.set.methods.get(method)?.rules.find(({ disabled }) => !disabled);
    if (rule === undefined || !takesAll(rule.when) || rule.pause) return undefined;
    const { reply } = rule;
    if (reply?.kind !== 'result' || reply.result.kind !== 'text') return undefined;
    return { result: reply.result.text, answeredBy: ruleAnsweredBy(rule) };
  }
}
