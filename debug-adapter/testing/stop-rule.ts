// A rule of when a run stops, said by what is special about it. Only tests import it.
import type { StopRule } from '../executor/options.ts';

/** A rule that every event of a class meets, but for what `more` says. Its id is the class, where `more` has none. */
export const stopRule = (kind: StopRule['class'], more: Partial<Omit<StopRule, 'class'>> = {}): StopRule => ({
  id: kind,
  class: kind,
  name: undefined,
  condition: undefined,
  hitCondition: undefined,
  logMessage: undefined,
  ...more,
});
