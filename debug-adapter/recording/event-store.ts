// The event log's reading side: the events of a run by index, decoded only when somebody asks for one (P3). Filled with what LogWriter
// (log.ts) made. Contracts R1, P3.
import { grown } from '../wasm/grown.ts';
import { answeredByOf } from './answered-by-table.ts';
import type { AnsweredBy, FoldedCall, LoggedEvent, MemoryWrite, RunEvent } from './event.ts';
import { CALL, FOLDED_YIELD, HEADER, KIND, KIND_NAMES, LINE, NO_ERRNO } from './log-format.ts';
import { SYSCALL_NAMES } from './syscalls.ts';

const decoder = new TextDecoder();
const NOTHING = new Uint8Array(0);

/** A record of the log as it lies there (log-format.ts): valid until it is pointed elsewhere. */
export class RecordCursor {
  bytes: Uint8Array = NOTHING;
  view: DataView = new DataView(NOTHING.buffer);
  /** Where the record begins in them. */
  at = 0;

  /** Of KIND. */
  get kind(): number {
    return this.view.getUint8(this.at + 4);
  }
  /** Direction of a message (1: out); number of a syscall. */
  get a(): number {
    return this.view.getUint8(this.at + 5);
  }
  /** Flags of a line; errno of a syscall. */
  get b(): number {
    return this.view.getUint16(this.at + 6, true);
  }
  /** Bytes of a line; writes of a syscall; yields in a row. */
  get c(): number {
    return this.view.getUint32(this.at + 24, true);
  }
  /** Flags of a syscall; bytes behind a message's line that say who answered. */
  get d(): number {
    return this.view.getUint32(this.at + 28, true);
  }
  /** Where the payload begins. */
  get start(): number {
    return this.at + HEADER;
  }
}

