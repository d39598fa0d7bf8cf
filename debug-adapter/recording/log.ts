// The event log's writing side: binary records, appended in the worker without an object per event. The reading side is event-store.ts,
// the file format jsonl.ts. Contracts R1, P3.
import { answeredByBytes } from './answered-by-table.ts';
import type { AnsweredBy, Direction, EditEvent, ExitEvent, LoggedEvent, MemoryWrite } from './event.ts';
import { CALL, FOLDED_YIELD, HEADER, KIND, type KindCode, LINE, NO_ERRNO } from './log-format.ts';
import { syscallIndex } from './syscalls.ts';

const encoder = new TextEncoder();
/** Past this many bytes a folded record is closed and the next begins. */
const FOLD_BYTES = 64 * 1024;
/** Above this records are not copied when they are taken (bytes). */
const LARGE = 1024 * 1024;
const SPARE = 64 * 1024;

const NONE = new Uint8Array(0);

/** What the log needs of a write journal: `count` writes, their addresses and lengths, and the bytes as they stand in memory now. */
export interface WriteJournal {
  readonly count: number;
  address(index: number): number;
  length(index: number): number;
  /** The bytes of write `index`, as a view that is valid until the guest runs on. */
  bytes(index: number): Uint8Array;
}

/** Writes records into a growing buffer; `take()` hands over what has come since the last time. Owned by the worker. */
export class LogWriter {
  #buffer = new Uint8Array(SPARE);
  #view = new DataView(this.#buffer.buffer);
  #end = 0;
  #taken = 0;
  /** Events appended so far, those handed over included. */
  count = 0;
  // an open folded record, not counted yet
  #foldStart = -1;
  #foldCalls = 0;
  #foldYieldAt = -1;
  // yields in a row, not written yet
  #yields = 0;
  #yieldFuel = 0;
  #yieldTime = 0;
  #yieldLastFuel = 0;
  #yieldRequired = 0;

