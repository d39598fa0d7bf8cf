// Who answered a call of a host method, and why: as a value that goes with the reply into the event log and the recording, and as words for
// people. Pure; whoever answers makes it. Contracts P1, R4.
import { quoted } from '../wasm/quoted.ts';

export type AnsweredBy = (
  | {
      readonly by: 'mock';
      /** The mock file, as it was named to the debugger. */
      readonly file: string;
      /** The host method under which the rule stands. */
      readonly method: string;
      /** The rule's line in that file, from 1. */
      readonly line?: number;
      /** Which of the method's rules, from 1, where it has several. */
      readonly rule?: number;
      /** Why that rule: a clause. */
      readonly why?: string;
    }
  /** The process that was started for host methods; `why`, where it matters, is a clause about the mocks that did not answer. */
  | { readonly by: 'host'; readonly command: string; readonly why?: string }
  /** No mock and no process: production's router says -32601. `why` as above. */
  | { readonly by: 'nobody'; readonly why?: string }
  /** Somebody at the debugger, at a stop. */
  | {
      readonly by: 'hand';
      /** This line takes the place of the one in that event, of which the plugin had read nothing. */
      readonly changes?: number;
      /** What would have been the answer: a clause. Without it the stop had asked. */
      readonly why?: string;
    }
  /** The debugger had to, because (a clause). */
  | { readonly by: 'debugger'; readonly why: string }
) & {
  /** The line was asked to be wrong: a replay knows by this that it settles no call, or another than the one whose turn it is. */
  readonly fault?: ReplyFault;
};

/** `outOfOrder` is said of a reply that was held back, and of the one that went before it. */
export type ReplyFault = (typeof REPLY_FAULTS)[number];
const REPLY_FAULTS = ['malformed', 'wrongId', 'duplicate', 'outOfOrder'] as const;

const FAULT_TEXTS: Readonly<Record<ReplyFault, string>> = {
  malformed: 'a malformed line, as it was asked for',
  wrongId: 'under a wrong id, as it was asked for',
  duplicate: 'a second time, as it was asked for',
  outOfOrder: 'out of order, as it was asked for',
};

const UNNAMED: AnsweredBy = { by: 'debugger', why: 'a fault was asked for' };
const faultyOf = new WeakMap<AnsweredBy, Map<ReplyFault, AnsweredBy>>();

/** The same answerer, of a line that was asked to be wrong: one value for each fault. */
export function faulty(answeredBy: AnsweredBy = UNNAMED, fault: ReplyFault): AnsweredBy {
  const known = faultyOf.get(answeredBy) ?? new Map<ReplyFault, AnsweredBy>();
  faultyOf.set(answeredBy, known);
  const marked = known.get(fault) ?? { ...answeredBy, fault };
  known.set(fault, marked);
  return marked;
}

/** Who answered, in plain English, as a noun phrase: it completes "answered by …". One line whatever it holds. */
export function answerText(answeredBy: AnsweredBy): string {
  const { fault } = answeredBy;
  return fault === undefined ? sourceText(answeredBy) : `${sourceText(answeredBy)}, ${FAULT_TEXTS[fault]}`;
}

function sourceText(answeredBy: AnsweredBy): string {
  switch (answeredBy.by) {
    case 'mock': {
      const { file, method, line, rule, why } = answeredBy;
      const which = rule === undefined ? '' : `rule ${rule} of `;
      const place = line === undefined ? '' : `, line ${line}`;
      return `${which}mock \`${quoted(method)}\` of ${quoted(file)}${place}${inBrackets(why)}`;
    }
    case 'host':
      return `host command \`${quoted(answeredBy.command)}\`${inBrackets(answeredBy.why)}`;
    case 'nobody':
      return `nobody: no mock and no host command has this method, and production says -32601 then${inBrackets(answeredBy.why)}`;
    case 'hand':
      return answeredBy.why === undefined
        ? 'hand, at a stop that asked'
        : `hand, at a stop${inBrackets(answeredBy.why)}`;
    case 'debugger':
      return `the debugger: ${quoted(answeredBy.why)}`;
  }
}

/** Somebody changes the answer, which is to be, or was, that of `answeredBy`, in event `changes` if it had left. */
export function changedByHand(answeredBy: AnsweredBy | undefined, changes?: number): AnsweredBy {
  const place = changes === undefined ? undefined : { changes };
  if (answeredBy?.by !== 'hand') return { by: 'hand', ...place, why: `in place of ${replacedText(answeredBy)}` };
  const { why } = answeredBy;
  return { by: 'hand', ...place, ...(why === undefined ? {} : { why }) };
}

function replacedText(answeredBy: AnsweredBy | undefined): string {
  if (answeredBy === undefined) return "the host's answer";
  return answeredBy.by === 'nobody'
    ? '-32601, since nobody has this method'
    : `the answer of ${sourceText(answeredBy)}`;
}

const inBrackets = (why: string | undefined): string => (why === undefined ? '' : ` (${quoted(why)})`);

/** Reads what a recording says; undefined for what this version does not know (R4: fields that are not known are ignored). */
export function parseAnsweredBy(value: unknown): AnsweredBy | undefined {
  const source = parseSource(value);
  if (source === undefined) return undefined;
  const { fault } = value as { readonly fault?: unknown }; // it is an object: parseSource took it
  const known = REPLY_FAULTS.find((name) => name === fault);
  return known === undefined ? source : { ...source, fault: known };
}

function parseSource(value: unknown): AnsweredBy | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const { by, file, method, line, rule, why, command } = fields;
  const reason = typeof why === 'string' ? { why } : undefined;
  const isPlace = (place: unknown): place is number => Number.isSafeInteger(place) && Number(place) >= 1;
  switch (by) {
    case 'mock':
      if (typeof file !== 'string' || typeof method !== 'string') return undefined;
      return {
        by,
        file,
        method,
        ...(isPlace(line) ? { line } : {}),
        ...(isPlace(rule) ? { rule } : {}),
        ...reason,
      };
    case 'host':
      return typeof command === 'string' ? { by, command, ...reason } : undefined;
    case 'nobody':
      return { by, ...reason };
    case 'hand': {
      const { changes } = fields;
      const changed = Number.isSafeInteger(changes) && Number(changes) >= 0 ? { changes: Number(changes) } : undefined;
      return { by, ...changed, ...reason };
    }
    case 'debugger':
      return typeof why === 'string' ? { by, why } : undefined;
    default:
      return undefined;
  }
}
