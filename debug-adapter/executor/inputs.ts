// A checksum of all that enters the guest by syscalls: their errnos and every byte they write. Taken live and in a replay, and compared at the
// end, so that no changed input goes unseen, not even one that the guest made nothing of. Contract R3.
import { crc32 } from '../recording/crc32.ts';
import type { WriteJournal } from '../recording/log.ts';

export class Inputs {
  #crc = 0;
  readonly #head = new Uint8Array(12);
  readonly #view = new DataView(this.#head.buffer);

  get crc(): number {
    return this.#crc;
  }

  /** A syscall is done: its number, its errno, and what it wrote. */
  add(index: number, errno: number, journal: WriteJournal): void {
    this.#view.setUint16(0, index, true);
    this.#view.setUint16(2, errno, true);
    this.#view.setFloat64(4, journal.count, true);
    this.#crc = crc32(this.#head, this.#crc);
    for (let i = 0; i < journal.count; i++) {
      this.#view.setUint32(0, journal.length(i), true);
      this.#view.setFloat64(4, journal.address(i), true);
      this.#crc = crc32(journal.bytes(i), crc32(this.#head, this.#crc));
    }
  }
}
