// The arguments of DAP requests as far as they are the same everywhere: an object, whose numbers are numbers and whose texts are texts. What a field means is
// its request's business. Contract E4 (a client may send anything).
import type { DebugProtocol } from '@vscode/debugprotocol';

/** Fields by what DAP says they are, in whichever request they stand. */
const NUMBERS = [
  ...['frameId', 'variablesReference', 'sourceReference', 'startFrame', 'levels', 'start', 'count'],
  ...['offset', 'instructionOffset', 'instructionCount', 'bytes'],
];
const TEXTS = ['expression', 'memoryReference', 'name', 'value', 'data'];
/** Their fields are the launch configuration's, which launch.ts checks, or the library's. */
const OTHERS: ReadonlySet<string> = new Set(['launch', 'restart', 'attach', 'initialize']);

/** What is no object counts as an empty one. @throws Error with a sentence for a field of another type; null is not one. */
export function argumentsOf(request: DebugProtocol.Request): object {
  const args: unknown = request.arguments;
  if (typeof args !== 'object' || args === null) return {};
  if (OTHERS.has(request.command)) return args;
  check(request.command, args);
  const { source } = args as { source?: unknown };
  if (typeof source === 'object' && source !== null) check(request.command, source);
  return args;
}

function check(command: string, args: object): void {
  const fields = args as Readonly<Record<string, unknown>>; // any object is one
  for (const [names, type] of [
    [NUMBERS, 'number'],
    [TEXTS, 'string'],
  ] as const)
    for (const name of names) {
      const value = fields[name];
      if (value !== undefined && value !== null && typeof value !== type)
        throw new Error(
          `The arguments of '${command}' are not what the protocol says they are ('${name}' is no ${type}).`,
        );
    }
}
