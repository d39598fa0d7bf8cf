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

  /** Does those that come here, or sees to it that the run comes to where the next one was done. @throws Divergence */
  doHere(): void {
    const { replayer, guest, sink, meter, catchUp } = this.#run;
    const { code } = guest;
    if (replayer === undefined || code === undefined) return;
    for (let edit = replayer.nextEdit(); edit !== undefined; edit = replayer.nextEdit()) {
      const { moment, offset, seq } = edit;
      // Where the guest stood amid its code the hook of that site does it; else it was at this hook, or comes to it.
      if (code.moment === moment && (offset < 0 || code.guest.offset === offset)) {
        if (!doEdit(code, edit)) throw new Divergence(seq, `The replay differs at event ${seq}: ${refusal(edit)}`);
        sink.edit(edit);
        replayer.edited();
        continue;
      }
      if (code.moment > moment)
        throw new Divergence(
          seq,
          `The replay differs at event ${seq}: the edit '${edit.text}' was done at moment ${moment}, which is passed.`,
        );
      if (code.target === moment) return;
      code.resume({ until: undefined, moment }, []);
      // a hook is entered at the charge where it stood, and often enough not to pass the moment
      if (offset < 0) meter.bound = edit.fuel;
      meter.interrupt();
      return;
    }
    if (!catchUp.underWay && code.target !== undefined) {
      code.stopped();
      const exit = replayer.exit();
      meter.bound = exit?.at === 'charge' ? exit.fuel : Number.POSITIVE_INFINITY;
    }
  }
}
