// Reads the text of one mock file: comments and trailing commas are JSON's here, and of what is broken the rest is read all the same. What its
// members mean is file-reader.ts's; what it includes is put to it by mock-set.ts. Pure. Contract E4 (bounded depth).
import { scanJson } from '../rpc/json-scan.ts';
import { readBrokenText, type SyntaxFault, sentence } from './broken-text.ts';
import { readRoot } from './file-reader.ts';
import { FileText, RESULT_DEPTH, TOO_DEEP } from './file-text.ts';
import { blankComments, JsoncText } from './jsonc.ts';
import { type MockProblem, type MockProblemCode, Places, problemAt } from './problems.ts';
import { HOST_METHODS, type MockFile } from './rules.ts';

/** Rules, lists and operators around a result, at most. */
const AROUND = 16;

/** Reads a file's text; `name` is for messages. Never throws. */
export function readMockFile(name: string, source: string): MockFile {
  return drained(readMockFileSteps(name, source));
}

/** Runs what goes in steps to its end. */
export function drained<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The paths that a file includes, as written; none of one that is no JSON. Reads no rules. */
export function includesIn(source: string): readonly string[] {
  // most files include none, and a long one takes its time; an escape may stand for any letter
  if (!source.includes('"include"') && !source.includes('\\u')) return [];
  const blanked = blankComments(source);
  if ('unclosed' in blanked) return [];
  const scan = scanJson(blanked.text, { trailingCommas: true, maxDepth: RESULT_DEPTH + AROUND });
  if (scan.fault !== undefined || scan.root !== 'object') return [];
  const text = new JsoncText(blanked.text);
  const members = text.members({ kind: 'object', start: scan.start, end: scan.end });
  const list = members.find(({ key }) => key === 'include')?.value;
  if (list?.kind !== 'array' || !members.some(({ key }) => key === HOST_METHODS)) return [];
  return text
    .items(list)
    .filter(({ kind }) => kind === 'string')
    .map((node) => text.string(node));
}

/** As `readMockFile`, rule by rule: whoever must not be held up for long rests between two. */
export function* readMockFileSteps(name: string, source: string): Generator<undefined, MockFile> {
  const failed = (from: number, to: number, code: MockProblemCode, message: string): MockFile => ({
    ...NOTHING,
    name,
    problems: [problemAt(name, source, from, to, code, message)],
  });
  // Comments become spaces, so that every offset stays that of the file.
  const blanked = blankComments(source);
  if ('unclosed' in blanked) {
    const { unclosed } = blanked;
    const before = blankComments(source.slice(0, unclosed));
    const fault = { from: unclosed, to: unclosed + 2, message: 'This comment has no end; close it with `*/`.' };
    return (
      (yield* readBroken(name, 'text' in before ? before.text : '', fault, false)) ??
      failed(fault.from, fault.to, 'syntax', fault.message)
    );
  }
  const { text } = blanked;
  yield;
  const options = { trailingCommas: true, maxDepth: RESULT_DEPTH };
  const flat = scanJson(text, options);
  // most files are nowhere as deep as a result may be: then none is too deep
  const deep = flat.fault?.kind === 'depth';
  const scan = deep ? scanJson(text, { ...options, maxDepth: RESULT_DEPTH + AROUND }) : flat;
  if (scan.fault !== undefined) {
    const { kind, reason, offset } = scan.fault;
    if (kind !== 'depth') {
      const fault = { from: offset, to: offset + 1, message: sentence(reason) };
      return (yield* readBroken(name, text, fault)) ?? failed(fault.from, fault.to, 'syntax', fault.message);
    }
    const shallow = scanJson(text, { trailingCommas: true, maxDepth: RESULT_DEPTH + 1 });
    return failed(shallow.fault?.offset ?? offset, offset + 1, 'too-deep', TOO_DEEP);
  }
  if (scan.root !== 'object')
    return failed(
      scan.start,
      scan.end,
      'shape',
      `A mock file is a JSON object from host method to result, not ${article(scan.root)}.`,
    );
  yield;
  const file = new FileText(name, new JsoncText(text), deep);
  yield;
  return yield* readRoot(file, { kind: 'object', start: scan.start, end: scan.end });
}

/** A text that is no JSON: all that is wrong with its syntax, and with the rules in it that are whole. Undefined where nothing more than `first` can be said. */
function* readBroken(
  name: string,
  text: string,
  first: SyntaxFault,
  whole = true,
): Generator<undefined, MockFile | undefined> {
  const { faults, more, mended } = readBrokenText(text, first, RESULT_DEPTH, whole);
  const places = new Places(name, text);
  const problems = faults.map(({ from, to, message }, i): MockProblem => {
    const last = i === faults.length - 1 && more > 0 ? ` ${more} more errors of syntax follow.` : '';
    return { ...places.place(from, to), severity: 'error', code: 'syntax', message: message + last };
  });
  if (mended === undefined) return faults.length === 1 ? undefined : { ...NOTHING, name, problems };
  const { gaps, start, end } = mended;
  const rest = new FileText(name, new JsoncText(mended.text), false, text);
  const file = yield* readRoot(rest, { kind: 'object', start, end });
  // of what is broken nothing else is told
  const others = file.problems.filter(({ from }) => !gaps.some((gap) => from >= gap.from && from < gap.to));
  // and what it includes is not looked for: its list may be what is broken
  return { ...file, includes: [], problems: [...problems, ...others].sort((a, b) => a.from - b.from) };
}

const NOTHING: Omit<MockFile, 'name' | 'problems'> = {
  form: 'short',
  methods: [],
  default: undefined,
  includes: [],
  initialState: undefined,
  states: undefined,
  stateUses: [],
};

function article(root: string): string {
  return root === 'null' ? root : root === 'array' ? 'an array' : `a ${root}`;
}