  /** The number of the last event, also while it is being folded; -1 before the first. */
  get begun(): number {
    return this.count - (this.#yields > 0 || this.#foldStart >= 0 ? 0 : 1);
  }

  /** Bytes of all records so far, those handed over included. */
  get bytes(): number {
    return this.#taken + this.#end;
  }

  /** Bytes of the records that `takeFinished` would give. */
  get finishedBytes(): number {
    return this.#foldStart >= 0 ? this.#foldStart : this.#end;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    // a large record gets its own measure: it is handed over with its buffer
    const needed = this.#end + bytes;
    const grown = new Uint8Array(bytes > LARGE ? needed + SPARE : Math.max(this.#buffer.length * 2, needed));
    grown.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }

  #begin(kind: KindCode, fuel: number, time: number, payload: number): number {
    this.settle();
    this.#reserve(HEADER + payload + 8);
    const at = this.#end;
    this.#buffer.fill(0, at, at + HEADER);
    this.#view.setUint8(at + 4, kind);
    this.#view.setFloat64(at + 8, fuel, true);
    this.#view.setFloat64(at + 16, time, true);
    this.#end = at + HEADER;
    return at;
  }

  #finish(at: number): void {
    while (this.#end % 8 !== 0) this.#buffer[this.#end++] = 0;
    this.#view.setUint32(at, this.#end - at, true);
    this.count++;
  }

  #payload(bytes: Uint8Array): void {
    this.#reserve(bytes.length + 8);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Writes out what is being folded (yields, folded syscalls), so that the next record comes after it. */
  settle(): void {
    if (this.#yields > 0) {
      const count = this.#yields;
      this.#yields = 0;
      const at = this.#begin(KIND.yield, this.#yieldFuel, this.#yieldTime, 16);
      this.#view.setUint32(at + 24, count, true);
      this.#view.setFloat64(this.#end, this.#yieldLastFuel, true);
      this.#view.setFloat64(this.#end + 8, this.#yieldRequired, true);
      this.#end += 16;
      this.#finish(at);
    }
    if (this.#foldStart >= 0) {
      const at = this.#foldStart;
      this.#foldStart = -1;
      this.#view.setUint32(at + 24, this.#foldCalls, true);
      this.#view.setUint32(at + 28, this.#end - at - HEADER, true);
      this.#finish(at);
    }
  }

  /** A line on stdin (`in`) or stdout (`out`), without its newline. `answeredBy`: of a reply that the host wrote. */
  rpc(
    dir: Direction,
    bytes: Uint8Array,
    flags: number,
    fuel: number,
    time: number,
    answeredBy?: AnsweredBy | undefined,
  ): void {
    const source = answeredBy === undefined ? NONE : answeredByBytes(answeredBy);
    const at = this.#begin(KIND.rpc, fuel, time, bytes.length + source.length);
    this.#view.setUint8(at + 5, dir === 'out' ? 1 : 0);
    this.#view.setUint16(at + 6, flags, true);
    this.#view.setUint32(at + 24, bytes.length, true);
    this.#view.setUint32(at + 28, source.length, true);
    this.#payload(bytes);
    if (source.length > 0) this.#payload(source);
    this.#finish(at);
  }

  stderr(bytes: Uint8Array, flags: number, fuel: number, time: number): void {
    const at = this.#begin(KIND.stderr, fuel, time, bytes.length);
    this.#view.setUint16(at + 6, flags, true);
    this.#view.setUint32(at + 24, bytes.length, true);
    this.#payload(bytes);
    this.#finish(at);
  }

  /**
   * A finished syscall. `flags` is of CALL; `sleepMs` counts only with CALL.sleeps, `sentBytes` and `sentCrc` only with CALL.sent.
   * The writes are copied from the journal.
   */
  syscall(
    index: number,
    args: readonly (number | bigint)[],
    errno: number,
    flags: number,
    journal: WriteJournal,
    sleepMs: number,
    sentBytes: number,
    sentCrc: number,
    fuel: number,
    time: number,
  ): void {
    const at = this.#begin(KIND.syscall, fuel, time, args.length * 8 + 24);
    this.#view.setUint8(at + 5, index);
    this.#view.setUint16(at + 6, errno, true);
    this.#view.setUint32(at + 24, journal.count, true);
    this.#view.setUint32(at + 28, flags | (args.length << 8), true);
    for (const arg of args) {
      // an i64 that was read back is a number too
      if (typeof arg === 'bigint' || arg !== (arg | 0)) this.#view.setBigInt64(this.#end, BigInt(arg), true);
      else {
        this.#view.setInt32(this.#end, arg, true);
        this.#view.setInt32(this.#end + 4, arg < 0 ? -1 : 0, true);
      }
      this.#end += 8;
    }
    if (flags & CALL.sleeps) {
      this.#view.setFloat64(this.#end, sleepMs, true);
      this.#end += 8;
    }
    if (flags & CALL.sent) {
      this.#view.setUint32(this.#end, sentBytes, true);
      this.#view.setUint32(this.#end + 4, sentCrc, true);
      this.#end += 8;
    }
    this.#writes(journal);
    this.#finish(at);
  }

  #writes(journal: WriteJournal): void {
    for (let i = 0; i < journal.count; i++) {
      const bytes = journal.bytes(i);
      this.#reserve(bytes.length + 32);
      this.#view.setFloat64(this.#end, journal.address(i), true);
      this.#view.setUint32(this.#end + 8, bytes.length, true);
      this.#end += 12;
      this.#payload(bytes);
    }
  }

  /** A syscall past the bound on events: only what a replay needs. Joins the folded record that is open. */
  foldedSyscall(index: number, errno: number, flags: number, journal: WriteJournal, fuel: number, time: number): void {
    this.#openFold(fuel, time);
    this.#foldYieldAt = -1;
    this.#view.setUint8(this.#end, index);
    this.#view.setUint8(this.#end + 1, flags);
    this.#view.setUint16(this.#end + 2, errno, true);
    this.#view.setUint32(this.#end + 4, journal.count, true);
    this.#end += 8;
    this.#writes(journal);
    this.#foldCalls++;
    if (this.#end - this.#foldStart > FOLD_BYTES) this.settle();
  }

  #openFold(fuel: number, time: number): void {
    if (this.#yields > 0 || this.#foldStart < 0) {
      this.#foldStart = this.#begin(KIND.folded, fuel, time, 0);
      this.#foldCalls = 0;
      this.#foldYieldAt = -1;
    }
    this.#reserve(16);
  }

  /** Yields past the bound on events: counted in the folded record. */
  foldedYield(count: number, fuel: number, time: number): void {
    this.#openFold(fuel, time);
    if (this.#foldYieldAt >= 0) {
      this.#view.setUint32(this.#foldYieldAt + 4, this.#view.getUint32(this.#foldYieldAt + 4, true) + count, true);
      return;
    }
    this.#foldYieldAt = this.#end;
    this.#view.setUint32(this.#end, FOLDED_YIELD, true);
    this.#view.setUint32(this.#end + 4, count, true);
    this.#end += 8;
    this.#foldCalls++;
  }

  /** The guest ran out of its slice. Yields in a row become one record. */
  yield(required: number, fuel: number, time: number): void {
    if (this.#foldStart >= 0) this.settle();
    if (this.#yields === 0) {
      this.#yieldFuel = fuel;
      this.#yieldTime = time;
    }
    this.#yields++;
    this.#yieldLastFuel = fuel;
    this.#yieldRequired = required;
  }

  grow(space: 'memory' | 'table', index: number, delta: number, result: number, fuel: number, time: number): void {
    const at = this.#begin(KIND.grow, fuel, time, 16);
    this.#view.setUint8(at + 5, space === 'memory' ? 0 : 1);
    this.#view.setUint16(at + 6, index, true);
    this.#view.setFloat64(this.#end, delta, true);
    this.#view.setFloat64(this.#end + 8, result, true);
    this.#end += 16;
    this.#finish(at);
  }

  diagnosis(diagnosis: string, message: string, severity: 'fault' | 'warning', fuel: number, time: number): void {
    this.#json(KIND.diagnosis, { diagnosis, message, severity }, fuel, time);
  }

  exit(
    exit: Pick<ExitEvent, 'reason' | 'code' | 'message' | 'memorySha256' | 'inputs' | 'at'>,
    fuel: number,
    time: number,
  ): void {
    this.#json(KIND.exit, exit, fuel, time);
  }

  edit(edit: Omit<EditEvent, 'seq' | 'fuel' | 'time' | 'kind'>, fuel: number, time: number): void {
    const { space, index, address, bytes, moment, offset, text } = edit;
    this.#json(KIND.edit, { space, index, address, bytes: [...bytes], moment, offset, text }, fuel, time);
  }

  #json(kind: KindCode, value: object, fuel: number, time: number): void {
    const bytes = encoder.encode(JSON.stringify(value));
    const at = this.#begin(kind, fuel, time, bytes.length);
    this.#view.setUint32(at + 24, bytes.length, true);
    this.#payload(bytes);
    this.#finish(at);
  }

  /** Appends an event that was decoded elsewhere (a recording's line; a host event copied into a replay). */
  append(event: LoggedEvent): void {
    switch (event.kind) {
      case 'rpc':
        this.rpc(
          event.dir,
          event.bytes,
          (event.utf8 ? 0 : LINE.notUtf8) | (event.complete ? 0 : LINE.incomplete) | (event.unread ? LINE.unread : 0),
          event.fuel,
          event.time,
          event.answeredBy,
        );
        break;
      case 'stderr':
        this.stderr(
          event.bytes,
          (event.utf8 ? 0 : LINE.notUtf8) | (event.complete ? 0 : LINE.incomplete),
          event.fuel,
          event.time,
        );
        break;
      case 'syscall': {
        const flags =
          (event.flags.fuelToZero ? CALL.fuelToZero : 0) |
          (event.flags.emptyPoll ? CALL.emptyPoll : 0) |
          (event.flags.hostWouldPanic ? CALL.hostWouldPanic : 0) |
          (event.flags.sleepMs === undefined ? 0 : CALL.sleeps) |
          (event.sent === undefined ? 0 : CALL.sent);
        this.syscall(
          syscallIndex(event.name),
          event.args,
          event.errno ?? NO_ERRNO,
          flags,
          journalOf(event.writes),
          event.flags.sleepMs ?? 0,
          event.sent?.bytes ?? 0,
          event.sent?.crc ?? 0,
          event.fuel,
          event.time,
        );
        break;
      }
      case 'yield': {
        this.settle();
        this.#yields = event.count;
        this.#yieldFuel = event.fuel;
        this.#yieldTime = event.time;
        this.#yieldLastFuel = event.lastFuel;
        this.#yieldRequired = event.required;
        this.settle();
        break;
      }
      case 'grow':
        this.grow(event.space, event.index, event.delta, event.result, event.fuel, event.time);
        break;
      case 'diagnosis':
        this.diagnosis(event.diagnosis, event.message, event.severity, event.fuel, event.time);
        break;
      case 'exit':
        this.exit(
          {
            reason: event.reason,
            code: event.code,
            message: event.message,
            memorySha256: event.memorySha256,
            inputs: event.inputs,
            at: event.at,
          },
          event.fuel,
          event.time,
        );
        break;
      case 'edit':
        this.edit(event, event.fuel, event.time);
        break;
      case 'folded': {
        this.settle();
        for (const call of event.calls) {
          if ('count' in call) this.foldedYield(call.count, event.fuel, event.time);
          else
            this.foldedSyscall(
              syscallIndex(call.name),
              call.errno ?? NO_ERRNO,
              call.fuelToZero ? CALL.fuelToZero : 0,
              journalOf(call.writes),
              event.fuel,
              event.time,
            );
        }
        this.settle();
        break;
      }
    }
  }

  /** All records since they were last taken, as a buffer of their own that may be transferred; empty when there are none. */
  take(): Uint8Array<ArrayBuffer> {
    this.settle();
    return this.takeFinished();
  }

  /** As `take`, but what is being folded stays and goes on: when it is called must not show in the events (E7). */
  takeFinished(): Uint8Array<ArrayBuffer> {
    const end = this.finishedBytes;
    let bytes: Uint8Array<ArrayBuffer>;
    if (end > LARGE && end === this.#end) {
      bytes = this.#buffer.subarray(0, end);
      this.#buffer = new Uint8Array(SPARE);
      this.#view = new DataView(this.#buffer.buffer);
    } else {
      bytes = this.#buffer.slice(0, end);
      this.#buffer.copyWithin(0, end, this.#end);
    }
    this.#end -= end;
    this.#taken += end;
    if (this.#foldStart >= 0) this.#foldStart = 0;
    if (this.#foldYieldAt >= 0) this.#foldYieldAt -= end;
    return bytes;
  }
}

function journalOf(writes: readonly MemoryWrite[]): WriteJournal {
  const at = (index: number): MemoryWrite => {
    const write = writes[index];
    if (write === undefined) throw new RangeError(`write ${index} of ${writes.length}`);
    return write;
  };
  return {
    count: writes.length,
    address: (index) => at(index).address,
    length: (index) => at(index).bytes.length,
    bytes: (index) => at(index).bytes,
  };
}
