// Decides at each event whether to stop or to log: exception filters, function breakpoints and steps are all rules over an event.
// Pure but for its hit counts. Says nothing of how a stop is carried out. Contract S1.

import { withState } from '../expressions/event-scope.ts';
import { compileExpression, compileMessage, type Expression, type Scope, truthy } from '../expressions/expression.ts';
import type { WasmState } from '../expressions/scope.ts';
import { quoted } from '../wasm/quoted.ts';
import type { Resume, StopClass, StopRule } from './options.ts';

/** What the deciding needs of an event; fields that conditions name are looked up only when a condition asks. */
export interface Happening {
  /** All classes it belongs to. A request is `rpc`; a response is `rpc` and `rpc-reply`. */
  readonly classes: readonly StopClass[];
  /** Method or syscall, for rules with a name. */
  readonly name: string | undefined;
  readonly scope: Scope;
}

interface Compiled {
  readonly rule: StopRule;
  readonly condition: Expression | undefined;
  readonly hit: (count: number) => boolean;
  readonly message: ((scope: Scope) => string) | undefined;
}

/** A rule's hit condition as a test over the count of hits, this one included: `5`, `>= 3`, `% 10`. @throws SyntaxError */
export function compileHitCondition(source: string | undefined): (count: number) => boolean {
  if (source === undefined || source.trim() === '') return () => true;
  const match = /^\s*(==|=|>=|<=|>|<|%)?\s*(\d+)\s*$/.exec(source);
  const n = Number(match?.[2]);
  if (match === null || !Number.isSafeInteger(n))
    throw new SyntaxError(
      `the hit condition '${quoted(source)}' is none: write a number, or one after >, >=, <, <=, == or %, e.g. '>= 3'.`,
    );
  switch (match[1]) {
    case '>':
      return (count) => count > n;
    case '>=':
      return (count) => count >= n;
    case '<':
      return (count) => count < n;
    case '<=':
      return (count) => count <= n;
    case '%':
      return (count) => n > 0 && count % n === 0;
    default:
      return (count) => count === n;
  }
}

export interface Decision {
  readonly stop: boolean;
  /** Ids of the rules that were hit and stop. */
  readonly rules: readonly string[];
  /** Texts of the log rules that were hit. */
  readonly logs: readonly string[];
}
const NOTHING: Decision = { stop: false, rules: [], logs: [] };

const STEP_CLASSES: Record<NonNullable<Resume['until']>, readonly StopClass[]> = {
  event: ['rpc', 'syscall', 'yield', 'stderr', 'diagnosis'],
  rpc: ['rpc'],
  syscall: ['syscall'],
  yield: ['yield'],
};

export class StopRules {
  #byClass = new Map<StopClass, Compiled[]>();
  readonly #hits = new Map<string, number>();
  #step: readonly StopClass[] = [];
  #target: number | undefined;
  /** The number of the event that has begun last. */
  lastEvent: () => number = () => -1;
  /** The guest, whose globals and memory conditions may ask for; undefined before there is one. */
  guest: WasmState | undefined;

  /** Replaces the rules; hit counts of rules that stay are kept. Rules that don't compile are left out: the session checked them. */
  set(rules: readonly StopRule[]): void {
    this.#byClass = new Map();
    for (const rule of rules) {
      let compiled: Compiled;
      try {
        compiled = {
          rule,
          condition: rule.condition === undefined ? undefined : compileExpression(rule.condition),
          hit: compileHitCondition(rule.hitCondition),
          message: rule.logMessage === undefined ? undefined : compileMessage(rule.logMessage),
        };
      } catch {
        continue;
      }
      const list = this.#byClass.get(rule.class);
      if (list === undefined) this.#byClass.set(rule.class, [compiled]);
      else list.push(compiled);
    }
  }

  /** How often each rule was hit: for a run that goes on elsewhere. */
  get hits(): [id: string, count: number][] {
    return [...this.#hits];
  }

  set hits(hits: readonly (readonly [id: string, count: number])[]) {
    for (const [id, count] of hits) this.#hits.set(id, count);
  }

  /** The step that is under way: it ends at the next stop, whatever that is. */
  step(until: Resume['until']): void {
    this.#step = until === undefined ? [] : STEP_CLASSES[until];
  }

  /** Until the next stop, whatever that is, this event is run to. */
  runTo(event: number | undefined): void {
    this.#target = event;
  }

  get target(): number | undefined {
    return this.#target;
  }

  /** The event that is run to has happened. */
  get reached(): boolean {
    return this.#target !== undefined && this.lastEvent() >= this.#target;
  }

  /** Whether an event of `kind` could matter: asked first, so that nothing is made for events that don't. */
  cares(kind: StopClass): boolean {
    return (
      this.#step.includes(kind) ||
      this.#byClass.has(kind) ||
      (kind === 'rpc' && this.#byClass.has('rpc-reply')) ||
      this.reached
    );
  }

  decide(happening: Happening): Decision {
    const scope = this.guest === undefined ? happening.scope : withState(happening.scope, this.guest);
    let stepped = false;
    let rules: string[] | undefined;
    let logs: string[] | undefined;
    for (const kind of happening.classes) {
      if (this.#step.includes(kind)) stepped = true;
      for (const { rule, condition, hit, message } of this.#byClass.get(kind) ?? []) {
        if (rule.name !== undefined && rule.name !== happening.name) continue;
        if (condition !== undefined && !holds(condition, scope)) continue;
        const count = (this.#hits.get(rule.id) ?? 0) + 1;
        this.#hits.set(rule.id, count);
        if (!hit(count)) continue;
        if (message !== undefined) {
          logs ??= [];
          logs.push(message(scope));
        } else {
          rules ??= [];
          rules.push(rule.id);
        }
      }
    }
    if (!stepped && rules === undefined && logs === undefined) return NOTHING;
    return { stop: stepped || rules !== undefined, rules: rules ?? [], logs: logs ?? [] };
  }
}

/** A condition that can't be evaluated here (a field of another kind of event, a text compared to a number) does not hold. */
function holds(condition: Expression, scope: Scope): boolean {
  try {
    return truthy(condition(scope));
  } catch {
    return false;
  }
}
