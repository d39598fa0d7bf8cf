// Event stores filled by hand, for tests of what reads them. Only tests import it.
import { EventStore } from '../recording/event-store.ts';
import { LogWriter, type WriteJournal } from '../recording/log.ts';
import { CALL } from '../recording/log-format.ts';
import { syscallIndex } from '../recording/syscalls.ts';

const encoder = new TextEncoder();
const NO_WRITES: WriteJournal = { count: 0, address: () => 0, length: () => 0, bytes: () => new Uint8Array() };

/** Appends events to a store, a microsecond and 100 fuel apart. `flush()` hands them over. */
export class Filler {
  readonly store = new EventStore();
  readonly log = new LogWriter();
  #time = 0;
  #fuel = 0;

  #next(): [fuel: number, time: number] {
    this.#time += 0.001;
    this.#fuel += 100;
    return [this.#fuel, this.#time];
  }

  message(dir: 'in' | 'out', line: string | Uint8Array, flags = 0): this {
    this.log.rpc(dir, typeof line === 'string' ? encoder.encode(line) : line, flags, ...this.#next());
    return this;
  }
  request(dir: 'in' | 'out', id: number | string, method: string, params = 'null'): this {
    return this.message(dir, `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`);
  }
  result(dir: 'in' | 'out', id: number | string, result: string): this {
    return this.message(dir, `{"jsonrpc":"2.0","id":${id},"result":${result}}`);
  }
  stderr(line: string, flags = 0): this {
    this.log.stderr(encoder.encode(line), flags, ...this.#next());
    return this;
  }
  syscall(name: string, args: readonly number[] = [], errno = 0, flags = 0, journal = NO_WRITES): this {
    const index = syscallIndex(name);
    this.log.syscall(index, args, errno, flags, journal, 200, 57, 0, ...this.#next());
    return this;
  }
  poll(): this {
    return this.syscall('fd_read', [0, 16, 1, 8], 6, CALL.emptyPoll | CALL.fuelToZero);
  }
  yields(count = 1): this {
    for (let i = 0; i < count; i++) this.log.yield(30, ...this.#next());
    return this;
  }
  flush(): this {
    this.store.append(this.log.take());
    return this;
  }
}
