// Events that a DAP client asks to stop at, as rules of the executor: exception filters, and function breakpoints by the names `rpc:echo`,
// `rpc-reply:echo`, `syscall:fd_read`. Checks names, conditions, hit counts and log messages; decides nothing at run time. Those in the code
// are code-breakpoints.ts. Contract S1.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { StopClass, StopRule } from '../executor/options.ts';
import { compileHitCondition } from '../executor/stops.ts';
import { compileExpression, compileMessage, messageParts, usesOf } from '../expressions/expression.ts';
import { isSyscallName, SYSCALL_NAMES, SYSCALLS } from '../wasi/definitions.ts';

interface Filter {
  readonly filter: StopClass;
  readonly label: string;
  readonly description: string;
  readonly default: boolean;
  readonly conditionDescription: string;
}

const FILTERS: readonly Filter[] = [
  {
    filter: 'trap',
    label: 'Traps and panics',
    description: 'Stops where the plugin traps or panics, before production would only say "internal error".',
    default: true,
    conditionDescription: "e.g. contains(message, 'overflow')",
  },
  {
    filter: 'protocol',
    label: 'Protocol faults',
    description:
      'Stops at what production would choke on: stray text on stdout, malformed JSON, an unknown id, an exit without a response.',
    default: true,
    conditionDescription: "e.g. message != ''",
  },
  {
    filter: 'rpc',
    label: 'Every message',
    description: 'Stops at every message, in both directions.',
    default: false,
    conditionDescription: "e.g. dir == 'out' && bytes > 1000",
  },
  {
    filter: 'syscall',
    label: 'Every syscall',
    description: 'Stops at every syscall of the plugin.',
    default: false,
    conditionDescription: 'e.g. errno != 0',
  },
  {
    filter: 'yield',
    label: 'Every yield',
    description: 'Stops whenever the plugin has used up its slice of fuel, where production lets other tasks run.',
    default: false,
    conditionDescription: 'e.g. fuel > 1000000',
  },
  {
    filter: 'stderr',
    label: 'Every log line',
    description: 'Stops at every line that the plugin writes to stderr.',
    default: false,
    conditionDescription: "e.g. contains(line, 'ERROR')",
  },
];

/** The filters for the capabilities. */
export function exceptionFilters(): DebugProtocol.ExceptionBreakpointsFilter[] {
  return FILTERS.map((filter) => ({ ...filter, supportsCondition: true }));
}

export interface CheckedRule {
  readonly rule: StopRule | undefined;
  /** Why there is no rule, or what to know about it. */
  readonly message: string | undefined;
}

function refuse(message: string): CheckedRule {
  return { rule: undefined, message };
}

const COMMON = ['kind', 'fuel', 'time'];
const MESSAGE = ['dir', 'type', 'id', 'method', 'params', 'result', 'error', 'code', 'message', 'line', 'bytes'];
const NAMES: Readonly<Record<StopClass, readonly string[]>> = {
  trap: [...COMMON, 'diagnosis', 'message'],
  protocol: [...COMMON, 'diagnosis', 'message'],
  diagnosis: [...COMMON, 'diagnosis', 'message'],
  rpc: [...COMMON, ...MESSAGE],
  'rpc-reply': [...COMMON, ...MESSAGE],
  syscall: [...COMMON, 'name', 'errno'],
  yield: COMMON,
  stderr: [...COMMON, 'line', 'bytes'],
};

/** A name in a condition or a log message that events of this class never have: it would hold never, or always. */
function strangerIn(rule: StopRule): string | undefined {
  const syscalls = SYSCALL_NAMES.filter((name) => rule.name === undefined || rule.name === name);
  const parameters =
    rule.class === 'syscall' ? syscalls.flatMap((name) => SYSCALLS[name].params.map((one) => one.name)) : [];
  const known = [...new Set([...NAMES[rule.class], ...parameters])];
  const uses = expressionsOf(rule).map((expression) => usesOf(expression));
  const stranger = uses.flatMap(({ names }) => names).find((name) => !known.includes(name));
  if (stranger !== undefined) return `There is no value '${stranger}' here: there are ${known.join(', ')}.`;
  const local = uses.flatMap(({ state }) => state).find((used) => /^(?:\$\d+|local|stack)$/.test(used));
  return local === undefined
    ? undefined
    : `Locals and operands are not at hand where an event happens, so '${local}' can't be asked for: globals and memory can.`;
}

