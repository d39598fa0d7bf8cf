// What is wrong with one mock file, for the editor: its problems, rules behind ones that take all (mocks/ tells both), and host methods that no guest
// calls. Pure.
import type { MockSet } from '../mocks/rules.ts';
import { quoted } from '../wasm/quoted.ts';
import type { GuestCalls } from './guest-calls.ts';
import type { MockDocument } from './mock-document.ts';
import type { Observed } from './observed.ts';
import { type Span, within } from './span.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

export interface Diagnosis extends Span {
  readonly severity: Severity;
  /** One sentence. */
  readonly message: string;
  /** What kind of problem it is, for code actions. */
  readonly code: string;
  /** Text that does nothing: shown faded. */
  readonly unnecessary?: boolean;
}

/** The most that are told of one file. */
const MOST_DIAGNOSES = 500;

/**
 * The problems of one file within a set, which may have others. `observed` and `guests` say which methods exist: where nothing is known, no method is
 * called unknown.
 */
export function mockDiagnostics(
  document: MockDocument,
  set: MockSet,
  guests: GuestCalls,
  observed: Observed,
): Diagnosis[] {
  const { length } = document.text;
  const found: Diagnosis[] = [];
  for (const { file, from, to, severity, message, code } of set.problems) {
    if (file !== document.name) continue;
    const unnecessary = code === 'unreachable' || code === 'data-lost' ? { unnecessary: true } : {};
    found.push({ ...visible({ from, to }, length), severity, message, code, ...unnecessary });
  }
  found.push(...unknownMethods(document, guests, observed));
  if (found.length <= MOST_DIAGNOSES) return found;
  const errorsFirst = found.sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || a.from - b.from);
  const [first] = errorsFirst;
  if (first === undefined) return found;
  const more = found.length - MOST_DIAGNOSES;
  return [
    ...errorsFirst.slice(0, MOST_DIAGNOSES),
    {
      ...visible({ from: 0, to: 1 }, length),
      severity: 'information',
      code: 'bounded',
      message: `${more} more problems in this file are not shown; correct these first.`,
    },
  ];
}

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, information: 2, hint: 3 };

function* unknownMethods(document: MockDocument, guests: GuestCalls, observed: Observed): Generator<Diagnosis> {
  if (!guests.known) return;
  const seen = new Set(
    observed.methods.filter(({ calls, earlier = 0 }) => calls + earlier > 0).map(({ method }) => method),
  );
  for (const { name, place } of document.file.methods) {
    if (guests.methods.has(name) || seen.has(name)) continue;
    const close = closest(name, guests.methods.keys());
    const meant = close === undefined ? '' : ` Did you mean \`${quoted(close)}\`?`;
    yield {
      ...within(place, document.text.length),
      // a name of almost the same letters is a slip; another may be built at run time, where no scan sees it
      severity: close === undefined ? 'information' : 'warning',
      code: 'never-called',
      message: `No plugin source in this workspace calls the host method \`${quoted(name)}\`, and none was seen to.${meant}`,
    };
  }
}

/** The name that differs from `name` in the fewest letters, if those are few. */
export function closest(name: string, names: Iterable<string>): string | undefined {
  if (name.length > 100) return undefined;
  let best: string | undefined;
  let least = Math.min(2, Math.floor(name.length / 3)) + 1;
  for (const other of names) {
    if (Math.abs(other.length - name.length) >= least) continue;
    const edits = editDistance(name, other);
    if (edits < least) [best, least] = [other, edits];
  }
  return best;
}

/** How many letters are put in, left out, changed, or swapped with the next (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? i) + 1 : change;
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** A place that can be seen: at least one character, where the text has one. */
function visible(span: Span, length: number): Span {
  const { from, to } = within(span, length);
  if (to > from || length === 0) return { from, to };
  return from < length ? { from, to: from + 1 } : { from: length - 1, to: length };
}
