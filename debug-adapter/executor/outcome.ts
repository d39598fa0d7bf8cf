// How a call ended, as the host sees it, from how the guest ended and where the host stopped reading. Pure. UPSTREAM.md, "Life of a call".
import type { Outcome as HostOutcome } from '../rpc/endpoint.ts';
import { productionError } from '../rpc/errors.ts';
import type { Ending, Fault } from './ending.ts';
import type { FuelState, Outcome } from './options.ts';

export interface RunEnded {
  readonly ending: Ending;
  /** Undefined: the host had not stopped reading. */
  readonly endpoint: HostOutcome | undefined;
  /** In order. */
  readonly faults: readonly Fault[];
  readonly fuel: FuelState;
  readonly events: { readonly rpc: number; readonly syscall: number };
  readonly wallMs: number;
}

/** Diagnoses that end a call in production whatever else was said: the first of them is the fault. */
const LIMITS: ReadonlySet<string> = new Set(['wall-time', 'fuel', 'memory', 'output', 'line', 'events']);

/** As the worker knows it: the log lines are in the event store. */
export type WorkerOutcome = Omit<Outcome, 'stderr'>;

export function outcomeOf(run: RunEnded): WorkerOutcome {
  const { ending, endpoint, faults } = run;
  const base = {
    result: undefined,
    error: undefined,
    fault: undefined,
    exitCode: ending.code,
    fuel: run.fuel,
    events: run.events,
    wallMs: run.wallMs,
  };
  const first = faults[0] ?? { kind: ending.reason, message: ending.message };
  if (ending.reason === 'limit') {
    const last = faults.at(-1) ?? first;
    return { ...base, kind: LIMITS.has(last.kind) ? 'limit' : 'fault', fault: last };
  }
  if (ending.reason === 'terminated')
    return { ...base, kind: 'terminated', fault: { kind: 'terminated', message: ending.message } };
  if (ending.reason === 'ours' || ending.reason === 'unusable') return { ...base, kind: 'fault', fault: first };
  // Production's join returns the response however the guest ended after it.
  if (endpoint?.kind === 'result') return { ...base, kind: 'result', result: endpoint.result };
  if (endpoint?.kind === 'error-response' && endpoint.response.id === '0') {
    const { code, message } = endpoint.response;
    return {
      ...base,
      kind: 'error',
      error: { code: exactCode(code), message, seenAs: productionError(code, message) },
    };
  }
  // unknown host methods are answered, and do not end a call
  const fault = faults.find(({ kind }) => kind !== 'unknown-host-method') ?? first;
  return { ...base, kind: 'fault', fault };
}

/** The text of an i64 as a number, or as a bigint where a double can't hold it. */
function exactCode(text: string): number | bigint {
  const code = Number(text);
  return Number.isSafeInteger(code) ? code : BigInt(text);
}