/** What a breakpoint may ask for besides its place. */
export type Asked = Pick<StopRule, 'condition' | 'hitCondition' | 'logMessage'>;

/** The sentence of the first thing in it that does not compile, or of what `strangerIn` finds then. */
export function problemOf<A extends Asked>(asked: A, strangerIn: (asked: A) => string | undefined): string | undefined {
  try {
    if (asked.condition !== undefined) compileExpression(asked.condition);
    compileHitCondition(asked.hitCondition);
    if (asked.logMessage !== undefined) compileMessage(asked.logMessage);
    return strangerIn(asked);
  } catch (error) {
    const message = (error as Error).message;
    return message.charAt(0).toUpperCase() + message.slice(1);
  }
}

/** Every expression in a condition and a log message. @throws ExpressionError */
function expressionsOf({ condition, logMessage }: Asked): string[] {
  const parts = logMessage === undefined ? [] : messageParts(logMessage).filter((part) => part.expression);
  return [...(condition === undefined ? [] : [condition]), ...parts.map((part) => part.text)];
}

/** What clients send where nothing was written is nothing. */
export const filled = (text: unknown): string | undefined =>
  typeof text === 'string' && text.trim() !== '' ? text : undefined;

/** One filter of a `setExceptionBreakpoints` request. The rule's id is `filter:` and the filter's. */
export function filterRule(filter: string, condition: unknown): CheckedRule {
  const known = FILTERS.find((candidate) => candidate.filter === filter);
  if (known === undefined)
    return refuse(
      `There is no filter '${filter}': there are ${FILTERS.map((candidate) => candidate.filter).join(', ')}.`,
    );
  const rule: StopRule = {
    id: `filter:${known.filter}`,
    class: known.filter,
    name: undefined,
    condition: filled(condition),
    hitCondition: undefined,
    logMessage: undefined,
  };
  const problem = problemOf(rule, strangerIn);
  return problem === undefined ? { rule, message: undefined } : refuse(problem);
}

/** A function breakpoint as clients send it; `logMessage` is not in DAP, and taken from those that send it all the same. */
export interface FunctionBreakpointArguments {
  readonly name: string;
  readonly condition?: string | undefined;
  readonly hitCondition?: string | undefined;
  readonly logMessage?: string | undefined;
}

/** A path of Rust may begin with such a word too: `rpc::handle`. */
const EVENT = /^\s*(?:rpc-reply|rpc|syscall)\s*:(?!:)/;
const NAME = /^\s*(rpc-reply|rpc|syscall)\s*:\s*(.*?)\s*(?:\slog:\s*(.*?)\s*)?$/s;
/** Far longer than any name, and short enough for a pattern that looks at every space twice. */
export const MOST_CHARACTERS = 2000;
const FORMS =
  "'rpc:echo' (a request to or from the plugin), 'rpc-reply:echo' (the answer to one) or 'syscall:fd_read'; '*' stands for any name";

/** Whether a function breakpoint's name means an event; else it means functions of the plugin. */
export const namesEvent = (name: string): boolean => EVENT.test(name);

/**
 * A function breakpoint as a rule. DAP has no log messages for function breakpoints, so the name may carry one: `rpc:echo log: got
 * {params.message}`. The rule's id is `function:` and `id`.
 */
export function functionBreakpointRule(breakpoint: FunctionBreakpointArguments, id: number): CheckedRule {
  const match = breakpoint.name.length > MOST_CHARACTERS ? null : NAME.exec(breakpoint.name.trim());
  if (match === null) return refuse(`'${breakpoint.name.slice(0, 100)}' names no place to stop: write ${FORMS}.`);
  const kind = match[1] as 'rpc' | 'rpc-reply' | 'syscall';
  const name = match[2] ?? '';
  if (name === '') return refuse(`'${breakpoint.name}' lacks a name after the colon: write ${FORMS}.`);
  if (kind === 'syscall' && name !== '*' && !isSyscallName(name))
    return refuse(`There is no syscall '${name}': production has ${SYSCALL_NAMES.join(', ')}.`);
  const rule: StopRule = {
    id: `function:${id}`,
    class: kind,
    name: name === '*' ? undefined : name,
    condition: filled(breakpoint.condition),
    hitCondition: filled(breakpoint.hitCondition),
    logMessage: filled(breakpoint.logMessage) ?? filled(match[3]),
  };
  const problem = problemOf(rule, strangerIn);
  return problem === undefined ? { rule, message: undefined } : refuse(problem);
}