/** The events of one run, by index. Filled with what LogWriter.take() gave; owned by the side that shows them. */
export class EventStore {
  #chunks: Uint8Array[] = [];
  #views: DataView[] = [];
  // event -> chunk and offset
  #chunk = new Uint32Array(1024);
  #offset = new Uint32Array(1024);
  #length = 0;
  #listeners = new Set<(from: number, to: number) => void>();
  /** Bytes held. */
  bytes = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends whole records; takes ownership of `bytes`. @throws RangeError for bytes that are none, which then are left out */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    checkRecords(bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const chunk = this.#chunks.push(bytes) - 1;
    this.#views.push(view);
    this.bytes += bytes.length;
    const from = this.#length;
    for (let at = 0; at < bytes.length; at += view.getUint32(at, true)) {
      if (this.#length === this.#chunk.length) {
        this.#chunk = grown(this.#chunk);
        this.#offset = grown(this.#offset);
      }
      this.#chunk[this.#length] = chunk;
      this.#offset[this.#length] = at;
      this.#length++;
    }
    for (const listener of this.#listeners) listener(from, this.#length);
  }

  /** All records, one behind the other, in a buffer of their own. */
  records(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** Calls `listener` with the range [from, to) of each batch that is appended. Returns the way to stop that. */
  onAppend(listener: (from: number, to: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #at(seq: number): { view: DataView; at: number; bytes: Uint8Array } {
    if (!(seq >= 0 && seq < this.#length)) throw new RangeError(`event ${seq} of ${this.#length}`);
    const chunk = this.#chunk[seq]!;
    return { view: this.#views[chunk]!, at: this.#offset[seq]!, bytes: this.#chunks[chunk]! };
  }

  /** Points `cursor` at event `seq`, for readers that go through all of them and want no object of each. @throws RangeError when there is none. */
  seek(cursor: RecordCursor, seq: number): void {
    if (!(seq >= 0 && seq < this.#length)) throw new RangeError(`event ${seq} of ${this.#length}`);
    const chunk = this.#chunk[seq]!;
    cursor.bytes = this.#chunks[chunk]!;
    cursor.view = this.#views[chunk]!;
    cursor.at = this.#offset[seq]!;
  }

  /** Fuel consumed when event `seq` happened. */
  fuel(seq: number): number {
    return this.#views[this.#chunk[seq]!]!.getFloat64(this.#offset[seq]! + 8, true);
  }

  /** ms since the call began when event `seq` happened. */
  time(seq: number): number {
    return this.#views[this.#chunk[seq]!]!.getFloat64(this.#offset[seq]! + 16, true);
  }

  /** The kind of event `seq`, without decoding it. */
  kind(seq: number): RunEvent['kind'] {
    const { view, at } = this.#at(seq);
    return KIND_NAMES[view.getUint8(at + 4)] as RunEvent['kind'];
  }

  /** Event `seq` as a value. @throws RangeError when there is none. */
  get(seq: number): RunEvent {
    const { view, at, bytes } = this.#at(seq);
    return withLine(decode(seq, view, at, bytes));
  }

  /** As `get`, without the text of a line. */
  logged(seq: number): LoggedEvent {
    const { view, at, bytes } = this.#at(seq);
    return decode(seq, view, at, bytes);
  }

  /** Events [from, to), decoded one at a time. */
  *range(from = 0, to = this.#length): Generator<RunEvent> {
    for (let seq = Math.max(0, from); seq < Math.min(to, this.#length); seq++) yield this.get(seq);
  }
}

/** A size that lies would make `append` go round for ever, or past the end. */
function checkRecords(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.length - at < HEADER ? 0 : view.getUint32(at, true);
    if (size < HEADER || size > bytes.length - at || size % 8 !== 0)
      throw new RangeError(`the record at byte ${at} of ${bytes.length} is damaged`);
    at += size;
  }
}

function decode(seq: number, view: DataView, at: number, bytes: Uint8Array): LoggedEvent {
  const base = { seq, fuel: view.getFloat64(at + 8, true), time: view.getFloat64(at + 16, true) };
  const a = view.getUint8(at + 5);
  const b = view.getUint16(at + 6, true);
  const c = view.getUint32(at + 24, true);
  const start = at + HEADER;
  switch (view.getUint8(at + 4)) {
    case KIND.rpc: {
      const line = bytes.subarray(start, start + c);
      const answeredBy = decodeAnsweredBy(bytes, start + c, view.getUint32(at + 28, true));
      return {
        ...base,
        ...(answeredBy === undefined ? undefined : { answeredBy }),
        kind: 'rpc',
        dir: a === 1 ? 'out' : 'in',
        bytes: line,
        utf8: (b & LINE.notUtf8) === 0,
        complete: (b & LINE.incomplete) === 0,
        unread: (b & LINE.unread) !== 0,
      };
    }
    case KIND.stderr: {
      const line = bytes.subarray(start, start + c);
      return {
        ...base,
        kind: 'stderr',
        bytes: line,
        utf8: (b & LINE.notUtf8) === 0,
        complete: (b & LINE.incomplete) === 0,
      };
    }
    case KIND.syscall: {
      const d = view.getUint32(at + 28, true);
      const args: (number | bigint)[] = [];
      let position = start;
      for (let i = 0; i < ((d >> 8) & 0xff); i++, position += 8) {
        const value = view.getBigInt64(position, true);
        const number = Number(value);
        args.push(Number.isSafeInteger(number) ? number : value);
      }
      let sleepMs: number | undefined;
      if (d & CALL.sleeps) {
        sleepMs = view.getFloat64(position, true);
        position += 8;
      }
      let sent: { bytes: number; crc: number } | undefined;
      if (d & CALL.sent) {
        sent = { bytes: view.getUint32(position, true), crc: view.getUint32(position + 4, true) };
        position += 8;
      }
      return {
        ...base,
        kind: 'syscall',
        name: SYSCALL_NAMES[a] ?? `syscall ${a}`,
        args,
        errno: b === NO_ERRNO ? undefined : b,
        writes: decodeWrites(view, bytes, position, c).writes,
        sent,
        flags: {
          fuelToZero: (d & CALL.fuelToZero) !== 0,
          emptyPoll: (d & CALL.emptyPoll) !== 0,
          hostWouldPanic: (d & CALL.hostWouldPanic) !== 0,
          sleepMs,
        },
      };
    }
    case KIND.yield:
      return {
        ...base,
        kind: 'yield',
        count: c,
        lastFuel: view.getFloat64(start, true),
        required: view.getFloat64(start + 8, true),
      };
    case KIND.grow:
      return {
        ...base,
        kind: 'grow',
        space: a === 0 ? 'memory' : 'table',
        index: b,
        delta: view.getFloat64(start, true),
        result: view.getFloat64(start + 8, true),
      };
    case KIND.diagnosis:
      return { ...JSON.parse(decoder.decode(bytes.subarray(start, start + c))), ...base, kind: 'diagnosis' };
    case KIND.edit: {
      const edit = JSON.parse(decoder.decode(bytes.subarray(start, start + c)));
      return { ...base, kind: 'edit', ...edit, bytes: Uint8Array.from(edit.bytes) };
    }
    case KIND.exit:
      return {
        code: undefined,
        memorySha256: undefined,
        inputs: undefined,
        at: undefined,
        ...JSON.parse(decoder.decode(bytes.subarray(start, start + c))),
        ...base,
        kind: 'exit',
      };
    case KIND.folded: {
      const calls: FoldedCall[] = [];
      let position = start;
      for (let i = 0; i < c; i++) {
        if (view.getUint8(position) === FOLDED_YIELD) {
          calls.push({ name: 'yield', count: view.getUint32(position + 4, true) });
          position += 8;
          continue;
        }
        const errno = view.getUint16(position + 2, true);
        const read = decodeWrites(view, bytes, position + 8, view.getUint32(position + 4, true));
        calls.push({
          name: SYSCALL_NAMES[view.getUint8(position)] ?? '?',
          errno: errno === NO_ERRNO ? undefined : errno,
          fuelToZero: (view.getUint8(position + 1) & CALL.fuelToZero) !== 0,
          writes: read.writes,
        });
        position = read.end;
      }
      return { ...base, kind: 'folded', count: c, calls };
    }
    default:
      throw new RangeError(`event ${seq} has an unknown kind ${view.getUint8(at + 4)}`);
  }
}

function decodeAnsweredBy(bytes: Uint8Array, start: number, length: number): AnsweredBy | undefined {
  return length === 0 ? undefined : answeredByOf(decoder.decode(bytes.subarray(start, start + length)));
}

function decodeWrites(
  view: DataView,
  bytes: Uint8Array,
  position: number,
  count: number,
): { writes: MemoryWrite[]; end: number } {
  const writes: MemoryWrite[] = [];
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(position + 8, true);
    writes.push({
      address: view.getFloat64(position, true),
      bytes: bytes.subarray(position + 12, position + 12 + length),
    });
    position += 12 + length;
  }
  return { writes, end: position };
}

/** Adds a line's text, which is decoded when it is first read: a line may be long, and a view may want its size only. */
export function withLine(event: LoggedEvent): RunEvent {
  if (event.kind !== 'rpc' && event.kind !== 'stderr') return event;
  let text: string | undefined;
  return Object.defineProperty(Object.assign(event, { line: '' }), 'line', {
    enumerable: true,
    get: () => {
      text ??= decoder.decode(event.bytes);
      return text;
    },
  });
}
