// What names mean in a condition or log message over an event: `method`, `params.user.id`, `errno`, `len`. Made lazily: nothing is parsed
// until a condition asks. Used by the worker for stops and by the session for watches.
import { parseJson } from '../rpc/json.ts';
import type { Direction, Message } from '../rpc/message.ts';
import { isSyscallName, SYSCALLS } from '../wasi/definitions.ts';
import { type Scope, scopeOf, type WasmState } from './expression.ts';

const json = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
};

/** Names of a message: kind, dir, type, id, method, params, result, error, code, line, bytes. `method` is that of the request it answers. */
export function messageScope(
  dir: Direction,
  message: Message,
  line: () => string,
  bytes: number,
  method: string | undefined,
): Scope {
  return (name) => {
    switch (name) {
      case 'kind':
        return 'rpc';
      case 'dir':
        return dir;
      case 'type':
        return message.type;
      case 'line':
        return line();
      case 'bytes':
        return bytes;
      case 'method':
        return method;
      case 'id':
        return 'id' in message ? json(message.id) : undefined;
      case 'params':
        return message.type === 'request' ? json(message.params) : undefined;
      case 'result':
        return message.type === 'response' ? json(message.result) : undefined;
      case 'error':
        return message.type === 'error' ? { code: json(message.code), message: message.message } : undefined;
      case 'code':
        return message.type === 'error' ? json(message.code) : undefined;
      case 'message':
        return message.type === 'error' ? message.message : undefined;
      default:
        return undefined;
    }
  };
}

/** Names of a syscall: kind, name, errno, and its arguments by their own names. */
export function syscallScope(name: string, args: readonly (number | bigint)[], errno: number | undefined): Scope {
  const parameters = isSyscallName(name) ? SYSCALLS[name].params : [];
  return (field) => {
    if (field === 'kind') return 'syscall';
    if (field === 'name') return name;
    if (field === 'errno') return errno;
    const index = parameters.findIndex((parameter) => parameter.name === field);
    return index < 0 ? undefined : args[index];
  };
}

/** Adds fields that every event has. */
export function withCommon(scope: Scope, fuel: number, time: number): Scope {
  return scopeOf((name) => (name === 'fuel' ? fuel : name === 'time' ? time : scope(name)), scope);
}

/** Adds the guest's locals, globals, operands and memory. */
export function withState(scope: Scope, state: WasmState): Scope {
  return scopeOf(scope, { state, known: scope.known, cast: scope.cast });
}

/** Where a stop in code stands; its members are asked when an expression asks, so one object serves for all hits of a breakpoint. */
export interface CodePlace {
  /** Demangled. */
  readonly function: string;
  /** Byte offset in the original file. */
  readonly offset: number;
  readonly moment: number;
  readonly fuel: number;
  /** ms on the run's clock. */
  readonly time: number;
}

/** Names at a stop in code, besides those of variables. */
export const CODE_NAMES: readonly string[] = ['kind', 'function', 'offset', 'moment', 'fuel', 'time'];

/** CODE_NAMES, and the guest. May be kept while `place` and `state` move along. */
export function codeScope(place: CodePlace, state: WasmState): Scope {
  return scopeOf(
    (name) => {
      switch (name) {
        case 'kind':
          return 'code';
        case 'function':
        case 'offset':
        case 'moment':
        case 'fuel':
        case 'time':
          return place[name];
        default:
          return undefined;
      }
    },
    {
      state,
      known: () =>
        'A stop in code has kind, function, offset, moment, fuel, time; besides there are $0 and $name of locals and globals, stack[0], and memory as in i32[address].',
    },
  );
}

/** Names whose values were found elsewhere, as JSON texts with all their digits: what crosses to the worker with an expression. */
export function namedValues(values: Readonly<Record<string, string>>, base: Scope): Scope {
  return scopeOf((name) => (Object.hasOwn(values, name) ? json(values[name] ?? '') : base(name)), base);
}
