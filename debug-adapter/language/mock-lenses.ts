// What stands above a rule in the editor: whether it is on, how often it answered, and when last. A lens that turns a rule on or off says which rule it
// means; the editor's side runs it. Pure.
import type { MockDocument } from './mock-document.ts';
import { observedRule } from './mock-hover.ts';
import type { Observed } from './observed.ts';
import type { Span } from './span.ts';

export interface MockLens extends Span {
  readonly title: string;
  /** Turns the rule on or off; absent: the lens only tells. */
  readonly toggles?: { readonly method: string; readonly number: number };
}

/** More rules than that get no lenses: an editor asks for all of them at once. */
const MOST_LENSES = 2000;

export function mockLenses(document: MockDocument, observed: Observed): MockLens[] {
  const lenses: MockLens[] = [];
  for (const { rules } of document.file.methods)
    for (const rule of rules) {
      if (lenses.length >= MOST_LENSES) return lenses;
      const span = { from: rule.place.from, to: rule.place.from + 1 };
      const { method, number } = rule;
      if (number > 0) lenses.push({ ...span, title: rule.disabled ? '○ off' : '● on', toggles: { method, number } });
      const seen = observedRule(rule, observed);
      const hits = seen?.hits ?? 0;
      const earlier = seen?.earlier ?? 0;
      if (hits + earlier > 0) {
        const at = seen?.at === undefined ? '' : `, last matched at ${seen.at}`;
        const counted = hits === 0 ? `no hits now, ${earlier} before` : hits === 1 ? '1 hit' : `${hits} hits`;
        lenses.push({ ...span, title: `${counted}${at}` });
      } else if (observed.methods.length > 0) lenses.push({ ...span, title: 'no hits' });
    }
  return lenses;
}
