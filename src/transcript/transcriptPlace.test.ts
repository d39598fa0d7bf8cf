// Lines of the text transcript are rows of the panel.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Filler } from '../../debug-adapter/session/store-fixture.ts';
import { PART_LINES, Transcript } from '../../debug-adapter/session/transcript.ts';
import { placeOfLine } from './transcriptPlace.ts';

describe('a line of a transcript', () => {
  it('S6: is the row that the transcript itself has there, in every part', () => {
    const filler = new Filler();
    for (let i = 0; i < 3 * PART_LINES; i++) filler.stderr(String(i));
    const transcript = new Transcript(filler.flush().store, { plugin: 'p', method: 'm', params: 'null' }, () => 0);
    transcript.advance(1000);
    while (!transcript.advance(1000));
    for (const seq of [0, 1, PART_LINES - 3, PART_LINES - 2, PART_LINES, 2 * PART_LINES + 7]) {
      const { part, line } = transcript.placeOf(seq);
      const name = part === 0 ? 'calls' : `calls ${part + 1}`;
      const place = placeOfLine(`/s-1/m — ${name}.plugin-transcript`, line - 1);
      assert.deepEqual(place, { session: 's-1', row: transcript.rows.rowOf(seq) });
    }
  });

  it('the heading is the first row; other documents are none', () => {
    assert.deepEqual(placeOfLine('/s/a — calls 9 — calls.plugin-transcript', 0), { session: 's', row: 0 });
    assert.equal(placeOfLine('/s/a.rs', 3), undefined);
  });
});
