// The other half of a replay's check: what the host did in a recording must be what this call's host would have done. The request is the
// header's, what the guest reads from stdin is what the messages say, and the diagnoses are those that are made anew. Contract R3.
import type { DiagnosisEvent, RecordingHeader, RpcEvent } from '../recording/event.ts';
import { CALL_ID } from '../rpc/endpoint.ts';
import { encodeLine } from '../rpc/lines.ts';
import { type RequestMessage, requestLine } from '../rpc/message.ts';
import { Errno } from '../wasi/definitions.ts';
import type { GuestMemory } from '../wasi/memory.ts';
import type { FinishedSyscall } from './guest-imports.ts';
import { Divergence } from './replayer.ts';

/** Diagnoses that depend on time and on bounds, not on what the guest does: a replay does not make them anew. */
const NOT_MADE_ANEW: ReadonlySet<string> = new Set(['hang', 'wall-time', 'fuel', 'memory', 'output', 'line', 'events']);

/** Whether a replay makes a diagnosis anew, so that the recording's can be compared with it. */
export const madeAnew = (kind: string): boolean => !NOT_MADE_ANEW.has(kind);

export class HostCheck {
  readonly #request: string;
  #asked = false;
  /** What the host has written and the guest has not read: a queue of lines, and how much of the first is read. */
  #lines: { seq: number; bytes: Uint8Array; readonly request: RequestMessage | undefined }[] = [];
  #read = 0;
  /** False once a read failed half-way: where stdin stands is then not known any more. */
  #known = true;
  readonly #recorded: { readonly kind: string; readonly seq: number }[] = [];
  readonly #made: string[] = [];

  constructor(header: RecordingHeader) {
    this.#request = requestLine(CALL_ID, header.call.method, header.call.params);
  }

  /** The host wrote a line, to answer `request`. @throws Divergence when the first is not the header's request. */
  wrote(event: RpcEvent, request: RequestMessage | undefined): void {
    if (!this.#asked && event.line !== this.#request)
      throw new Divergence(
        event.seq,
        `The replay differs at event ${event.seq}: the header's call is ${excerpt(this.#request)}, and the recording begins with ${excerpt(event.line)}.`,
      );
    this.#asked = true;
    this.#lines.push({ seq: event.seq, bytes: encodeLine(event.line), request });
  }

  /** This line takes the place of that of event `from`. @throws Divergence when that is not in stdin, unread */
  changed(from: number, event: RpcEvent): void {
    if (!this.#known) return;
    const line = this.#lines[this.#unread(from, event.seq)];
    if (line === undefined) return;
    line.seq = event.seq;
    line.bytes = encodeLine(event.line);
  }

  /** The line of event `from` is taken back, and all behind it. @returns their requests. @throws Divergence when it is not in stdin, unread */
  takenBack(from: number, seq: number): RequestMessage[] {
    if (!this.#known) return [];
    return this.#lines.splice(this.#unread(from, seq)).flatMap(({ request }) => request ?? []);
  }

  #unread(from: number, seq: number): number {
    const at = this.#lines.findIndex((line) => line.seq === from);
    if (at > 0 || (at === 0 && this.#read === 0)) return at;
    throw new Divergence(
      seq,
      `The replay differs at event ${seq}: it changes the reply of event ${from}, which is none that the plugin has not read.`,
    );
  }

  /** The guest begins. @throws Divergence when the request has not been written. */
  begins(): void {
    if (this.#asked) return;
    throw new Divergence(0, `The replay differs at event 0: the recording does not begin with the host's request.`);
  }

  /** A reply that the guest never asked for, or has already. @returns the divergence. */
  unasked(event: RpcEvent): Divergence {
    return new Divergence(
      event.seq,
      `The replay differs at event ${event.seq}: the recording has the reply ${excerpt(event.line)}, and the plugin has not asked for one here.`,
    );
  }

  /** The guest has read. @throws Divergence when that is not what the host wrote. */
  guestRead(call: FinishedSyscall, memory: GuestMemory, seq: number): void {
    if (call.name !== 'fd_read' || !this.#known) return;
    const { journal } = memory;
    if (call.errno !== Errno.SUCCESS && call.errno !== Errno.AGAIN) {
      // a bad pointer is found when the bytes are taken off stdin already; a closed stdin gives none
      if (call.errno !== Errno.BADF) this.#known = false;
      return;
    }
    // On success the last 4 bytes that were written are the count.
    let total = 0;
    for (let i = 1; i < journal.length; i += 2) total += journal[i] ?? 0;
    let left = call.errno === Errno.SUCCESS ? total - 4 : total;
    if (overlaps(journal)) {
      this.#known = false;
      return;
    }
    for (let i = 0; i < journal.length && left > 0; i += 2) {
      const length = Math.min(left, journal[i + 1] ?? 0);
      const bytes = memory.readBytes(journal[i] ?? 0, length);
      if (bytes === undefined || !this.#take(bytes))
        throw new Divergence(
          seq,
          `The replay differs at event ${seq}: fd_read gave the plugin bytes that no message of the recording holds.`,
        );
      left -= length;
    }
  }

  #take(bytes: Uint8Array): boolean {
    for (const byte of bytes) {
      const line = this.#lines[0]?.bytes;
      if (line === undefined || line[this.#read] !== byte) return false;
      this.#read++;
      if (this.#read < line.length) continue;
      this.#lines.shift();
      this.#read = 0;
    }
    return true;
  }

  /** The recording has a diagnosis. */
  recorded({ diagnosis, seq }: DiagnosisEvent): void {
    if (madeAnew(diagnosis)) this.#recorded.push({ kind: diagnosis, seq });
  }

  /** The same was made anew. */
  made(kind: string): void {
    if (madeAnew(kind)) this.#made.push(kind);
  }

  /**
   * The guest has ended. `whole` is false where we ended it, or the recording was cut short: a diagnosis may then be on one side only.
   * @throws Divergence
   */
  end(seq: number, whole: boolean): void {
    const count = Math.max(this.#recorded.length, this.#made.length);
    for (let i = 0; i < count; i++) {
      const recorded = this.#recorded[i];
      const made = this.#made[i];
      if (recorded?.kind === made) continue;
      if (!whole && (recorded === undefined || made === undefined)) return;
      const at = recorded?.seq ?? seq;
      throw new Divergence(
        at,
        `The replay differs at event ${at}: the recording has ${recorded === undefined ? 'no diagnosis' : `the diagnosis '${recorded.kind}'`}, and the plugin gives cause for ${made === undefined ? 'none' : `'${made}'`}.`,
      );
    }
  }
}

/** Whether two of the ranges (address, length, …) share a byte: what was read there first is then gone. */
function overlaps(journal: readonly number[]): boolean {
  for (let i = 0; i < journal.length; i += 2)
    for (let j = i + 2; j < journal.length; j += 2)
      if (
        (journal[i] ?? 0) < (journal[j] ?? 0) + (journal[j + 1] ?? 0) &&
        (journal[j] ?? 0) < (journal[i] ?? 0) + (journal[i + 1] ?? 0)
      )
        return true;
  return false;
}

function excerpt(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
