// What a mock file means, as values: host methods, their rules in order, and what is said when none matches. Made by mock-file.ts and
// mock-set.ts, read by the matcher, the tree and the language server. No behaviour, but the names of things.
import type { MessageId } from '../rpc/message.ts';
import type { Pattern } from './pattern.ts';
import type { MockProblem } from './problems.ts';
import type { Template } from './template.ts';

/** What a call that no rule matches gets: -32601 as production's router says it, a stop that asks, or the host's process. */
export type MockDefault = 'unknown' | 'pause' | 'host';
export const MOCK_DEFAULTS: readonly MockDefault[] = ['unknown', 'pause', 'host'];

/** The member of the root that makes a file one of the full form. */
export const HOST_METHODS = 'hostMethods';

/** A piece of a mock file: offsets in UTF-16 units, `line` and `column` of `from`, both from 1. */
export interface MockPlace {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly column: number;
}

/** Faults on demand: the reply goes out under another id, twice, or behind the reply to a later call. */
export type MockFault =
  | { readonly kind: 'wrongId' /** Undefined: the right one and a thousand. */; readonly id: MessageId | undefined }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'outOfOrder' };

/** What is sent. */
export type MockReplySpec =
  | { readonly kind: 'result'; readonly result: Template; readonly fault: MockFault | undefined }
  | {
      readonly kind: 'error';
      /** The text of an i64. */
      readonly code: string;
      readonly message: string;
      readonly fault: MockFault | undefined;
    }
  /** No answer comes, and nothing behind it is read, as in production (M1). */
  | { readonly kind: 'never' }
  /** A line that is no message. Undefined: a reply that is cut off. */
  | { readonly kind: 'malformed'; readonly line: string | undefined }
  /** The answer of another plugin. `plugin`: its path, as `includePath` makes them. */
  | { readonly kind: 'call'; readonly plugin: string; readonly method: string; readonly params: Template }
  | {
      readonly kind: 'sequence';
      readonly replies: readonly MockReplySpec[] /** What comes when all were sent. */;
      readonly after: 'stay' | 'cycle';
    };

/** When a rule answers: all that is given must hold. */
export interface MockCondition {
  readonly params: Pattern | undefined;
  /** Over the number of this call among the calls of its method, from 1. */
  readonly nth: Pattern | undefined;
  /** The scenario is in one of these states. */
  readonly states: readonly string[] | undefined;
  /** Where these stand, for sentences and the language server. */
  readonly places: { readonly params?: MockPlace; readonly nth?: MockPlace; readonly state?: MockPlace };
}

export interface MockRule {
  readonly method: string;
  /** From 1, in the list of the method in its file; 0 for a method of the short form, which has only its result. */
  readonly number: number;
  /** The rule's text; of the short form, the key and the result. */
  readonly place: MockPlace;
  readonly name: string | undefined;
  readonly disabled: boolean;
  readonly when: MockCondition;
  /** Undefined with `pause` alone. */
  readonly reply: MockReplySpec | undefined;
  /** Stops the run at the call and asks. */
  readonly pause: boolean;
  /** ms on the run's clock: one of [least, most]. */
  readonly delay: readonly [least: number, most: number] | undefined;
  /** How many calls the rule is to answer in a run. */
  readonly times: { readonly least: number; readonly most: number } | undefined;
  /** The scenario's state from this call on. */
  readonly setState: string | undefined;
  /** The rule's text without comments. Which rule it was before the file changed is told by `alignRules`. */
  readonly text: string;
}

export interface MockMethod {
  readonly name: string;
  /** Of its key, in each file that has it: the file itself first. */
  readonly places: readonly MockPlace[];
  /** In the order in which they are tried: those of the file, then those of what it includes. Disabled ones are there too. */
  readonly rules: readonly MockRule[];
  /** Undefined: as the file's. */
  readonly default: MockDefault | undefined;
}

/** A state of the scenario where a file names it. */
export interface MockStateUse {
  readonly state: string;
  readonly use: 'declared' | 'initial' | 'when' | 'setState';
  readonly place: MockPlace;
}

/** A host method as one file has it. */
export interface FileMethod {
  readonly name: string;
  readonly place: MockPlace;
  readonly rules: readonly MockRule[];
  readonly default: MockDefault | undefined;
}

/** One file by itself, as mock-file.ts reads it. */
export interface MockFile {
  readonly name: string;
  readonly form: 'short' | 'full';
  readonly problems: readonly MockProblem[];
  readonly methods: readonly FileMethod[];
  readonly default: MockDefault | undefined;
  /** As written. */
  readonly includes: readonly { readonly path: string; readonly place: MockPlace }[];
  readonly initialState: string | undefined;
  readonly states: readonly string[] | undefined;
  readonly stateUses: readonly MockStateUse[];
}

/** One mock file and all that it includes. */
export interface MockSet {
  /** As it was named to the debugger. */
  readonly file: string;
  /** `short`: an object from host method to result. */
  readonly form: 'short' | 'full';
  /** This file's name first, then those that it includes, each once. */
  readonly files: readonly string[];
  /** Of all files; what has an error is left out of what follows. */
  readonly problems: readonly MockProblem[];
  readonly methods: ReadonlyMap<string, MockMethod>;
  /** Undefined: the file does not say. */
  readonly default: MockDefault | undefined;
  readonly initialState: string;
  /** Those that are declared, or else used. */
  readonly states: readonly string[];
  readonly stateUses: readonly MockStateUse[];
}
