// Bytes for people: quoted text where they are UTF-8, hex where they are not, cut to a length. Knows no syscall.

/** Most bytes shown as text, and as hex. */
const TEXT_BYTES = 256;
const HEX_BYTES = 32;

/** `57 bytes`, `1 byte`, `2 iovecs`. */
export function plural(count: number | bigint, unit: string): string {
  return `${count} ${unit}${Number(count) === 1 ? '' : 's'}`;
}

/** `0x00010000`: an address as the disassembly and hex views show it; i32 arguments are shown unsigned. */
export function hexAddress(address: number): string {
  return `0x${(address < 0 ? address + 0x1_0000_0000 : address).toString(16).padStart(8, '0')}`;
}

/** `de ad be ef …`, at most 32 bytes. */
export function hexExcerpt(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, HEX_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > HEX_BYTES ? `${shown} …` : shown;
}

/**
 * `"a line\n"` for UTF-8 without NULs, hex for all else, each with `…` when cut. A character cut off at the end does not
 * make text binary: reads and writes end anywhere.
 */
export function excerpt(bytes: Uint8Array): string {
  if (bytes.length === 0) return '""';
  const head = bytes.subarray(0, TEXT_BYTES);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(head, { stream: true });
  } catch {
    return hexExcerpt(bytes);
  }
  if (text === '' || text.includes('\0')) return hexExcerpt(bytes);
  return bytes.length > TEXT_BYTES ? `${JSON.stringify(text)}…` : JSON.stringify(text);
}

/** `1.5 ms`, `2 s`, `40 ns`: a span in the largest unit that keeps it at 1 or above, three decimals at most. */
export function formatSpan(ns: bigint): string {
  const units: readonly [string, bigint][] = [
    ['s', 1_000_000_000n],
    ['ms', 1_000_000n],
    ['µs', 1_000n],
  ];
  for (const [unit, size] of units) {
    if (ns < size) continue;
    const thousandths = (ns * 1000n) / size;
    const fraction = (thousandths % 1000n).toString().padStart(3, '0').replace(/0+$/, '');
    return `${thousandths / 1000n}${fraction === '' ? '' : `.${fraction}`} ${unit}`;
  }
  return `${ns} ns`;
}
