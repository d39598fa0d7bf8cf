// Who answered, as one value for each text: a call has few of them and many replies, and what is made of one is kept by its identity.
import { type AnsweredBy, parseAnsweredBy } from '../rpc/answered-by.ts';

/** Beyond this many texts it begins anew: reasons may be as many as replies. */
const KEPT = 1000;

const known = new Map<string, AnsweredBy | undefined>();

/** What JSON text `text` says; undefined where this version does not know it. */
export function answeredByOf(text: string): AnsweredBy | undefined {
  if (!known.has(text)) {
    if (known.size >= KEPT) known.clear();
    known.set(text, parseAnsweredBy(JSON.parse(text)));
  }
  return known.get(text);
}

const encoder = new TextEncoder();
const written = new WeakMap<AnsweredBy, Uint8Array>();

/** JSON of it in UTF-8, written once for each value: a mock's rule gives the same one with each reply. */
export function answeredByBytes(answeredBy: AnsweredBy): Uint8Array {
  let bytes = written.get(answeredBy);
  if (bytes === undefined) {
    bytes = encoder.encode(JSON.stringify(answeredBy));
    written.set(answeredBy, bytes);
  }
  return bytes;
}

const decoder = new TextDecoder();
/** Where `hand` stands in what is written of it: looked at first, since it is rare, and replies are many. */
const BY = '{"by":"'.length;

/** The event whose reply this one has taken the place of, out of the bytes that `answeredByBytes` gives; undefined of any other reply. */
export function changedEvent(bytes: Uint8Array, start: number, length: number): number | undefined {
  if (length <= BY + 1 || bytes[start + BY] !== 0x68 || bytes[start + BY + 1] !== 0x61) return undefined;
  const answeredBy = answeredByOf(decoder.decode(bytes.subarray(start, start + length)));
  return answeredBy?.by === 'hand' ? answeredBy.changes : undefined;
}
