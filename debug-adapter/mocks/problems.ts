// What is wrong with a mock file: all of it, each with its place and the way out. Pure.
import { lineAndColumn } from '../rpc/json.ts';
import { quoted } from '../wasm/quoted.ts';
import type { MockPlace } from './rules.ts';

export type MockProblemCode =
  | 'syntax'
  | 'shape'
  | 'too-deep'
  | 'duplicate-method'
  | 'unknown-member'
  | 'unknown-operator'
  | 'bad-pattern'
  | 'bad-schema'
  | 'bad-path'
  | 'bad-number'
  | 'no-reply'
  | 'unsupported'
  | 'unknown-state'
  | 'unreachable'
  | 'never-true'
  | 'include-missing'
  | 'include-cycle'
  | 'include-depth'
  | 'data-lost';

export interface MockProblem extends MockPlace {
  /** `error`: the file can't be used. */
  readonly severity: 'error' | 'warning' | 'hint';
  /** One sentence with the way out. */
  readonly message: string;
  readonly code: MockProblemCode;
}

/** `FILE:LINE:COLUMN: sentence`. */
export function problemText({ file, line, column, message }: MockProblem): string {
  return `${quoted(file)}:${line}:${column}: ${message}`;
}

/** A mock file that can't be used. The message is `FILE:LINE:COLUMN: sentence`, both from 1, columns in UTF-16 units, and how many more there are. */
export class MocksError extends Error {
  readonly line: number;
  readonly column: number;
  /** All that is wrong, errors and warnings. */
  readonly problems: readonly MockProblem[];

  /** `problems` hold an error. */
  constructor(problems: readonly MockProblem[]) {
    const errors = problems.filter(({ severity }) => severity === 'error');
    const first = errors[0] ?? problems[0];
    if (first === undefined) throw new TypeError('nothing is wrong');
    const rest = errors.length - 1;
    const text = problemText(first);
    const more = `(and ${rest} more ${rest === 1 ? 'error' : 'errors'}, which mocks check lists)`;
    super(rest <= 0 ? text : `${text.replace(/\.$/, '')} ${more}.`);
    this.name = 'MocksError';
    this.line = first.line;
    this.column = first.column;
    this.problems = problems;
  }
}

/** Places in one text. Lines end at `\n`, as in `lineAndColumn`; one look-up costs a binary search. */
export class Places {
  readonly #file: string;
  readonly #starts: number[] = [0];

  constructor(file: string, text: string) {
    this.#file = file;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  place(from: number, to: number): MockPlace {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= from) low = middle;
      else high = middle - 1;
    }
    return { file: this.#file, from, to, line: low + 1, column: from - (this.#starts[low] ?? 0) + 1 };
  }
}

/** A problem at an offset of a text that was not looked at as lines yet. */
export function problemAt(
  file: string,
  text: string,
  from: number,
  to: number,
  code: MockProblemCode,
  message: string,
): MockProblem {
  return { file, from, to, ...lineAndColumn(text, from), severity: 'error', code, message };
}
