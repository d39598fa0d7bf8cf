// A mock file with all that it includes, as one set of rules. The reader of files is given. Pure. Contracts P2, E4.
import { quoted } from '../wasm/quoted.ts';
import { includePath } from './include-path.ts';
import { drained, includesIn, readMockFileSteps } from './mock-file.ts';
import { type MockProblem, MocksError } from './problems.ts';
import type { MockFile, MockMethod, MockPlace, MockRule, MockSet, MockStateUse } from './rules.ts';

export { includePath };

/** A file's name, as it was named to the debugger, and its text. */
export interface MockSource {
  readonly name: string;
  readonly text: string;
}

/** A mock file with the texts of what it includes: what crosses to the worker. */
export interface MockSources extends MockSource {
  readonly included?: readonly MockSource[];
}

/** Includes within includes, at most. */
const DEEPEST = 16;

/** The state of a scenario that says nothing of states. */
const START = 'start';

/**
 * Reads a mock file and all that it includes. `read` gives a file's text by the path that `includePath` made, or undefined where there is none.
 * Never throws: `problems` of the set has all that is wrong.
 */
export function readMockSet(source: MockSource, read: (path: string) => string | undefined): MockSet {
  return drained(readMockSetSteps(source, read));
}

/** As `readMockSet`, rule by rule. */
function* readMockSetSteps(
  { name, text }: MockSource,
  read: (path: string) => string | undefined,
): Generator<undefined, MockSet> {
  const files: MockFile[] = [];
  const problems: MockProblem[] = [];
  const known = new Map<string, MockFile>();
  function* visit(path: string, file: MockFile, trail: readonly string[]): Generator<undefined, void> {
    files.push(file);
    problems.push(...file.problems);
    known.set(path, file);
    for (const { path: written, place } of file.includes) {
      const target = includePath(path, written);
      const problem = (code: MockProblem['code'], message: string): void => {
        problems.push({ ...place, severity: 'error', code, message });
      };
      const around = [...trail, path];
      if (around.includes(target)) {
        const circle = [...around.slice(around.indexOf(target)), target].map((each) => quoted(each)).join(' → ');
        problem('include-cycle', `This file includes itself (${circle}); take one of these includes out.`);
        continue;
      }
      if (known.has(target)) continue; // its rules are there already
      if (around.length > DEEPEST) {
        problem(
          'include-depth',
          `Includes lie deeper than ${DEEPEST} files within one another; include it further up.`,
        );
        continue;
      }
      const included = read(target);
      if (included === undefined) {
        problem(
          'include-missing',
          `The file ${quoted(target)} can't be read; correct the path, which is seen from this file.`,
        );
        continue;
      }
      yield* visit(target, yield* readMockFileSteps(target, included), around);
    }
  }
  // to find it again it goes by the same kind of path as the others; to people it is what they called it
  yield* visit(includePath('', name), yield* readMockFileSteps(name, text), []);
  const [first] = files;
  if (first === undefined) throw new Error('there is no file');
  const stateUses = files.flatMap((file) => file.stateUses);
  // of a file that is broken a state's declaration may be what can't be read
  const isBroken = problems.some(({ code }) => code === 'syntax');
  const states = declaredStates(files, stateUses, isBroken ? [] : problems);
  return {
    file: name,
    form: first.form,
    files: files.map((file) => file.name),
    problems: inOrder(problems, files),
    methods: merged(files),
    default: files.find((file) => file.default !== undefined)?.default,
    initialState: files.find((file) => file.initialState !== undefined)?.initialState ?? states.first,
    states: states.all,
    stateUses,
  };
}

/** File by file, from above. */
function inOrder(problems: readonly MockProblem[], files: readonly MockFile[]): MockProblem[] {
  const order = new Map(files.map(({ name }, i) => [name, i] as const));
  return [...problems].sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.from - b.from);
}

