// The labels of a br_table as text: all of them where they are few, else runs of equal and of ascending ones. They may be thousands.
import { ByteReader } from './byte-reader.ts';
import type { InstructionReader } from './instructions.ts';

/** A br_table with more labels is written in runs. */
const MAX_LABELS = 8;
/** Runs that are written, and different labels that are named, of a long one. */
const MAX_RUNS = 12;

export interface LabelTable {
  /** `0 2 1 3`, or `0..24 3×7 25 … 0`, with the default label last. A long table begins with a count: `(;258 labels;)`. */
  readonly text: string;
  /** The different labels in their order, the default last or where it comes first. */
  readonly distinct: readonly number[];
  /** There are more different labels than `distinct` has. */
  readonly more: boolean;
}

/** Reads the labels of the br_table that `reader` stands on. */
export function labelTable(reader: InstructionReader): LabelTable {
  const labels = new ByteReader(reader.bytes, reader.listStart, reader.end);
  const distinct = new Set<number>();
  const words: string[] = [];
  const isLong = reader.count > MAX_LABELS;
  let more = false;
  let first = 0;
  let last = 0;
  let length = 0;
  let step = 0;
  const flush = () => {
    if (length === 0) return;
    if (words.length === MAX_RUNS) words.push('…');
    if (words.length > MAX_RUNS) return;
    if (length === 1) words.push(String(first));
    else words.push(step === 0 ? `${first}×${length}` : `${first}..${last}`);
  };
  for (let n = 0; n < reader.count; n++) {
    const label = labels.u32();
    if (!distinct.has(label)) {
      if (distinct.size < MAX_RUNS) distinct.add(label);
      else more = true;
    }
    const next = label - last;
    if (isLong && length > 0 && (next === 0 || next === 1) && (length === 1 || next === step)) {
      step = next;
      length++;
    } else {
      flush();
      first = label;
      length = 1;
    }
    last = label;
  }
  flush();
  distinct.add(reader.index);
  const count = isLong ? `(;${reader.count} labels;) ` : '';
  return { text: `${count}${[...words, reader.index].join(' ')}`, distinct: Array.from(distinct), more };
}
