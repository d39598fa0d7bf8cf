// Names for rules that stay when the mock file changes: what is counted of a rule is counted under its name. Keeps the last rules of each method and
// file, and names of some that are gone, so that an undo finds them again. Knows no calls.
import { alignRules } from '../../debug-adapter/mocks/align-rules.ts';
import type { MockRule, MockSet } from '../../debug-adapter/mocks/rules.ts';

/** Names that are kept of rules that are gone, for each method and file. */
const MOST_GONE = 100;

interface Known {
  rules: readonly MockRule[];
  /** By the text of the rule. */
  readonly gone: Map<string, string>;
}

export class RuleIds {
  readonly #ids = new WeakMap<MockRule, string>();
  /** By file, then by method. */
  readonly #known = new Map<string, Map<string, Known>>();
  #next = 1;

  /** The rules are these from now on. */
  follow(set: MockSet): void {
    const single = set.files.length === 1 ? set.files[0] : undefined;
    for (const [method, { rules }] of set.methods)
      if (single !== undefined) this.#followIn(single, method, rules);
      else {
        const byFile = Map.groupBy(rules, ({ place }) => place.file);
        for (const file of set.files) this.#followIn(file, method, byFile.get(file) ?? []);
      }
    // methods that the files do not name any more
    for (const file of set.files)
      for (const [method, { rules }] of this.#known.get(file) ?? [])
        if (rules.length > 0 && !set.methods.has(method)) this.#followIn(file, method, []);
  }

  #followIn(file: string, method: string, rules: readonly MockRule[]): void {
    const inFile = this.#known.get(file) ?? new Map<string, Known>();
    this.#known.set(file, inFile);
    const known = inFile.get(method);
    if (known === undefined && rules.length === 0) return;
    const { rules: before, gone } = known ?? { rules: [], gone: new Map<string, string>() };
    const was = alignRules(before, rules);
    const left = new Set(before);
    for (const [i, rule] of rules.entries()) {
      const old = before[was[i] ?? -1];
      if (old !== undefined) left.delete(old);
      const id = (old && this.#ids.get(old)) ?? gone.get(rule.text) ?? String(this.#next++);
      if (old === undefined) gone.delete(rule.text);
      this.#ids.set(rule, id);
    }
    for (const rule of left) gone.set(rule.text, this.of(rule));
    if (gone.size > MOST_GONE) for (const text of [...gone.keys()].slice(0, gone.size - MOST_GONE)) gone.delete(text);
    inFile.set(method, { rules, gone });
  }

  /** The name of a rule of a set that was followed. */
  of(rule: MockRule): string {
    let id = this.#ids.get(rule);
    if (id === undefined) {
      id = String(this.#next++);
      this.#ids.set(rule, id);
    }
    return id;
  }
}