function merged(files: readonly MockFile[]): Map<string, MockMethod> {
  const methods = new Map<
    string,
    { name: string; places: MockPlace[]; rules: MockRule[]; default: MockMethod['default'] }
  >();
  for (const file of files)
    for (const { name, place, rules, default: fallback } of file.methods) {
      const method = methods.get(name) ?? { name, places: [], rules: [], default: undefined };
      methods.set(name, method);
      method.places.push(place);
      for (const rule of rules) method.rules.push(rule);
      method.default ??= fallback;
    }
  return methods;
}

/** States by name, and those that can't be: one that is not declared, one that nothing leads to. */
function declaredStates(
  files: readonly MockFile[],
  uses: readonly MockStateUse[],
  problems: MockProblem[],
): { readonly all: readonly string[]; readonly first: string } {
  const declared = files.flatMap((file) => file.states ?? []);
  const initial = uses.find(({ use }) => use === 'initial')?.state;
  const first = initial ?? declared[0] ?? START;
  if (declared.length > 0) {
    const known = new Set(declared);
    for (const { state, use, place } of uses)
      if (use !== 'declared' && !known.has(state))
        problems.push({
          ...place,
          severity: 'error',
          code: 'unknown-state',
          message: `There is no state \`${quoted(state)}\`: \`states\` has ${declared.map((name) => `\`${quoted(name)}\``).join(', ')}.`,
        });
    return { all: [...known], first };
  }
  const reached = new Set([first, ...uses.filter(({ use }) => use === 'setState').map(({ state }) => state)]);
  for (const { state, use, place } of uses)
    if (use === 'when' && !reached.has(state))
      problems.push({
        ...place,
        severity: 'warning',
        code: 'never-true',
        message: `No rule sets the state \`${quoted(state)}\`, and the scenario begins in \`${quoted(first)}\`: give \`initialState\`, or a rule with "setState".`,
      });
  return { all: [...new Set([first, ...uses.map(({ state }) => state)])], first };
}

/** The paths that a file includes, as `includePath` makes them. */
function includesOf(path: string, text: string): string[] {
  return includesIn(text).map((written) => includePath(path, written));
}

/** Reads the texts of all files that `source` includes, each once; one that can't be read is left out. */
export async function gatherMocks(
  source: MockSource,
  readText: (path: string) => Promise<string>,
): Promise<MockSources> {
  const included: MockSource[] = [];
  const seen = new Set([includePath('', source.name)]);
  let files: readonly MockSource[] = [{ ...source, name: includePath('', source.name) }];
  for (let depth = 0; depth <= DEEPEST && files.length > 0; depth++) {
    const next: MockSource[] = [];
    for (const { name, text } of files)
      for (const path of includesOf(name, text)) {
        if (seen.has(path)) continue;
        seen.add(path);
        const read = await readText(path).catch(() => undefined);
        if (read === undefined) continue;
        const file = { name: path, text: read };
        next.push(file);
        included.push(file);
      }
    files = next;
  }
  return included.length === 0 ? source : { ...source, included };
}

/** The set of gathered texts. Never throws. */
export function mockSetOf(sources: MockSources): MockSet {
  return drained(setSteps(sources));
}

function setSteps({ name, text, included = [] }: MockSources): Generator<undefined, MockSet> {
  const texts = new Map(included.map((file) => [file.name, file.text] as const));
  return readMockSetSteps({ name, text }, (path) => texts.get(path));
}

/**
 * As `mockSetOf`, in turns of about `turn` ms with a rest between them: ten thousand rules take longer than a thread may be held. Undefined where
 * `isStale` says so after a rest.
 */
export async function mockSetInTurns(
  sources: MockSources,
  { turn, now, rest, isStale }: { turn: number; now: () => number; rest: () => Promise<void>; isStale: () => boolean },
): Promise<MockSet | undefined> {
  const steps = setSteps(sources);
  let end = now() + turn;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (now() < end) continue;
    await rest();
    if (isStale()) return undefined;
    end = now() + turn;
  }
}

/** @throws MocksError where the set has an error */
export function checkMockSet(set: MockSet): MockSet {
  if (set.problems.some(({ severity }) => severity === 'error')) throw new MocksError(set.problems);
  return set;
}
