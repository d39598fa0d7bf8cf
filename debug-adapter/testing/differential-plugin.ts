// Runs one call of a plugin to its end, as it is or rewritten, against syscalls whose every answer is settled: a clock that advances with each
// look, dice with a seed, a host that answers at once. Only tests import it. (I1)
import { createHash } from 'node:crypto';
import { RewrittenGuest } from '../instrument/testing.ts';
import { createSyscalls } from '../wasi/calls.ts';
import { createContext, GuestExit, takeSleep, takeStdinWait } from '../wasi/context.ts';
import { SYSCALL_NAMES, WASI_MODULE } from '../wasi/definitions.ts';
import { GuestMemory } from '../wasi/memory.ts';
import { framesOf } from './differential-frames.ts';
import type { NamedPlan } from './plans.ts';
import { RandomSource } from './random-source.ts';

/** A guest that makes so many syscalls is ended: it waits for what never comes. */
const MOST_SYSCALLS = 5000;
class Endless extends Error {}

export interface PluginCall {
  readonly method: string;
  /** JSON text. */
  readonly params: string;
}

/** What came of a call; two runs must agree in all of it. */
export interface PluginCourse {
  /** How `_start` ended, a trap with its frames in offsets of the original. */
  readonly end: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Every syscall with its arguments and errno. */
  readonly syscalls: readonly string[];
  /** SHA-256 of the memory at the end, and its size. */
  readonly memory: string;
}

/** The host's answer to a line, where it is a request: `echo` gives its params back, all else is refused. */
function answer(line: string): string | undefined {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null || !('method' in message) || !('id' in message)) return undefined;
  const params = 'params' in message ? message.params : null;
  const said =
    message.method === 'echo' ? { result: params } : { error: { code: -32601, message: 'Method not found' } };
  return `${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...said })}\n`;
}

/** @param plan undefined: the module as it is @throws WasmError, CompileError, LinkError for what can't be instantiated */
export function pluginCourse(
  bytes: Uint8Array<ArrayBuffer>,
  plan: NamedPlan | undefined,
  { method, params }: PluginCall,
): PluginCourse {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const source = new RandomSource(7);
  const output: [stdout: string, stderr: string] = ['', ''];
  const syscallLog: string[] = [];
  let time = 1_700_000_000_000_000_000n;
  let instance: WebAssembly.Instance | undefined;
  let rest = '';
  const memory = new GuestMemory(() => {
    const exported = instance?.exports['memory'];
    return exported instanceof WebAssembly.Memory ? exported : undefined;
  });
  const context = createContext({
    write: (fd, written) => {
      const text = decoder.decode(written);
      output[fd - 1] += text;
      if (fd !== 1) return;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const reply = answer(line);
        if (reply !== undefined) context.stdin.append(encoder.encode(reply));
      }
    },
    now: () => {
      time += 1_000_000n;
      return time;
    },
    random: (filled) => {
      for (let n = 0; n < filled.length; n++) filled[n] = source.below(256);
    },
  });
  context.stdin.append(encoder.encode(`{"jsonrpc":"2.0","id":0,"method":"${method}","params":${params}}\n`));
  const syscalls = createSyscalls(context, memory);
  const imports: Record<string, unknown> = {};
  for (const name of SYSCALL_NAMES)
    imports[name] = (...args: (number | bigint)[]) => {
      if (syscallLog.length === MOST_SYSCALLS) throw new Endless();
      const n = syscallLog.push(`${name}(${args.join(', ')})`) - 1;
      const errno = syscalls[name](...args);
      syscallLog[n] += ` = ${errno}`;
      if (context.outcome.fuelToZero) {
        time = takeSleep(context) ?? time;
        takeStdinWait(context);
      }
      return errno;
    };
  const guest = plan && new RewrittenGuest(bytes, plan.make, { [WASI_MODULE]: imports });
  instance = guest?.instance ?? new WebAssembly.Instance(new WebAssembly.Module(bytes), { [WASI_MODULE]: imports });
  let end = 'returned';
  try {
    (instance.exports['_start'] as () => void)();
  } catch (error) {
    if (error instanceof GuestExit) end = `exit ${error.code}`;
    else if (error instanceof Endless) end = 'endless';
    else if (error instanceof Error)
      end = `${error.name}: ${error.message} @ ${framesOf(String(error.stack), guest?.instrumented).join(' < ')}`;
    else throw error;
  }
  const exported = instance.exports['memory'];
  const buffer = exported instanceof WebAssembly.Memory ? exported.buffer : new ArrayBuffer(0);
  return {
    end,
    stdout: output[0],
    stderr: output[1],
    syscalls: syscallLog,
    memory: `${createHash('sha256').update(new Uint8Array(buffer)).digest('hex')} of ${buffer.byteLength} bytes`,
  };
}
