// What names mean in a condition or log message over an event: `method`, `params.user.id`, `errno`, `len`. Made lazily: nothing is parsed
// until a condition asks. Used by the worker for stops and by the session for watches.
import { parseJson } from '../rpc/json.ts';
import type { Direction, Message } from '../rpc/message.ts';
import { isSyscallName, SYSCALLS } from '../wasi/definitions.ts';
import type { Scope } from './expression.ts';

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
  return (name) => (name === 'fuel' ? fuel : name === 'time' ? time : scope(name));
}
