// Where the worker's events go: into the log, folded past the bound, and in batches to the driving side. Counts what was seen. No
// decisions about stopping here. Contracts R1, P3, E4.
import type { AnsweredBy, EditEvent, ExitEvent, RunEvent, RunLimits } from '../recording/event.ts';
import { LogWriter, type WriteJournal } from '../recording/log.ts';
import { CALL } from '../recording/log-format.ts';
import type { Control } from './control.ts';
import { Inputs } from './inputs.ts';
import type { WorkerPlatform } from './messages.ts';

/** A batch goes out when it has this many bytes, */
const BATCH_BYTES = 64 * 1024;
/** or is this old (ms). */
const BATCH_MS = 25;

export class EventSink {
  readonly log = new LogWriter();
  readonly #platform: WorkerPlatform;
  readonly #control: Control;
  readonly #limits: RunLimits;
  readonly #fuel: () => number;
  readonly #time: () => number;
  #lastFlush: number;
  /** RPC messages in both directions, and syscalls, the folded ones included. */
  rpc = 0;
  syscalls = 0;
  readonly inputs = new Inputs();
  /** Where the events of the run are known, nothing that the guest does is logged. Gives the number of the last one. */
  #known: (() => number) | undefined;

  constructor(platform: WorkerPlatform, control: Control, limits: RunLimits, fuel: () => number, time: () => number) {
    this.#platform = platform;
    this.#control = control;
    this.#limits = limits;
    this.#fuel = fuel;
    this.#time = time;
    this.#lastFlush = platform.monotonic();
  }

  /** Fuel consumed, and ms on the run's clock, as an event would have them now. */
  get fuel(): number {
    return this.#fuel();
  }
  get time(): number {
    return this.#time();
  }

  /** Logs nothing of what the guest does, until `live`: `last` gives the number of the event that was done again last. */
  knows(last: () => number): void {
    this.#known = last;
  }

  /** An event as a recording has it. */
  copy(event: RunEvent): void {
    this.log.append(event);
    this.#maybeFlush();
  }

  /** An event of the host's, in a replay that logs its events anew. */
  host(event: RunEvent): void {
    if (this.#known === undefined) this.log.append(event);
  }

  /** Logs again, behind the `count` events that are known. */
  live(count: number): void {
    this.#known = undefined;
    this.log.count = count;
  }

  /** The number of the last event. */
  get last(): number {
    if (this.#known !== undefined) return this.#known();
    this.log.settle();
    return this.log.count - 1;
  }

  /** The number of the event that has begun last: what is being folded may go on. */
  get begun(): number {
    return this.#known === undefined ? this.log.begun : this.#known();
  }

  get #full(): boolean {
    return this.log.count >= this.#limits.events;
  }

  message(dir: 'in' | 'out', bytes: Uint8Array, flags: number, answeredBy?: AnsweredBy): void {
    this.rpc++;
    if (this.#known !== undefined) return;
    this.log.rpc(dir, bytes, flags, this.#fuel(), this.#time(), answeredBy);
    this.#maybeFlush();
  }

  stderr(bytes: Uint8Array, flags: number): void {
    if (this.#known !== undefined) return;
    this.log.stderr(bytes, flags, this.#fuel(), this.#time());
    this.#maybeFlush();
  }

  syscall(
    index: number,
    args: readonly (number | bigint)[],
    errno: number,
    flags: number,
    journal: WriteJournal,
    sleepMs: number,
    sentBytes: number,
    sentCrc: number,
  ): void {
    this.syscalls++;
    this.inputs.add(index, errno, journal);
    if (this.#known !== undefined) return;
    if (this.#full) this.log.foldedSyscall(index, errno, flags & CALL.fuelToZero, journal, this.#fuel(), this.#time());
    else this.log.syscall(index, args, errno, flags, journal, sleepMs, sentBytes, sentCrc, this.#fuel(), this.#time());
    this.#maybeFlush();
  }

  yield(required: number): void {
    if (this.#known !== undefined) return;
    if (this.#full) this.log.foldedYield(1, this.#fuel(), this.#time());
    else this.log.yield(required, this.#fuel(), this.#time());
  }

  grow(space: 'memory' | 'table', index: number, delta: number, result: number): void {
    if (this.#known !== undefined) return;
    this.log.grow(space, index, delta, result, this.#fuel(), this.#time());
  }

  diagnosis(kind: string, message: string, severity: 'fault' | 'warning'): void {
    if (this.#known !== undefined) return;
    this.log.diagnosis(kind, message, severity, this.#fuel(), this.#time());
  }

  edit(edit: Omit<EditEvent, 'kind' | 'seq' | 'fuel' | 'time'>): void {
    if (this.#known !== undefined) return;
    this.log.edit(edit, this.#fuel(), this.#time());
  }

  exit(exit: Pick<ExitEvent, 'reason' | 'code' | 'message' | 'memorySha256' | 'inputs' | 'at'>): void {
    this.log.exit(exit, this.#fuel(), this.#time());
  }

  #maybeFlush(): void {
    if (this.log.finishedBytes >= BATCH_BYTES) this.#send(this.log.takeFinished());
  }

  /** Sends what is old enough; to be called where the guest is in a hook anyway. */
  tick(now: number): void {
    if (now - this.#lastFlush >= BATCH_MS && this.log.finishedBytes > 0) this.#send(this.log.takeFinished());
  }

  /** Sends all there is, what is being folded too: for stops and for the end. */
  flush(): void {
    this.#send(this.log.take());
  }

  #send(records: Uint8Array<ArrayBuffer>): void {
    this.#lastFlush = this.#platform.monotonic();
    if (records.length === 0) return;
    this.#platform.post({ type: 'events', records }, [records.buffer]);
    this.#control.batchSent();
  }
}
