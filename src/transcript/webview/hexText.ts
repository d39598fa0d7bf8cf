// Bytes as lines of a hex dump. Pure.

/** Bytes of a line where there is room for them, and where there is not. */
export const WIDE = 16;
export const NARROW = 8;

export interface HexLine {
  readonly offset: string;
  /** Two digits for each byte, a gap in the middle. */
  readonly hex: string;
  /** What is ASCII; a dot for the rest. */
  readonly text: string;
}

/** Line `index` of a dump of `perLine` bytes a line; `bytes` are those at `from` and on, and may end before the line does. */
export function hexLine(index: number, bytes: Uint8Array, from: number, perLine: number): HexLine {
  const start = index * perLine;
  const digits: string[] = [];
  let text = '';
  for (let at = start; at < start + perLine; at++) {
    const byte = at >= from ? bytes[at - from] : undefined;
    if (byte === undefined) break;
    digits.push(byte.toString(16).padStart(2, '0'));
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  }
  const half = WIDE / 2;
  const hex =
    digits.length > half ? `${digits.slice(0, half).join(' ')}  ${digits.slice(half).join(' ')}` : digits.join(' ');
  return { offset: start.toString(16).padStart(8, '0'), hex, text };
}

export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
