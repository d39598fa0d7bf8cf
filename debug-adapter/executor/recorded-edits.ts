// The edits that a recording has, done again where they were done: at their sites, or at the hook where the run stood. Contract R1.
import { doEdit, refusal } from './edits.ts';
import { Divergence } from './replayer.ts';
import type { RunParts } from './run-parts.ts';

type RecordedEditsContext = Pick<RunParts, 'replayer' | 'guest' | 'sink' | 'meter' | 'catchUp'>;

export class RecordedEdits {
  readonly #run: RecordedEditsContext;

  constructor(run: RecordedEditsContext) {
    this.#run = run;
  }

  /**
   * Does those that come next and here, or sees to it that the run comes to where the next one was done. @returns whether any was done
   * @throws Divergence
   */
  doHere(): boolean {
    const { replayer, guest, sink, meter, catchUp } = this.#run;
    const { code } = guest;
    if (replayer === undefined || code === undefined) return false;
    let done = false;
    for (let edit = replayer.nextEdit(); edit !== undefined; edit = replayer.nextEdit()) {
      const { moment, offset, seq } = edit;
      // what was done where the other one stands now is still to come
      if (seq >= catchUp.until) break;
      // Where the guest stood amid its code the hook of that site does it; else it was at this hook, or comes to it.
      if (code.moment === moment && (offset < 0 || code.guest.offset === offset)) {
        if (!doEdit(code, edit)) throw new Divergence(seq, `The replay differs at event ${seq}: ${refusal(edit)}`);
        sink.edit(edit);
        replayer.edited();
        done = true;
        continue;
      }
      if (code.moment > moment)
        throw new Divergence(
          seq,
          `The replay differs at event ${seq}: the edit '${edit.text}' was done at moment ${moment}, which is passed.`,
        );
      if (code.sought === moment) return done;
      code.seek(moment);
      // a hook is entered at the charge where it stood, and often enough not to pass the moment
      if (offset < 0) meter.bound = edit.fuel;
      meter.interrupt();
      return done;
    }
    if (done || (!catchUp.underWay && code.sought !== undefined)) {
      code.seek(undefined);
      const exit = replayer.exit();
      meter.bound = exit?.at === 'charge' ? exit.fuel : Number.POSITIVE_INFINITY;
    }
    return done;
  }
}
