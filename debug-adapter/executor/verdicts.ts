// What is made of each event: diagnoses go into the log and are remembered, and the rules say whether to log a message or to stop. One stop
// for all that happened at an event. Contracts P1, S6.

import { withCommon } from '../expressions/event-scope.ts';
import type { Fault } from './ending.ts';
import type { EventSink } from './event-sink.ts';
import type { HostCheck } from './host-check.ts';
import type { WorkerPlatform } from './messages.ts';
import type { Stop, StopClass } from './options.ts';
import type { Pauses } from './pauses.ts';
import type { Happening, StopRules } from './stops.ts';

/** A diagnosis as rpc/diagnosis.ts makes it, and those of our own. */
export interface Finding {
  readonly kind: string;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

export class Verdicts {
  readonly #platform: WorkerPlatform;
  readonly #sink: EventSink;
  readonly #rules: StopRules;
  readonly #pauses: Pauses;
  readonly #debug: boolean;
  /** In a replay the recording has the diagnoses, and hands them over: those that are made anew are only compared. */
  readonly #check: HostCheck | undefined;
  /** The recording's diagnoses that come next are taken over. */
  readonly #copy: () => void;
  readonly faults: Fault[] = [];

  constructor(
    platform: WorkerPlatform,
    sink: EventSink,
    rules: StopRules,
    pauses: Pauses,
    debug: boolean,
    check: HostCheck | undefined,
    copy: () => void,
  ) {
    this.#platform = platform;
    this.#sink = sink;
    this.#rules = rules;
    this.#pauses = pauses;
    this.#debug = debug;
    this.#check = check;
    this.#copy = copy;
  }

  /** Puts diagnoses into the log. @returns the first that is a fault. */
  diagnose(found: readonly Finding[]): Stop['diagnosis'] {
    let fault: Stop['diagnosis'];
    for (const { kind, message, severity } of found) {
      const faulty = severity === 'error';
      this.#check?.made(kind);
      if (this.#check === undefined) this.#sink.diagnosis(kind, message, faulty ? 'fault' : 'warning');
      if (!faulty) continue;
      if (this.#check === undefined) this.faults.push({ kind, message });
      fault ??= { diagnosis: kind, message };
    }
    if (found.length === 0 || this.#check === undefined) return fault;
    const known = this.faults.length;
    this.#copy();
    // in the words that were recorded: where it was is looked up only once
    const told = this.faults.slice(known).find(({ kind }) => kind === fault?.diagnosis);
    return told === undefined ? fault : { diagnosis: told.kind, message: told.message };
  }

  /** Logs and stops as the rules say. `stack` is V8's trace where the guest's frames are gone already. */
  decide(happenings: readonly Happening[], fault: Stop['diagnosis'], stack?: string): void {
    if (!this.#debug) return;
    const rules: string[] = [];
    let stop = false;
    const decide = (happening: Happening): boolean => {
      const decision = this.#rules.decide(happening);
      for (const text of decision.logs) this.#platform.post({ type: 'log', text, seq: this.#sink.last });
      rules.push(...decision.rules);
      stop ||= decision.stop;
      return decision.stop;
    };
    for (const happening of happenings) decide(happening);
    const faulty = fault !== undefined && decide(faultHappening(fault, this.#sink));
    const { reached } = this.#rules;
    if (!stop && !reached) return;
    const reason = faulty ? 'fault' : rules.length > 0 ? 'event' : reached ? 'reached' : 'step';
    this.#pauses.stop(reason, rules, faulty ? fault : undefined, 'event', stack);
  }

  /** Stops where the event that is run to has happened, and is one that no rule is about. */
  stopIfReached(): void {
    if (this.#debug && this.#rules.reached) this.#pauses.stop('reached', [], undefined, 'event');
  }
}

function faultHappening({ diagnosis, message }: NonNullable<Stop['diagnosis']>, { fuel, time }: EventSink): Happening {
  const kind: StopClass = diagnosis === 'trap' || diagnosis === 'panic' ? 'trap' : 'protocol';
  return {
    classes: [kind, 'diagnosis'],
    name: undefined,
    scope: withCommon(
      (name) =>
        name === 'kind' ? 'diagnosis' : name === 'diagnosis' ? diagnosis : name === 'message' ? message : undefined,
      fuel,
      time,
    ),
  };
}
